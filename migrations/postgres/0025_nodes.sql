-- By how many seconds a node's legal time ran ahead when it told of itself last; written where there is a test clock, so
-- that who moves it can wait until all nodes have it.
ALTER TABLE nodes ADD COLUMN clock_offset BIGINT;

-- The oldest migration that a program must know to work on this schema. A migration beside which older programs cannot
-- go on working raises it by a statement of its own, and so at the very moment from which that holds.
INSERT INTO installation (key, value) VALUES ('schema_compatible_from', '25');
