-- Signing in: links, sessions, captchas, and how often something was tried.
-- The SQLite twin of this file must stay the same statement by statement.

-- A link by which a user chooses a password; once.
CREATE TABLE invitation (
    token_hash  TEXT PRIMARY KEY,            -- sha-256 of the token in the link
    user_id     TEXT NOT NULL REFERENCES app_user (id),
    expires_at  TEXT NOT NULL
);
CREATE INDEX invitation_by_user ON invitation (user_id);
CREATE INDEX invitation_expiry ON invitation (expires_at);

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
