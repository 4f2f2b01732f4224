//! What the command line does with users, enterprises and delegations, by the services of 系统管理 (`people`). Passwords and
//! links never come from the arguments, which every user of the machine can read.

use std::io::{BufRead, IsTerminal, Write};

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::CommandError;
use crate::account::model::{Enterprise, Invitation, JOIN};
use crate::account::rights::{Role, Scope};
use crate::account::rules::normalise_code;
use crate::form::{parse_date, show_date};
use crate::people::model::{CreditGrade, NewUser, Offer, Registered};
use crate::people::service::{Keeper, delegations, enterprises, users};
use crate::people::store;
use crate::server::clock::Clock;
use crate::server::db::Db;

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a user; a password is asked for, which the user changes at the first sign-in
    Add {
        login: String,
        /// 海关注册编码 of the user's enterprise
        #[arg(long, value_name = "CODE")]
        enterprise: String,
        /// Name shown on the screen; the login when left out
        #[arg(long, default_value = "")]
        name: String,
        /// What the user may do; several with commas between
        #[arg(long = "role", value_name = "ROLE", required = true, value_delimiter = ',', value_parser = role())]
        roles: Vec<Role>,
        /// Ask for no password: print a link by which the user chooses one
        #[arg(long)]
        link: bool,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// Set a user's password and end the user's sessions; the user changes it at the next sign-in
    Passwd {
        login: String,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// End a user's sessions and password, and print a link by which the user chooses another
    Link { login: String },
    /// Set what a user may do; several roles with commas between
    Roles {
        login: String,
        #[arg(required = true, value_name = "ROLE", value_delimiter = ',', value_parser = role())]
        roles: Vec<Role>,
    },
    /// Shut a user out and end the user's sessions
    Disable { login: String },
    /// Let a disabled user in again
    Enable { login: String },
    /// List all users
    List,
}

impl User {
    /// True when a password is to be asked for.
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Add { link: false, .. } | Self::Passwd { .. })
    }
}

