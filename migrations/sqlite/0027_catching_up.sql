-- What time does, caught up with.

-- Messages that wait and of which nobody has counted when fiction strikes: an older node, which knows no fiction, delivered
-- them beside newer ones. Where it never strikes the date is the end of time.
CREATE INDEX messages_fiction_unknown ON messages (dm_id) WHERE phase = 4 AND fiction_due IS NULL;

-- Whether the box was told that the certificate ends.
ALTER TABLE system_certificates ADD COLUMN warned INTEGER NOT NULL DEFAULT 0 CHECK (warned IN (0, 1));
-- Certificates of whose end the box is to be told.
CREATE INDEX system_certificates_unwarned ON system_certificates (expires, fingerprint) WHERE warned = 0;
