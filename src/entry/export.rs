//! An entry as a file for the program in which it is really declared (货物申报, or a broker's): XML and a workbook, names and
//! order of the fields as in the platform's import. Made of the declared items, so that it says what is declared here.

use std::io;

use uuid::Uuid;

use super::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use crate::document::Row;
use crate::document::kind::{Declared, Kind};
use crate::document::service::{Content, content};
use crate::exchange::envelope::{bare, group, leaf};
use crate::form::{Field, Values};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::{Download, shown};
use crate::sheet::{Column, Output, OutputSheet};
use crate::text::Message;

/// Fields of the head in the order of the import: its element, ours.
const HEAD: [(&str, &str); 48] = [
    ("agentCode", "declarant_code"),
    ("agentName", "declarant_name"),
    ("billNo", "bill_no"),
    ("contrNo", "contract_no"),
    ("copCode", "input_code"),
    ("copName", "input_name"),
    ("customMaster", "master_customs"),
    ("cutMode", "levy_nature"),
    ("distinatePort", "call_port"),
    ("entryId", "entry_no"),
    ("feeCurr", "fee_curr"),
    ("feeMark", "fee_mark"),
    ("feeRate", "fee_rate"),
    ("grossWet", "gross_wt"),
    ("IEDate", "ie_date"),
    ("iEFlag", "ie_flag"),
    ("iEPort", "ie_port"),
    ("insurCurr", "insur_curr"),
    ("insurMark", "insur_mark"),
    ("insurRate", "insur_rate"),
    ("licenseNo", "license_no"),
    ("manualNo", "manual_no"),
    ("netWt", "net_wt"),
    ("noteS", "remark"),
    ("otherCurr", "other_curr"),
    ("otherMark", "other_mark"),
    ("otherRate", "other_rate"),
    ("ownerCode", "owner_code"),
    ("ownerName", "owner_name"),
    ("packNo", "pack_no"),
    ("tradeCountry", "trade_country"),
    ("tradeMode", "supervision_mode"),
    ("tradeCode", "operator_code"),
    ("trafMode", "traf_mode"),
    ("trafName", "traf_name"),
    ("tradeName", "operator_name"),
    ("transMode", "trans_mode"),
    ("wrapType", "wrap_type"),
    ("copCodeScc", "input_uscc"),
    ("tradeCoScc", "operator_uscc"),
    ("agentCodeScc", "declarant_uscc"),
    ("ownerCodeScc", "owner_uscc"),
    ("tradeAreaCode", "trade_area"),
    ("markNo", "mark_no"),
    ("despPortCode", "despatch_port"),
    ("entyPortCode", "border_port"),
    ("goodsPlace", "goods_place"),
    (OVERSEAS, "overseas_name"),
];
/// The name abroad has an element for each direction.
const OVERSEAS: &str = "overseas";

/// Fields of an item in the order of the import.
const ITEM: [&str; 17] = [
    "codeTS",
    "contrItem",
    "declPrice",
    "declTotal",
    "dutyMode",
    "firstUnit",
    "firstQty",
    "gUnit",
    "gModel",
    "gName",
    "gQty",
    "originCountry",
    "secondUnit",
    "secondQty",
    "tradeCurr",
    "destinationCountry",
    "districtCode",
];

/// Which file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Xlsx,
    Xml,
}

/// An entry as a file.
///
/// # Errors
/// `NotFound`; `Forbidden`; `Refused` for what is no entry.
pub async fn file(call: &Call, id: Uuid, format: Format) -> Result<Download, Failure> {
    let Content { kind, head, lists } = content(call, id).await?;
    let entries: [&'static Kind; 2] = [&ENTRY_EXPORT, &ENTRY_IMPORT];
    let Some(declared) = kind.declared.filter(|_| entries.contains(&kind)) else {
        return Err(Failure::refused(Message::new("该数据不是报关单，不能导出。", "This is no customs entry.")));
    };
    let lists: Vec<&[Row<Values>]> = lists.iter().map(Vec::as_slice).collect();
    let items = (declared.items)(&head, &lists);
    let name = format!("报关单-{}", kind.title(&head));
    match format {
        Format::Xml => Ok((format!("{name}.xml"), xml(kind, &head, declared, &items).into_bytes())),
        Format::Xlsx => {
            let codes = call.state.reference.codes();
            let fields: Vec<&Field> = HEAD.iter().filter_map(|(_, key)| kind.field(key)).collect();
            let head = OutputSheet {
                name: "表头".to_owned(),
                columns: fields.iter().map(|field| Column::of(field)).collect(),
                rows: vec![fields.iter().map(|field| shown(field, head.get(field.key), &codes)).collect()],
            };
            let fields: Vec<&Field> = ITEM.iter().filter_map(|element| of_element(declared, element)).collect();
            let number = Column::new(declared.number.zh, 6).numeric();
            let body = OutputSheet {
                name: "表体".to_owned(),
                columns: std::iter::once(number).chain(fields.iter().map(|field| Column::of(field))).collect(),
                rows: items
                    .iter()
                    .map(|item| {
                        let number = crate::sheet::Cell::Number(item.seq.to_string());
                        let cells = fields.iter().map(|field| shown(field, item.content.get(field.key), &codes));
                        std::iter::once(number).chain(cells).collect()
                    })
                    .collect(),
            };
            Ok((format!("{name}.xlsx"), Output { sheets: vec![head, body] }.written().await?))
        }
    }
}

fn of_element(declared: &'static Declared, element: &str) -> Option<&'static Field> {
    declared.fields.iter().find(|field| field.element() == element)
}

/// A day as the import takes it: `yyyymmdd`.
fn as_imported(element: &str, value: &str) -> String {
    if element == "IEDate" { value.replace('-', "") } else { value.to_owned() }
}

fn xml(kind: &Kind, head: &Values, declared: &'static Declared, items: &[Row<Values>]) -> String {
    let overseas = if head.get("ie_flag") == "E" { "overseasConsigneeEname" } else { "overseasConsignorEname" };
    bare(|xml| {
        group(xml, "DecMessage", |xml| {
            group(xml, "DecHead", |xml| {
                for (element, key) in HEAD.iter().filter(|(_, key)| kind.field(key).is_some()) {
                    let name = if *element == OVERSEAS { overseas } else { element };
                    leaf(xml, name, &as_imported(element, head.get(key)))?;
                }
                io::Result::Ok(())
            })?;
            group(xml, "DecLists", |xml| {
                for item in items {
                    group(xml, declared.element, |xml| {
                        leaf(xml, declared.number_element, &item.seq.to_string())?;
                        for field in ITEM.iter().filter_map(|element| of_element(declared, element)) {
                            leaf(xml, &field.element(), item.content.get(field.key))?;
                        }
                        io::Result::Ok(())
                    })?;
                }
                io::Result::Ok(())
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_import_is_one_of_ours() {
        // A name that was mistyped would leave its column empty in the program that declares.
        for kind in [&ENTRY_EXPORT, &ENTRY_IMPORT] {
            let unknown: Vec<&str> = HEAD.iter().map(|(_, key)| *key).filter(|key| kind.field(key).is_none()).collect();
            let only_import = ["despatch_port", "goods_place"];
            assert!(unknown.iter().all(|key| only_import.contains(key)), "{unknown:?}");
            let declared = kind.declared.unwrap();
            assert!(ITEM.iter().all(|element| of_element(declared, element).is_some()));
        }
    }
}
