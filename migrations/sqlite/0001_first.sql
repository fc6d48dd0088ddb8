-- Conventions, the same in migrations/postgres:
-- times are INTEGER microseconds since 1970-01-01T00:00:00Z, flags INTEGER 0/1, dates TEXT YYYY-MM-DD.
-- Text is compared bytewise, which is SQLite's own way.

-- What the installation remembers about itself: its mark, and how far legal time runs ahead. Read at start and by the
-- test clock.
CREATE TABLE installation (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Last message number given out to a process: one row. Processes take numbers in blocks, so that not every number
-- costs a commit; what is left of a block when a process ends is never used.
CREATE TABLE message_numbers (
    last INTEGER NOT NULL
) STRICT;
INSERT INTO message_numbers (last) VALUES (1000000);

-- Data boxes with their holders: looked up by number at every call and every send, searched by FindDataBox2 over the
-- columns *_folded (lower case by the rules of Unicode, made by the program) and ic_number (without leading zeros).
CREATE TABLE boxes (
    box_id TEXT NOT NULL PRIMARY KEY,
    box_type INTEGER NOT NULL,
    state INTEGER NOT NULL,
    ic TEXT,
    given_names TEXT,
    last_name TEXT,
    firm_name TEXT,
    birth_date TEXT,
    birth_city TEXT,
    birth_county TEXT,
    birth_state TEXT,
    address_code TEXT,
    address_city TEXT,
    address_district TEXT,
    address_street TEXT,
    number_in_street TEXT,
    number_in_municipality TEXT,
    zip_code TEXT,
    address_state TEXT,
    nationality TEXT,
    ovm_id TEXT,
    open_addressing INTEGER NOT NULL CHECK (open_addressing IN (0, 1)),
    postal_contract INTEGER NOT NULL CHECK (postal_contract IN (0, 1)),
    upper_id TEXT,
    aifo_known INTEGER NOT NULL CHECK (aifo_known IN (0, 1)),
    ic_number TEXT,
    given_names_folded TEXT,
    last_name_folded TEXT,
    firm_name_folded TEXT,
    birth_city_folded TEXT,
    city_folded TEXT,
    street_folded TEXT
) STRICT;
-- FindDataBox2 by identification number.
CREATE INDEX boxes_ic ON boxes (ic_number);
-- FindDataBox2 by the beginning of the last name, which people are searched by.
CREATE INDEX boxes_last_name ON boxes (last_name_folded);
-- FindDataBox2 by the identifier of a public authority.
CREATE INDEX boxes_ovm ON boxes (ovm_id);

-- Natural persons who sign in; one person may be a member of several boxes. The address is JSON: nobody searches it.
CREATE TABLE persons (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    given_names TEXT NOT NULL,
    last_name TEXT NOT NULL,
    birth_date TEXT,
    address TEXT NOT NULL,
    aifo_known INTEGER NOT NULL CHECK (aifo_known IN (0, 1))
) STRICT;

-- What ties a person to a box (none: an administrator of the system), with kind of user and privileges.
CREATE TABLE memberships (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    isds_id TEXT NOT NULL,
    box_id TEXT REFERENCES boxes (box_id),
    person_id INTEGER NOT NULL REFERENCES persons (id),
    user_type TEXT NOT NULL,
    privileges INTEGER NOT NULL
) STRICT;
-- An isdsID names one membership.
CREATE UNIQUE INDEX memberships_isds_id ON memberships (isds_id);
-- Users of a box.
CREATE INDEX memberships_box ON memberships (box_id);
-- Boxes of a person.
CREATE INDEX memberships_person ON memberships (person_id);

-- What a login proves itself with; looked up by login name at every call. Kind 1 is a password.
CREATE TABLE credentials (
    login TEXT NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    membership_id INTEGER NOT NULL REFERENCES memberships (id),
    password_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires INTEGER
) STRICT, WITHOUT ROWID;
-- Access data of a membership.
CREATE INDEX credentials_membership ON credentials (membership_id);

-- Failed logins by 'login:NAME' and 'addr:ADDRESS'; looked up before every check of a password. Times are real.
CREATE TABLE login_failures (
    key TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    first INTEGER,
    locked_until INTEGER
) STRICT, WITHOUT ROWID;
-- Forgetting failures that count no longer, oldest first.
CREATE INDEX login_failures_first ON login_failures (first);

-- Accepted messages: one row with both sides, so that acceptance and every transition touch one row. Envelope, author
-- and segments are JSON, fixed for ever; what is searched or changes has a column. sender_status and recipient_status
-- are what each side sees as dmMessageStatus, written with every change, so that lists can be filtered here.
-- sort_time is the time of delivery into the box, of submission until then.
CREATE TABLE messages (
    dm_id INTEGER NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sender_box TEXT NOT NULL,
    recipient_box TEXT NOT NULL,
    personal_delivery INTEGER NOT NULL CHECK (personal_delivery IN (0, 1)),
    envelope TEXT NOT NULL,
    author TEXT NOT NULL,
    segments TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    sha3_256 BLOB NOT NULL,
    attachment_count INTEGER NOT NULL,
    attachment_size_kb INTEGER NOT NULL,
    timestamp_token BLOB,
    scan INTEGER,
    submitted INTEGER NOT NULL,
    delivered_in INTEGER,
    accepted INTEGER,
    sort_time INTEGER NOT NULL,
    sender_in_vault INTEGER NOT NULL CHECK (sender_in_vault IN (0, 1)),
    sender_erased INTEGER NOT NULL CHECK (sender_erased IN (0, 1)),
    sender_due INTEGER,
    recipient_in_vault INTEGER NOT NULL CHECK (recipient_in_vault IN (0, 1)),
    recipient_erased INTEGER NOT NULL CHECK (recipient_erased IN (0, 1)),
    recipient_due INTEGER,
    recipient_read INTEGER NOT NULL CHECK (recipient_read IN (0, 1)),
    sender_status INTEGER NOT NULL,
    recipient_status INTEGER NOT NULL
) STRICT;
-- GetListOfReceivedMessages and the inbox: a page by time, newest first.
CREATE INDEX messages_received ON messages (recipient_box, sort_time DESC, dm_id DESC);
-- GetListOfSentMessages: a page by time, newest first.
CREATE INDEX messages_sent ON messages (sender_box, sort_time DESC, dm_id DESC);
-- Messages that wait in a box for a login. The condition must be worded as in the query, or it is not used.
CREATE INDEX messages_waiting ON messages (recipient_box, dm_id) WHERE phase IN (4, 5);
-- Messages whose retention on the sender's side ends.
CREATE INDEX messages_sender_due ON messages (sender_due, dm_id) WHERE sender_due IS NOT NULL;
-- Messages whose retention on the recipient's side ends.
CREATE INDEX messages_recipient_due ON messages (recipient_due, dm_id) WHERE recipient_due IS NOT NULL;

-- Events of a message for delivery infos, ordered by the version of the message that recorded them.
CREATE TABLE message_events (
    dm_id INTEGER NOT NULL REFERENCES messages (dm_id),
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (dm_id, version, seq)
) STRICT, WITHOUT ROWID;

-- What GetMessageStateChanges answers to a sender for an interval; the primary key is that query's order.
CREATE TABLE message_state_changes (
    sender_box TEXT NOT NULL,
    time INTEGER NOT NULL,
    dm_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    status INTEGER NOT NULL,
    PRIMARY KEY (sender_box, time, dm_id, version, seq)
) STRICT, WITHOUT ROWID;

-- What has to be done. Claiming a job moves its due time (real) to the end of the lease, so a lease that ran out and
-- a job never begun are the same thing, found by one index. Kind 1 carries the accepted message `subject` on.
CREATE TABLE jobs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;
-- Claiming the jobs that are due, oldest first.
CREATE INDEX jobs_due ON jobs (due, id);
