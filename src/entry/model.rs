//! The records of an entry and their field tables: heads and rows of both directions, and the item that is declared. Names
//! follow the form of the 报关单 (公告2019年第18号), elements the platform's import. A field is one line here.

use crate::fields::{amount, coded, date, party_code, party_name, party_uscc, quantity, typed};
use crate::form::{Field, Kind, Source};
use crate::reference::Table;
use crate::text::{Text, text};

const fn weight(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 13, frac: 5, positive: false })
}
/// Where the entry was made.
pub const MADE_HERE: &str = "1";
pub const REGISTERED: &str = "2";
/// 单据来源
pub const ORIGINS: &[(&str, Text)] = &[
    (MADE_HERE, text("在本系统申报", "Declared here")),
    (REGISTERED, text("登记已放行的报关单", "Registered: released already")),
];

/// 进出口标志
pub const DIRECTIONS: &[(&str, Text)] = &[("E", text("出口", "Export")), ("I", text("进口", "Import"))];

pub const BY_VALUE: &str = "1";
pub const BY_QUANTITY: &str = "2";
pub const BY_WEIGHT: &str = "3";
/// 费用分摊方式
pub const SHARINGS: &[(&str, Text)] = &[
    (BY_VALUE, text("按原出口货物价值", "By original value")),
    (BY_QUANTITY, text("按数量", "By quantity")),
    (BY_WEIGHT, text("按净重", "By net weight")),
];

/// 运费、保费、杂费标志
pub const FEE_MARKS: &[(&str, Text)] =
    &[("1", text("率", "Rate")), ("2", text("单价", "Unit price")), ("3", text("总价", "Total"))];

