//! Every function and route with every role, for the own enterprise, as an agent with each scope, after the end of the
//! delegation, and of a stranger's: all must be as `server::access` and `account::rights` say. Prints what it saw.

use std::collections::BTreeSet;

use crate::arrows::{code, sources};
use crate::support::{Answer, Browser, TestApp, both_databases, password_of};
use axum::http::{Method, StatusCode};
use opbook::account::rights::{Right, Rights, Role, Scope};
use opbook::server::access::{Access, TABLE, access};
use serde_json::json;

use super::entries::{FUNCTIONS, ROUTES, Subject};
use super::records::{OWNER, Records, STRANGER, records};

/// What the caller is to the enterprise of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Own,
    Agent(Scope),
    /// An agent whose delegation was ended.
    Former,
    Stranger,
}

impl Relation {
    const ALL: [Self; 6] = [
        Self::Own,
        Self::Agent(Scope::Query),
        Self::Agent(Scope::Enter),
        Self::Agent(Scope::Declare),
        Self::Former,
        Self::Stranger,
    ];

    /// What of a role's rights it leaves for the records.
    fn leaves(self, rights: Rights) -> Rights {
        match self {
            Self::Own => rights,
            Self::Agent(scope) => rights.and(scope.rights()),
            Self::Former | Self::Stranger => Rights::NONE,
        }
    }
}

/// What a function or route answers to a caller, and whether it may.
#[derive(Clone, Copy, Debug)]
struct Step {
    address: &'static str,
    subject: Subject,
    call: Call,
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Function(fn(&Records) -> serde_json::Value),
    Route(&'static Method, fn(&Records) -> String),
}

/// All of them; what takes something away comes last, so that the others find it.
fn steps() -> Vec<Step> {
    const POST: Method = Method::POST;
    const GET: Method = Method::GET;
    let functions = FUNCTIONS.into_iter().map(|(path, subject, input)| Step {
        address: TABLE.iter().map(|(known, _)| *known).find(|known| *known == format!("/api/{path}")).expect(path),
        subject,
        call: Call::Function(input),
    });
    let routes = ROUTES.into_iter().map(|(address, method, subject, path)| Step {
        address,
        subject,
        call: Call::Route(if method == Method::POST { &POST } else { &GET }, path),
    });
    let mut steps: Vec<Step> = functions.chain(routes).collect();
    let takes_away = ["delete", "cancel", "apply", "declare", "withdraw", "generate", "people/", "account/"];
    steps.sort_by_key(|step| {
        let is_table = access(step.address) == Some(Access::Everybody);
        let at = takes_away.iter().rposition(|part| step.address.contains(part)).map_or(0, |at| 10 - at);
        (is_table, at, step.address.contains("import_cancel"), step.address.contains("document/delete"))
    });
    steps
}

impl Step {
    async fn answer(self, browser: &Browser, records: &Records) -> Answer {
        match self.call {
            Call::Function(input) => {
                let path = self.address.strip_prefix("/api/").unwrap();
                browser.send(browser.request(path, &input(records))).await
            }
            // Does not end.
            Call::Route(method, path) if self.address == "/hints" => {
                let answer = browser.open(browser.bare_request(method.clone(), &path(records), Vec::new())).await;
                let (status, headers) = (answer.status(), answer.headers().clone());
                Answer { status, headers, body: serde_json::Value::Null, bytes: Vec::new() }
            }
            Call::Route(method, path) => {
                browser.send(browser.bare_request(method.clone(), &path(records), Vec::new())).await
            }
        }
    }

    /// True when a caller of a role may, by the table.
    fn may(self, role: Role, relation: Relation) -> bool {
        let Some(Access::Needs(right)) = access(self.address) else { return true };
        let everywhere = role.rights();
        let here = match self.subject {
            Subject::Record | Subject::Filtered => relation.leaves(everywhere),
            // Of the owner's enterprise: an agent does not even know of them.
            Subject::Enterprise if relation != Relation::Own => Rights::NONE,
            // Begun by the owner, whom no caller here is.
            Subject::Own => Rights::NONE,
            _ => everywhere,
        };
        here.has(right)
    }

