-- What time does to messages: fiction, and the vault of a box.

-- When fiction strikes; none where it never does, did, or somebody was faster.
ALTER TABLE messages ADD COLUMN fiction_due BIGINT;
-- What waits already: the earliest day that can be. The job counts the right one and puts off what is not due yet.
UPDATE messages SET fiction_due = delivered_in + 864000000000 WHERE phase = 4 AND recipient_erased = 0;
-- Messages that fiction delivers, oldest date first.
CREATE INDEX messages_fiction_due ON messages (fiction_due, dm_id) WHERE fiction_due IS NOT NULL;

-- Terms of vaults (DTInfo); those of one box follow each other. `begins` and `ends` are the instants of the days.
CREATE TABLE vaults (
    box_id TEXT COLLATE "C" NOT NULL REFERENCES boxes (box_id),
    begins BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    capacity BIGINT NOT NULL,
    from_day TEXT COLLATE "C" NOT NULL,
    to_day TEXT COLLATE "C" NOT NULL,
    warn_due BIGINT,
    PRIMARY KEY (box_id, begins)
);
-- Terms of whose end the box is to be told.
CREATE INDEX vaults_warn_due ON vaults (warn_due, box_id) WHERE warn_due IS NOT NULL;

-- How many messages lie in the vault of a box: one row for each box that ever had one, locked by whatever adds a term.
CREATE TABLE vault_usage (
    box_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES boxes (box_id),
    used BIGINT NOT NULL
);
