-- Types: TEXT and BIGINT only (see src/server/db.rs). Times: UTC text of fixed width.
-- The PostgreSQL twin of this file must stay the same statement by statement.

-- The far side: the simulated customs keeps its own books and shares no table with us.
CREATE TABLE customs_message (
    message_id   TEXT PRIMARY KEY,           -- a resend is recognised here
    body         TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    stage        TEXT NOT NULL,              -- received | entered | manual | approved | returned | failed | refused
    due_at       TEXT NOT NULL,              -- when the next answer goes out
    business_key TEXT NOT NULL,              -- 经营单位代码/企业内部编号/变更次数
    seq_no       TEXT NOT NULL               -- 统一编号 of the filing
);
CREATE INDEX customs_message_due ON customs_message (stage, due_at);
CREATE INDEX customs_message_business ON customs_message (business_key);

CREATE TABLE customs_book (
    book_no        TEXT PRIMARY KEY,
    operator_code  TEXT NOT NULL,
    change_no      BIGINT NOT NULL,          -- 变更次数 of what is approved
    message_id     TEXT NOT NULL,            -- the message whose content is approved
    valid_from     TEXT NOT NULL,            -- yyyy-mm-dd
    valid_to       TEXT NOT NULL,
    life           TEXT NOT NULL,            -- live | paused | closed
    exported       TEXT NOT NULL DEFAULT '0',-- booked exports, in the currency of the book
    exempt         TEXT NOT NULL DEFAULT '0',-- booked exempt re-imports
    written_to     TEXT NOT NULL DEFAULT ''  -- last day of the last write-off
);

-- The entries this office has let pass.
CREATE TABLE customs_entry (
    entry_no       TEXT PRIMARY KEY,
    book_no        TEXT NOT NULL,
    operator_code  TEXT NOT NULL,
    direction      TEXT NOT NULL,            -- E | I
    amount         TEXT NOT NULL,            -- what was booked of it, in the currency of the book
    message_id     TEXT NOT NULL,
    state          TEXT NOT NULL,            -- live | deleted | amending
    day            TEXT NOT NULL,            -- 进出口日期, or the day on which it passed
    writeoff       TEXT NOT NULL DEFAULT ''  -- the message that wrote it off
);
CREATE INDEX customs_entry_book ON customs_entry (book_no, entry_no);

CREATE TABLE customs_answer (
    id           TEXT PRIMARY KEY,           -- message id of the answer
    seq          BIGINT NOT NULL,            -- order in which customs wrote its answers
    body         TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    delivered    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX customs_answer_open ON customs_answer (delivered, seq);

CREATE TABLE customs_serial (
    name  TEXT PRIMARY KEY,                  -- answer | the fixed part of a book number
    last  BIGINT NOT NULL
);
