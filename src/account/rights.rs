//! What people may do: rights, the roles that give them, and how far a delegation lets an agent go. Pure, both sides ask.
//! Which function needs which right stands in `server::access`; who has which role, in the database.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Text, text};

/// Something a function may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// 查询: read, print and download.
    Query,
    /// 录入: enter, change, import and delete what is not declared.
    Enter,
    /// 申报: declare, register, withdraw.
    Declare,
    /// 系统管理: the users and delegations of the own enterprise.
    Manage,
    /// 服务运营: the enterprises of the whole service.
    Operate,
}

impl Right {
    pub const ALL: [Self; 5] = [Self::Query, Self::Enter, Self::Declare, Self::Manage, Self::Operate];

    pub const fn label(self) -> Text {
        match self {
            Self::Query => text("查询", "query"),
            Self::Enter => text("录入", "enter"),
            Self::Declare => text("申报", "declare"),
            Self::Manage => text("系统管理", "manage users"),
            Self::Operate => text("服务运营", "operate the service"),
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of rights.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Right>", into = "Vec<Right>")]
pub struct Rights(u8);

impl Rights {
    pub const NONE: Self = Self(0);

    pub const fn of<const N: usize>(rights: [Right; N]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < N {
            bits |= rights[at].bit();
            at += 1;
        }
        Self(bits)
    }

    pub const fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn list(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.has(*right))
    }
}

impl From<Vec<Right>> for Rights {
    fn from(rights: Vec<Right>) -> Self {
        rights.into_iter().fold(Self::NONE, |all, right| Self(all.0 | right.bit()))
    }
}

impl From<Rights> for Vec<Right> {
    fn from(rights: Rights) -> Self {
        rights.list().collect()
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.list()).finish()
    }
}

/// What a user is in the enterprise. One user may have several: their rights add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 管理员
    Admin,
    /// 申报员
    Declarant,
    /// 录入员
    Clerk,
    /// 查询员
    Reader,
    /// 运营员: of the service itself. Given by the command line only.
    Operator,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Admin, Self::Declarant, Self::Clerk, Self::Reader, Self::Operator];
    /// Those an administrator of an enterprise gives.
    pub const GIVEN: [Self; 4] = [Self::Admin, Self::Declarant, Self::Clerk, Self::Reader];

    /// As in the database, on the command line and in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Declarant => "declarant",
            Self::Clerk => "clerk",
            Self::Reader => "reader",
            Self::Operator => "operator",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Admin => text("管理员", "Administrator"),
            Self::Declarant => text("申报员", "Declarant"),
            Self::Clerk => text("录入员", "Clerk"),
            Self::Reader => text("查询员", "Reader"),
            Self::Operator => text("运营员", "Operator of the service"),
        }
    }

    /// What the role is for, where it is given.
    pub const fn meaning(self) -> Text {
        match self {
            Self::Admin => {
                text("管理本企业的用户和委托，可查询", "Keeps users and delegations of the enterprise; reads")
            }
            Self::Declarant => text("可查询、录入和申报", "Reads, enters and declares"),
            Self::Clerk => text("可查询和录入，不能申报", "Reads and enters; does not declare"),
            Self::Reader => text("只能查询、打印和导出", "Reads, prints and exports only"),
            Self::Operator => text("登记企业及其信用等级", "Registers enterprises and their grades"),
        }
    }

    pub const fn rights(self) -> Rights {
        match self {
            Self::Admin => Rights::of([Right::Query, Right::Manage]),
            Self::Declarant => Rights::of([Right::Query, Right::Enter, Right::Declare]),
            Self::Clerk => Rights::of([Right::Query, Right::Enter]),
            Self::Reader => Rights::of([Right::Query]),
            Self::Operator => Rights::of([Right::Operate]),
        }
    }
}

/// Roles as the database keeps them.
pub fn roles_text(roles: &[Role]) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(",")
}

/// Roles out of the database. A code nobody knows gives nothing.
pub fn roles_of(stored: &str) -> Vec<Role> {
    stored.split(',').filter_map(Role::from_code).collect()
}

/// What several roles give together.
pub fn rights_of(roles: &[Role]) -> Rights {
    roles.iter().fold(Rights::NONE, |all, role| all.or(role.rights()))
}

/// How far a delegation lets an agent go; each includes the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// 查询
    #[default]
    Query,
    /// 录入
    Enter,
    /// 申报
    Declare,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Query, Self::Enter, Self::Declare];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Enter => "enter",
            Self::Declare => "declare",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Query => text("查询", "Query"),
            Self::Enter => text("录入（含查询）", "Enter and query"),
            Self::Declare => text("申报（含录入、查询）", "Declare, enter and query"),
        }
    }

    pub const fn rights(self) -> Rights {
        match self {
            Self::Query => Rights::of([Right::Query]),
            Self::Enter => Rights::of([Right::Query, Right::Enter]),
            Self::Declare => Rights::of([Right::Query, Right::Enter, Right::Declare]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_a_right_by_a_slip() {
        // A clerk who could declare, or an agent who could keep users, would be found out only by customs.
        for role in Role::ALL {
            assert_eq!(role.rights().has(Right::Declare), role == Role::Declarant, "{role:?}");
            assert_eq!(role.rights().has(Right::Manage), role == Role::Admin, "{role:?}");
            assert_eq!(role.rights().has(Right::Operate), role == Role::Operator, "{role:?}");
            assert_eq!(roles_of(role.code()), [role]);
        }
        for scope in Scope::ALL {
            let beyond = [Right::Manage, Right::Operate].into_iter().any(|right| scope.rights().has(right));
            assert!(!beyond, "{scope:?}");
            assert_eq!(Scope::from_code(scope.code()), Some(scope));
        }
        assert_eq!(roles_of("root,,clerk "), [], "an unknown code gives nothing, a misspelt one neither");
        assert_eq!(rights_of(&roles_of(&roles_text(&Role::GIVEN))), rights_of(&Role::GIVEN));
        let both = rights_of(&[Role::Clerk, Role::Admin]);
        assert!(both.has(Right::Enter) && both.has(Right::Manage) && !both.has(Right::Declare));
        let text = serde_json::to_string(&both).unwrap();
        assert_eq!(text, r#"["query","enter","manage"]"#);
        assert_eq!(serde_json::from_str::<Rights>(&text).unwrap(), both);
    }
}
