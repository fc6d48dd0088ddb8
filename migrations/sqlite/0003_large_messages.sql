-- Large messages (VoDZ): lists mark them, and `attachments` (JSON) says where each attachment lies; NULL for others.
ALTER TABLE messages ADD COLUMN large INTEGER NOT NULL DEFAULT 0 CHECK (large IN (0, 1));
ALTER TABLE messages ADD COLUMN attachments TEXT;

-- Attachments that were uploaded for large messages, looked up by number when one refers to them. They wait until
-- `expires` (legal time); `used` says that a message took one, which it then waits for no longer.
CREATE TABLE uploads (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    object_id TEXT NOT NULL,
    length INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    sha3_256 BLOB NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT;
-- Purging what was not used in time. The condition must be worded as in the query, or it is not used.
CREATE INDEX uploads_waiting ON uploads (expires, id) WHERE used = 0;
-- The upload goes with the last message that needs its object.
CREATE UNIQUE INDEX uploads_object ON uploads (object_id);

-- Bytes of a box's unused uploads. Kept and not summed up: the row is what uploads at the same time wait for, so that
-- they cannot pass the limit together.
CREATE TABLE upload_usage (
    box_id TEXT NOT NULL PRIMARY KEY,
    unused_bytes INTEGER NOT NULL CHECK (unused_bytes >= 0)
) STRICT, WITHOUT ROWID;

-- Objects that are counted: by how many messages they are needed. One that has no row here belongs to one message.
CREATE TABLE shared_objects (
    object_id TEXT NOT NULL PRIMARY KEY,
    refs INTEGER NOT NULL CHECK (refs >= 0)
) STRICT, WITHOUT ROWID;

-- Objects that nothing needs any more, to be removed from the object storage some time after `freed` (real time). A row
-- is gone only after its object: what frees an object and then dies leaves the work to others.
CREATE TABLE freed_objects (
    object_id TEXT NOT NULL PRIMARY KEY,
    freed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Removing them, oldest first.
CREATE INDEX freed_objects_freed ON freed_objects (freed, object_id);
