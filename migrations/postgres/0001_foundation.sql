-- Types: TEXT and BIGINT only (see src/server/db.rs). Times: UTC text of fixed width.
-- The SQLite twin of this file must stay the same statement by statement.

CREATE TABLE enterprise (
    code          TEXT PRIMARY KEY,          -- 海关注册编码, 10 characters
    uscc          TEXT NOT NULL,             -- 统一社会信用代码, 18 characters
    name          TEXT NOT NULL,
    credit_grade  TEXT NOT NULL,             -- advanced | regular | untrusted
    open_case     BIGINT NOT NULL DEFAULT 0, -- 涉案 1
    kind          TEXT NOT NULL DEFAULT 'enterprise' -- enterprise | agent
);

CREATE TABLE delegation (
    agent_code      TEXT NOT NULL REFERENCES enterprise (code),
    principal_code  TEXT NOT NULL REFERENCES enterprise (code),
    valid_from      TEXT NOT NULL,           -- first day, yyyy-mm-dd
    valid_to        TEXT NOT NULL,           -- last day
    PRIMARY KEY (agent_code, principal_code, valid_from)
);

CREATE TABLE app_user (
    id               TEXT PRIMARY KEY,
    login            TEXT NOT NULL UNIQUE,   -- lower case
    name             TEXT NOT NULL,
    password_hash    TEXT NOT NULL,          -- argon2 PHC string
    enterprise_code  TEXT NOT NULL REFERENCES enterprise (code),
    disabled         BIGINT NOT NULL DEFAULT 0,
    preferences      TEXT NOT NULL DEFAULT '{}',
    created_at       TEXT NOT NULL
);

