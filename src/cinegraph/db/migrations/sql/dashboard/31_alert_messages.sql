-- What: who was told of alerts, and for how long somebody does not want to hear of them.
-- Returns: nothing. Locks: alerts, exclusively, for a moment; new relations.

ALTER TABLE alerts ADD COLUMN opened_told_at timestamptz;
ALTER TABLE alerts ADD COLUMN closed_told_at timestamptz;
COMMENT ON COLUMN alerts.opened_told_at IS 'When a message said that it is open; real time; null: none did';
COMMENT ON COLUMN alerts.closed_told_at IS
    'When a message said that it is over, or was found not to be wanted; real time; null: not yet';
CREATE INDEX alerts_untold_index ON alerts (kind, subject) WHERE opened_told_at IS NOT NULL AND closed_told_at IS NULL;

CREATE TABLE alert_messages (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at  timestamptz NOT NULL,
    next_try_at timestamptz NOT NULL,
    sent_at     timestamptz,
    given_up_at timestamptz,
    attempts    integer     NOT NULL DEFAULT 0,
    is_test     boolean     NOT NULL,
    target      text        NOT NULL,
    name        text        NOT NULL,
    title       text        NOT NULL,
    body        text        NOT NULL,
    problem     text
);
CREATE INDEX alert_messages_due_index ON alert_messages (next_try_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
COMMENT ON TABLE alert_messages IS 'Messages about alerts, a row for each address they go to, kept 90 days. Real time';
COMMENT ON COLUMN alert_messages.target IS 'Fingerprint of the address, never the address: it holds secrets';
COMMENT ON COLUMN alert_messages.name IS 'Of the kind of address, for people';
COMMENT ON COLUMN alert_messages.problem IS 'Why the last try did not succeed';

CREATE TABLE alert_silences (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    kind       text        NOT NULL,
    subject    text,
    who        text        NOT NULL
);
CREATE INDEX alert_silences_kind_index ON alert_silences (kind, until);
COMMENT ON TABLE alert_silences IS 'Alerts that are not told for a while: neither by messages nor by banners. Real time';
COMMENT ON COLUMN alert_silences.subject IS 'Null: every one of the kind';
