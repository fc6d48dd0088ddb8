-- Objects are named by more than messages: what looks for objects that nobody names walks along these.
CREATE INDEX erased_lists_object ON erased_lists (object_id) WHERE state = 1;
CREATE INDEX import_rows_access ON import_rows (access_object) WHERE access_object IS NOT NULL;
