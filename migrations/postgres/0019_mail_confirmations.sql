-- How many confirmations of addresses a person asked for since (real time): the person's, in whichever box, and whether
-- or not the address is still there.
CREATE TABLE mail_confirmations (
    person_id BIGINT NOT NULL PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
    asked BIGINT NOT NULL,
    asked_since BIGINT NOT NULL
);
INSERT INTO mail_confirmations (person_id, asked, asked_since)
    SELECT person_id, MAX(asked), MAX(asked_since) FROM notice_subscriptions
    WHERE asked > 0 AND person_id IN (SELECT id FROM persons) GROUP BY person_id;
ALTER TABLE notice_subscriptions DROP COLUMN asked;
ALTER TABLE notice_subscriptions DROP COLUMN asked_since;
-- Real time at which the address that waits for its code was refused for good.
ALTER TABLE notice_subscriptions ADD COLUMN pending_failed BIGINT;
