-- Nodes that live, each writing its own row every few seconds; read by the administration console. Times are real.
CREATE TABLE nodes (
    node_id TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    started INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    disk_free INTEGER,
    disk_total INTEGER
) STRICT, WITHOUT ROWID;

-- What one node does at a time: whoever moves `until` on from the past (real time) has it until then.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What became of messages on a day of the Czech calendar (YYYY-MM-DD), counted from their events; read for statistics.
CREATE TABLE message_figures (
    day TEXT NOT NULL PRIMARY KEY,
    sent INTEGER NOT NULL,
    by_login INTEGER NOT NULL,
    by_fiction INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counting the events of a day.
CREATE INDEX message_events_time ON message_events (time);

-- How many boxes of a type are in a state, counted now and then.
CREATE TABLE box_figures (
    box_type INTEGER NOT NULL,
    state INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (box_type, state)
) STRICT, WITHOUT ROWID;

-- People by their names, across boxes.
CREATE INDEX memberships_by_name ON memberships (name_key, id);

-- Boxes founded from a table: state 1 checked, 2 running, 3 done. `at` is legal time.
CREATE TABLE imports (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    file_name TEXT NOT NULL,
    brought_by TEXT,
    at INTEGER NOT NULL,
    state INTEGER NOT NULL
) STRICT;
-- Forgetting old ones.
CREATE INDEX imports_at ON imports (at, id);

-- Their rows: state 1 wrong, 2 waiting, 3 founded, 4 refused; `cells` is JSON. box_id is written before the box, so that
-- a row that was interrupted knows its own; access_object holds access data until they are fetched.
CREATE TABLE import_rows (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    line INTEGER NOT NULL,
    cells TEXT NOT NULL,
    state INTEGER NOT NULL,
    refusal TEXT,
    box_id TEXT,
    access_object TEXT,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;
-- Rows that wait for their turn.
CREATE INDEX import_rows_state ON import_rows (import_id, state, line);
