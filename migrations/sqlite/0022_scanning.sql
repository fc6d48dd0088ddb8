-- Scans (kind 22) are claimed by themselves: neither side walks over what waits for the other, however long a scanner is
-- out of order.
CREATE INDEX jobs_due_scans ON jobs (due, id) WHERE kind = 22;
CREATE INDEX jobs_due_others ON jobs (due, id) WHERE kind <> 22;
