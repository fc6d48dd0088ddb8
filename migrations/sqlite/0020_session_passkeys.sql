-- The passkey that opened a session, none where a password did: without the passkey the session is over too.
ALTER TABLE sessions ADD COLUMN passkey_id INTEGER REFERENCES passkeys (id) ON DELETE CASCADE;
-- Sessions that go with a passkey.
CREATE INDEX sessions_passkey ON sessions (passkey_id) WHERE passkey_id IS NOT NULL;
-- Sessions of a person, the last begun first: shown to them, and the oldest of very many ended.
DROP INDEX sessions_person;
CREATE INDEX sessions_person ON sessions (person_id, begun);
