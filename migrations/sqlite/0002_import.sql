-- Uploaded rows between their report and their import: read, shown to the user, not yet in the book.
-- Types and spelling as in 0001.

CREATE TABLE pending_import (
    id           TEXT PRIMARY KEY,
    document_id  TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    user_id      TEXT NOT NULL,              -- nobody else sees or applies it
    file_name    TEXT NOT NULL,
    content      TEXT NOT NULL,              -- the cells as JSON
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    applied      TEXT NOT NULL DEFAULT ''    -- JSON of what was imported, once it was
);
CREATE INDEX pending_import_book ON pending_import (document_id, user_id);
CREATE INDEX pending_import_expiry ON pending_import (expires_at);
