//! The field tables of the forms of 系统管理, and what their codes mean. `page` draws and reads them;
//! what is sent stands in `model`.

use std::sync::LazyLock;

use super::model::{CreditGrade, NewUser, Offer, Registered};
use crate::account::model::Enterprise;
use crate::account::rights::{Role, Scope};
use crate::form::{Field, Kind, Record as _, Source};
use crate::text::{Text, text};

const YES: &str = "1";
const NO: &str = "0";
const YES_OR_NO: [(&str, Text); 2] = [(YES, text("是", "Yes")), (NO, text("否", "No"))];
/// What a user does with documents: one of these, each more than the one before.
const WORK: [(&str, Text); 4] = [
    ("0", text("不处理业务", "Nothing")),
    ("1", text("查询员：查询、打印、导出", "Reader: reads, prints, exports")),
    ("2", text("录入员：查询和录入，不能申报", "Clerk: reads and enters")),
    ("3", text("申报员：查询、录入和申报", "Declarant: reads, enters and declares")),
];
const SCOPES: [(&str, Text); 3] =
    [("1", Scope::Query.label()), ("2", Scope::Enter.label()), ("3", Scope::Declare.label())];
const GRADES: [(&str, Text); 3] =
    [("1", CreditGrade::Advanced.label()), ("2", CreditGrade::Regular.label()), ("3", CreditGrade::Untrusted.label())];

crate::record! {
    /// A user, as typed.
    pub struct UserForm {
        login: Field::new(text("用户名", "User name"), Kind::Text { max: 32 }).save()
            .help("2至32位小写字母、数字、点、下划线或连字符，添加后不能修改", "2 to 32 letters, digits, points, underscores or hyphens; stays as it is"),
        name: Field::new(text("姓名", "Name"), Kind::Text { max: 64 }).save(),
        work: Field::new(text("业务角色", "Role"), Kind::Choice(&WORK)).save()
            .help("0 不处理业务　1 查询员　2 录入员　3 申报员", "0 nothing, 1 reader, 2 clerk, 3 declarant"),
        admin: Field::new(text("管理员", "Administrator"), Kind::Choice(&YES_OR_NO)).save()
            .help("管理员管理本企业的用户和委托", "Keeps the users and delegations of the enterprise"),
    }
}

/// The fields of a user who is there already: nobody renames the login.
pub static KNOWN_USER: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let grey = |field: &Field| if field.key == "login" { field.from(Source::System) } else { *field };
    UserForm::FIELDS.iter().map(grey).collect()
});

crate::record! {
    /// A delegation, as typed.
    pub struct OfferForm {
        agent_code: Field::new(text("代理企业海关注册编码", "Customs code of the agent"), Kind::Code { len: 10 }).save()
            .help("录入后按Enter查找企业", "Enter looks the enterprise up"),
        agent_name: Field::new(text("代理企业名称", "Agent"), Kind::Text { max: 70 }).from(Source::LookedUp),
        scope: Field::new(text("委托范围", "Scope"), Kind::Choice(&SCOPES)).save()
            .help("1 查询　2 录入　3 申报，后者包含前者", "1 query, 2 enter, 3 declare; each includes the one before"),
        from: Field::new(text("起始日期", "First day"), Kind::Date).save(),
        to: Field::new(text("截止日期", "Last day"), Kind::Date).save().ahead()
            .help("含当日；最长五年，可随时终止", "Included; at most five years, ended at any time"),
    }
}

crate::record! {
    /// An enterprise, as typed by the operator of the service.
    pub struct EnterpriseForm {
        code: Field::new(text("海关注册编码", "Customs code"), Kind::Code { len: 10 }).save(),
        uscc: Field::new(text("统一社会信用代码", "Credit code"), Kind::Code { len: 18 }).save(),
        name: Field::new(text("企业名称", "Name"), Kind::Text { max: 70 }).save(),
        grade: Field::new(text("信用等级", "Grade"), Kind::Choice(&GRADES)).save()
            .help("失信企业不能备案", "Who is untrusted may not file"),
        open_case: Field::new(text("涉案", "Under investigation"), Kind::Choice(&YES_OR_NO)).save()
            .help("涉案企业不能备案", "May not file while it is so"),
        is_agent: Field::new(text("代理企业", "Agent"), Kind::Choice(&YES_OR_NO)).save()
            .help("预录入机构、报关行", "Enters for others"),
    }
}

