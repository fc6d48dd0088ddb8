-- Where the caller called from; none where nobody called, and in older records.
ALTER TABLE audit_records ADD COLUMN address TEXT;

-- Calls of the contract's operations, those of about a second in a row: `calls` is a JSON array, `digest` is over it and
-- `written` (real). Sealed like records.
CREATE TABLE audit_calls (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    written INTEGER NOT NULL,
    calls TEXT NOT NULL,
    digest BLOB NOT NULL,
    seal INTEGER
) STRICT;
-- Batches of a seal, and those that wait for one; conditions as with records.
CREATE INDEX audit_calls_seal ON audit_calls (seal, id) WHERE seal IS NOT NULL;
CREATE INDEX audit_calls_unsealed ON audit_calls (id) WHERE seal IS NULL;

-- Seals of the chain that were signed: `signature` is CMS signed data with a timestamp. Times are real.
CREATE TABLE audit_heads (
    number INTEGER NOT NULL PRIMARY KEY,
    sealed INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signed INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE INDEX audit_heads_sealed ON audit_heads (sealed, number);