/// Declares a head: what both directions share, and between it what only one has or what is called otherwise there.
macro_rules! head {
    ($(#[$meta:meta])* pub static $name:ident {
        port: $port:expr, day: $day:expr, abroad: $abroad:expr, owner: $owner:literal, $owner_en:literal,
        country: $country:expr, call_port: $call_port:expr, border: $border:expr,
        own: { $($own:tt)* } costs: { $($costs:tt)* } sums: { $($sums:tt)* }
    }) => {
        crate::table! {
            $(#[$meta])*
            pub static $name {
                manual_no: Field::new(text("备案号", "Book no."), Kind::Code { len: 12 }).save().xml("manualNo").column(14)
                    .help("录入账册编号后按回车，自动返填账册数据", "Type the book number and press Enter: the book's data are filled in"),
                internal_no: typed("企业内部编号", "Internal no.", 64).xml("etpsPreentNo").column(20)
                    .help("不填时暂存后自动生成", "Left empty, it is given on saving"),
                seq_no: Field::new(text("统一编号", "Unified no."), Kind::Digits { len: 18 }).from(Source::System).column(19),
                ie_flag: Field::new(text("进出口标志", "Direction"), Kind::Choice(DIRECTIONS)).from(Source::System).xml("iEFlag").column(9),
                origin: Field::new(text("单据来源", "Origin"), Kind::Choice(ORIGINS)).save().xml("opbOrigin").column(12),
                registered_no: Field::new(text("登记报关单号", "Registered no."), Kind::Digits { len: 18 }).xml("-registeredNo").column(19)
                    .help("登记已放行的报关单时录入18位海关编号；在本系统申报的由海关给号，不填", "18 digits, typed when registering; otherwise customs gives the number"),
                master_customs: coded("申报地海关", "Customs of declaration", Table::Customs).declare().xml("customMaster").column(14),

                operator_code: party_code("境内收发货人代码", "Operator code").from(Source::LookedUp).xml("tradeCode"),
                operator_uscc: party_uscc("境内收发货人社会信用代码", "Operator credit code").xml("tradeCoScc"),
                operator_name: party_name("境内收发货人名称", "Operator name").xml("tradeName"),
                ie_port: $port.declare().xml("iEPort").column(14),
                ie_date: $day.xml("IEDate"),
                declared_at: date("申报日期", "Declared on").from(Source::System).xml("dclTime"),
                overseas_name: $abroad.declare().xml("overseasName").column(24),
                traf_mode: coded("运输方式", "Transport", Table::TransportMode).declare().xml("trafMode").column(10),
                traf_name: typed("运输工具名称及航次号", "Vehicle and voyage", 50).xml("trafName").column(16),
                bill_no: typed("提运单号", "Bill no.", 32).xml("billNo").column(14),
                owner_code: party_code(concat!($owner, "代码"), concat!($owner_en, " code")).declare().xml("ownerCode"),
                owner_uscc: party_uscc(concat!($owner, "社会信用代码"), concat!($owner_en, " credit code")).xml("ownerCodeScc"),
                owner_name: party_name(concat!($owner, "名称"), concat!($owner_en, " name")).xml("ownerName"),
                declarant_code: party_code("申报单位代码", "Declarant code").declare().xml("agentCode"),
                declarant_uscc: party_uscc("申报单位社会信用代码", "Declarant credit code").xml("agentCodeScc"),
                declarant_name: party_name("申报单位名称", "Declarant name").xml("agentName"),
                supervision_mode: coded("监管方式", "Supervision mode", Table::SupervisionMode).from(Source::System).xml("tradeMode"),
                levy_nature: coded("征免性质", "Levy nature", Table::LevyNature).from(Source::System).xml("cutMode"),
                license_no: typed("许可证号", "Licence no.", 20).xml("licenseNo"),
                contract_no: typed("合同协议号", "Contract no.", 32).declare().xml("contrNo").column(14),
                trade_area: coded("贸易国(地区)", "Trading country", Table::Country).declare().xml("tradeAreaCode").column(10),
                trade_country: $country.declare().xml("tradeCountry").column(10),
                call_port: $call_port.xml("distinatePort"),
                border_port: $border.xml("entyPortCode"),
                $($own)*
                wrap_type: coded("包装种类", "Packing", Table::PackageType).declare().xml("wrapType"),
                pack_no: Field::new(text("件数", "Packages"), Kind::Decimal { int: 9, frac: 0, positive: true }).declare().xml("packNo"),
                gross_wt: weight("毛重(千克)", "Gross weight (kg)").declare().xml("grossWet"),
                net_wt: weight("净重(千克)", "Net weight (kg)").declare().xml("netWt"),
                trans_mode: coded("成交方式", "Terms", Table::TransactionMode).declare().xml("transMode"),
                fee_mark: Field::new(text("运费标志", "Freight mark"), Kind::Choice(FEE_MARKS)).xml("feeMark"),
                fee_rate: weight("运费", "Freight").xml("feeRate"),
                fee_curr: coded("运费币制", "Freight currency", Table::Currency).xml("feeCurr"),
                insur_mark: Field::new(text("保费标志", "Insurance mark"), Kind::Choice(FEE_MARKS)).xml("insurMark"),
                insur_rate: weight("保费", "Insurance").xml("insurRate"),
                insur_curr: coded("保费币制", "Insurance currency", Table::Currency).xml("insurCurr"),
                other_mark: Field::new(text("杂费标志", "Other costs mark"), Kind::Choice(FEE_MARKS)).xml("otherMark"),
                other_rate: weight("杂费", "Other costs").xml("otherRate"),
                other_curr: coded("杂费币制", "Other costs currency", Table::Currency).xml("otherCurr"),
                currency: coded("成交币制", "Currency", Table::Currency).declare().xml("opbCurrency").column(10),
                rate: Field::new(text("折合账册币制汇率", "Rate to the book's currency"), Kind::Decimal { int: 6, frac: 6, positive: true }).xml("opbRate")
                    .help("成交币制与账册币制不同时必填：1单位成交币制＝多少账册币制", "Needed where the currencies differ: units of the book's currency for one of this"),
                book_currency: coded("账册币制", "Currency of the book", Table::Currency).from(Source::LookedUp).xml("opbBookCurrency"),
                $($costs)*
                mark_no: Field::new(text("标记唛码", "Marks"), Kind::Lines { max: 400 }).xml("markNo").span(3),
                remark: typed("备注", "Remark", 255).xml("noteS").span(3).help("回车暂存表头", "Enter saves the head"),

                // Grey for ever: below what is typed.
                entry_no: Field::new(text("报关单号", "Entry no."), Kind::Digits { len: 18 }).from(Source::Customs).xml("entryId").column(19),
                $($sums)*
                item_count: typed("商品行数", "Rows", 9).from(Source::Computed),
                input_code: party_code("录入单位代码", "Input unit code").from(Source::System).xml("copCode"),
                input_uscc: party_uscc("录入单位社会信用代码", "Input unit credit code").from(Source::System).xml("copCodeScc"),
                input_name: party_name("录入单位名称", "Input unit name").from(Source::System).xml("copName"),
                input_date: date("录入日期", "Input date").from(Source::System).xml("inputTime"),
                approved_at: date("放行日期", "Released on").from(Source::Customs).xml("opbReleased"),
            }
        }
    };
}

head! {
    /// 出口报关单表头
    pub static EXPORT_HEAD {
        port: coded("出境关别", "Customs of exit", Table::Customs), day: date("出口日期", "Exported on"),
        abroad: typed("境外收货人", "Consignee abroad", 100), owner: "生产销售单位", "Producer",
        country: coded("运抵国(地区)", "Country of arrival", Table::Country),
        call_port: coded("指运港", "Port of destination", Table::Port),
        border: coded("离境口岸", "Port of exit", Table::Port),
        own: {}
        costs: {}
        sums: { export_total: amount("出口金额合计", "Total exported").from(Source::Computed), }
    }
}

head! {
    /// 进口报关单表头
    pub static IMPORT_HEAD {
        port: coded("进境关别", "Customs of entry", Table::Customs), day: date("进口日期", "Imported on"),
        abroad: typed("境外发货人", "Consignor abroad", 100), owner: "消费使用单位", "Consumer",
        country: coded("启运国(地区)", "Country of departure", Table::Country),
        call_port: coded("经停港", "Port of call", Table::Port),
        border: coded("入境口岸", "Port of entry", Table::Port),
        own: {
            goods_place: typed("货物存放地点", "Storage", 100).xml("goodsPlace"),
            despatch_port: coded("启运港", "Port of departure", Table::Port).xml("despPortCode"),
        }
        costs: {
            share_by: Field::new(text("费用分摊方式", "Costs shared by"), Kind::Choice(SHARINGS)).xml("opbShareBy")
                .help("下列整票费用按此分摊到各项，精确到分", "The costs below are shared out among the rows, to the cent"),
            shared_processing: amount("整票境外加工费", "Processing fee of all").xml("opbSharedProcessing"),
            shared_material: amount("整票境外料件费", "Foreign materials of all").xml("opbSharedMaterial"),
            shared_freight: amount("整票运输及相关费用", "Freight of all").xml("opbSharedFreight"),
            shared_insurance: amount("整票保险费", "Insurance of all").xml("opbSharedInsurance"),
        }
        sums: { reimport_total: amount("全免金额合计", "Total exempt").from(Source::Computed), }
    }
}

/// Key of the list of both kinds, and of what they declare.
pub const ITEMS: &str = "items";
pub const DECLARED: &str = "declared";

/// Declares a row: what both directions share, and between it what only one has.
macro_rules! item {
    ($(#[$meta:meta])* pub static $name:ident { $total:ident: $total_field:expr, own: { $($own:tt)* } district: $district:expr, }) => {
        crate::table! {
            $(#[$meta])*
            pub static $name {
                goods_seq: Field::new(text("备案序号", "Book item"), Kind::Decimal { int: 9, frac: 0, positive: true }).save().column(8)
                    .help("录入账册商品序号后按回车，自动返填商品数据", "Type the book's item number and press Enter: the goods are filled in"),
                hs_code: coded("商品编号", "Commodity code", Table::Commodity).declare().column(10)
                    .help("按实际报验状态填报", "As the goods are actually presented"),
                goods_name: typed("商品名称", "Goods", 255).declare().column(20),
                spec_model: typed("规格型号", "Specification", 255).declare().column(14),
                qty: quantity("成交数量", "Quantity").declare().column(10),
                unit: coded("成交单位", "Unit", Table::Unit).declare().column(8),
                $total: $total_field,
                $($own)*
                legal_unit: coded("法定计量单位", "Legal unit", Table::Unit).from(Source::LookedUpOrTyped).declare().column(8),
                legal_qty: quantity("法定数量", "Legal quantity").declare().column(10),
                legal_unit2: coded("法定第二单位", "Second legal unit", Table::Unit).from(Source::LookedUpOrTyped).column(8),
                legal_qty2: quantity("第二法定数量", "Second legal quantity").from(Source::LookedUpOrTyped).column(10),
                net_wt: weight("净重(千克)", "Net weight (kg)").column(9),
                origin_country: coded("原产国(地区)", "Country of origin", Table::Country).declare().column(10),
                dest_country: coded("最终目的国(地区)", "Final destination", Table::Country).declare().column(10),
                district: $district.declare().column(10),
                remark: typed("备注", "Remark", 255).column(14)
                    .help("回车保存本行并新增下一行", "Enter saves the row and opens the next"),
            }
        }
    };
}

item! {
    /// 出口商品行: one declared item.
    pub static EXPORT_ITEM {
        total_price: amount("总价", "Total").declare().column(13)
            .help("与数量相除得单价；单价不填时自动算出", "Divided by the quantity it gives the unit price"),
        own: { unit_price: Field::new(text("单价", "Unit price"), Kind::Decimal { int: 11, frac: 4, positive: true }).column(10), }
        district: coded("境内货源地", "Source in China", Table::District),
    }
}

item! {
    /// 复进口商品行: two declared items, the original value and the fees.
    pub static IMPORT_ITEM {
        original_value: amount("所含原出口货物价值", "Original value").declare().column(13)
            .help("全免项的总价", "Total of the exempt item"),
        own: {
            fee_processing: amount("境外加工费", "Processing fee").column(11),
            fee_material: amount("境外料件费", "Foreign materials").column(11),
            fee_freight: amount("运输及相关费用", "Freight and related").column(11),
            fee_insurance: amount("保险费", "Insurance").column(11),
            taxed_total: amount("更正征税总价", "Corrected taxed total").column(13)
                .help("一般不填：征税项总价由各项费用和分摊算出；填写后以此为准，并提示差额", "Usually empty: worked out from the fees; what stands here is taken instead, and the difference is said"),
        }
        district: coded("境内目的地", "Destination in China", Table::District),
    }
}

crate::table! {
    /// 报关单商品项: as it is declared, worked out from the rows.
    pub static DECLARED_ITEM {
        contr_item: typed("备案序号", "Book item", 9).xml("contrItem").column(8),
        portion: typed("申报内容", "Portion", 20).xml("-portion").column(12),
        code_ts: coded("商品编号", "Commodity code", Table::Commodity).xml("codeTS").column(10),
        g_name: typed("商品名称", "Goods", 255).xml("gName").column(20),
        g_model: typed("规格型号", "Specification", 255).xml("gModel").column(14),
        g_qty: quantity("成交数量", "Quantity").xml("gQty").column(10),
        g_unit: coded("成交单位", "Unit", Table::Unit).xml("gUnit").column(8),
        decl_price: Field::new(text("单价", "Unit price"), Kind::Decimal { int: 16, frac: 4, positive: false }).xml("declPrice").column(12),
        decl_total: amount("总价", "Total").xml("declTotal").column(13),
        trade_curr: coded("币制", "Currency", Table::Currency).xml("tradeCurr").column(8),
        duty_mode: coded("征免", "Levy mode", Table::LevyMode).xml("dutyMode").column(10),
        departure: typed("与算出金额之差", "Departure", 20).xml("-departure").column(11),
        first_qty: quantity("法定第一数量", "Legal quantity").xml("firstQty").column(10),
        first_unit: coded("法定第一单位", "Legal unit", Table::Unit).xml("firstUnit").column(8),
        second_qty: quantity("法定第二数量", "Second legal quantity").xml("secondQty").column(10),
        second_unit: coded("法定第二单位", "Second legal unit", Table::Unit).xml("secondUnit").column(8),
        origin_country: coded("原产国(地区)", "Country of origin", Table::Country).xml("originCountry").column(10),
        destination_country: coded("最终目的国(地区)", "Final destination", Table::Country).xml("destinationCountry").column(10),
        district: coded("境内目的地/货源地", "Place in China", Table::District).xml("districtCode").column(10),
    }
}
