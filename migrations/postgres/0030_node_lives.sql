-- When nodes ran, as far as this database knows. A database that was put back to an earlier state lacks the time that it
-- forgot, and what was written to the objects in that time is known to be unknown. One row for each node that starts, or
-- that finds a database which forgot what it noted; kept for ever.
CREATE TABLE node_lives (
    node_id TEXT NOT NULL,
    began BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (node_id, began)
);

CREATE INDEX node_lives_last_seen ON node_lives (last_seen, began);
