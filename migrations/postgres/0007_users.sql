-- Users of boxes are changed over the version that the change was computed from, so that of two changes at once
-- neither is lost.
ALTER TABLE boxes ADD COLUMN users_version BIGINT NOT NULL DEFAULT 0;

-- What is known of a user in one box only, and the names in the form in which namesakes are looked for there
-- (Person::name_key: made by the program, since the engines fold only ASCII alike; a row of the first schema is found
-- by names written with the same accented capitals).
ALTER TABLE memberships ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE memberships ADD COLUMN firm_ic TEXT;
ALTER TABLE memberships ADD COLUMN firm_name TEXT;
ALTER TABLE memberships ADD COLUMN contact_street TEXT;
ALTER TABLE memberships ADD COLUMN contact_city TEXT;
ALTER TABLE memberships ADD COLUMN contact_zip_code TEXT;
ALTER TABLE memberships ADD COLUMN contact_state TEXT;
UPDATE memberships SET name_key = (SELECT lower((last_name || '|' || given_names) COLLATE "C") FROM persons
    WHERE persons.id = memberships.person_id);
-- Where the kind of user stands in lists of users (UserType::list_place).
ALTER TABLE memberships ADD COLUMN list_place SMALLINT NOT NULL DEFAULT 0;
UPDATE memberships SET list_place = CASE user_type WHEN 'PRIMARY_USER' THEN 0 WHEN 'ENTRUSTED_USER' THEN 1
    WHEN 'ADMINISTRATOR' THEN 2 WHEN 'LIQUIDATOR' THEN 3 WHEN 'RECEIVER' THEN 4 WHEN 'GUARDIAN' THEN 5
    WHEN 'OFFICIAL' THEN 6 ELSE 7 END;
-- Pages of a box's users.
CREATE INDEX memberships_listed ON memberships (box_id, list_place, id);

-- Namesakes among the users of a box, looked for when one is added. Made after the other indexes that begin with the
-- box: of those that look equally good to PostgreSQL it takes the youngest.
CREATE INDEX memberships_name ON memberships (box_id, name_key);

-- 1: the password is the activation code that was issued; it serves only to choose a password.
ALTER TABLE credentials ADD COLUMN initial SMALLINT NOT NULL DEFAULT 0 CHECK (initial IN (0, 1));

-- Passwords used before, newest by the highest number, at most 255 for each membership: read when a password is changed.
-- All hashes of one membership have the same salt, so that one hashing compares a password with all of them.
CREATE TABLE former_passwords (
    membership_id BIGINT NOT NULL REFERENCES memberships (id),
    number BIGINT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (membership_id, number)
);

-- What was asked for by a request for administration about which user. Kinds: 1 added, 2 changed, 3 removed, 4 new
-- access data. Read for the number of users added lately, whether they are still there or not. Times are legal.
CREATE TABLE user_changes (
    request_id BIGINT NOT NULL PRIMARY KEY REFERENCES administration_requests (id),
    box_id TEXT COLLATE "C" NOT NULL,
    kind SMALLINT NOT NULL,
    time BIGINT NOT NULL,
    isds_id TEXT COLLATE "C" NOT NULL
);
-- Users added to a box lately.
CREATE INDEX user_changes_box ON user_changes (box_id, kind, time);
