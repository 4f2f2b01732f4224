//! The official form of the 报关单 (公告2019年第18号, A4 landscape) as data: which field stands in which box. Printed by
//! `document::print`; what a person signs is left empty.

use crate::document::office::{Column, OfficialForm, PAPERS, Slot};

/// Between the directions differ: title, some labels, one box of two lines.
macro_rules! form {
    ($name:ident, $title:literal, operator: $operator:literal, port: $port:literal, day: $day:literal, abroad: $abroad:literal,
     owner: $owner:literal, country: $country:literal, call_port: $call_port:literal, border: $border:literal,
     place: $place:literal, second: [$($second:expr)?], third: [$($third:expr)?]) => {
        pub static $name: OfficialForm = OfficialForm {
            title: concat!("中华人民共和国海关", $title, "货物报关单"),
            above: &[
                &[
                    Slot::new("统一编号", &["seq_no"], 3),
                    Slot::new("海关编号", &["entry_no"], 3),
                    Slot::new("申报地海关", &["master_customs"], 3),
                ],
                &[
                    Slot::new($operator, &["operator_uscc", "operator_name"], 6),
                    Slot::new($port, &["ie_port"], 3),
                    Slot::new($day, &["ie_date"], 2),
                    Slot::new("申报日期", &["declared_at"], 2),
                    Slot::new("备案号", &["manual_no"], 2),
                ],
                &[
                    Slot::new($abroad, &["overseas_name"], 6),
                    Slot::new("运输方式", &["traf_mode"], 2),
                    Slot::new("运输工具名称及航次号", &["traf_name"], 3),
                    Slot::new("提运单号", &["bill_no"], 3),
                    $($second,)?
                ],
                &[
                    Slot::new($owner, &["owner_uscc", "owner_name"], 6),
                    Slot::new("监管方式", &["supervision_mode"], 2),
                    Slot::new("征免性质", &["levy_nature"], 3),
                    Slot::new("许可证号", &["license_no"], 3),
                    $($third,)?
                ],
                &[
                    Slot::new("合同协议号", &["contract_no"], 4),
                    Slot::new("贸易国(地区)", &["trade_area"], 3),
                    Slot::new($country, &["trade_country"], 3),
                    Slot::new($call_port, &["call_port"], 3),
                    Slot::new($border, &["border_port"], 3),
                ],
                &[
                    Slot::new("包装种类", &["wrap_type"], 4),
                    Slot::new("件数", &["pack_no"], 1),
                    Slot::new("毛重(千克)", &["gross_wt"], 2),
                    Slot::new("净重(千克)", &["net_wt"], 2),
                    Slot::new("成交方式", &["trans_mode"], 2),
                    Slot::new("运费", &["fee_curr", "fee_rate", "fee_mark"], 2).coded(),
                    Slot::new("保费", &["insur_curr", "insur_rate", "insur_mark"], 2).coded(),
                    Slot::new("杂费", &["other_curr", "other_rate", "other_mark"], 2).coded(),
                ],
                &[Slot::new("随附单证及编号", &[PAPERS], 1)],
                &[Slot::new("标记唛码及备注", &["remark", "mark_no"], 1)],
            ],
            columns: &[
                Column { label: "商品编号", lines: &[&["code_ts"]], width: 10, right: false },
                Column { label: "商品名称及规格型号", lines: &[&["g_name"], &["g_model"]], width: 40, right: false },
                Column {
                    label: "数量及单位",
                    lines: &[&["first_qty", "first_unit"], &["second_qty", "second_unit"], &["g_qty", "g_unit"]],
                    width: 18,
                    right: true,
                },
                Column {
                    label: "单价/总价/币制",
                    lines: &[&["decl_price"], &["decl_total"], &["trade_curr"]],
                    width: 18,
                    right: true,
                },
                Column { label: "原产国(地区)", lines: &[&["origin_country"]], width: 14, right: false },
                Column { label: "最终目的国(地区)", lines: &[&["destination_country"]], width: 16, right: false },
                Column { label: $place, lines: &[&["district"]], width: 20, right: false },
                Column { label: "征免", lines: &[&["duty_mode"]], width: 12, right: false },
            ],
            below: &[
                &[
                    Slot::new("特殊关系确认", &[], 1),
                    Slot::new("价格影响确认", &[], 1),
                    Slot::new("支付特许权使用费确认", &[], 1),
                    Slot::new("自报自缴", &[], 1),
                ],
                &[
                    Slot::new("报关人员　报关人员证号　电话", &[], 3),
                    Slot::new("兹申明对以上内容承担如实申报、依法纳税之法律责任　申报单位(签章)", &["declarant_uscc", "declarant_name"], 4),
                    Slot::new("海关批注及签章", &[], 3),
                ],
            ],
        };
    };
}

form!(EXPORT, "出口", operator: "境内发货人", port: "出境关别", day: "出口日期", abroad: "境外收货人", owner: "生产销售单位",
    country: "运抵国(地区)", call_port: "指运港", border: "离境口岸", place: "境内货源地", second: [], third: []);
form!(IMPORT, "进口", operator: "境内收货人", port: "进境关别", day: "进口日期", abroad: "境外发货人", owner: "消费使用单位",
    country: "启运国(地区)", call_port: "经停港", border: "入境口岸", place: "境内目的地",
    second: [Slot::new("货物存放地点", &["goods_place"], 3)], third: [Slot::new("启运港", &["despatch_port"], 3)]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::kind::kind_of;
    use crate::entry::rules::Direction;

    #[test]
    fn every_box_is_a_field() {
        // A key that was mistyped would leave its box empty on every form.
        for (form, direction) in [(&EXPORT, Direction::Export), (&IMPORT, Direction::Import)] {
            let kind = kind_of(direction);
            let slots = form.above.iter().chain(form.below).flat_map(|line| line.iter());
            let unknown: Vec<_> =
                slots.flat_map(|slot| slot.fields).filter(|key| **key != PAPERS && kind.field(key).is_none()).collect();
            assert!(unknown.is_empty(), "{unknown:?}");
            let items = kind.declared.unwrap().fields;
            let keys = form.columns.iter().flat_map(|column| column.lines).flat_map(|line| line.iter());
            assert!(keys.into_iter().all(|key| items.iter().any(|field| field.key == *key)));
        }
    }
}
