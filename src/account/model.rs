//! Who is signed in, enterprises, sessions, as browser and server exchange them (`account::api`). What only the
//! server may know of them (password hashes, tokens of sessions) has no type here.

use serde::{Deserialize, Serialize};

/// An enterprise in the look-up: what Enter in a party's code field fills in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enterprise {
    /// 海关注册编码, 10 characters.
    pub code: String,
    /// 统一社会信用代码, 18 characters.
    pub uscc: String,
    pub name: String,
}

/// The signed-in user, as the screen needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub login: String,
    pub name: String,
    pub enterprise: Enterprise,
    /// The enterprises this user may file for and query (可查询企业): its own first, then those
    /// that delegated to it today.
    pub acts_for: Vec<Enterprise>,
    /// JSON object of the user's preferences.
    pub preferences: String,
    /// Where reminders go as mail; empty for nowhere.
    pub email: String,
    /// True when this server can send mail.
    pub mails: bool,
    /// 32 random bytes in hexadecimal, always the same for a user: the browser derives from them the key under which it
    /// keeps what is not saved (`workspace::journal`).
    pub draft_secret: String,
}

/// What the login form sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub login: String,
    pub password: String,
    pub captcha_id: String,
    pub captcha: String,
}

/// A captcha picture. `png` is base64; empty when captchas are switched off by setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captcha {
    pub id: String,
    pub png: String,
}

/// One live session of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    pub id: String,
    pub device: String,
    pub address: String,
    pub created_at: String,
    pub last_seen_at: String,
    pub current: bool,
}
