//! The records of a write-off and their field tables: head, 核报报关单, 出口货物, 复进口货物. Names follow the manual (lines
//! 427–610) and the sibling books; elements are our own, as no public schema exists. A field is one line here.

use crate::entry::model::DIRECTIONS;
use crate::fields::{amount, coded, date, party_code, party_name, party_uscc, typed};
use crate::form::{Field, Kind, Source};
use crate::reference::Table;
use crate::text::{Text, text};

/// 报核类型
pub const NORMAL: &str = "1";
pub const SUPPLEMENT: &str = "2";
pub const TYPES: &[(&str, Text)] =
    &[(NORMAL, text("正常报核", "Regular")), (SUPPLEMENT, text("补充报核", "Supplementary"))];

/// 是否结案
pub const YES: &str = "1";
pub const CLOSING: &[(&str, Text)] = &[("0", text("否", "No")), (YES, text("是", "Yes"))];

/// 未复运货物处理方式
pub const DISPOSALS: &[(&str, Text)] = &[
    ("1", text("境外留存", "Left abroad")),
    ("2", text("转一般贸易", "Turned into an ordinary export")),
    ("3", text("销毁", "Destroyed")),
    ("9", text("其他", "Other")),
];

/// Keys of the lists.
pub const ENTRIES: &str = "entries";
pub const EXPORTS: &str = "exports";
pub const REIMPORTS: &str = "reimports";

const fn figure(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 15, frac: 5, positive: false }).column(10)
}
const fn of_ledger(zh: &'static str, en: &'static str) -> Field {
    figure(zh, en).from(Source::Computed)
}
/// Can be negative, which no typed number is.
const fn difference(zh: &'static str, en: &'static str) -> Field {
    typed(zh, en, 24).from(Source::Computed).column(9)
}
const fn sum(zh: &'static str, en: &'static str) -> Field {
    amount(zh, en).from(Source::Computed).column(13)
}

crate::table! {
    /// 报核表头
    pub static HEAD {
        book_no: Field::new(text("出境加工账册编号", "Book no."), Kind::Code { len: 12 }).save().xml("emsNo").column(14)
            .help("录入账册编号后按回车，自动返填账册数据", "Type the book number and press Enter: the book's data are filled in"),
        internal_no: typed("企业内部编号", "Internal no.", 64).xml("etpsPreentNo").column(20)
            .help("不填时暂存后自动生成", "Left empty, it is given on saving"),
        seq_no: Field::new(text("统一编号", "Unified no."), Kind::Digits { len: 18 }).from(Source::System).column(19),
        decl_type: Field::new(text("报核类型", "Type"), Kind::Choice(TYPES)).save().xml("chgoffTypecd").column(10),
        closes: Field::new(text("是否结案", "Close the book"), Kind::Choice(CLOSING)).save().xml("endCaseFlag").column(8)
            .help("报核截止日期到达账册结束有效日期时自动结案", "A write-off that reaches the end of validity closes the book in any case"),
        writeoff_seq: typed("报核次数", "Write-off no.", 9).from(Source::LookedUp).xml("chgoffTmsCnt").column(8),
        period_from: date("报核开始日期", "From").from(Source::LookedUp).xml("chgoffBeginTime"),
        period_to: date("报核截止日期", "To").declare().xml("chgoffEndTime")
            .help("不晚于今天；进出口日期在此日及以前的报关单列入本次报核", "Not after today; entries until this day are accounted for"),

        operator_code: party_code("经营单位代码", "Operator code").from(Source::LookedUp).xml("bizopEtpsno"),
        operator_uscc: party_uscc("经营单位社会信用代码", "Operator credit code").xml("bizopEtpsSccd"),
        operator_name: party_name("经营单位名称", "Operator name").xml("bizopEtpsNm"),
        processor_code: party_code("加工单位代码", "Processor code").from(Source::LookedUp).xml("rcvgdEtpsno"),
        processor_uscc: party_uscc("加工单位社会信用代码", "Processor credit code").xml("rvsngdEtpsSccd"),
        processor_name: party_name("加工单位名称", "Processor name").xml("rcvgdEtpsNm"),
        declarant_code: party_code("申报单位代码", "Declarant code").declare().xml("dclEtpsno"),
        declarant_uscc: party_uscc("申报单位社会信用代码", "Declarant credit code").xml("dclEtpsSccd"),
        declarant_name: party_name("申报单位名称", "Declarant name").xml("dclEtpsNm"),
        master_customs: coded("主管海关", "Customs in charge", Table::Customs).from(Source::LookedUp).xml("masterCuscd").column(12),
        contract_no: typed("出境加工合同号", "Contract no.", 64).from(Source::LookedUp).xml("contractNo").column(14),
        currency: coded("币制", "Currency", Table::Currency).from(Source::LookedUp).xml("impCurrcd").column(8),
        valid_from: date("开始有效日期", "Valid from").from(Source::LookedUp).xml("validFrom"),
        valid_to: date("结束有效日期", "Valid to").from(Source::LookedUp).xml("validDate"),
        remark: typed("备注", "Remark", 255).xml("rmk").span(2).help("回车暂存表头", "Enter saves the head"),

        // Grey for ever: below what is typed.
        export_total: sum("本期出口金额", "Exported").xml("exportTotal"),
        reimport_total: sum("本期全免金额", "Exempt").xml("reimportTotal"),
        taxed_total: sum("本期征税金额", "Taxed").xml("taxedTotal"),
        balance: difference("本期差额", "Balance").xml("balance")
            .help("本期出口金额减本期全免金额", "Exported less exempt"),
        entry_count: typed("核报报关单数", "Entries", 9).from(Source::Computed).column(8),
        export_count: typed("出口货物项数", "Exports", 9).from(Source::Computed).column(8),
        reimport_count: typed("复进口货物项数", "Re-imports", 9).from(Source::Computed).column(8),
        input_code: party_code("录入单位代码", "Input unit code").from(Source::System).xml("inputCode"),
        input_uscc: party_uscc("录入单位社会信用代码", "Input unit credit code").from(Source::System).xml("inputUscc"),
        input_name: party_name("录入单位名称", "Input unit name").from(Source::System).xml("inputName"),
        input_date: date("录入日期", "Input date").from(Source::System).xml("inputTime"),
        declared_at: date("申报日期", "Declared on").from(Source::System).xml("dclTime"),
        approved_at: date("核销日期", "Written off on").from(Source::Customs).xml("chgoffApprTime"),
    }
}

