//! The book's records and field tables (domain.md §4.1–4.3) and what browser and server exchange.
//! A field is one line here; form, grid, checks, message and differences follow.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::{DocumentMeta, Status};
use crate::form::{Field, Finding, Kind, Source};
use crate::reference::Table;
use crate::text::{Message, Text, text};

const fn typed(zh: &'static str, en: &'static str, max: usize) -> Field {
    Field::new(text(zh, en), Kind::Text { max })
}
const fn coded(zh: &'static str, en: &'static str, table: Table) -> Field {
    Field::new(text(zh, en), Kind::Coded(table))
}
const fn date(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Date).column(11)
}
/// An amount: the official screen takes 15 integer and 2 decimal digits for totals.
const fn amount(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 15, frac: 2, positive: false })
}
const fn quantity(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 13, frac: 5, positive: true })
}
const fn party_code(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Code { len: 10 }).column(11).help(
        "录入海关10位编码后按回车，自动返填信用代码和名称",
        "Type the 10-character customs code and press Enter: credit code and name are filled in",
    )
}
const fn party_uscc(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Code { len: 18 }).from(Source::LookedUp).declare().column(19)
}
const fn party_name(zh: &'static str, en: &'static str) -> Field {
    typed(zh, en, 512).from(Source::LookedUp).declare().column(24)
}

/// 申报类型
pub const DECL_TYPES: &[(&str, Text)] = &[("1", text("备案", "Filing")), ("2", text("变更", "Change"))];
/// 申报单位类型
pub const DECLARANT_TYPES: &[(&str, Text)] =
    &[("1", text("企业", "Enterprise")), ("2", text("代理公司", "Agent")), ("3", text("报关行", "Customs broker"))];

