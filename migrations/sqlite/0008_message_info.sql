-- Reports of recipients that a message is suspicious; one a box and message, the last one counts.
CREATE TABLE suspicion_reports (
    dm_id INTEGER NOT NULL REFERENCES messages (dm_id),
    reporter_box TEXT NOT NULL,
    time INTEGER NOT NULL,
    name TEXT,
    mail TEXT,
    telephone TEXT,
    allow_complete INTEGER NOT NULL CHECK (allow_complete IN (0, 1)),
    note TEXT,
    PRIMARY KEY (dm_id, reporter_box)
);

-- Boxes whose applications fetch notifications, and the legal time since which.
CREATE TABLE notified_boxes (
    box_id TEXT NOT NULL PRIMARY KEY REFERENCES boxes (box_id),
    since INTEGER NOT NULL
);

-- Lists of erased messages that were ordered: side 0 sent, 1 received; format 0 XML, 1 CSV; state 0 waiting for its
-- job, 1 lying in an object, 2 removed. Times are legal.
CREATE TABLE erased_lists (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL REFERENCES boxes (box_id),
    side INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    to_time INTEGER NOT NULL,
    format INTEGER NOT NULL,
    ordered INTEGER NOT NULL,
    state INTEGER NOT NULL,
    object_id TEXT,
    length INTEGER
);
-- Orders of a box in a time: how many, and which are old.
CREATE INDEX erased_lists_box ON erased_lists (box_id, ordered);
