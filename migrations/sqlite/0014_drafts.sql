-- Drafts (kind 0) and templates (kind 1, with a name) of a box. `form_key` is chosen by the form that makes a draft, which
-- makes it once. `version` counts changes of the content (JSON), `files` those of the attachments. `sending` is the
-- sending under way: nobody changes the draft meanwhile. `changed` is legal time.
CREATE TABLE drafts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    form_key TEXT NOT NULL,
    name TEXT,
    version INTEGER NOT NULL,
    files INTEGER NOT NULL,
    author TEXT NOT NULL,
    changed INTEGER NOT NULL,
    content TEXT NOT NULL,
    attachments INTEGER NOT NULL,
    sending INTEGER
) STRICT;
CREATE UNIQUE INDEX drafts_form_key ON drafts (box_id, form_key);
CREATE INDEX drafts_listed ON drafts (box_id, kind, changed, id);

-- Attachments of a draft, by their place. Each is an upload that counts the draft as it counts messages.
CREATE TABLE draft_attachments (
    draft_id INTEGER NOT NULL,
    upload_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (draft_id, upload_id)
) STRICT, WITHOUT ROWID;

-- How many drafts and templates a box has, and how many bytes of attachments. Kept, so that those who add at the same
-- time wait for one another and cannot pass the limit together.
CREATE TABLE draft_usage (
    box_id TEXT NOT NULL PRIMARY KEY,
    drafts INTEGER NOT NULL CHECK (drafts >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;

-- Sendings: what became of a draft, recipient by recipient (`outcomes`, JSON). A state of a draft (`version`, `files`) is
-- sent once. Times are real.
CREATE TABLE draft_sendings (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL,
    draft_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    files INTEGER NOT NULL,
    started INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    finished INTEGER NOT NULL CHECK (finished IN (0, 1)),
    subject TEXT NOT NULL,
    outcomes TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX draft_sendings_draft ON draft_sendings (draft_id, version, files);
-- Forgetting the old ones of a box.
CREATE INDEX draft_sendings_box ON draft_sendings (box_id, finished, started);
