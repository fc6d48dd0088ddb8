-- Whoever removes an upload has to know whether a bulk job needs it: without an index all files of all jobs were read for
-- each of them.

CREATE INDEX bulk_files_upload ON bulk_files (upload_id);
