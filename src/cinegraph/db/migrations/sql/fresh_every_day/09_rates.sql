-- What: when a film's votes are looked at again, reckoned where it is stamped: by its own rate of change and one price.
-- The functions are cinegraph.sync.rates and cinegraph.sync.freshness in SQL, where the reasons stand; a test holds the two
-- against each other. They are here because a look is planned in the statement that stamps fifty films.
-- Returns: nothing. Locks: none of what was there before.

CREATE TABLE vote_pace (
    source        text             NOT NULL,
    kind          text             NOT NULL,
    base          double precision NOT NULL,
    by_popularity double precision NOT NULL,
    young         double precision NOT NULL,
    price         double precision NOT NULL,
    looks_a_day   double precision,
    fitted_at     timestamptz,
    PRIMARY KEY (source, kind)
);
COMMENT ON TABLE vote_pace IS
    'What is expected of films that nobody has watched, and the price at which a look at a film''s votes pays; found anew daily';
COMMENT ON COLUMN vote_pace.base IS 'Natural logarithm of the changes a day of an old film of popularity 1';
COMMENT ON COLUMN vote_pace.by_popularity IS 'What a unit of the popularity''s natural logarithm adds to it';
COMMENT ON COLUMN vote_pace.young IS 'What a release in the last six months adds to it';
COMMENT ON COLUMN vote_pace.price IS
    'Fresh days that a look has to gain until a film is due: the lowest at which the looks of all films meet the budget';
COMMENT ON COLUMN vote_pace.looks_a_day IS 'That come due at this price; null: it is a guess, no film was counted yet';
COMMENT ON COLUMN vote_pace.fitted_at IS 'When it was last found; null: it is what every deployment begins with';
-- As rates.DEFAULT_PACE and freshness.DEFAULT_PRICE.
INSERT INTO vote_pace (source, kind, base, by_popularity, young, price) VALUES ('tmdb', 'movie', ln(1 / 60.0), 0.5, 0.5, 4);

CREATE FUNCTION learned_rate(
    expected_moves double precision, expected_days double precision,
    watched_days double precision, moves double precision, moved_days double precision
) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    watched double precision := expected_days + greatest(watched_days, 0);
    moved   double precision := least(moved_days, watched_days);
    rate    double precision := expected_moves / watched;
    x       double precision;
    missed  double precision;
    changes double precision;
    slope   double precision;
BEGIN
    IF moves <= 0 OR moved <= 0 THEN
        RETURN rate;
    END IF;
    FOR step IN 1..8 LOOP
        x := rate * moved / moves;
        IF x < 1e-3 THEN
            changes := 1 + x / 2;
            slope := 0.5;
        ELSE
            missed := 1 - exp(-least(x, 700));
            changes := x / missed;
            slope := (missed - x * (1 - missed)) / missed ^ 2;
        END IF;
        rate := rate - (rate * watched - moves * changes - expected_moves) / (watched - moved * slope);
    END LOOP;
    RETURN rate;
END $$;
COMMENT ON FUNCTION learned_rate IS 'Changes a day of a film, by what was expected of it and what was seen: as cinegraph.sync.rates.learn';

