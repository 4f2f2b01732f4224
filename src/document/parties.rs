//! Fills the grey fields of the enterprises named in a head, and of the input unit. What the browser sent in them is
//! ignored: names and credit codes come from the enterprise table. Offices call it; it stores nothing.

use chrono::NaiveDate;

use super::kind::{HEAD, Kind, Party};
use crate::account::actor::Actor;
use crate::account::model::Enterprise;
use crate::account::rights::Scope;
use crate::account::store::{enterprise, principals};
use crate::form::{Finding, Severity, Values, pointer, show_date};
use crate::server::db::Db;
use crate::server::failure::Failure;

const OPERATOR: &str = "operator_code";
const DECLARANT: &str = "declarant_code";

/// Looks the parties of a head up and fills them in. A code that is not in the enterprise table, an operator the caller
/// does not act for and a declarant nobody authorised come back as findings.
///
/// # Errors
/// Only those of the database.
pub async fn look_up(
    db: &Db,
    actor: &Actor,
    kind: &Kind,
    head: &mut Values,
    today: NaiveDate,
) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    if head.get(DECLARANT).is_empty() {
        head.set(DECLARANT, actor.enterprise.code.as_str());
    }
    for party in kind.parties {
        findings.extend(fill(db, party, head).await?);
    }
    entered_by(head, &actor.enterprise);
    let operator = head.get(OPERATOR);
    if !operator.is_empty() && !actor.acts_for(operator) {
        findings.push(Finding::new(
            "party.delegation",
            pointer(HEAD, None, OPERATOR),
            Severity::Save,
            format!("贵单位未获经营单位{operator}授权（或授权已过期），不能为其录入，请核对代码或办理授权"),
            format!("Your enterprise holds no valid delegation from operator {operator}"),
        ));
    }
    findings.extend(declarant(db, actor, head, today).await?);
    Ok(findings)
}

/// Sets the input unit: the enterprise of who enters.
pub fn entered_by(head: &mut Values, unit: &Enterprise) {
    for (key, value) in [("input_code", &unit.code), ("input_uscc", &unit.uscc), ("input_name", &unit.name)] {
        head.set(key, value.as_str());
    }
}

/// Fills credit code and name of a party; empty for an empty or unknown code.
async fn fill(db: &Db, party: &Party, head: &mut Values) -> Result<Option<Finding>, Failure> {
    let code = head.get(party.code).to_owned();
    // A code of another length is refused by the field's own check.
    let found = if code.len() == 10 { enterprise(db, &code).await? } else { None };
    let is_unknown = code.len() == 10 && found.is_none();
    let values = found.map(|found| [found.uscc, found.name]).unwrap_or_default();
    for (field, value) in party.looked_up().iter().zip(values) {
        head.set(field, value);
    }
    let label = party.label;
    Ok(is_unknown.then(|| {
        Finding::new(
            "party.unknown",
            pointer(HEAD, None, party.code),
            Severity::Save,
            format!("{}代码{code}未在海关注册企业库中，请核对", label.zh),
            format!("There is no enterprise with code {code}"),
        )
    }))
}

/// Who declares is the operator or the caller's own enterprise. The operator itself may also name an agent it lets declare:
/// nobody else can be made answerable to customs by typing a code.
async fn declarant(db: &Db, actor: &Actor, head: &Values, today: NaiveDate) -> Result<Option<Finding>, Failure> {
    let (code, operator) = (head.get(DECLARANT), head.get(OPERATOR));
    let own = actor.enterprise.code.as_str();
    if code.len() != 10 || operator.is_empty() || code == operator || code == own {
        return Ok(None);
    }
    let declares = |(principal, scope): &(Enterprise, Scope)| principal.code == operator && *scope == Scope::Declare;
    if operator == own && principals(db, code, &show_date(today)).await?.iter().any(declares) {
        return Ok(None);
    }
    Ok(Some(Finding::new(
        "party.declarant",
        pointer(HEAD, None, DECLARANT),
        Severity::Save,
        if operator == own {
            format!("申报单位{code}未获本企业申报授权，请改为经营单位或已获申报授权的单位")
        } else {
            format!("申报单位{code}既不是经营单位{operator}，也不是贵单位，请改为其中之一")
        },
        format!("Declarant {code} may not declare for operator {operator}; name the operator or your own enterprise"),
    )))
}