    /// True when the answer lets the caller in: it may still find that the time for it is over.
    fn lets_in(self, answer: &Answer) -> bool {
        let refuses = matches!(answer.status.as_u16(), 401 | 403 | 404);
        let is_empty = self.subject == Subject::Filtered && answer.body == json!([]);
        // The operator is a field of the head, so not acting for it is a fault of the field.
        let told = answer.body.to_string();
        let is_delegation = told.contains("party.delegation") || told.contains("party.declarant");
        !(refuses || is_empty || is_delegation)
    }
}

#[test]
fn every_route_has_its_entry_and_its_line_in_the_table() {
    let walked: BTreeSet<&str> = steps().iter().map(|step| step.address).collect();
    let table: BTreeSet<&str> = TABLE.iter().map(|(address, _)| *address).collect();
    assert_eq!(table.len(), TABLE.len(), "an address stands twice");
    assert_eq!(walked, table);
    // What is routed and stands in no table is refused by `access::admit`; here it is found before anybody misses it.
    let routed: usize = sources().values().map(|source| code(source).matches(".route(").count()).sum();
    // The two of the server functions stand for all of them.
    assert_eq!(routed, ROUTES.len() + 2, "a route without an entry in walk::entries and a line in server::access");
}

/// What docs/rights.md says between its two marks, made from the tables that are obeyed.
fn documented() -> String {
    let mut text =
        String::from("\n| 角色 Role | 查询 | 录入 | 申报 | 系统管理 | 服务运营 |\n|---|---|---|---|---|---|\n");
    let marks = |rights: Rights| Right::ALL.map(|right| if rights.has(right) { "✓" } else { "" }).join(" | ");
    for role in Role::ALL {
        text +=
            &format!("| {} {} (`{}`) | {} |\n", role.label().zh, role.label().en, role.code(), marks(role.rights()));
    }
    text += "\n| 委托范围 Scope | 查询 | 录入 | 申报 | 系统管理 | 服务运营 |\n|---|---|---|---|---|---|\n";
    for scope in Scope::ALL {
        text += &format!("| {} (`{}`) | {} |\n", scope.label().zh, scope.code(), marks(scope.rights()));
    }
    text += "\n| Address | Needs |\n|---|---|\n";
    for (address, access) in TABLE {
        let needs = match access {
            Access::Everybody => "nothing: open to everybody".to_owned(),
            Access::SignedIn => "a session: it is about the caller alone".to_owned(),
            Access::Needs(right) => format!("{} ({})", right.label().zh, right.label().en),
        };
        text += &format!("| `{address}` | {needs} |\n");
    }
    text + "\n"
}

#[test]
fn the_documented_rights_are_those_that_are_obeyed() {
    // An administrator who gives a role by a page that is out of date gives something else.
    const PATH: &str = "docs/rights.md";
    const BEGIN: &str = "<!-- made from the tables -->";
    const END: &str = "<!-- end -->";
    let page = std::fs::read_to_string(PATH).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let wanted = documented();
    if std::env::var_os("OPBOOK_TEST_WRITE_DOCS").is_some() {
        std::fs::write(PATH, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(found, wanted, "{PATH}: write it anew with OPBOOK_TEST_WRITE_DOCS=1 and this test");
}

/// A browser of a user with one role, in an enterprise.
async fn user(app: &TestApp, role: Role, enterprise: &str) -> Browser {
    let login = match enterprise {
        OWNER => "donglan-lr",
        STRANGER => "haihe",
        _ => "tonghe",
    };
    let mut tx = app.state.db.begin().await.unwrap();
    let set = sqlx::query("UPDATE app_user SET roles = $1 WHERE login = $2").bind(role.code()).bind(login);
    set.execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let browser = app.browser();
    let (status, body) = browser.login(login, password_of(login)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    browser
}

async fn delegate(app: &TestApp, scope: Option<Scope>) {
    let mut tx = app.state.db.begin().await.unwrap();
    let set =
        sqlx::query("UPDATE delegation SET scope = $1, ended_at = $2 WHERE principal_code = $3 AND accepted_at <> ''");
    let (scope, ended) = scope.map_or(("declare", "2026-01-02T00:00:00Z"), |scope| (scope.code(), ""));
    set.bind(scope).bind(ended).bind(OWNER).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn who_may_what_is_as_the_table_says() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let mut seen = Vec::new();
        for relation in Relation::ALL {
            let enterprise = match relation {
                Relation::Own => OWNER,
                Relation::Stranger => STRANGER,
                Relation::Agent(_) | Relation::Former => "3122980015",
            };
            for role in Role::ALL {
                if let Relation::Agent(scope) = relation {
                    delegate(&app, Some(scope)).await;
                }
                let caller = user(&app, role, enterprise).await;
                let made = records(&app, &owner).await;
                let caller_code = if relation == Relation::Stranger { STRANGER } else { OWNER };
                let records = Records { caller: caller_code, ..made };
                if relation == Relation::Former {
                    delegate(&app, None).await;
                }
                for step in steps() {
                    if access(step.address) == Some(Access::Everybody) || step.address.starts_with("/api/account/") {
                        continue; // Nobody's right: the other walks go there.
                    }
                    let answer = step.answer(&caller, &records).await;
                    let (may, is_in) = (step.may(role, relation), step.lets_in(&answer));
                    let case = format!("{} as {role:?}, {relation:?}: {} {}", step.address, answer.status, answer.body);
                    assert!(
                        !matches!(answer.status.as_u16(), 400 | 405 | 426),
                        "a call our page would not make: {case}"
                    );
                    assert_eq!(is_in, may, "{case}");
                    let lacks = matches!(access(step.address), Some(Access::Needs(right)) if !role.rights().has(right));
                    assert!(!lacks || answer.status == StatusCode::FORBIDDEN, "told by the role alone: {case}");
                    seen.push((step.address, role, relation, is_in));
                }
                delegate(&app, Some(Scope::Declare)).await;
            }
        }
        print(&seen);
    }
}

/// The matrix: one line for each function, one column for each role and relation.
fn print(seen: &[(&'static str, Role, Relation, bool)]) {
    let names = ["own", "agent: query", "agent: enter", "agent: declare", "ended", "stranger"];
    eprintln!("{:<36} {}", "", names.map(|name| format!("{name:<14}")).join(" "));
    eprintln!("{:<36} {}", "", ["A D C R O     "; 6].join(" "));
    let mut addresses: Vec<&str> = seen.iter().map(|(address, ..)| *address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    for address in addresses {
        let cell = |relation| {
            let mark = |role| {
                let is_in = seen.iter().any(|one| (one.0, one.1, one.2, one.3) == (address, role, relation, true));
                if is_in { "x" } else { "." }
            };
            format!("{:<14}", Role::ALL.map(mark).join(" "))
        };
        eprintln!("{address:<36} {}", Relation::ALL.map(cell).join(" "));
    }
    eprintln!("{} answers, all as the table says", seen.len());
}