fn yes_or_no(is: bool) -> String {
    if is { YES } else { NO }.to_owned()
}

/// The form of a user with these roles.
pub fn user_form(login: &str, name: &str, roles: &[Role]) -> UserForm {
    let work = [(Role::Declarant, "3"), (Role::Clerk, "2"), (Role::Reader, "1")];
    let work = work.iter().find(|(role, _)| roles.contains(role)).map_or("0", |(_, code)| code);
    UserForm {
        login: login.to_owned(),
        name: name.to_owned(),
        work: work.to_owned(),
        admin: yes_or_no(roles.contains(&Role::Admin)),
    }
}

impl UserForm {
    /// The roles it gives. `kept`: what the user has and this form does not show.
    pub fn roles(&self, kept: &[Role]) -> Vec<Role> {
        let mut roles: Vec<Role> = kept.iter().copied().filter(|role| *role == Role::Operator).collect();
        if self.admin == YES {
            roles.push(Role::Admin);
        }
        roles.extend(match self.work.as_str() {
            "3" => Some(Role::Declarant),
            "2" => Some(Role::Clerk),
            "1" => Some(Role::Reader),
            _ => None,
        });
        roles
    }

    /// The user to be added.
    pub fn user(&self) -> NewUser {
        NewUser { login: self.login.clone(), name: self.name.clone(), roles: self.roles(&[]) }
    }
}

impl OfferForm {
    /// The delegation to be offered.
    pub fn offer(&self) -> Offer {
        let scope = match self.scope.as_str() {
            "3" => Scope::Declare,
            "2" => Scope::Enter,
            _ => Scope::Query,
        };
        Offer { agent_code: self.agent_code.clone(), from: self.from.clone(), to: self.to.clone(), scope }
    }
}

/// The form of an enterprise.
pub fn enterprise_form(registered: &Registered) -> EnterpriseForm {
    let grade = CreditGrade::ALL.iter().zip(GRADES).find(|(grade, _)| **grade == registered.grade);
    let named = &registered.enterprise;
    EnterpriseForm {
        code: named.code.clone(),
        uscc: named.uscc.clone(),
        name: named.name.clone(),
        grade: grade.map_or_else(String::new, |(_, (code, _))| code.to_owned()),
        open_case: yes_or_no(registered.open_case),
        is_agent: yes_or_no(registered.is_agent),
    }
}

impl EnterpriseForm {
    /// The enterprise to be stored.
    pub fn registered(&self) -> Registered {
        let grade = CreditGrade::ALL.iter().zip(GRADES).find(|(_, (code, _))| *code == self.grade);
        Registered {
            enterprise: Enterprise { code: self.code.clone(), uscc: self.uscc.clone(), name: self.name.clone() },
            // The form refuses an empty one; nothing else may file by a slip.
            grade: grade.map_or(CreditGrade::Untrusted, |(grade, _)| *grade),
            open_case: self.open_case == YES,
            is_agent: self.is_agent == YES,
            users: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_back_what_it_was_filled_with() {
        // A clerk opened and saved without a change must not come out as a declarant.
        for roles in [vec![Role::Admin], vec![Role::Clerk], vec![Role::Admin, Role::Declarant], vec![Role::Reader]] {
            assert_eq!(user_form("li", "李", &roles).roles(&roles), roles);
        }
        let operator = [Role::Operator, Role::Reader];
        assert_eq!(user_form("li", "李", &operator).roles(&operator), operator, "kept, though no field shows it");
        assert_eq!(user_form("li", "李", &[]).roles(&[]), []);
        for grade in CreditGrade::ALL {
            let registered = Registered { grade, open_case: true, ..Registered::default() };
            assert_eq!(enterprise_form(&registered).registered(), registered);
        }
        for (scope, (code, _)) in Scope::ALL.into_iter().zip(SCOPES) {
            assert_eq!(OfferForm { scope: code.into(), ..OfferForm::default() }.offer().scope, scope);
        }
    }
}
