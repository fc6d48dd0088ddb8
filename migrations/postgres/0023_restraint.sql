-- Calls of web services that are watched for restraint of traffic (manual M 1.9): of an account (`isdsID` of the user, empty
-- for applications) of a box on a day (days since 1970 of the Czech calendar, real time), as each node counted them.
CREATE TABLE box_calls (
    day BIGINT NOT NULL,
    box_id TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (box_id, day, account, node)
);
CREATE INDEX box_calls_busiest ON box_calls (day, calls);

-- Bounds that the administrator set for a box. NULL: the installation's; 0: none. A change is written over the version that
-- was seen; `at` is legal time.
CREATE TABLE box_restraints (
    box_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    parallel_calls BIGINT,
    daily_calls BIGINT,
    version BIGINT NOT NULL,
    changed_by TEXT COLLATE "C",
    at BIGINT NOT NULL
);
