-- What: the ledger learns what the changes feed says, and how often each film's votes move.
-- Returns: nothing. Locks: sync_ledger and export_snapshots, exclusively, while the indexes are made.

ALTER TABLE sync_ledger
    ADD COLUMN changed_upstream_at timestamptz,
    ADD COLUMN votes_at     timestamptz,
    ADD COLUMN watched_days real NOT NULL DEFAULT 0,
    ADD COLUMN moves        real NOT NULL DEFAULT 0,
    ADD COLUMN moved_days   real NOT NULL DEFAULT 0,
    ADD COLUMN denied_at    timestamptz,
    ADD COLUMN denials      smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN sync_ledger.checked_at IS
    'When the source last answered for the whole thing, definitively; a look at its votes alone is votes_at';
COMMENT ON COLUMN sync_ledger.changed_upstream_at IS
    'When the changes feed named it and it has not been fetched since; null: nothing is known to have changed';
COMMENT ON COLUMN sync_ledger.votes_at IS 'When its votes were last looked at, by a whole fetch or a small one';
COMMENT ON COLUMN sync_ledger.watched_days IS 'Days between looks at its votes, summed: what the rate of change is reckoned from';
COMMENT ON COLUMN sync_ledger.moves IS 'Looks that found the votes moved';
COMMENT ON COLUMN sync_ledger.moved_days IS 'Days between looks that found them moved, summed';
COMMENT ON COLUMN sync_ledger.denied_at IS 'The first 404 since it was last found; null: it was found last, or never asked for';
COMMENT ON COLUMN sync_ledger.denials IS 'Definitive 404s since it was last found, each hours after the one before';

CREATE INDEX sync_ledger_changed_index ON sync_ledger (source, kind, priority DESC)
    WHERE changed_upstream_at IS NOT NULL;

ALTER TABLE export_snapshots ADD COLUMN popular_from double precision;
COMMENT ON COLUMN export_snapshots.popular_from IS
    'Popularity of the 2,000th most popular film of the list: those are the popular ones until the next list';

CREATE TABLE change_windows (
    source     text        NOT NULL,
    kind       text        NOT NULL,
    day        date        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('open', 'done', 'lost')),
    pages      integer,
    ids        integer,
    known_ids  integer,
    new_ids    integer,
    reads      integer     NOT NULL DEFAULT 0,
    failures   integer     NOT NULL DEFAULT 0,
    error_code text,
    error      text,
    read_at    timestamptz,
    done_at    timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (source, kind, day)
);
COMMENT ON TABLE change_windows IS
    'Days of the changes feed: each is read again and again while it lasts, and is done when it was read whole after its end';
COMMENT ON COLUMN change_windows.state IS
    'open: not read whole since its end; done; lost: the feed does not answer so far back, films are looked at by age instead';
COMMENT ON COLUMN change_windows.ids IS 'Distinct ids at the last whole read';
COMMENT ON COLUMN change_windows.known_ids IS 'Of them, films that were fetched before';
COMMENT ON COLUMN change_windows.new_ids IS 'Of them, ids that nobody had named before';
COMMENT ON COLUMN change_windows.failures IS 'Reads in a row that did not come to an end, or to a plausible one';
COMMENT ON COLUMN change_windows.read_at IS 'When the last whole read began: what changed before is in it';

CREATE TABLE change_window_ids (
    source      text     NOT NULL,
    kind        text     NOT NULL,
    day         date     NOT NULL,
    external_id bigint   NOT NULL,
    times       smallint NOT NULL,
    PRIMARY KEY (source, kind, day, external_id)
);
COMMENT ON TABLE change_window_ids IS 'What the feed named in each day, until the day is done';
COMMENT ON COLUMN change_window_ids.times IS 'How often the feed named it at the last read: more than before is another change';

CREATE VIEW change_feed AS
SELECT
    source, kind,
    coalesce(max(day) FILTER (WHERE state = 'lost') + 1, min(day)) AS unbroken_from,
    coalesce(min(day) FILTER (WHERE state = 'open'), max(day) + 1) AS watermark,
    max(read_at) AS read_at
FROM change_windows
GROUP BY source, kind;
COMMENT ON VIEW change_feed IS
    'What the feed proves: a film fetched since unbroken_from, and not named since, is unchanged until the start of watermark, the oldest day that is not done';