#[derive(Clone, Copy, Debug, Args)]
pub struct PasswordFrom {
    /// Read the password from the first line of standard input instead of asking
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum Enterprises {
    /// Add an enterprise
    Add {
        /// 海关注册编码, 10 characters
        code: String,
        /// 统一社会信用代码, 18 characters
        #[arg(long)]
        uscc: String,
        #[arg(long)]
        name: String,
        /// Credit grade
        #[arg(long, default_value = "regular", value_parser = grade())]
        grade: CreditGrade,
        /// The enterprise enters for others (预录入机构, 报关行)
        #[arg(long)]
        agent: bool,
    },
    /// Change an enterprise: only what is named
    Set {
        /// 海关注册编码, 10 characters
        code: String,
        #[arg(long)]
        uscc: Option<String>,
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_parser = grade())]
        grade: Option<CreditGrade>,
        /// 涉案: may not file while it is so
        #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
        open_case: Option<bool>,
        #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
        agent: Option<bool>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Delegation {
    /// Let the users of an agent act for an enterprise; neither is asked
    Add {
        /// 海关注册编码 of the agent
        #[arg(long, value_name = "CODE")]
        agent: String,
        /// 海关注册编码 of the enterprise it acts for
        #[arg(long, value_name = "CODE")]
        principal: String,
        /// First day, e.g. 2026-01-01; today when left out
        #[arg(long, value_name = "DATE", value_parser = date)]
        from: Option<NaiveDate>,
        /// Last day, e.g. 2026-12-31
        #[arg(long, value_name = "DATE", value_parser = date)]
        to: NaiveDate,
        /// How far it goes
        #[arg(long, default_value = "declare", value_parser = scope())]
        scope: Scope,
    },
    /// List the delegations of an enterprise, on either side
    List {
        /// 海关注册编码
        enterprise: String,
    },
    /// End a delegation at once; `list` says its number
    End { id: String },
}

/// Does with users what was asked; `password` as it was read before.
///
/// # Errors
/// Why it could not be done.
pub async fn user(db: &Db, action: User, password: String) -> Result<(), CommandError> {
    match action {
        User::Add { login, enterprise, name, roles, link, .. } => {
            let user = NewUser { login: login.clone(), name, roles };
            if link {
                told(&users::with_link(db, Keeper::SYSTEM, &enterprise, user).await?);
            } else {
                users::with_password(db, Keeper::SYSTEM, &enterprise, user, password, true).await?;
                println!("user {login} added, to change the password at the first sign-in");
            }
        }
        User::Passwd { login, .. } => {
            users::set_password(db, &login, password).await?;
            println!("password of {login} set, sessions ended; to be changed at the next sign-in");
        }
        User::Link { login } => told(&users::reset(db, Keeper::SYSTEM, &login).await?),
        User::Roles { login, roles } => {
            users::change(db, &login, |user| user.roles = roles).await?;
            println!("roles of {login} set");
        }
        User::Disable { login } => {
            users::change(db, &login, |user| user.disabled = true).await?;
            println!("user {login} disabled, sessions ended");
        }
        User::Enable { login } => {
            users::change(db, &login, |user| user.disabled = false).await?;
            println!("user {login} enabled");
        }
        User::List => {
            for (login, name, enterprise, roles, disabled) in store::all(db).await? {
                let state = if disabled { "disabled" } else { "" };
                println!("{login:<20} {enterprise} {roles:<16} {name:<12} {state}");
            }
        }
    }
    Ok(())
}

fn told(invitation: &Invitation) {
    let Invitation { login, token, expires_at } = invitation;
    println!("give {login} this link, good once until {expires_at}: <address of this server>{JOIN}#{token}");
}

/// Does with enterprises what was asked.
///
/// # Errors
/// Why it could not be done.
pub async fn enterprise(db: &Db, action: Enterprises) -> Result<(), CommandError> {
    match action {
        Enterprises::Add { code, uscc, name, grade, agent } => {
            let enterprise = Enterprise { code: code.clone(), uscc, name };
            let registered = Registered { enterprise, grade, is_agent: agent, ..Registered::default() };
            enterprises::set(db, Keeper::SYSTEM, registered, None).await?;
            println!("enterprise {code} added");
        }
        Enterprises::Set { code, uscc, name, grade, open_case, agent } => {
            let known = store::registered(db, &normalise_code(&code)).await?;
            let known = known.ok_or_else(|| CommandError::Refused(format!("there is no enterprise {code}")))?;
            let named = known.enterprise.clone();
            let wanted = Registered {
                enterprise: Enterprise {
                    uscc: uscc.unwrap_or(named.uscc),
                    name: name.unwrap_or(named.name),
                    code: named.code,
                },
                grade: grade.unwrap_or(known.grade),
                open_case: open_case.unwrap_or(known.open_case),
                is_agent: agent.unwrap_or(known.is_agent),
                users: known.users,
            };
            enterprises::set(db, Keeper::SYSTEM, wanted, Some(known)).await?;
            println!("enterprise {code} changed");
        }
    }
    Ok(())
}

/// Does with delegations what was asked.
///
/// # Errors
/// Why it could not be done.
pub async fn delegation(db: &Db, action: Delegation) -> Result<(), CommandError> {
    match action {
        Delegation::Add { agent, principal, from, to, scope } => {
            let from = show_date(from.unwrap_or_else(|| db.clock.today()));
            let offer = Offer { agent_code: agent.clone(), from, to: show_date(to), scope };
            delegations::grant(db, &principal, offer).await?;
            println!("{agent} may act for {principal} until {to}");
        }
        Delegation::List { enterprise } => {
            let today = show_date(db.clock.today());
            for known in store::delegations(db, &normalise_code(&enterprise), &today, i64::from(u16::MAX)).await? {
                println!(
                    "{}  agent {}  principal {}  {} to {}  {:<7}  {}",
                    known.id,
                    known.agent.code,
                    known.principal.code,
                    known.from,
                    known.to,
                    known.scope.code(),
                    known.standing.label().en
                );
            }
        }
        Delegation::End { id } => {
            delegations::stop(db, Keeper::SYSTEM, &id, |_| true).await?;
            println!("delegation {id} ended");
        }
    }
    Ok(())
}

/// What is typed for a role, a grade or a scope: the codes of the database, which `--help` lists.
fn role() -> impl TypedValueParser<Value = Role> {
    coded(Role::ALL.map(Role::code), Role::from_code)
}

fn grade() -> impl TypedValueParser<Value = CreditGrade> {
    coded(CreditGrade::ALL.map(CreditGrade::code), CreditGrade::from_code)
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    coded(Scope::ALL.map(Scope::code), Scope::from_code)
}

fn coded<T: Clone + Send + Sync + 'static, const N: usize>(
    codes: [&'static str; N],
    of: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(codes).try_map(move |code| of(&code).ok_or("no such code"))
}

fn yes_or_no(typed: &str) -> Result<bool, String> {
    match typed.to_ascii_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("expected yes or no".to_owned()),
    }
}

fn date(typed: &str) -> Result<NaiveDate, String> {
    parse_date(typed, Clock::default().today(), true).ok_or_else(|| "expected a date, e.g. 2026-12-31".to_owned())
}

/// The password for a user, typed twice or piped in.
///
/// # Errors
/// When it cannot be read, or was typed in two ways.
pub fn read_password(action: &User) -> Result<String, CommandError> {
    let (User::Add { password, .. } | User::Passwd { password, .. }) = action else { return Ok(String::new()) };
    let input = std::io::stdin();
    if password.password_stdin || !input.is_terminal() {
        return first_line(&mut input.lock()).map_err(CommandError::Password);
    }
    let ask = |prompt: &str| {
        print!("{prompt}");
        std::io::stdout().flush()?;
        rpassword::read_password()
    };
    let password = ask("密码 / password (8 or more characters): ").map_err(CommandError::Password)?;
    let again = ask("再次输入 / again: ").map_err(CommandError::Password)?;
    if password != again {
        return Err(CommandError::Refused("两次输入的密码不一致 / the two passwords differ".to_owned()));
    }
    Ok(password)
}

fn first_line(input: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piped_password_loses_only_its_line_end() {
        // A blank at its end belongs to it; a line end of Windows does not.
        assert_eq!(first_line(&mut "pass word \r\nsecond".as_bytes()).unwrap(), "pass word ");
        assert_eq!(first_line(&mut "".as_bytes()).unwrap(), "");
    }
}