CREATE TABLE session (
    token_hash    TEXT PRIMARY KEY,          -- sha-256 of the id in the cookie: a stolen table opens no session
    id            TEXT NOT NULL UNIQUE,      -- public id, to list and to end
    user_id       TEXT REFERENCES app_user (id),
    data          TEXT NOT NULL,             -- JSON of the session library
    device        TEXT NOT NULL DEFAULT '',
    address       TEXT NOT NULL DEFAULT '',
    created_at    TEXT NOT NULL,
    last_seen_at  TEXT NOT NULL,
    expires_at    TEXT NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE captcha (
    id          TEXT PRIMARY KEY,
    answer      TEXT NOT NULL,               -- sha-256 of id and lower-cased answer
    expires_at  TEXT NOT NULL
);

CREATE TABLE throttle (
    bucket      TEXT NOT NULL,               -- e.g. login-account:zhang, login-address:10.0.0.1
    at          TEXT NOT NULL,
    id          TEXT NOT NULL,
    PRIMARY KEY (bucket, at, id)
);

CREATE TABLE code_table (
    name       TEXT PRIMARY KEY,             -- reference::Table::key
    version    TEXT NOT NULL,                -- hash of the wire text
    source     TEXT NOT NULL,                -- starter | import of FOLDER
    loaded_at  TEXT NOT NULL
);

CREATE TABLE code_entry (
    table_name   TEXT NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    name_en      TEXT NOT NULL DEFAULT '',
    initials     TEXT NOT NULL DEFAULT '',
    alias        TEXT NOT NULL DEFAULT '',
    unit         TEXT NOT NULL DEFAULT '',
    unit2        TEXT NOT NULL DEFAULT '',
    import_rate  TEXT NOT NULL DEFAULT '',
    export_rate  TEXT NOT NULL DEFAULT '',
    controls     TEXT NOT NULL DEFAULT '',
    valid_from   TEXT NOT NULL,
    valid_to     TEXT NOT NULL DEFAULT '9999-12-31',
    PRIMARY KEY (table_name, code, valid_from)
);

-- A book filing, later also a write-off or an entry: everything documents share.
CREATE TABLE document (
    id              TEXT PRIMARY KEY,        -- UUIDv7, made by the browser
    kind            TEXT NOT NULL,           -- book
    status          TEXT NOT NULL,           -- document::Status::code
    version         BIGINT NOT NULL,         -- +1 with every write to the document or its rows
    head_version    BIGINT NOT NULL,         -- version of the last write to the head
    seq_no          TEXT NOT NULL UNIQUE,    -- 统一编号
    internal_no     TEXT NOT NULL,           -- 企业内部编号
    book_no         TEXT NOT NULL DEFAULT '',-- 账册编号
    decl_type       TEXT NOT NULL,           -- 申报类型: 1 备案 2 变更
    change_seq      BIGINT NOT NULL DEFAULT 0,
    operator_code   TEXT NOT NULL,           -- 经营单位
    declarant_code  TEXT NOT NULL,           -- 申报单位
    input_code      TEXT NOT NULL,           -- 录入单位
    input_date      TEXT NOT NULL,           -- yyyy-mm-dd, Asia/Shanghai
    valid_to        TEXT NOT NULL DEFAULT '',
    declared_at     TEXT NOT NULL DEFAULT '',
    approved_at     TEXT NOT NULL DEFAULT '',
    declare_round   BIGINT NOT NULL DEFAULT 0, -- how often it was declared
    created_by      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    head            TEXT NOT NULL            -- the head record as JSON
);
CREATE UNIQUE INDEX document_internal_no ON document (operator_code, internal_no, change_seq);
CREATE INDEX document_list ON document (operator_code, input_date);
CREATE INDEX document_book_no ON document (book_no);

CREATE TABLE document_row (
    id           TEXT PRIMARY KEY,           -- UUIDv7, made by the browser
    document_id  TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    section      TEXT NOT NULL,              -- exports | reimports
    seq          BIGINT NOT NULL,            -- 商品序号
    version      BIGINT NOT NULL,            -- document version of its last write
    content      TEXT NOT NULL,              -- the row record as JSON
    UNIQUE (document_id, section, seq)
);

CREATE TABLE number_series (
    name  TEXT PRIMARY KEY,
    last  BIGINT NOT NULL
);

CREATE TABLE audit (
    id           TEXT PRIMARY KEY,
    document_id  TEXT NOT NULL,              -- kept when the document is deleted
    at           TEXT NOT NULL,
    actor        TEXT NOT NULL,              -- login, or 'customs', 'system'
    action       TEXT NOT NULL,
    detail       TEXT NOT NULL               -- JSON
);
CREATE INDEX audit_document ON audit (document_id, at);

CREATE TABLE outbox (
    message_id    TEXT PRIMARY KEY,          -- the same when sent again: customs recognises it
    document_id   TEXT NOT NULL,
    message_type  TEXT NOT NULL,             -- OPB111
    body          TEXT NOT NULL,             -- the XML
    state         TEXT NOT NULL,             -- waiting | sent | refused
    attempts      BIGINT NOT NULL DEFAULT 0,
    next_at       TEXT NOT NULL,             -- not before
    leased_until  TEXT NOT NULL DEFAULT '',
    created_at    TEXT NOT NULL,
    sent_at       TEXT NOT NULL DEFAULT '',
    last_error    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_state ON outbox (state, next_at);

CREATE TABLE inbox (
    id           TEXT PRIMARY KEY,
    dedupe_key   TEXT NOT NULL UNIQUE,       -- message id of the receipt, or hash of the raw text
    received_at  TEXT NOT NULL,
    raw          TEXT NOT NULL,
    state        TEXT NOT NULL,              -- new | applied | kept | quarantined
    error        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX inbox_state ON inbox (state, received_at);

CREATE TABLE receipt (
    id           TEXT PRIMARY KEY,           -- id of its inbox entry
    document_id  TEXT NOT NULL,
    message_type TEXT NOT NULL,              -- RESPONSE | OPB200 | OPB211
    result       TEXT NOT NULL,              -- manageResult or DealFlag
    at           TEXT NOT NULL,              -- manageDate as customs gave it, stored UTC
    received_at  TEXT NOT NULL,
    applied      BIGINT NOT NULL,            -- 1: it moved the state
    remark       TEXT NOT NULL DEFAULT '',
    notes        TEXT NOT NULL               -- JSON array of CheckInfo notes
);
CREATE INDEX receipt_document ON receipt (document_id, received_at);

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
