-- Whether a node works on the job until `due` (a lease); else it only waits until then. Who has a job tried at once takes
-- it from nobody.
ALTER TABLE jobs ADD COLUMN leased INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1));

-- Searches of records by the user and by the other box that they are about.
CREATE INDEX audit_records_subject ON audit_records (subject_isds_id, legal, id) WHERE subject_isds_id IS NOT NULL;
CREATE INDEX audit_records_other_box ON audit_records (other_box, legal, id) WHERE other_box IS NOT NULL;

-- What was announced to boxes. `form_key` is the form's, so that one that is sent twice announces once; `paragraphs` and
-- `types` are JSON. Of boxes chosen by their types the job takes up those behind `done_type` and `done_box`, in this
-- order. state: 1 is being promised, 2 done. `at` is legal time.
CREATE TABLE announcements (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    form_key TEXT NOT NULL,
    announced_by TEXT,
    at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    paragraphs TEXT NOT NULL,
    types TEXT,
    state INTEGER NOT NULL,
    boxes INTEGER NOT NULL,
    done_type INTEGER NOT NULL,
    done_box TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX announcements_form ON announcements (form_key);

-- Boxes of a type in a state, and those with a contract, by their IDs.
CREATE INDEX boxes_type_state ON boxes (box_type, state, box_id);
CREATE INDEX boxes_contract ON boxes (box_id) WHERE postal_contract = 1;
-- Boxes with the least credit.
CREATE INDEX credit_accounts_balance ON credit_accounts (balance, box_id);

-- Limits that were changed while the system runs, by their names. value NULL: the configuration's again, as those that
-- are not here. A change is written over the version that was seen; `at` is legal time.
CREATE TABLE changed_limits (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER,
    version INTEGER NOT NULL,
    changed_by TEXT,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- People whom the administrator of the system keeps from signing in; `at` is legal time.
CREATE TABLE locked_persons (
    person_id INTEGER NOT NULL PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
    locked_by TEXT,
    at INTEGER NOT NULL
) STRICT;
