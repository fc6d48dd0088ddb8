-- Lists of messages as people look at them. Side 0 is sent, 1 received, as in erased_lists.

-- What a person's list shows, newest first, whatever lies erased behind it. The conditions must be worded as in the
-- queries, or the indexes are not used.
CREATE INDEX messages_recipient_live ON messages (recipient_box, sort_time DESC, dm_id DESC)
    WHERE recipient_status IN (4, 5, 6, 7);
CREATE INDEX messages_sender_live ON messages (sender_box, sort_time DESC, dm_id DESC)
    WHERE sender_status IN (1, 2, 3, 4, 5, 6, 7, 8);
-- What was delivered and not read yet.
CREATE INDEX messages_recipient_unread ON messages (recipient_box, sort_time DESC, dm_id DESC)
    WHERE recipient_status = 6;
-- What was sent and has not been delivered, or never will be.
CREATE INDEX messages_sender_open ON messages (sender_box, sort_time DESC, dm_id DESC)
    WHERE sender_status IN (3, 4, 8);
-- What was erased (9), what lies in the vault (10).
CREATE INDEX messages_recipient_away ON messages (recipient_box, recipient_status, sort_time DESC, dm_id DESC)
    WHERE recipient_status IN (9, 10);
CREATE INDEX messages_sender_away ON messages (sender_box, sender_status, sort_time DESC, dm_id DESC)
    WHERE sender_status IN (9, 10);

-- Lists that somebody searches: found by box and side at every look at one. Messages up to and including the place
-- (high_time, high_id) are in the index. due is the real time from which on the list waits to be indexed further, or the
-- end of the lease of who does it; content: the text of attachments is indexed as well.
CREATE TABLE mailbox_lists (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL,
    side INTEGER NOT NULL,
    content INTEGER NOT NULL CHECK (content IN (0, 1)),
    high_time INTEGER NOT NULL,
    high_id INTEGER NOT NULL,
    due INTEGER
) STRICT;
CREATE UNIQUE INDEX mailbox_lists_box ON mailbox_lists (box_id, side);
-- Lists that wait to be indexed, oldest first.
CREATE INDEX mailbox_lists_due ON mailbox_lists (due, id) WHERE due IS NOT NULL;

-- Under which terms a message is found, with its place in the list; the key gives the messages of a term in the order of
-- the list. A row whose sort_time is no longer the message's counts for nothing.
CREATE TABLE mailbox_terms (
    list_id INTEGER NOT NULL,
    term TEXT NOT NULL,
    sort_time INTEGER NOT NULL,
    dm_id INTEGER NOT NULL,
    PRIMARY KEY (list_id, term, sort_time, dm_id)
) STRICT, WITHOUT ROWID;

-- The terms of a message (JSON), to take its rows away, and to look for several terms in one message.
CREATE TABLE mailbox_documents (
    list_id INTEGER NOT NULL,
    dm_id INTEGER NOT NULL,
    sort_time INTEGER NOT NULL,
    terms TEXT NOT NULL,
    PRIMARY KEY (list_id, dm_id)
) STRICT, WITHOUT ROWID;

-- Tags of a box; the colour is one of a fixed palette.
CREATE TABLE mailbox_tags (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    box_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    colour INTEGER NOT NULL
) STRICT;
-- Tags of a box by name; a name stands for one.
CREATE UNIQUE INDEX mailbox_tags_name ON mailbox_tags (box_id, name_folded);

-- Which message has which tags. sort_time is the message's, which no longer moves once a message can be tagged.
CREATE TABLE mailbox_tagged (
    box_id TEXT NOT NULL,
    side INTEGER NOT NULL,
    dm_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL REFERENCES mailbox_tags (id),
    sort_time INTEGER NOT NULL,
    PRIMARY KEY (box_id, side, dm_id, tag_id)
) STRICT, WITHOUT ROWID;
-- Messages of a tag, newest first.
CREATE INDEX mailbox_tagged_tag ON mailbox_tagged (tag_id, side, sort_time DESC, dm_id DESC);

-- What is to be done about a message, by the end of the day that begins at due (9223372036854775807: some day), and who
-- said so last. Times are legal.
CREATE TABLE mailbox_tasks (
    box_id TEXT NOT NULL,
    side INTEGER NOT NULL,
    dm_id INTEGER NOT NULL,
    sort_time INTEGER NOT NULL,
    due INTEGER NOT NULL,
    done INTEGER NOT NULL CHECK (done IN (0, 1)),
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (box_id, side, dm_id)
) STRICT, WITHOUT ROWID;
-- What is to be done in a box, the most urgent first.
CREATE INDEX mailbox_tasks_due ON mailbox_tasks (box_id, due, side, dm_id) WHERE done = 0;
-- What is to be done in a list, newest message first.
CREATE INDEX mailbox_tasks_list ON mailbox_tasks (box_id, side, sort_time DESC, dm_id DESC) WHERE done = 0;
