-- Calls of web services that are watched for restraint of traffic (manual M 1.9): of an account (`isdsID` of the user, empty
-- for applications) of a box on a day (days since 1970 of the Czech calendar, real time), as each node counted them.
CREATE TABLE box_calls (
    day INTEGER NOT NULL,
    box_id TEXT NOT NULL,
    account TEXT NOT NULL,
    node TEXT NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (box_id, day, account, node)
) STRICT;
CREATE INDEX box_calls_busiest ON box_calls (day, calls);

-- Bounds that the administrator set for a box. NULL: the installation's; 0: none. A change is written over the version that
-- was seen; `at` is legal time.
CREATE TABLE box_restraints (
    box_id TEXT NOT NULL PRIMARY KEY,
    parallel_calls INTEGER,
    daily_calls INTEGER,
    version INTEGER NOT NULL,
    changed_by TEXT,
    at INTEGER NOT NULL
) STRICT;