CREATE FUNCTION look_gain(moves double precision, days double precision, since double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN abs(moves - 1) < 1e-6 THEN days * ln(1 + since / days)
        ELSE days * (1 - (1 + since / days) ^ (1 - moves)) / (moves - 1)
    END - since * (1 + since / days) ^ (-moves)
$$;
COMMENT ON FUNCTION look_gain IS 'Fresh days that a look gains so many days after the last one: as cinegraph.sync.freshness.gain';

CREATE FUNCTION look_interval(
    moves double precision, rate double precision, price double precision,
    shortest double precision, longest double precision
) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    days   double precision := moves / rate;
    low    double precision := shortest;
    high   double precision := longest;
    middle double precision;
BEGIN
    IF low >= high OR look_gain(moves, days, low) >= price THEN
        RETURN low;
    END IF;
    IF look_gain(moves, days, high) <= price THEN
        RETURN high;
    END IF;
    WHILE high > low * 1.01 LOOP
        middle := sqrt(low * high);
        IF look_gain(moves, days, middle) < price THEN
            low := middle;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    RETURN sqrt(low * high);
END $$;
COMMENT ON FUNCTION look_interval IS
    'Days until a film is looked at again: when its gain reaches the price; as cinegraph.sync.freshness.interval_days';

CREATE FUNCTION plan_looks(
    of_source text, of_kind text, ids bigint[], looked_at timestamptz, popular_from double precision,
    update_days double precision
) RETURNS TABLE (
    external_id bigint, watched_days double precision, moves double precision, moved_days double precision,
    due_at timestamptz, is_popular boolean
) LANGUAGE sql STABLE AS $$
    SELECT
        given.id, seen.watched_days, seen.moves, seen.moved_days,
        -- The first look at a film comes at any time of its interval: a catalogue that was imported in a day is not looked
        -- at in a lump one interval later.
        least(looked_at + interval '1 day' * (1 - CASE WHEN known.votes_at IS NULL THEN 0.9 ELSE 0.1 END * given.share)
            * look_interval(
                0.5 + seen.moves,
                learned_rate(0.5, 0.5 / expected.per_day, seen.watched_days, seen.moves, seen.moved_days),
                pace.price,
                CASE WHEN film.is_popular OR film.is_young THEN update_days ELSE 1 END,
                CASE
                    WHEN film.is_popular THEN update_days
                    WHEN film.is_young THEN greatest(update_days, 7)
                    ELSE 150
                END
            ),
            -- A film that is still to come out is looked at on the day after.
            film.out_at + interval '1 day' * (1 + given.share)
        ),
        film.is_popular
    FROM (
        SELECT named.id, (named.id * 2654435761 % 4294967296) / 4294967296.0 AS share FROM unnest(ids) AS named (id)
    ) AS given
    INNER JOIN vote_pace AS pace ON pace.source = of_source AND pace.kind = of_kind
    CROSS JOIN LATERAL (
        SELECT
            movies.id,
            CASE WHEN movies.popularity < 'infinity' THEN greatest(movies.popularity, 0.1) ELSE 0.1 END AS popularity,
            coalesce(movies.popularity >= popular_from, false) AS is_popular,
            coalesce(
                movies.release_date > ((looked_at - interval '180 days') AT TIME ZONE 'UTC')::date
                AND movies.release_date <= (looked_at AT TIME ZONE 'UTC')::date,
                false
            ) AS is_young,
            CASE
                WHEN movies.release_date > (looked_at AT TIME ZONE 'UTC')::date
                    THEN movies.release_date::timestamp AT TIME ZONE 'UTC'
            END AS out_at
        FROM movies
        WHERE movies.tmdb_id = given.id
        LIMIT 1
    ) AS film
    CROSS JOIN LATERAL (
        SELECT exp(pace.base + pace.by_popularity * ln(film.popularity)
            + CASE WHEN film.is_young THEN pace.young ELSE 0 END) AS per_day
    ) AS expected
    LEFT JOIN LATERAL (
        SELECT
            entry.votes_at, entry.watched_days, entry.moves, entry.moved_days,
            greatest(extract(epoch FROM looked_at - entry.votes_at) / 86400, 0) AS days,
            EXISTS (
                SELECT FROM ratings
                WHERE ratings.movie_id = film.id
                  AND ratings.source = of_source
                  AND ratings.as_of > entry.votes_at
            ) AS is_moved
        FROM sync_ledger AS entry
        WHERE entry.source = of_source AND entry.kind = of_kind AND entry.external_id = given.id
    ) AS known ON true
    CROSS JOIN LATERAL (
        SELECT
            coalesce(known.watched_days + known.days, known.watched_days, 0)::double precision AS watched_days,
            CASE WHEN known.is_moved AND known.days > 0 THEN known.moves + 1 ELSE coalesce(known.moves, 0) END
                ::double precision AS moves,
            CASE
                WHEN known.is_moved AND known.days > 0 THEN known.moved_days + known.days
                ELSE coalesce(known.moved_days, 0)
            END::double precision AS moved_days
    ) AS seen
$$;
COMMENT ON FUNCTION plan_looks IS
    'What is known of films'' votes after a look at them, and when they are looked at again; films without a row are left out';
