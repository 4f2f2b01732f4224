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

-- An enterprise lets an agent act for it; nothing holds before the agent accepted, and either may end it.
CREATE TABLE delegation (
    id              TEXT PRIMARY KEY,
    agent_code      TEXT NOT NULL REFERENCES enterprise (code),
    principal_code  TEXT NOT NULL REFERENCES enterprise (code),
    valid_from      TEXT NOT NULL,           -- first day, yyyy-mm-dd
    valid_to        TEXT NOT NULL,           -- last day
    scope           TEXT NOT NULL,           -- account::rights::Scope: query | enter | declare
    offered_at      TEXT NOT NULL,
    offered_by      TEXT NOT NULL,           -- login, or 'system'
    accepted_at     TEXT NOT NULL DEFAULT '',
    accepted_by     TEXT NOT NULL DEFAULT '',
    ended_at        TEXT NOT NULL DEFAULT '',
    ended_by        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX delegation_principal ON delegation (principal_code, offered_at);
CREATE INDEX delegation_agent ON delegation (agent_code, offered_at);

-- What holds, on the days it is for.
CREATE VIEW delegation_in_force AS
    SELECT agent_code, principal_code, valid_from, valid_to, scope FROM delegation WHERE accepted_at <> '' AND ended_at = '';

CREATE TABLE app_user (
    id               TEXT PRIMARY KEY,
    login            TEXT NOT NULL UNIQUE,   -- lower case
    version          BIGINT NOT NULL DEFAULT 1, -- of what an administrator keeps: name, roles, disabled
    name             TEXT NOT NULL,
    password_hash    TEXT NOT NULL,          -- argon2 PHC string; empty before the user chose one
    must_renew       BIGINT NOT NULL DEFAULT 0, -- 1: somebody else knows the password, it is changed at the next sign-in
    enterprise_code  TEXT NOT NULL REFERENCES enterprise (code),
    roles            TEXT NOT NULL DEFAULT '',  -- account::rights::Role, with commas between
    disabled         BIGINT NOT NULL DEFAULT 0,
    preferences      TEXT NOT NULL DEFAULT '{}',
    email            TEXT NOT NULL DEFAULT '',  -- where reminders go; empty for nowhere
    draft_secret     TEXT NOT NULL DEFAULT '',  -- what browsers derive the key of their journal from; made at the first sign-in
    created_at       TEXT NOT NULL
);
CREATE INDEX app_user_enterprise ON app_user (enterprise_code, login);

-- What is typed and not saved, of browsers that can keep nothing safely themselves (src/unsaved).
CREATE TABLE unsaved (
    user_id     TEXT NOT NULL REFERENCES app_user (id),
    name        TEXT NOT NULL,               -- which text of which document
    text        TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE INDEX unsaved_age ON unsaved (updated_at);

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

-- A filing, later also a write-off or an entry: what all documents share. A field of the head that has the name of
-- a column is copied into it, so that lists can filter and sort by it; names are cut to 100 characters.
CREATE TABLE document (
    id              TEXT PRIMARY KEY,        -- UUIDv7, made by the browser
    operator_code   TEXT NOT NULL,           -- 经营单位: whose document it is; never changes
    kind            TEXT NOT NULL,           -- key of its kind: filing
    list            TEXT NOT NULL,           -- key of the query list in which it stands
    status          TEXT NOT NULL,           -- document::Status::code
    version         BIGINT NOT NULL,         -- +1 with every write to the document or its rows
    head_version    BIGINT NOT NULL,         -- version of the last write to the head
    seq_no          TEXT NOT NULL,           -- 统一编号
    internal_no     TEXT NOT NULL,           -- 企业内部编号
    book_no         TEXT NOT NULL DEFAULT '',-- 账册编号
    decl_type       TEXT NOT NULL,           -- 申报类型: 1 备案 2 变更
    change_seq      BIGINT NOT NULL DEFAULT 0, -- 变更次数
    base_id         TEXT NOT NULL DEFAULT '',-- the document a change was made of
    root_id         TEXT NOT NULL,           -- the first document of the chain of changes: row numbers are counted there
    in_force        BIGINT NOT NULL DEFAULT 0, -- 1: customs works by this one
    extensions      BIGINT NOT NULL DEFAULT 0, -- how often the validity was extended, up to and with this document
    operator_name   TEXT NOT NULL DEFAULT '',
    processor_name  TEXT NOT NULL DEFAULT '',
    master_customs  TEXT NOT NULL DEFAULT '',
    currency        TEXT NOT NULL DEFAULT '',
    export_total    BIGINT NOT NULL DEFAULT 0, -- in hundredths, so that their order is that of numbers
    reimport_total  BIGINT NOT NULL DEFAULT 0,
    declarant_code  TEXT NOT NULL DEFAULT '',-- 申报单位
    input_code      TEXT NOT NULL DEFAULT '',-- 录入单位
    input_date      TEXT NOT NULL DEFAULT '',-- yyyy-mm-dd, Asia/Shanghai
    valid_to        TEXT NOT NULL DEFAULT '',
    entry_no        TEXT NOT NULL DEFAULT '',-- 报关单号, once customs gave it or it was registered
    registered_no   TEXT NOT NULL DEFAULT '',-- 登记报关单号, as it is typed: a draft has it too
    contract_no     TEXT NOT NULL DEFAULT '',
    declared_at     TEXT NOT NULL DEFAULT '',
    approved_at     TEXT NOT NULL DEFAULT '',
    declare_round   BIGINT NOT NULL DEFAULT 0, -- how often it was declared
    receipt_count   BIGINT NOT NULL DEFAULT 0, -- kept by the exchange
    created_by      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    head            TEXT NOT NULL,           -- the head as JSON; last, so that lists need not read over it
    UNIQUE (operator_code, id),
    UNIQUE (operator_code, seq_no)
);
CREATE UNIQUE INDEX document_internal_no ON document (operator_code, kind, internal_no, change_seq);
CREATE UNIQUE INDEX document_entry_no ON document (operator_code, entry_no) WHERE entry_no <> '';
CREATE INDEX document_registered_no ON document (operator_code, registered_no) WHERE registered_no <> '';
-- Numbers are found by how they begin, in small letters or capitals.
CREATE INDEX document_internal_begins ON document (operator_code, (UPPER(internal_no)) COLLATE "C");
CREATE INDEX document_contract_begins ON document (operator_code, (UPPER(contract_no)) COLLATE "C") WHERE contract_no <> '';
-- 待办: what is in hand, and since when customs has it.
CREATE INDEX document_open ON document (operator_code, status, declared_at, id);
CREATE INDEX document_book ON document (operator_code, list, book_no, id);
CREATE INDEX document_newest ON document (operator_code, list, id);
-- What changed lately: open pages are told.
CREATE INDEX document_changed ON document (updated_at);
-- Everything the query list filters and sorts by: it reads the heads of one page and no others.
CREATE INDEX document_list ON document (operator_code, list, id, kind, status, book_no, seq_no, internal_no, decl_type,
    change_seq, input_date, valid_to, entry_no, registered_no, declared_at, operator_name, processor_name, master_customs, currency,
    export_total, reimport_total);

CREATE TABLE document_row (
    operator_code  TEXT NOT NULL,
    id             TEXT NOT NULL,            -- UUIDv7, made by the browser
    document_id    TEXT NOT NULL,
    section        TEXT NOT NULL,            -- key of the list: exports
    seq            BIGINT NOT NULL,          -- 商品序号
    version        BIGINT NOT NULL,          -- document version of its last write
    mark           TEXT NOT NULL DEFAULT '0',-- 修改标志: 0 未修改 1 修改 2 删除 3 增加
    material_no    TEXT NOT NULL DEFAULT '', -- 商品料号
    content        TEXT NOT NULL,            -- the row as JSON
    PRIMARY KEY (operator_code, id),
    UNIQUE (operator_code, document_id, section, seq),
    FOREIGN KEY (operator_code, document_id) REFERENCES document (operator_code, id) ON DELETE CASCADE
);

CREATE INDEX document_row_material ON document_row (operator_code, (UPPER(material_no)) COLLATE "C") WHERE material_no <> '';

-- The highest row number given so far. A number is never given again, also not after a deletion.
CREATE TABLE row_number (
    operator_code  TEXT NOT NULL,
    root_id        TEXT NOT NULL,            -- document.root_id: all changes of a book count on together
    section        TEXT NOT NULL,
    last           BIGINT NOT NULL,
    PRIMARY KEY (operator_code, root_id, section)
);

-- Numbers of deleted rows: a row that is brought back gets its own again.
CREATE TABLE deleted_row (
    operator_code  TEXT NOT NULL,
    document_id    TEXT NOT NULL,
    id             TEXT NOT NULL,
    section        TEXT NOT NULL,
    seq            BIGINT NOT NULL,
    PRIMARY KEY (operator_code, document_id, id),
    FOREIGN KEY (operator_code, document_id) REFERENCES document (operator_code, id) ON DELETE CASCADE
);

-- 账册: what customs keeps under one number. Its row is the lock for all that must be serial for a book.
CREATE TABLE account_book (
    operator_code  TEXT NOT NULL,
    book_no        TEXT NOT NULL,
    in_force_id    TEXT NOT NULL,            -- the document customs works by
    valid_from     TEXT NOT NULL,            -- yyyy-mm-dd
    valid_to       TEXT NOT NULL,
    currency       TEXT NOT NULL,
    partner        TEXT NOT NULL DEFAULT '', -- 境外加工企业, of the filing in force
    country        TEXT NOT NULL DEFAULT '', -- 加工国(地区)
    life           TEXT NOT NULL,            -- account_book::Life::code
    written_to     TEXT NOT NULL DEFAULT '', -- 报核截止日期 of the last write-off that was approved
    writeoffs      BIGINT NOT NULL DEFAULT 0,-- how many were
    writing_to     TEXT NOT NULL DEFAULT '', -- that of the one customs is looking at
    writing_closes BIGINT NOT NULL DEFAULT 0,-- 1: and that one ends the book
    urged_on       TEXT NOT NULL DEFAULT '', -- when customs urged to write it off; empty once that was done
    urge_due       TEXT NOT NULL DEFAULT '', -- 应报核日期 of that
    version        BIGINT NOT NULL,
    PRIMARY KEY (operator_code, book_no)
);
-- What ends soon: of an enterprise, and, for reminders, of all.
CREATE INDEX account_book_open ON account_book (operator_code, valid_to);
CREATE INDEX account_book_ends ON account_book (life, valid_to, operator_code, book_no);
CREATE INDEX account_book_urged ON account_book (operator_code, book_no) WHERE urged_on <> '';

-- 台账: what the entries of a book reserved, booked, released and reversed. Lines are only ever added.
CREATE TABLE ledger_line (
    operator_code  TEXT NOT NULL,
    entry_id       TEXT NOT NULL,            -- document of the entry
    round          BIGINT NOT NULL,          -- declare_round of the entry: one declaration
    turn           BIGINT NOT NULL,          -- 1 reserved, 2 booked or released, 3 reversed
    item           BIGINT NOT NULL,          -- 项号
    book_no        TEXT NOT NULL,
    deed           TEXT NOT NULL,            -- ledger::model::Deed::code
    side           TEXT NOT NULL,            -- ledger::model::Side::code
    goods_seq      BIGINT NOT NULL,          -- 商品序号 in the book
    hs_code        TEXT NOT NULL DEFAULT '', -- 商品编号 as declared
    qty            TEXT NOT NULL,            -- decimal
    amount         TEXT NOT NULL,            -- decimal, in the currency of the book
    own_amount     TEXT NOT NULL,            -- the same in that of the entry
    currency       TEXT NOT NULL,            -- of the entry
    entry_no       TEXT NOT NULL,            -- 报关单号, as far as it was known
    value_date     TEXT NOT NULL,            -- 进出口日期
    at             TEXT NOT NULL,
    PRIMARY KEY (operator_code, entry_id, round, turn, item)
);
CREATE INDEX ledger_line_goods ON ledger_line (operator_code, book_no, side, goods_seq, at DESC, entry_id DESC, round DESC,
    turn DESC, item);
-- In the order of the page: it reads one page and sorts nothing.
CREATE INDEX ledger_line_book ON ledger_line (operator_code, book_no, at DESC, entry_id DESC, round DESC, turn DESC, item);

-- What each entry has in the ledger now, kept with its lines: what a write-off has to account for is found here.
CREATE TABLE ledger_entry (
    operator_code  TEXT NOT NULL,
    entry_id       TEXT NOT NULL,            -- document of the entry
    book_no        TEXT NOT NULL,
    round          BIGINT NOT NULL,          -- declare_round of the entry
    booked         BIGINT NOT NULL,          -- 0: under way
    entry_no       TEXT NOT NULL,            -- 报关单号, as far as it was known
    name           TEXT NOT NULL,            -- how people call it
    way            TEXT NOT NULL,            -- E export, I re-import
    value_date     TEXT NOT NULL,            -- 进出口日期, or the day on which it was booked
    exported       TEXT NOT NULL,            -- decimals, in the currency of the book
    exempt         TEXT NOT NULL,
    taxed          TEXT NOT NULL,
    writeoff_id    TEXT NOT NULL DEFAULT '', -- document of the write-off that accounted for it
    PRIMARY KEY (operator_code, entry_id)
);
-- For 统计: how many, and from when to when goods were abroad.
CREATE INDEX ledger_entry_days ON ledger_entry (operator_code, booked, value_date, book_no, way);
CREATE INDEX ledger_entry_due ON ledger_entry (operator_code, book_no, writeoff_id, value_date);
CREATE INDEX ledger_entry_no ON ledger_entry (operator_code, entry_no) WHERE entry_no <> '';

-- The sums of the lines, kept with every line; `opbook ledger check` holds them against the lines.
CREATE TABLE ledger_sum (
    operator_code  TEXT NOT NULL,
    book_no        TEXT NOT NULL,
    side           TEXT NOT NULL,
    goods_seq      BIGINT NOT NULL,
    reserved_qty   TEXT NOT NULL,            -- declared, not decided
    reserved       TEXT NOT NULL,
    booked_qty     TEXT NOT NULL,            -- 已核注
    booked         TEXT NOT NULL,
    entry          TEXT NOT NULL,            -- number of the entry that moved it last
    lines          BIGINT NOT NULL DEFAULT 0,-- how many lines it is the sum of
    PRIMARY KEY (operator_code, book_no, side, goods_seq)
);

-- 统计: what was booked, by month of 进出口日期. Kept with every line that books or reverses; whole numbers, so that a database
-- adds them up without loss.
CREATE TABLE ledger_month (
    operator_code  TEXT NOT NULL,
    month          TEXT NOT NULL,            -- yyyy-mm
    book_no        TEXT NOT NULL,
    side           TEXT NOT NULL,
    hs_code        TEXT NOT NULL,
    cents          BIGINT NOT NULL,          -- hundredths, in the currency of the book
    lines          BIGINT NOT NULL,
    PRIMARY KEY (operator_code, book_no, month, side, hs_code)
);

CREATE TABLE number_series (
    name  TEXT PRIMARY KEY,
    last  BIGINT NOT NULL
);

CREATE TABLE audit (
    operator_code  TEXT NOT NULL,
    id             TEXT NOT NULL,
    document_id    TEXT NOT NULL,            -- kept when the document is deleted
    at             TEXT NOT NULL,
    actor          TEXT NOT NULL,            -- login, or 'customs', 'system'
    action         TEXT NOT NULL,
    detail         TEXT NOT NULL,            -- JSON
    PRIMARY KEY (operator_code, id)
);
CREATE INDEX audit_document ON audit (operator_code, document_id, at);

-- Saves of browsers, by the number the browser gave each: one that comes twice, or late, is done once.
CREATE TABLE operation (
    document_id  TEXT NOT NULL,            -- kept when the document is deleted
    op           BIGINT NOT NULL,
    version      BIGINT NOT NULL,          -- of the document, as the operation left it
    at           TEXT NOT NULL,
    PRIMARY KEY (document_id, op)
);
CREATE INDEX operation_age ON operation (at);

CREATE TABLE outbox (
    message_id     TEXT PRIMARY KEY,         -- the same when sent again: customs recognises it
    operator_code  TEXT NOT NULL,
    document_id    TEXT NOT NULL,
    message_type   TEXT NOT NULL,            -- OPB111
    body           TEXT NOT NULL,            -- the XML
    state          TEXT NOT NULL,            -- waiting | sent | refused
    attempts       BIGINT NOT NULL DEFAULT 0,
    next_at        TEXT NOT NULL,            -- not before
    leased_until   TEXT NOT NULL DEFAULT '',
    created_at     TEXT NOT NULL,
    sent_at        TEXT NOT NULL DEFAULT '',
    last_error     TEXT NOT NULL DEFAULT ''
);
-- The worker sends for everybody.
CREATE INDEX outbox_state ON outbox (state, next_at);
CREATE INDEX outbox_document ON outbox (operator_code, document_id);

-- Work that is owed and done later, once, by whichever process comes first.
CREATE TABLE job (
    id             TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,            -- who carries it out
    dedupe_key     TEXT NOT NULL UNIQUE,     -- what is to happen once
    operator_code  TEXT NOT NULL,            -- empty for work of the program itself
    document_id    TEXT NOT NULL,
    run_at         TEXT NOT NULL,            -- not before
    leased_until   TEXT NOT NULL DEFAULT '',
    attempts       BIGINT NOT NULL DEFAULT 0,
    state          TEXT NOT NULL,            -- waiting | done | given_up
    last_error     TEXT NOT NULL DEFAULT '',
    created_at     TEXT NOT NULL,
    done_at        TEXT NOT NULL DEFAULT ''
);
-- The worker works for everybody.
CREATE INDEX job_due ON job (state, run_at);
-- For the sweep.
CREATE INDEX job_over ON job (done_at) WHERE state <> 'waiting';

-- 系统提醒: what people were reminded of, each matter once.
CREATE TABLE reminder (
    operator_code  TEXT NOT NULL,
    id             TEXT NOT NULL,            -- UUIDv7
    matter         TEXT NOT NULL UNIQUE,     -- begins with the enterprise: 3101910001:book:P…:2026-12-01
    document_id    TEXT NOT NULL,
    kind           TEXT NOT NULL,            -- of the document
    name           TEXT NOT NULL,            -- how people call it
    told           TEXT NOT NULL,
    told_en        TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (operator_code, id)
);

CREATE INDEX reminder_latest ON reminder (operator_code, at);
CREATE INDEX reminder_at ON reminder (at);

-- A reminder as mail to one user. Those written together go out as one mail.
CREATE TABLE reminder_mail (
    operator_code  TEXT NOT NULL,
    reminder_id    TEXT NOT NULL,
    user_id        TEXT NOT NULL,
    mail           TEXT NOT NULL,            -- key of the job that sends it
    state          TEXT NOT NULL,            -- remind::model::Mailed::code
    told           TEXT NOT NULL DEFAULT '', -- what the server for mail said last
    tries          BIGINT NOT NULL DEFAULT 0,
    at             TEXT NOT NULL,
    PRIMARY KEY (operator_code, reminder_id, user_id),
    FOREIGN KEY (operator_code, reminder_id) REFERENCES reminder (operator_code, id) ON DELETE CASCADE
);
CREATE INDEX reminder_mail_mail ON reminder_mail (mail);

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
    operator_code  TEXT NOT NULL,
    id             TEXT NOT NULL,            -- id of its inbox entry
    document_id    TEXT NOT NULL,
    message_type   TEXT NOT NULL,            -- RESPONSE | OPB200 | OPB211
    result         TEXT NOT NULL,            -- manageResult or DealFlag
    at             TEXT NOT NULL,            -- manageDate as customs gave it, stored UTC
    received_at    TEXT NOT NULL,
    applied        BIGINT NOT NULL,          -- 1: it moved the state
    remark         TEXT NOT NULL DEFAULT '',
    notes          TEXT NOT NULL,            -- JSON array of CheckInfo notes
    PRIMARY KEY (operator_code, id)
);
-- For 统计: what was sent back, and why.
CREATE INDEX receipt_result ON receipt (operator_code, result, received_at);
CREATE INDEX receipt_document ON receipt (operator_code, document_id, received_at);

-- Uploaded rows between their report and their import: read, shown to the user, not yet in the document.
CREATE TABLE pending_import (
    id           TEXT PRIMARY KEY,
    document_id  TEXT REFERENCES document (id) ON DELETE CASCADE, -- NULL for a list of entries
    user_id      TEXT NOT NULL,              -- nobody else sees or applies it
    file_name    TEXT NOT NULL,
    content      TEXT NOT NULL,              -- the cells as JSON
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    applied      TEXT NOT NULL DEFAULT ''    -- JSON of what was imported, once it was
);
CREATE INDEX pending_import_document ON pending_import (document_id, user_id);
CREATE INDEX pending_import_user ON pending_import (user_id, id);
CREATE INDEX pending_import_expiry ON pending_import (expires_at);

-- 随附单据: what is known of each file; the files themselves are in the store of OPBOOK_STORAGE.
CREATE TABLE attachment (
    id             TEXT PRIMARY KEY,         -- UUIDv7, made by the browser
    operator_code  TEXT NOT NULL,
    document_id    TEXT NOT NULL,
    seq            BIGINT NOT NULL,          -- 随附单证序号
    version        BIGINT NOT NULL,          -- document version of its last 暂存
    received       BIGINT NOT NULL DEFAULT 0,-- bytes of the file that are in the store
    object         TEXT NOT NULL DEFAULT '', -- name of the whole file in the store, random; empty until 已上传
    content        TEXT NOT NULL,            -- the record as JSON
    UNIQUE (operator_code, document_id, seq),
    FOREIGN KEY (operator_code, document_id) REFERENCES document (operator_code, id) ON DELETE CASCADE
);

-- A change shares the files of what it changes; the others are looked for before a file is removed.
CREATE INDEX attachment_object ON attachment (object);

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

-- 常用模板: heads and sets of rows that an enterprise uses again.
CREATE TABLE template (
    id               TEXT PRIMARY KEY,       -- UUIDv7, made by the browser
    enterprise_code  TEXT NOT NULL REFERENCES enterprise (code),
    document_kind    TEXT NOT NULL,          -- kind of document it is for
    section          TEXT NOT NULL,          -- head, or key of a list
    name             TEXT NOT NULL,
    row_count        BIGINT NOT NULL,        -- 1 for a head
    content          TEXT NOT NULL,          -- what can be typed, as JSON: a head, or an array of rows
    updated_at       TEXT NOT NULL,
    updated_by       TEXT NOT NULL,          -- login
    UNIQUE (enterprise_code, document_kind, section, name)
);
