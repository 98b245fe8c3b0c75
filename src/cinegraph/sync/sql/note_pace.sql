-- Write down what films' votes do, and the price of a look, as found today.
-- Parameters: source, kind text; base, by_popularity, young, price, looks_a_day double precision; now timestamptz.
-- Returns: nothing. Locks: the row. Index: primary key.
INSERT INTO vote_pace (source, kind, base, by_popularity, young, price, looks_a_day, fitted_at)
VALUES (
    %(source)s, %(kind)s, %(base)s, %(by_popularity)s, %(young)s, %(price)s, %(looks_a_day)s, %(now)s
)
ON CONFLICT (source, kind) DO UPDATE SET
    base = excluded.base,
    by_popularity = excluded.by_popularity,
    young = excluded.young,
    price = excluded.price,
    looks_a_day = excluded.looks_a_day,
    fitted_at = excluded.fitted_at
