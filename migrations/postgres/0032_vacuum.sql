-- What was done leaves its entry at the low end of the index of its date. A node passes over those once a minute now, and not
-- with each question, so they may be more; and while a million fall due at one midnight, PostgreSQL cleans up ten times and
-- not fifty.
ALTER TABLE messages SET (autovacuum_vacuum_scale_factor = 0.1);
