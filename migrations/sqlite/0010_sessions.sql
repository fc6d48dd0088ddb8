-- Sessions of people, by the SHA-256 of the token that their browser holds: who reads the table cannot sign in. Looked up
-- with every page. Times are real. proof is the SHA-256 of the kept password (none where no password was shown): a new
-- one, or its loss, ends what it opened. membership_id is the one whose access data were used.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    public_id TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    membership_id INTEGER NOT NULL,
    login TEXT,
    proof BLOB,
    method INTEGER NOT NULL,
    begun INTEGER NOT NULL,
    proven INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Sessions of a person, shown to them and ended by them.
CREATE INDEX sessions_person ON sessions (person_id);
-- Forgetting those that ended, oldest first.
CREATE INDEX sessions_ends ON sessions (ends);