crate::record! {
    /// 账册表头
    pub struct Head {
        /// 企业内部编号: given by the server on the first 暂存 when left empty.
        internal_no: typed("企业内部编号", "Internal no.", 64).declare().xml("etpsPreentNo").column(20)
            .help("不填时暂存后自动生成", "Left empty, it is given on saving"),
        seq_no: Field::new(text("统一编号", "Unified no."), Kind::Digits { len: 18 }).from(Source::System).column(19),
        book_no: Field::new(text("账册编号", "Book no."), Kind::Code { len: 12 }).from(Source::Customs).xml("emsNo").column(14),
        decl_type: Field::new(text("申报类型", "Declaration type"), Kind::Choice(DECL_TYPES)).from(Source::System).xml("dclTypecd").column(8),
        change_seq: typed("变更次数", "Changes", 19).from(Source::System).xml("chgTmsCnt").column(8),
        master_customs: coded("主管海关", "Customs in charge", Table::Customs).declare().xml("masterCuscd").column(14),

        operator_code: party_code("经营单位代码", "Operator code").save().xml("bizopEtpsno"),
        operator_uscc: party_uscc("经营单位社会信用代码", "Operator credit code").xml("bizopEtpsSccd"),
        operator_name: party_name("经营单位名称", "Operator name").xml("bizopEtpsNm"),
        processor_code: party_code("加工单位代码", "Processor code").save().xml("rcvgdEtpsno"),
        processor_uscc: party_uscc("加工单位社会信用代码", "Processor credit code").xml("rvsngdEtpsSccd"),
        processor_name: party_name("加工单位名称", "Processor name").xml("rcvgdEtpsNm"),
        declarant_code: party_code("申报单位代码", "Declarant code").declare().xml("dclEtpsno"),
        declarant_uscc: party_uscc("申报单位社会信用代码", "Declarant credit code").xml("dclEtpsSccd"),
        declarant_name: party_name("申报单位名称", "Declarant name").xml("dclEtpsNm"),

        declarant_type: Field::new(text("申报单位类型", "Declarant type"), Kind::Choice(DECLARANT_TYPES)).declare().xml("dclEtpsTypecd"),
        supervision_mode: coded("监管方式", "Supervision mode", Table::SupervisionMode).from(Source::System).xml("supvModecd"),
        levy_nature: coded("征免性质", "Levy nature", Table::LevyNature).from(Source::System).xml("reduNatrcd"),

        contract_no: typed("出境加工合同号", "Processing contract no.", 64).declare(),
        contract_date: date("合同签订日期", "Contract date"),
        valid_to: date("结束有效日期", "Valid until").declare().xml("validDate")
            .help("自申报之日起不超过一年；可录入20261231、1231、+6m", "At most one year from declaring; 20261231, 1231 and +6m are understood"),

        foreign_processor_name: typed("境外加工企业名称", "Foreign processor", 512).declare().column(24),
        process_country: coded("加工国别(地区)", "Country of processing", Table::Country).declare().xml("natcd"),
        process_kind: typed("加工种类", "Kind of processing", 2).xml("produceTypecd"),

        export_port: coded("出口口岸", "Port of export", Table::Customs),
        import_port: coded("复进口口岸", "Port of re-import", Table::Customs),
        currency: coded("币制", "Currency", Table::Currency).declare().xml("impCurrcd"),

        processing_fee_total: amount("合同加工费总额", "Processing fee by contract"),
        contact_name: typed("联系人", "Contact", 64).declare(),
        contact_mobile: Field::new(text("手机号码", "Mobile"), Kind::Mobile).declare()
            .help("用于接收海关催核短信", "Receives the reminders of customs"),

        export_total: amount("出口货物总额", "Total of exports").from(Source::Computed),
        reimport_total: amount("复进口货物总额", "Total of re-imports").from(Source::Computed),
        export_count: typed("出口项数", "Export items", 9).from(Source::Computed),
        reimport_count: typed("复进口项数", "Re-import items", 9).from(Source::Computed),
        exported_amount: amount("已核注出口金额", "Exported so far").from(Source::Customs),
        import_exempt_amount: amount("已核注进口免税金额", "Exempt re-imports so far").from(Source::Customs),

        input_code: party_code("录入单位代码", "Input unit code").from(Source::System),
        input_uscc: party_uscc("录入单位社会信用代码", "Input unit credit code").from(Source::System),
        input_name: party_name("录入单位名称", "Input unit name").from(Source::System),
        valid_from: date("账册有效期(起)", "Valid from").from(Source::Customs),
        input_date: date("录入日期", "Input date").from(Source::System).xml("inputTime"),
        declared_at: date("申报日期", "Declared on").from(Source::System).xml("dclTime"),
        approved_at: date("备案批准日期", "Approved on").from(Source::Customs).xml("putrecApprTime"),

        process_desc: Field::new(text("生产工艺说明", "Process description"), Kind::Lines { max: 4000 }).declare().span(3),
        remark: typed("备注", "Remark", 255).xml("rmk").span(3)
            .help("回车暂存表头", "Enter saves the head"),
    }
}

crate::record! {
    /// 出口货物
    pub struct ExportGoods {
        material_no: typed("商品料号", "Material no.", 32).xml("gdsMtno"),
        hs_code: coded("商品编码", "Commodity code", Table::Commodity).save().xml("gdecd").column(11)
            .help("录入4位以上编码、中文名称或拼音首字母，↑↓选择，回车返填", "Type 4 digits or more, a Chinese name or pinyin initials; ↑↓ and Enter choose"),
        goods_name: typed("商品名称", "Goods", 255).declare().xml("gdsNm").column(24),
        spec_model: typed("规格型号", "Specification", 512).declare().xml("endprdGdsSpcfModelDesc").column(16),
        declare_unit: coded("申报计量单位", "Unit", Table::Unit).declare().xml("dclUnitcd").column(9),
        legal_unit: coded("法定计量单位", "Legal unit", Table::Unit).from(Source::LookedUpOrTyped).declare().xml("lawfUnitcd").column(9),
        legal_unit2: coded("法定第二单位", "Second legal unit", Table::Unit).from(Source::LookedUpOrTyped).xml("secdLawfUnitcd").column(9),
        qty: quantity("申报数量", "Quantity").declare().xml("dclQty").column(11),
        legal_qty: quantity("法定数量", "Legal quantity").declare().column(11),
        legal_qty2: quantity("第二法定数量", "Second legal quantity").from(Source::LookedUpOrTyped).column(11),
        unit_price: Field::new(text("申报单价", "Unit price"), Kind::Decimal { int: 14, frac: 4, positive: true }).declare().xml("dclUprcAmt").column(11),
        total_price: amount("申报总价", "Total price").from(Source::Computed).xml("dclTotalAmt").column(13),
        currency: coded("币制", "Currency", Table::Currency).declare().xml("dclCurrcd").column(10),
        origin_country: coded("原产国(地区)", "Country of origin", Table::Country).declare().xml("natcd").column(10),
        dest_country: coded("最终目的国(地区)", "Final destination", Table::Country).declare().column(10),
        levy_mode: coded("征减免税方式", "Levy mode", Table::LevyMode).from(Source::System).xml("lvyrlfModecd").column(8),
        remark: typed("备注", "Remark", 255).xml("rmk").column(16)
            .help("回车保存本行并新增下一行", "Enter saves the row and opens the next"),
    }
}

