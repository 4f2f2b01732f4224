//! Who is signed in, enterprises, sessions, as browser and server exchange them (`account::api`). What only the
//! server may know of them (password hashes, tokens of sessions) has no type here.

use serde::{Deserialize, Serialize};

use super::rights::{Right, Rights};

/// An enterprise in the look-up: what Enter in a party's code field fills in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enterprise {
    /// 海关注册编码, 10 characters.
    pub code: String,
    /// 统一社会信用代码, 18 characters.
    pub uscc: String,
    pub name: String,
}

/// An enterprise the user may do something for, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActsFor {
    pub code: String,
    pub uscc: String,
    pub name: String,
    pub rights: Rights,
}

impl ActsFor {
    pub fn new(enterprise: &Enterprise, rights: Rights) -> Self {
        let Enterprise { code, uscc, name } = enterprise.clone();
        Self { code, uscc, name, rights }
    }

    pub fn enterprise(&self) -> Enterprise {
        Enterprise { code: self.code.clone(), uscc: self.uscc.clone(), name: self.name.clone() }
    }
}

/// The signed-in user, as the screen needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub login: String,
    pub name: String,
    pub enterprise: Enterprise,
    /// The enterprises this user may do something for (可查询企业), and what: its own first, then those that delegated to
    /// it today.
    pub acts_for: Vec<ActsFor>,
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

impl Me {
    /// True when the user may do this for the enterprise of a code.
    pub fn may(&self, right: Right, enterprise_code: &str) -> bool {
        self.acts_for.iter().any(|one| one.code == enterprise_code && one.rights.has(right))
    }

    /// True when there is an enterprise for which the user may do this.
    pub fn may_somewhere(&self, right: Right) -> bool {
        self.acts_for.iter().any(|one| one.rights.has(right))
    }
}

/// What the login form sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub login: String,
    pub password: String,
    pub captcha_id: String,
    pub captcha: String,
}

/// A link by which its user chooses a password, once. Shown to who made it, and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub login: String,
    /// Behind the `#` of the address, so that no log of any server has it.
    pub token: String,
    pub expires_at: String,
}

/// Where the link of an invitation leads.
pub const JOIN: &str = "/join";

/// What a sign-in led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedIn {
    Done(Me),
    /// The password was right and somebody else knows it: another is to be chosen by this link first.
    Renew(Invitation),
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
