-- Write down what somebody did.
-- Parameters: at timestamptz; who, role, action, outcome, error_code text; arguments jsonb; things bigint.
-- Returns: nothing. Locks: a new row.
INSERT INTO operator_actions (at, things, who, role, action, arguments, outcome, error_code)
VALUES (
    %(at)s, %(things)s, %(who)s, %(role)s, %(action)s, %(arguments)s, %(outcome)s, %(error_code)s
)
