-- A message that the administrator of the system keeps its recipient from downloading. It has nothing to do with the
-- message's state and its version, so it is written by itself.
ALTER TABLE messages ADD COLUMN withheld SMALLINT NOT NULL DEFAULT 0 CHECK (withheld IN (0, 1));
