//! What both kinds of goods rows can do, so that one screen and one import serve both lists. everything on
//! to the rules of the kind; has no rule of its own.

use super::{check_export, check_reimport, complete_export, complete_reimport};
use crate::book::model::{ExportGoods, Goods, ReimportGoods, Side};
use crate::form::{Finding, Record};
use crate::reference::{Codes, Table};

/// A goods row of one of the two lists.
pub trait GoodsRow: Record + serde::Serialize + serde::de::DeserializeOwned {
    const SIDE: Side;
    /// Fills the computed fields.
    fn complete(&mut self, codes: &Codes);
    /// Checks the row; `seq` 0 is the row being typed.
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding>;
    fn wrap(self) -> Goods;
    /// `None` when the row is of the other list.
    fn unwrap(goods: Goods) -> Option<Self>;
}

impl GoodsRow for ExportGoods {
    const SIDE: Side = Side::Exports;
    fn complete(&mut self, codes: &Codes) {
        complete_export(self, codes);
    }
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check_export(seq, self, codes, for_declare)
    }
    fn wrap(self) -> Goods {
        Goods::Exports(self)
    }
    fn unwrap(goods: Goods) -> Option<Self> {
        match goods {
            Goods::Exports(row) => Some(row),
            Goods::Reimports(_) => None,
        }
    }
}

impl GoodsRow for ReimportGoods {
    const SIDE: Side = Side::Reimports;
    fn complete(&mut self, codes: &Codes) {
        complete_reimport(self, codes);
    }
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check_reimport(seq, self, codes, for_declare)
    }
    fn wrap(self) -> Goods {
        Goods::Reimports(self)
    }
    fn unwrap(goods: Goods) -> Option<Self> {
        match goods {
            Goods::Reimports(row) => Some(row),
            Goods::Exports(_) => None,
        }
    }
}

/// Fills what a code that was just typed brings with it: the name of the goods.
pub fn fill_from_code<R: GoodsRow>(row: &mut R, typed: &str, codes: &Codes) {
    if typed == "hs_code"
        && let Some(entry) = codes.find(Table::Commodity, row.get("hs_code"))
    {
        row.set("goods_name", entry.name);
    }
}
