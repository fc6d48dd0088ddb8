-- Users are told before their passwords end.

-- Until when the password was good of which its user was told (legal time): one that was chosen since ends at another time.
ALTER TABLE credentials ADD COLUMN told_expires INTEGER NOT NULL DEFAULT 0;
-- Passwords of whose end their users are to be told. The condition must be worded as in the query, or it is not used.
CREATE INDEX credentials_untold ON credentials (expires, login) WHERE initial = 0 AND told_expires <> expires;