crate::record! {
    /// 复进口货物
    pub struct ReimportGoods {
        material_no: typed("商品料号", "Material no.", 32).xml("gdsMtno"),
        hs_code: coded("商品编码", "Commodity code", Table::Commodity).save().xml("gdecd").column(11)
            .help("录入4位以上编码、中文名称或拼音首字母，↑↓选择，回车返填", "Type 4 digits or more, a Chinese name or pinyin initials; ↑↓ and Enter choose"),
        goods_name: typed("商品名称", "Goods", 255).declare().xml("gdsNm").column(24),
        spec_model: typed("规格型号", "Specification", 512).declare().xml("endprdGdsSpcfModelDesc").column(16),
        declare_unit: coded("申报计量单位", "Unit", Table::Unit).declare().xml("dclUnitcd").column(9),
        legal_unit: coded("法定计量单位", "Legal unit", Table::Unit).from(Source::LookedUpOrTyped).declare().xml("lawfUnitcd").column(9),
        legal_unit2: coded("法定第二单位", "Second legal unit", Table::Unit).from(Source::LookedUpOrTyped).xml("secdLawfUnitcd").column(9),
        qty: quantity("申报数量", "Quantity").declare().xml("dclQty").column(11),
        legal_qty: quantity("法定数量", "Legal quantity").declare().column(11),
        legal_qty2: quantity("第二法定数量", "Second legal quantity").from(Source::LookedUpOrTyped).column(11),
        unit_price: Field::new(text("申报单价", "Unit price"), Kind::Decimal { int: 14, frac: 4, positive: true }).declare().xml("dclUprcAmt").column(11),
        total_price: amount("申报总价", "Total price").from(Source::Computed).xml("dclTotalAmt").column(13),
        currency: coded("币制", "Currency", Table::Currency).declare().xml("dclCurrcd").column(10),
        origin_country: coded("原产国(地区)", "Country of origin", Table::Country).declare().xml("natcd").column(10),
        original_value: amount("原出口货物价值", "Original value").declare().column(13)
            .help("所含原出口货物的价值，复进口时全免", "Value of the exported goods contained; exempt on return"),
        fee_processing: amount("境外加工费", "Processing fee").declare().column(11),
        fee_material: amount("境外料件费", "Foreign materials").column(11),
        fee_freight: amount("运输及相关费用", "Freight and related").column(11),
        fee_insurance: amount("保险费", "Insurance").column(11),
        dutiable_value: amount("计税价格", "Dutiable value").from(Source::Computed).column(13),
        source_export_seqs: typed("对应出口商品序号", "Export items used", 255).column(10)
            .help("如 1,3", "e.g. 1,3"),
        levy_mode: coded("征减免税方式", "Levy mode", Table::LevyMode).from(Source::System).xml("lvyrlfModecd").column(8),
        remark: typed("备注", "Remark", 255).xml("rmk").column(16)
            .help("回车保存本行并新增下一行", "Enter saves the row and opens the next"),
    }
}

