//! An entry as a file for the program in which it is really declared (货物申报, or a broker's): XML and a workbook, names and
//! order of the fields as in the platform's import. Made of the declared items, so that it says what is declared here.

use std::io;

use uuid::Uuid;

use super::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use crate::document::Row;
use crate::document::kind::{Declared, Kind};
use crate::document::service::{Content, content};
use crate::exchange::envelope::{bare, group, leaf};
use crate::form::{Field, Kind as FieldKind, Values};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::{Download, shown};
use crate::sheet::{Column, Output, OutputSheet};
use crate::text::Message;

/// Fields of the head in the order of the import; their elements stand in the field tables.
const HEAD: [&str; 48] = [
    "declarant_code",
    "declarant_name",
    "bill_no",
    "contract_no",
    "input_code",
    "input_name",
    "master_customs",
    "levy_nature",
    "call_port",
    "entry_no",
    "fee_curr",
    "fee_mark",
    "fee_rate",
    "gross_wt",
    "ie_date",
    "ie_flag",
    "ie_port",
    "insur_curr",
    "insur_mark",
    "insur_rate",
    "license_no",
    "manual_no",
    "net_wt",
    "remark",
    "other_curr",
    "other_mark",
    "other_rate",
    "owner_code",
    "owner_name",
    "pack_no",
    "trade_country",
    "supervision_mode",
    "operator_code",
    "traf_mode",
    "traf_name",
    "operator_name",
    "trans_mode",
    "wrap_type",
    "input_uscc",
    "operator_uscc",
    "declarant_uscc",
    "owner_uscc",
    "trade_area",
    "mark_no",
    "despatch_port",
    "border_port",
    "goods_place",
    "overseas_name",
];
/// The name abroad: the import has an element for each direction.
const OVERSEAS: &str = "overseas_name";

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
            let fields: Vec<&Field> = HEAD.iter().filter_map(|key| kind.field(key)).collect();
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
fn as_imported(field: &Field, value: &str) -> String {
    if field.kind == FieldKind::Date { value.replace('-', "") } else { value.to_owned() }
}

fn xml(kind: &Kind, head: &Values, declared: &'static Declared, items: &[Row<Values>]) -> String {
    let overseas = if head.get("ie_flag") == "E" { "overseasConsigneeEname" } else { "overseasConsignorEname" };
    bare(|xml| {
        group(xml, "DecMessage", |xml| {
            group(xml, "DecHead", |xml| {
                for field in HEAD.iter().filter_map(|key| kind.field(key)) {
                    let element = if field.key == OVERSEAS { overseas.to_owned() } else { field.element() };
                    leaf(xml, &element, &as_imported(field, head.get(field.key)))?;
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
            let unknown: Vec<&str> = HEAD.into_iter().filter(|key| kind.field(key).is_none()).collect();
            let only_import = ["despatch_port", "goods_place"];
            assert!(unknown.iter().all(|key| only_import.contains(key)), "{unknown:?}");
            let declared = kind.declared.unwrap();
            assert!(ITEM.iter().all(|element| of_element(declared, element).is_some()));
        }
    }
}
