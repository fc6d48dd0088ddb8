-- The search for boxes by words, their history, and files about all of them.

-- In the public list of holders at the holder's own request; legal persons and authorities are in it anyway.
ALTER TABLE boxes ADD COLUMN listed SMALLINT NOT NULL DEFAULT 0 CHECK (listed IN (0, 1));
-- When it last ceased to be accessible, in legal time: searches show it as disabled for a while.
ALTER TABLE boxes ADD COLUMN accessible_until BIGINT;
-- Number of words of the name, and version of the analysis that made the rows in box_words; 0 where there are none yet.
ALTER TABLE boxes ADD COLUMN name_words SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE boxes ADD COLUMN index_version SMALLINT NOT NULL DEFAULT 0;

-- Whether there are boxes that are not indexed yet.
CREATE INDEX boxes_index_version ON boxes (index_version);

-- Under which terms a box is found. place: 0 name, 1 address; forms: 1 without diacritics, 2 with, 3 both. The key gives
-- the boxes of a term, those with it in the name first, and tells whether a box has it. place 2 are the trigrams of a
-- firm's name in lower case, by which FindDataBox2 finds parts of it; they have no forms.
CREATE TABLE box_words (
    term TEXT COLLATE "C" NOT NULL,
    place SMALLINT NOT NULL,
    box_id TEXT COLLATE "C" NOT NULL,
    forms SMALLINT NOT NULL,
    PRIMARY KEY (term, place, box_id)
);

-- The terms of a box, to take its rows away: JSON, place and term of each. A second index over box_words would cost ten
-- times as much.
CREATE TABLE box_terms (
    box_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    terms TEXT NOT NULL
);

-- From which legal time on a box was in which state, up to its next row.
CREATE TABLE box_states (
    box_id TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    PRIMARY KEY (box_id, since)
);
-- Of boxes from before it is not known when they were established: they count from the day on which the system of data
-- boxes began, 1 July 2009.
INSERT INTO box_states (box_id, since, state) SELECT box_id, 1246399200000000, state FROM boxes;

-- The files about all boxes as they were made last, and the ones before, which are removed the next time.
CREATE TABLE data_files (
    kind TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    object TEXT COLLATE "C" NOT NULL,
    length BIGINT NOT NULL,
    made BIGINT NOT NULL,
    former TEXT COLLATE "C"
);
