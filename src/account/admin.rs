//! Keeping users, enterprises and delegations: what the command line and the demonstration data do.
//! No server function leads here.

use chrono::NaiveDate;

use super::model::Enterprise;
use super::password;
use super::rules::{customs_code_fault, normalise_code, uscc_fault};
use super::service::normalise_login;
use super::store::{self, User};
use crate::form::show_date;
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::text::{Message, text};

/// 企业信用等级, as customs grades enterprises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditGrade {
    /// 高级认证企业
    Advanced,
    /// 一般信用
    Regular,
    /// 失信企业: may not file.
    Untrusted,
}

impl CreditGrade {
    /// Code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Advanced => "advanced",
            Self::Regular => "regular",
            Self::Untrusted => "untrusted",
        }
    }
}

/// Adds a user.
///
/// # Errors
/// `Refused` when the login is taken or has a wrong form, the password is weak, or the enterprise unknown.
pub async fn add_user(
    db: &Db,
    login: &str,
    name: &str,
    enterprise_code: &str,
    new_password: String,
) -> Result<(), Failure> {
    let login = normalise_login(login);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if !(2..=32).contains(&login.len()) || !login.bytes().all(plain) {
        return Err(Failure::refused(text(
            "用户名应为2至32位小写字母、数字、点、下划线或连字符",
            "A user name has 2 to 32 letters, digits, points, underscores or hyphens",
        )));
    }
    if let Some(fault) = password::fault(&new_password, &login) {
        return Err(Failure::refused(fault));
    }
    let enterprise_code = known_enterprise(db, enterprise_code).await?.code;
    let user = User {
        id: uuid::Uuid::now_v7().to_string(),
        name: if name.trim().is_empty() { login.clone() } else { name.trim().to_owned() },
        password_hash: password::hash(new_password).await?,
        login,
        enterprise_code,
        disabled: false,
    };
    let mut tx = db.begin().await?;
    if !store::add_user(&mut tx, &user, &db.clock.stamp()).await? {
        return Err(Failure::refused(Message::new(
            format!("用户名{}已被使用，请换一个", user.login),
            format!("There is a user {} already; choose another name", user.login),
        )));
    }
    Ok(tx.commit().await?)
}

/// Sets a user's password and ends the user's sessions.
///
/// # Errors
/// `Refused` when there is no such user or the password is weak.
pub async fn set_password(db: &Db, login: &str, new_password: String) -> Result<(), Failure> {
    let user = known_user(db, login).await?;
    if let Some(fault) = password::fault(&new_password, &user.login) {
        return Err(Failure::refused(fault));
    }
    let hash = password::hash(new_password).await?;
    let mut tx = db.begin().await?;
    store::set_password(&mut tx, &user.id, &hash).await?;
    store::end_sessions_of_user(&mut tx, &user.id).await?;
    Ok(tx.commit().await?)
}

/// Shuts a user out and ends the user's sessions, or lets the user in again.
///
/// # Errors
/// `Refused` when there is no such user.
pub async fn set_disabled(db: &Db, login: &str, disabled: bool) -> Result<(), Failure> {
    let user = known_user(db, login).await?;
    let mut tx = db.begin().await?;
    store::set_disabled(&mut tx, &user.id, disabled).await?;
    if disabled {
        store::end_sessions_of_user(&mut tx, &user.id).await?;
    }
    Ok(tx.commit().await?)
}

/// Adds an enterprise to the look-up; users may belong to it. False when its code is taken already.
///
/// # Errors
/// `Refused` when a code has a wrong form.
pub async fn add_enterprise(
    db: &Db,
    enterprise: &Enterprise,
    grade: CreditGrade,
    is_agent: bool,
) -> Result<bool, Failure> {
    let enterprise = Enterprise {
        code: normalise_code(&enterprise.code),
        uscc: normalise_code(&enterprise.uscc),
        name: enterprise.name.trim().to_owned(),
    };
    if let Some(fault) = customs_code_fault(&enterprise.code).or_else(|| uscc_fault(&enterprise.uscc)) {
        return Err(Failure::refused(fault));
    }
    if enterprise.name.is_empty() {
        return Err(Failure::refused(text("企业名称不能为空", "The name of the enterprise is missing")));
    }
    let mut tx = db.begin().await?;
    let kind = if is_agent { "agent" } else { "enterprise" };
    let added = store::add_enterprise(&mut tx, &enterprise, grade.code(), kind).await?;
    tx.commit().await?;
    Ok(added)
}

/// Lets the users of an agent act for a principal from one day to another, both included.
///
/// # Errors
/// `Refused` when an enterprise is unknown or the days are in the wrong order.
pub async fn add_delegation(
    db: &Db,
    agent: &str,
    principal: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<(), Failure> {
    let agent = known_enterprise(db, agent).await?;
    let principal = known_enterprise(db, principal).await?;
    if from > to || agent.code == principal.code {
        return Err(Failure::refused(text(
            "委托起始日期不能晚于截止日期，且双方不能是同一企业",
            "The first day must not be after the last, and the two enterprises must differ",
        )));
    }
    let mut tx = db.begin().await?;
    store::add_delegation(&mut tx, &agent.code, &principal.code, &show_date(from), &show_date(to)).await?;
    Ok(tx.commit().await?)
}

async fn known_user(db: &Db, login: &str) -> Result<User, Failure> {
    let login = normalise_login(login);
    store::user_by_login(db, &login)
        .await?
        .ok_or_else(|| Failure::refused(Message::new(format!("没有用户{login}"), format!("There is no user {login}"))))
}

async fn known_enterprise(db: &Db, code: &str) -> Result<Enterprise, Failure> {
    super::service::find_enterprise(db, code).await
}