crate::table! {
    /// 核报报关单. The number is all that is typed: Enter in it saves the line (manual, 核报报关单——新增).
    pub static ENTRY {
        entry_no: Field::new(text("报关单号", "Entry no."), Kind::Digits { len: 18 }).save().xml("entryId").column(20)
            .help("录入后按回车，保存本行", "Enter saves the line"),
        way: Field::new(text("进出口标志", "Direction"), Kind::Choice(DIRECTIONS)).from(Source::Computed).xml("ieFlag").column(10),
        ie_date: date("进出口日期", "Date").from(Source::Computed).xml("ieDate"),
        exported: sum("出口金额", "Exported").xml("exportAmt"),
        exempt: sum("全免金额", "Exempt").xml("exemptAmt"),
        taxed: sum("征税金额", "Taxed").xml("taxedAmt"),
    }
}

/// Declares a goods row: what both directions share, and between it what only one has.
macro_rules! goods {
    ($(#[$meta:meta])* pub static $name:ident {
        total_qty: $total_qty:literal, total_amount: $total_amount:literal, qty: $qty:literal, amount: $amount:literal,
        taxed: { $($taxed:tt)* } ledger: { $($ledger:tt)* } own: { $($own:tt)* }
    }) => {
        crate::table! {
            $(#[$meta])*
            pub static $name {
                goods_seq: Field::new(text("商品序号", "Book item"), Kind::Decimal { int: 9, frac: 0, positive: true }).save().xml("gdsSeqno").column(8)
                    .help("录入后按回车，自动返填其他信息", "Enter fills in the rest"),
                hs_code: coded("商品编码", "Commodity code", Table::Commodity).from(Source::Computed).xml("gdecd").column(10),
                goods_name: typed("商品名称", "Goods", 255).from(Source::Computed).xml("gdsNm").column(16),
                spec_model: typed("规格型号", "Specification", 255).from(Source::Computed).xml("endprdGdsSpcfModelDesc").column(12),
                unit: coded("申报计量单位", "Unit", Table::Unit).from(Source::Computed).xml("dclUnitcd").column(8),
                filed_qty: of_ledger("备案数量", "Filed quantity").xml("filedQty"),
                total_qty: of_ledger($total_qty, "Total quantity").xml("totalQty"),
                total_amount: of_ledger($total_amount, "Total amount").xml("totalAmt"),
                qty: figure($qty, "Quantity").declare().xml("dclQty"),
                amount: figure($amount, "Amount").declare().xml("dclTotalAmt"),
                $($taxed)*
                ledger_qty: of_ledger("账面数量", "Ledger quantity").xml("ledgerQty"),
                ledger_amount: of_ledger("账面金额", "Ledger amount").xml("ledgerAmt"),
                $($ledger)*
                diff_qty: difference("数量差异", "Quantity apart").xml("diffQty"),
                diff_amount: difference("金额差异", "Amount apart").xml("diffAmt"),
                $($own)*
                remark: typed("备注", "Remark", 255).xml("rmk").column(18)
                    .help("与账面不一致时说明原因；回车保存本行并新增下一行", "Say why where it differs from the ledger; Enter saves the row and opens the next"),
            }
        }
    };
}

goods! {
    /// 报核出口货物
    pub static EXPORT_ROW {
        total_qty: "累计出口数量", total_amount: "累计出口金额", qty: "本期出口数量", amount: "本期出口金额",
        taxed: {} ledger: {} own: {}
    }
}

goods! {
    /// 报核复进口货物
    pub static REIMPORT_ROW {
        total_qty: "累计复进口数量", total_amount: "累计全免金额", qty: "本期复进口数量", amount: "本期全免金额",
        taxed: { taxed: figure("本期征税金额", "Taxed").declare().xml("taxedAmt"), }
        ledger: { ledger_taxed: of_ledger("账面征税金额", "Ledger taxed").xml("ledgerTaxed"), }
        own: {
            diff_taxed: difference("征税差异", "Taxed apart").xml("diffTaxed"),
            unreturned_qty: figure("未复运数量", "Not returned").xml("unreturnedQty")
                .help("不再复运进境的数量；须选择处理方式并随附情况说明", "What will not come back; choose what became of it and attach the explanation"),
            disposal: Field::new(text("处理方式", "What became of it"), Kind::Choice(DISPOSALS)).xml("disposalCd").column(12),
        }
    }
}
