-- 随附单据: what is known of each file; the files themselves are in the store of OPBOOK_STORAGE.
-- The twin of this file for the other database must stay the same statement by statement.

CREATE TABLE attachment (
    id           TEXT PRIMARY KEY,           -- UUIDv7, made by the browser
    document_id  TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    seq          BIGINT NOT NULL,            -- 随附单证序号
    version      BIGINT NOT NULL,            -- document version of its last 暂存
    received     BIGINT NOT NULL DEFAULT 0,  -- bytes of the file that are in the store
    object       TEXT NOT NULL DEFAULT '',   -- name of the whole file in the store, random; empty until 已上传
    content      TEXT NOT NULL,              -- the record as JSON
    UNIQUE (document_id, seq)
);

-- An upload under way: pieces in the order of the file, each an object of its own.
CREATE TABLE attachment_piece (
    attachment_id  TEXT NOT NULL REFERENCES attachment (id) ON DELETE CASCADE,
    start_byte     BIGINT NOT NULL,
    object         TEXT NOT NULL,
    PRIMARY KEY (attachment_id, start_byte)
);

-- One line: the id under which this database owns its store. Another database must not sweep it.
CREATE TABLE attachment_store (
    only_one  BIGINT PRIMARY KEY,
    id        TEXT NOT NULL
);
