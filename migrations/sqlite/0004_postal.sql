-- Postal messages and their money. Amounts are hellers, times legal.

-- Credit of a box, one row: its balance is the sum of its lines in the ledger, of which `entries` were written.
CREATE TABLE credit_accounts (
    box_id TEXT NOT NULL PRIMARY KEY REFERENCES boxes (box_id),
    balance INTEGER NOT NULL CHECK (balance >= 0),
    expires INTEGER NOT NULL,
    entries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every change of a credit. `kind` is ciEventType, `detail` is JSON of what belongs to it; transaction_id is the number
-- of a payment outside the system.
CREATE TABLE credit_ledger (
    box_id TEXT NOT NULL REFERENCES credit_accounts (box_id),
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    change INTEGER NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0),
    transaction_id TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (box_id, seq)
) STRICT, WITHOUT ROWID;
-- DataBoxCreditInfo: the lines of an interval.
CREATE INDEX credit_ledger_time ON credit_ledger (box_id, time, seq);
-- A payment is booked once.
CREATE UNIQUE INDEX credit_ledger_transaction ON credit_ledger (kind, transaction_id) WHERE transaction_id IS NOT NULL;

-- Who pays for the messages of whom: kind 1 to one recipient, 2 to anybody, 3 from outside the system, in the order in
-- which they are used. `remaining` NULL: any number; `expires` 9223372036854775807: never.
CREATE TABLE subsidies (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    donor_box TEXT NOT NULL,
    sender_box TEXT NOT NULL,
    recipient_box TEXT,
    remaining INTEGER CHECK (remaining >= 0),
    expires INTEGER NOT NULL
) STRICT;
-- Subsidies of a sender in the order of their use.
CREATE INDEX subsidies_sender ON subsidies (sender_box, kind, expires, id);

-- Initiating messages: the reply names `identifier` to the initiator. reply_id is the message that replied.
CREATE TABLE initiating_messages (
    dm_id INTEGER NOT NULL PRIMARY KEY REFERENCES messages (dm_id),
    initiator_box TEXT NOT NULL,
    respondent_box TEXT NOT NULL,
    identifier TEXT NOT NULL,
    expires INTEGER NOT NULL,
    reply_id INTEGER
) STRICT;
-- An identifier names one initiating message of its sender; looked up by every reply.
CREATE UNIQUE INDEX initiating_messages_identifier ON initiating_messages (initiator_box, identifier);
-- PDZInfo: what a box may still reply to.
CREATE INDEX initiating_messages_open ON initiating_messages (respondent_box, expires, dm_id) WHERE reply_id IS NULL;

-- What each postal message costs whom, for the operator's invoices. `title` is K, E, O, or the subsidy's G, Z, D.
CREATE TABLE postal_charges (
    dm_id INTEGER NOT NULL PRIMARY KEY REFERENCES messages (dm_id),
    payer_box TEXT NOT NULL,
    title TEXT NOT NULL,
    amount INTEGER NOT NULL,
    time INTEGER NOT NULL
) STRICT;
-- Charges of a payer in an interval.
CREATE INDEX postal_charges_payer ON postal_charges (payer_box, time, dm_id);
