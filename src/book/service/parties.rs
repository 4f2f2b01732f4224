//! Fills the grey fields of the three parties and of the input unit. What the browser sent in them
//! is ignored: names and credit codes come from the enterprise table.

use crate::account::model::Enterprise;
use crate::account::session::Actor;
use crate::account::store::enterprise;
use crate::book::model::{HEAD, Head};
use crate::form::{Finding, Severity, pointer};
use crate::server::db::Db;
use crate::server::failure::Failure;

/// Looks the parties up and fills them in.
///
/// # Errors
/// A code that is not in the enterprise table, or an operator the caller does not act for, comes
/// back as findings.
pub async fn fill(db: &Db, actor: &Actor, head: &mut Head) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    if head.declarant_code.is_empty() {
        head.declarant_code.clone_from(&actor.enterprise.code);
    }
    (head.operator_uscc, head.operator_name) =
        party(db, &head.operator_code, "operator_code", "经营单位", &mut findings).await?;
    (head.processor_uscc, head.processor_name) =
        party(db, &head.processor_code, "processor_code", "加工单位", &mut findings).await?;
    (head.declarant_uscc, head.declarant_name) =
        party(db, &head.declarant_code, "declarant_code", "申报单位", &mut findings).await?;
    let Enterprise { code, uscc, name } = actor.enterprise.clone();
    (head.input_code, head.input_uscc, head.input_name) = (code, uscc, name);
    if !head.operator_code.is_empty() && !actor.acts_for(&head.operator_code) {
        findings.push(Finding::new(
            "party.delegation",
            pointer(HEAD, None, "operator_code"),
            Severity::Save,
            format!("贵单位未获经营单位{}授权（或授权已过期），不能为其录入，请核对代码或办理授权", head.operator_code),
            format!("Your enterprise holds no valid delegation from operator {}", head.operator_code),
        ));
    }
    Ok(findings)
}

/// Credit code and name of a party; empty for an empty or unknown code.
async fn party(
    db: &Db,
    code: &str,
    key: &str,
    label: &str,
    findings: &mut Vec<Finding>,
) -> Result<(String, String), Failure> {
    if code.len() != 10 {
        return Ok(Default::default()); // its form is refused by the field's own check
    }
    if let Some(found) = enterprise(db, code).await? {
        return Ok((found.uscc, found.name));
    }
    findings.push(Finding::new(
        "party.unknown",
        pointer(HEAD, None, key),
        Severity::Save,
        format!("{label}代码{code}未在海关注册企业库中，请核对"),
        format!("There is no enterprise with code {code}"),
    ));
    Ok(Default::default())
}
