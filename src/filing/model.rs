//! The records of a filing and their field tables (domain.md §4.1–4.3). A field is one line here; form, grid, checks,
//! import, print, message and differences follow.

use crate::fields::{amount, coded, date, party_code, party_name, party_uscc, quantity, typed};
use crate::form::{Field, Kind, Source};
use crate::reference::Table;
use crate::text::{Text, text};

/// 申报类型
pub const DECL_TYPES: &[(&str, Text)] = &[("1", text("备案", "Filing")), ("2", text("变更", "Change"))];
/// 申报单位类型
pub const DECLARANT_TYPES: &[(&str, Text)] =
    &[("1", text("企业", "Enterprise")), ("2", text("代理公司", "Agent")), ("3", text("报关行", "Customs broker"))];

crate::record! {
    /// 账册表头
    pub struct Head {
        /// 企业内部编号: given by the server on the first 暂存 when left empty.
        internal_no: typed("企业内部编号", "Internal no.", 64).xml("etpsPreentNo").column(20)
            .help("不填时暂存后自动生成", "Left empty, it is given on saving"),
        seq_no: Field::new(text("统一编号", "Unified no."), Kind::Digits { len: 18 }).from(Source::System).column(19),
        book_no: Field::new(text("账册编号", "Book no."), Kind::Code { len: 12 }).from(Source::Customs).xml("emsNo").column(14),
        decl_type: Field::new(text("申报类型", "Declaration type"), Kind::Choice(DECL_TYPES)).from(Source::System).xml("dclTypecd").column(8),
        change_seq: typed("变更次数", "Changes", 19).from(Source::System).xml("chgTmsCnt").column(8),
        master_customs: coded("主管海关", "Customs in charge", Table::Customs).declare().xml("masterCuscd").column(14),

        operator_code: party_code("经营单位代码", "Operator code").save().xml("bizopEtpsno"),
        operator_uscc: party_uscc("经营单位社会信用代码", "Operator credit code").declare().xml("bizopEtpsSccd"),
        operator_name: party_name("经营单位名称", "Operator name").declare().xml("bizopEtpsNm"),
        processor_code: party_code("加工单位代码", "Processor code").save().xml("rcvgdEtpsno"),
        processor_uscc: party_uscc("加工单位社会信用代码", "Processor credit code").declare().xml("rvsngdEtpsSccd"),
        processor_name: party_name("加工单位名称", "Processor name").declare().xml("rcvgdEtpsNm"),
        declarant_code: party_code("申报单位代码", "Declarant code").declare().xml("dclEtpsno"),
        declarant_uscc: party_uscc("申报单位社会信用代码", "Declarant credit code").declare().xml("dclEtpsSccd"),
        declarant_name: party_name("申报单位名称", "Declarant name").declare().xml("dclEtpsNm"),

        declarant_type: Field::new(text("申报单位类型", "Declarant type"), Kind::Choice(DECLARANT_TYPES)).declare().xml("dclEtpsTypecd"),
        supervision_mode: coded("监管方式", "Supervision mode", Table::SupervisionMode).from(Source::System).xml("supvModecd"),
        levy_nature: coded("征免性质", "Levy nature", Table::LevyNature).from(Source::System).xml("reduNatrcd"),

        contract_no: typed("出境加工合同号", "Processing contract no.", 64).declare(),
        contract_date: date("合同签订日期", "Contract date"),
        valid_to: date("结束有效日期", "Valid until").ahead().declare().xml("validDate")
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

        process_desc: Field::new(text("生产工艺说明", "Process description"), Kind::Lines { max: 4000 }).declare().span(3),
        remark: typed("备注", "Remark", 255).xml("rmk").span(3)
            .help("回车暂存表头", "Enter saves the head"),

        // Grey for ever: below what is typed.
        export_total: amount("出口货物总额", "Total of exports").from(Source::Computed),
        reimport_total: amount("复进口货物总额", "Total of re-imports").from(Source::Computed),
        export_count: typed("出口项数", "Export items", 9).from(Source::Computed),
        reimport_count: typed("复进口项数", "Re-import items", 9).from(Source::Computed),

        input_code: party_code("录入单位代码", "Input unit code").from(Source::System),
        input_uscc: party_uscc("录入单位社会信用代码", "Input unit credit code").declare().from(Source::System),
        input_name: party_name("录入单位名称", "Input unit name").declare().from(Source::System),
        valid_from: date("账册有效期(起)", "Valid from").from(Source::Customs),
        input_date: date("录入日期", "Input date").from(Source::System).xml("inputTime"),
        declared_at: date("申报日期", "Declared on").from(Source::System).xml("dclTime"),
        approved_at: date("备案批准日期", "Approved on").from(Source::Customs).xml("putrecApprTime"),
    }
}

