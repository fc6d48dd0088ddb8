-- A change of a box is written over the version that it was computed from.
ALTER TABLE boxes ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
-- Whose box it is and in which standing, where nobody may have two (made by the program): keeps two requests at the same
-- time from founding the same box twice. Boxes that came by other ways have none.
ALTER TABLE boxes ADD COLUMN holder_key TEXT;
CREATE UNIQUE INDEX boxes_holder ON boxes (holder_key);
-- Whether a person has a box already is found by name and birth; by number, boxes_ic finds it.
CREATE INDEX boxes_birth ON boxes (birth_date, last_name_folded) WHERE birth_date IS NOT NULL;

-- What happens to a box by itself when legal time has come: read at every turn of the jobs. kind 1 activates, 2
-- disables for good on a day named in advance, 3 deletes.
CREATE TABLE box_deadlines (
    box_id TEXT NOT NULL REFERENCES boxes (box_id),
    kind INTEGER NOT NULL,
    due INTEGER NOT NULL,
    PRIMARY KEY (box_id, kind)
) STRICT, WITHOUT ROWID;
-- Deadlines that have passed, oldest first.
CREATE INDEX box_deadlines_due ON box_deadlines (due, box_id, kind);

-- Every time a box was disabled: from when (disabled) and when that was done, both legal. The job that makes messages
-- undeliverable has its id as subject; disablings on request are counted before a box is enabled again.
CREATE TABLE box_closings (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL REFERENCES boxes (box_id),
    disabled INTEGER NOT NULL,
    done INTEGER NOT NULL,
    on_request INTEGER NOT NULL CHECK (on_request IN (0, 1))
) STRICT;
-- Closings of a box, the last one first.
CREATE INDEX box_closings_box ON box_closings (box_id, id);

-- Who asked for which change of which box, and when by legal time; the id is what dbStatusRefNumber answers, `reference`
-- what the caller's own file is called. Nothing reads it but people.
CREATE TABLE administration_requests (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    box_id TEXT NOT NULL,
    caller TEXT,
    approved INTEGER CHECK (approved IN (0, 1)),
    reference TEXT,
    at INTEGER NOT NULL
) STRICT;
-- What was done with a box, in order.
CREATE INDEX administration_requests_box ON administration_requests (box_id, id);

-- System messages that were promised with a change and are not sent yet: read and taken away by the job that sends
-- them, whose subject is the id. `message` is JSON of what it says.
CREATE TABLE system_messages_due (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    recipient_box TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
