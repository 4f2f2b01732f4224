-- 常用模板: heads and sets of rows that an enterprise uses again.
-- The twin of this file for the other database must stay the same statement by statement.

CREATE TABLE book_template (
    id               TEXT PRIMARY KEY,       -- UUIDv7, made by the browser
    enterprise_code  TEXT NOT NULL REFERENCES enterprise (code),
    kind             TEXT NOT NULL,          -- H head, E exports, R re-imports
    name             TEXT NOT NULL,
    row_count        BIGINT NOT NULL,        -- 1 for a head
    content          TEXT NOT NULL,          -- what can be typed, as JSON: a head, or an array of rows
    updated_at       TEXT NOT NULL,
    updated_by       TEXT NOT NULL,          -- login
    UNIQUE (enterprise_code, kind, name)
);