/// Keys of the lists: section of the document, first part of a pointer.
pub const EXPORTS: &str = "exports";
pub const REIMPORTS: &str = "reimports";

/// Declares a record of goods: the fields both lists share, and between them its own.
macro_rules! goods {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        crate::record! {
            $(#[$meta])*
            pub struct $name {
                material_no: typed("商品料号", "Material no.", 32).xml("gdsMtno").column(9),
                hs_code: coded("商品编码", "Commodity code", Table::Commodity).save().xml("gdecd").column(10)
                    .help("录入4位以上编码、中文名称或拼音首字母，↑↓选择，回车返填", "Type 4 digits or more, a Chinese name or pinyin initials; ↑↓ and Enter choose"),
                goods_name: typed("商品名称", "Goods", 255).declare().xml("gdsNm").column(24),
                spec_model: typed("规格型号", "Specification", 512).declare().xml("endprdGdsSpcfModelDesc").column(16),
                declare_unit: coded("申报计量单位", "Unit", Table::Unit).declare().xml("dclUnitcd").column(8),
                legal_unit: coded("法定计量单位", "Legal unit", Table::Unit).from(Source::LookedUpOrTyped).declare().xml("lawfUnitcd").column(8),
                legal_unit2: coded("法定第二单位", "Second legal unit", Table::Unit).from(Source::LookedUpOrTyped).xml("secdLawfUnitcd").column(8),
                qty: quantity("申报数量", "Quantity").declare().xml("dclQty").column(10),
                legal_qty: quantity("法定数量", "Legal quantity").declare().column(10),
                legal_qty2: quantity("第二法定数量", "Second legal quantity").from(Source::LookedUpOrTyped).column(10),
                unit_price: Field::new(text("申报单价", "Unit price"), Kind::Decimal { int: 14, frac: 4, positive: true }).declare().xml("dclUprcAmt").column(10),
                total_price: amount("申报总价", "Total price").from(Source::Computed).xml("dclTotalAmt").column(13),
                currency: coded("币制", "Currency", Table::Currency).declare().xml("dclCurrcd").column(10),
                origin_country: coded("原产国(地区)", "Country of origin", Table::Country).declare().xml("natcd").column(10),
                $($own)*
                levy_mode: coded("征减免税方式", "Levy mode", Table::LevyMode).from(Source::System).xml("lvyrlfModecd").column(8),
                remark: typed("备注", "Remark", 255).xml("rmk").column(16)
                    .help("回车保存本行并新增下一行", "Enter saves the row and opens the next"),
            }
        }
    };
}

goods! {
    /// 出口货物
    pub struct ExportGoods {
        dest_country: coded("最终目的国(地区)", "Final destination", Table::Country).declare().column(10),
    }
}

goods! {
    /// 复进口货物
    pub struct ReimportGoods {
        original_value: amount("原出口货物价值", "Original value").declare().column(13)
            .help("所含原出口货物的价值，复进口时全免", "Value of the exported goods contained; exempt on return"),
        fee_processing: amount("境外加工费", "Processing fee").declare().column(11),
        fee_material: amount("境外料件费", "Foreign materials").column(11),
        fee_freight: amount("运输及相关费用", "Freight and related").column(11),
        fee_insurance: amount("保险费", "Insurance").column(11),
        dutiable_value: amount("计税价格", "Dutiable value").from(Source::Computed).column(13),
        source_export_seqs: typed("对应出口商品序号", "Export items used", 255).column(10)
            .help("如 1,3", "e.g. 1,3"),
    }
}
