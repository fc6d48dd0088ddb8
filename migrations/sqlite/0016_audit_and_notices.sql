-- Who did what: rows are only ever added. actor_kind: 1 person, 2 administrator of the system, 3 application, 4 the
-- system, 5 nobody proven; origin: 1 mailbox, 2 web services, 3 the system; outcome: 0 done, else the status code of the
-- refusal. `digest` covers the row; `seal` is the number of the seal that covers it, the one column that is ever
-- written later.
CREATE TABLE audit_records (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    real INTEGER NOT NULL,
    legal INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL,
    actor_isds_id TEXT,
    actor_name TEXT NOT NULL,
    origin INTEGER NOT NULL,
    action INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    box_id TEXT,
    dm_id INTEGER,
    subject_isds_id TEXT,
    other_box TEXT,
    detail TEXT,
    digest BLOB NOT NULL,
    seal INTEGER
) STRICT;
-- Searches, newest first: all records, those of a box, of an actor, of a message, of one action.
CREATE INDEX audit_records_legal ON audit_records (legal, id);
CREATE INDEX audit_records_box ON audit_records (box_id, legal, id);
CREATE INDEX audit_records_actor ON audit_records (actor_isds_id, legal, id);
CREATE INDEX audit_records_message ON audit_records (dm_id, legal, id);
CREATE INDEX audit_records_action ON audit_records (action, legal, id);
-- Records of a seal.
CREATE INDEX audit_records_seal ON audit_records (seal, id) WHERE seal IS NOT NULL;
-- Those that wait for one. The condition must be worded as in the query, or it is not used.
CREATE INDEX audit_records_unsealed ON audit_records (id) WHERE seal IS NULL;

-- Each seal covers so many records and the seal before it.
CREATE TABLE audit_seals (
    number INTEGER NOT NULL PRIMARY KEY,
    sealed INTEGER NOT NULL,
    count INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Who wants to be told of what by e-mail, and where: one row a membership, gone with it. `address` is in use once it was
-- confirmed; `pending` waits for its code, of which the SHA-256 is kept. `events` are bits 2^event. asked,
-- asked_since: confirmations asked for lately. Times are real.
CREATE TABLE notice_subscriptions (
    membership_id INTEGER NOT NULL PRIMARY KEY REFERENCES memberships (id) ON DELETE CASCADE,
    box_id TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    address TEXT,
    language TEXT NOT NULL,
    events INTEGER NOT NULL,
    pending TEXT,
    code BLOB,
    code_expires INTEGER,
    wrong_codes INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    asked_since INTEGER NOT NULL,
    failed INTEGER
) STRICT;
-- Those with an address in use: of a box, and of a person. The condition must be worded as in the query.
CREATE INDEX notice_subscriptions_box ON notice_subscriptions (box_id, membership_id) WHERE address IS NOT NULL;
CREATE INDEX notice_subscriptions_person ON notice_subscriptions (person_id, membership_id) WHERE address IS NOT NULL;

-- What happened and is to be told from the legal time `due` on, in a box or to a person; `detail` is JSON. Written with
-- what happened, taken away with the mails that it becomes.
CREATE TABLE notices_due (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    due INTEGER NOT NULL,
    event INTEGER NOT NULL,
    box_id TEXT,
    person_id INTEGER,
    dm_id INTEGER,
    isds_id TEXT,
    detail TEXT NOT NULL
) STRICT;
-- What has become due.
CREATE INDEX notices_due_due ON notices_due (due, id);

-- Mails to be sent. Claiming one moves its due time (real) to the end of the lease.
CREATE TABLE mails (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    membership_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    written INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;
-- Claiming the mails that are due, oldest first.
CREATE INDEX mails_due ON mails (due, id);

-- Browsers from which a person signed in (SHA-256 of what they call themselves), and when last (real time).
CREATE TABLE known_browsers (
    person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    browser BLOB NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (person_id, browser)
) STRICT, WITHOUT ROWID;
