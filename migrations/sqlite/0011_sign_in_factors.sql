-- What people add to name and password. It belongs to the person and goes with them. Times are real.

-- One-time codes, where they are switched on. secret is sealed under a key that is not in the database; last_step is the
-- step of the last code taken, so that none is taken twice. Read at every sign-in by password.
CREATE TABLE one_time_codes (
    person_id INTEGER NOT NULL PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    switched_on INTEGER NOT NULL,
    last_used INTEGER
) STRICT;

-- Recovery codes by keyed digests; used: when, none where it still serves.
CREATE TABLE recovery_codes (
    person_id INTEGER NOT NULL REFERENCES one_time_codes (person_id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    used INTEGER,
    PRIMARY KEY (person_id, digest)
) STRICT, WITHOUT ROWID;

-- Passkeys. credential (public key, counter, flags) is JSON of whoever examines them; user_handle is by what name the
-- device knows the person.
CREATE TABLE passkeys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL,
    user_handle BLOB NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER
) STRICT;
-- The passkey that a browser names; nobody has another's.
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);
-- Passkeys of a person.
CREATE INDEX passkeys_person ON passkeys (person_id, id);

-- Steps that wait for their second half, by a digest of what the browser or session holds. Kinds: 1 a code after a
-- password, 2 signing in by passkey, 3 making a passkey, 4 setting one-time codes up.
CREATE TABLE ceremonies (
    key BLOB NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    person_id INTEGER,
    state TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Forgetting those that are over, oldest first.
CREATE INDEX ceremonies_expires ON ceremonies (expires);
