//! Users, delegations and enterprises as 系统管理 shows and sends them. What only the server may know (password hashes,
//! tokens that were given out) has no type here.

use serde::{Deserialize, Serialize};

use crate::account::model::Enterprise;
use crate::account::rights::{Role, Scope};
use crate::text::{Text, text};

/// A user of one's enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: String,
    pub version: i64,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub disabled: bool,
    /// Has not chosen a password yet.
    pub invited: bool,
    /// Live sessions.
    pub sessions: i64,
    /// Last use of a live session; empty without one.
    pub last_seen_at: String,
}

impl User {
    /// What stands in the column 状态.
    pub const fn standing(&self) -> Text {
        if self.disabled {
            text("已停用", "Disabled")
        } else if self.invited {
            text("待设置密码", "No password yet")
        } else {
            text("正常", "Active")
        }
    }
}

/// A user to be added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
}

/// A user that was changed: all of it, over the version that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveUser {
    pub id: String,
    pub base: i64,
    pub name: String,
    pub roles: Vec<Role>,
    pub disabled: bool,
}

/// What a delegation is worth on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The agent has not accepted it.
    Offered,
    /// Accepted, and its first day is to come.
    Coming,
    InForce,
    /// Its last day is over.
    Over,
    /// One of the two ended it.
    Ended,
    /// The agent never accepted it and one of the two took it back.
    Declined,
}

impl Standing {
    pub const fn label(self) -> Text {
        match self {
            Self::Offered => text("待对方接受", "To be accepted"),
            Self::Coming => text("未到起始日", "Not yet begun"),
            Self::InForce => text("有效", "In force"),
            Self::Over => text("已到期", "Over"),
            Self::Ended => text("已终止", "Ended"),
            Self::Declined => text("未接受", "Not accepted"),
        }
    }

    /// True while either may still end it.
    pub const fn can_end(self) -> bool {
        matches!(self, Self::Offered | Self::Coming | Self::InForce)
    }
}

/// A delegation, as either of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    pub id: String,
    pub agent: Enterprise,
    pub principal: Enterprise,
    /// First and last day, `yyyy-mm-dd`.
    pub from: String,
    pub to: String,
    pub scope: Scope,
    pub standing: Standing,
    pub offered_at: String,
    pub offered_by: String,
    /// Empty before.
    pub accepted_at: String,
    pub accepted_by: String,
    /// Empty before.
    pub ended_at: String,
    pub ended_by: String,
}

/// A delegation to be offered to an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub agent_code: String,
    pub from: String,
    pub to: String,
    pub scope: Scope,
}

/// 企业信用等级, as customs grades enterprises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditGrade {
    /// 高级认证企业
    Advanced,
    /// 一般信用
    #[default]
    Regular,
    /// 失信企业: may not file.
    Untrusted,
}

impl CreditGrade {
    pub const ALL: [Self; 3] = [Self::Advanced, Self::Regular, Self::Untrusted];

    /// Code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Advanced => "advanced",
            Self::Regular => "regular",
            Self::Untrusted => "untrusted",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grade| grade.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Advanced => text("高级认证企业", "Advanced certified"),
            Self::Regular => text("一般信用企业", "Regular"),
            Self::Untrusted => text("失信企业", "Untrusted"),
        }
    }
}

/// An enterprise as the operator of the service keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    pub enterprise: Enterprise,
    pub grade: CreditGrade,
    /// 涉案: under investigation, may not file.
    pub open_case: bool,
    /// Enters for others (预录入机构, 报关行).
    pub is_agent: bool,
    /// Users that are not disabled.
    #[serde(default)]
    pub users: i64,
}

/// What the own enterprise is, for its administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub own: Registered,
    pub users: Vec<User>,
    pub delegations: Vec<Delegation>,
}
