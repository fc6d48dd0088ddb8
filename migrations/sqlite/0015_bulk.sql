-- Jobs that send the same message to the rows of a table. Times are legal.
CREATE TABLE bulk_jobs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL REFERENCES boxes (box_id),
    name TEXT NOT NULL,
    state INTEGER NOT NULL,
    version INTEGER NOT NULL,
    column_names TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    settings TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    halted_code TEXT,
    halted_text TEXT,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    worker INTEGER
) STRICT;
-- The jobs of a box, latest first.
CREATE INDEX bulk_jobs_box ON bulk_jobs (box_id, id);

-- Their rows, with what was found about the recipient and what became of the message.
CREATE TABLE bulk_rows (
    job_id INTEGER NOT NULL REFERENCES bulk_jobs (id),
    number INTEGER NOT NULL,
    state INTEGER NOT NULL,
    recipient_box TEXT,
    recipient_name TEXT,
    recipient_address TEXT,
    kind INTEGER,
    price INTEGER NOT NULL DEFAULT 0,
    looked_up INTEGER NOT NULL DEFAULT 0 CHECK (looked_up IN (0, 1)),
    duplicate INTEGER NOT NULL DEFAULT 0 CHECK (duplicate IN (0, 1)),
    gap INTEGER NOT NULL DEFAULT 0 CHECK (gap IN (0, 1)),
    bytes INTEGER NOT NULL DEFAULT 0,
    reason_code TEXT,
    reason_text TEXT,
    dm_id INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Last, since most of what is asked of rows passes it over, and it may be long.
    cells TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT;
-- The next rows to work on, and how many are how far.
CREATE INDEX bulk_rows_state ON bulk_rows (job_id, state, number);
-- Rows with the same recipient.
CREATE INDEX bulk_rows_recipient ON bulk_rows (job_id, recipient_box, number);

-- Files that go with the messages of a job. Each counts among those that need its upload.
CREATE TABLE bulk_files (
    job_id INTEGER NOT NULL REFERENCES bulk_jobs (id),
    upload_id INTEGER NOT NULL REFERENCES uploads (id),
    common INTEGER NOT NULL CHECK (common IN (0, 1)),
    name TEXT NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (job_id, upload_id)
) STRICT;
-- A file by its name, each once among those that go with all, and among those that the rows name.
CREATE UNIQUE INDEX bulk_files_name ON bulk_files (job_id, common, name);