/// The two lists of goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Exports,
    Reimports,
}

impl Side {
    /// Section of the document, first part of a pointer.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Exports => "exports",
            Self::Reimports => "reimports",
        }
    }
    pub const fn label(self) -> Text {
        match self {
            Self::Exports => text("出口货物", "Exported goods"),
            Self::Reimports => text("复进口货物", "Re-imported goods"),
        }
    }
}

/// Section name of the head in pointers.
pub const HEAD: &str = "head";

/// A goods row of either side.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goods {
    Exports(ExportGoods),
    Reimports(ReimportGoods),
}

/// A stored row: its identity and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<R> {
    pub id: Uuid,
    /// 商品序号, from 1, never used again within the book.
    pub seq: i64,
    /// Document version of the row's last write; sent back with an edit.
    pub version: i64,
    pub content: R,
}

/// A whole book as the screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub meta: DocumentMeta,
    pub head: Head,
    pub exports: Vec<Row<ExportGoods>>,
    pub reimports: Vec<Row<ReimportGoods>>,
}

/// 暂存 of the head. A new book has `base` 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveHead {
    pub id: Uuid,
    /// `head_version` the screen started from.
    pub base: i64,
    pub head: Head,
}

/// Saving of one goods row. A new row has `base` 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveRow {
    pub book_id: Uuid,
    pub row_id: Uuid,
    /// `version` of the row the screen started from.
    pub base: i64,
    pub goods: Goods,
}

/// Many rows of one list at once (粘贴, 填充, 删除, 撤销): all are stored, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveRows {
    pub book_id: Uuid,
    pub side: Side,
    pub puts: Vec<PutRow>,
    pub removes: Vec<RemoveRow>,
}

/// One row to be stored. A new row has `base` 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutRow {
    pub row_id: Uuid,
    /// `version` of the row the screen started from.
    pub base: i64,
    /// 商品序号 a deleted row had, when it is brought back; 0: the next one.
    pub seq: i64,
    pub goods: Goods,
}

/// One row to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveRow {
    pub row_id: Uuid,
    pub base: i64,
}

/// Answer to [`SaveRows`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedRows {
    pub meta: DocumentMeta,
    pub head: Head,
    /// The rows as stored, in the order they were sent.
    pub rows: Vec<Row<Goods>>,
}

/// Answer to saving a row: the state of the document and the head's new totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub meta: DocumentMeta,
    pub head: Head,
    /// The row as stored; `None` after a save of the head.
    pub row: Option<Row<Goods>>,
    /// What keeps the book from being declared, or should be looked at.
    pub findings: Vec<Finding>,
}

/// A step on the whole document: delete, declare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub id: Uuid,
    /// `version` the screen shows: nobody declares or deletes what they have not seen.
    pub base: i64,
}

/// 复制: a new draft with the content of a book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyBook {
    pub from: Uuid,
    /// Id of the new draft, made by the browser, so that a repeated request copies once.
    pub id: Uuid,
    /// Its attachments too.
    #[serde(default)]
    pub attachments: bool,
}

/// What came of 复制.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// How many attachments came along.
    pub attachments: usize,
    /// Why they did not, when they should have: the book itself is copied.
    pub trouble: Option<Message>,
}

/// Conditions of 出境加工账册查询.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookQuery {
    /// 可查询企业, required.
    pub operator_code: String,
    pub book_no: String,
    pub seq_no: String,
    pub internal_no: String,
    /// `None`: 全部.
    pub status: Option<Status>,
    pub input_from: String,
    pub input_to: String,
    /// Key of the column to sort by; empty: newest first.
    pub sort: String,
    pub descending: bool,
    /// From 0.
    pub page: i64,
    /// At most 500.
    pub page_size: i64,
}

/// One line of the query list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookLine {
    pub meta: DocumentMeta,
    pub head: Head,
}

/// One page of the query list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookPage {
    pub lines: Vec<BookLine>,
    pub total: i64,
}

/// Address of the PDF of a book (打印).
pub fn print_address(id: Uuid) -> String {
    format!("/print/book/{id}")
}
