//! The notice of urging and its field table (manual lines 686–706). Everything in it comes from customs or the program. A field
//! is one line here.

use crate::fields::{coded, date, party_code, party_name, typed};
use crate::form::{Field, Kind, Source};
use crate::reference::Table;
use crate::text::{Text, text};

/// Kind of the job that sends the short message of a notice.
pub const SMS_JOB: &str = "urge_sms";

/// 短信发送状态
pub const UNSENT: &str = "0";
pub const SENT: &str = "1";
pub const FAILED: &str = "2";
pub const SMS_STATES: &[(&str, Text)] =
    &[(UNSENT, text("未发送", "Not sent")), (SENT, text("已发送", "Sent")), (FAILED, text("失败", "Failed"))];

/// 处理状态
pub const OPEN: &str = "0";
pub const WRITTEN_OFF: &str = "1";
pub const HANDLING: &[(&str, Text)] = &[(OPEN, text("未处理", "Open")), (WRITTEN_OFF, text("已报核", "Written off"))];

crate::table! {
    /// 催核通知
    pub static HEAD {
        internal_no: typed("催核编号", "Notice no.", 64).from(Source::Customs).column(20),
        book_no: Field::new(text("账册编号", "Book no."), Kind::Code { len: 12 }).from(Source::Customs).column(14),
        seq_no: Field::new(text("统一编号", "Unified no."), Kind::Digits { len: 18 }).from(Source::System).column(19),
        urged_on: date("催核日期", "Urged on").from(Source::Customs),
        due_date: date("应报核日期", "Due").from(Source::Customs),
        valid_to: date("账册有效期", "Valid to").from(Source::Customs),
        operator_code: party_code("经营单位代码", "Operator code").from(Source::Customs),
        operator_name: party_name("经营单位名称", "Operator name").from(Source::Customs),
        master_customs: coded("主管海关", "Customs in charge", Table::Customs).from(Source::Customs).column(12),
        handled: Field::new(text("处理状态", "Handling"), Kind::Choice(HANDLING)).from(Source::System).column(9),
        mobile: Field::new(text("手机号码", "Mobile"), Kind::Mobile).from(Source::System).column(13),
        sms_state: Field::new(text("短信发送状态", "Short message"), Kind::Choice(SMS_STATES)).from(Source::System).column(11),
        sms_told: typed("短信说明", "Told by the gateway", 255).from(Source::System).span(2).column(20),
        content: Field::new(text("催核内容", "Words of customs"), Kind::Lines { max: 400 }).from(Source::Customs).span(3).column(30),
        input_date: date("收到日期", "Received on").from(Source::System),
    }
}
