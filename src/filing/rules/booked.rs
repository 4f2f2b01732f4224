//! What a change must leave as it is because entries are booked on it (lifecycle of a book; manual lines 407–425): goods that
//! were sent or came back keep their code and unit, are not fewer than what was booked, and are not deleted. Pure.

use crate::document::kind::Lists;
use crate::document::under_book::{BookGoods, UnderBook};
use crate::document::{Mark, Row};
use crate::filing::model::{EXPORTS, REIMPORTS};
use crate::form::{Finding, Severity, Values, amount, plain, pointer};

/// Fields of goods that stay once something is booked on them.
const KEPT: [(&str, &str, &str); 2] =
    [("hs_code", "商品编码", "commodity code"), ("declare_unit", "申报计量单位", "unit")];

/// What stands in the way of a change; `lists`: its exports and its re-imports.
pub fn check(lists: Lists<'_>, book: &UnderBook) -> Vec<Finding> {
    let goods = |at: usize, section: &'static str, label: &'static str, all: &[BookGoods]| -> Vec<Finding> {
        let rows = lists.get(at).copied().unwrap_or_default();
        let touched = all.iter().filter(|goods| !goods.balance.is_none());
        touched.flat_map(|goods| of_goods(section, label, goods, rows)).collect()
    };
    let mut findings = goods(0, EXPORTS, "出口货物", &book.exports);
    findings.extend(goods(1, REIMPORTS, "复进口货物", &book.reimports));
    findings
}

fn of_goods(section: &str, label: &str, goods: &BookGoods, rows: &[Row<Values>]) -> Vec<Finding> {
    let (seq, entry) = (goods.seq, &goods.entry);
    let refuse = |key: &str, zh: String, en: String| {
        Finding::new("change.booked", pointer(section, Some(seq), key), Severity::Declare, zh, en)
    };
    let row = rows.iter().find(|row| row.seq == seq && row.mark != Mark::Deleted);
    let Some(row) = row else {
        return vec![refuse(
            "hs_code",
            format!("{label}第{seq}项已有报关单（{entry}），不能删除，请恢复该项"),
            format!("Item {seq} has an entry ({entry}): it cannot be deleted; restore it"),
        )];
    };
    let mut found = Vec::new();
    for (key, zh, en) in KEPT {
        let (was, is) = (goods.get(key), row.content.get(key));
        if was != is {
            found.push(refuse(
                key,
                format!("{label}第{seq}项已有报关单（{entry}），{zh}不能由{was}改为{is}，请改回"),
                format!("Item {seq} has an entry ({entry}): its {en} stays {was}"),
            ));
        }
    }
    let used = goods.balance.exported.qty() + goods.balance.exempt.qty();
    let (is, was) = (amount(row.content.get("qty")), amount(goods.get("qty")));
    // More may be booked than was filed, since customs counts amounts: a change that does not lower the quantity mends that.
    if is < used && is < was {
        let used = plain(used);
        found.push(refuse(
            "qty",
            format!("{label}第{seq}项已申报{used}（{entry}等报关单），申报数量不能少于此数，请重新录入"),
            format!("Item {seq}: {used} are declared already ({entry}); the quantity cannot be less"),
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::document::under_book::{Balance, Figure};
    use crate::filing::model::ExportGoods;

    fn told(qty: &str, code: &str, mark: Mark) -> Vec<String> {
        let exported = Figure { booked_qty: 4.into(), reserved_qty: 2.into(), ..Figure::default() };
        let content = Values::of(&ExportGoods {
            hs_code: "8542310000".into(),
            declare_unit: "007".into(),
            qty: "10".into(),
            ..ExportGoods::default()
        });
        let goods = BookGoods {
            seq: 3,
            content: content.filled(),
            balance: Balance { exported, ..Balance::default() },
            entry: "530120260000000001".into(),
        };
        let mut content = content;
        content.set("qty", qty);
        content.set("hs_code", code);
        let row = Row { id: Uuid::nil(), seq: 3, version: 1, mark, content };
        of_goods(EXPORTS, "出口货物", &goods, &[row]).into_iter().map(|found| found.message.zh).collect()
    }

    #[test]
    fn a_book_that_is_overrun_can_still_be_changed() {
        // Five were filed and six booked: what leaves the row alone, or raises it, is no fault of the change.
        let balance = Figure { booked_qty: 6.into(), ..Figure::default() };
        let filed = Values::of(&ExportGoods { qty: "5".into(), ..ExportGoods::default() });
        let goods = BookGoods {
            seq: 1,
            content: filed.filled(),
            balance: Balance { exported: balance, ..Balance::default() },
            entry: "1".into(),
        };
        let found = |qty: &str| {
            let mut content = filed.clone();
            content.set("qty", qty);
            let row = Row { id: Uuid::nil(), seq: 1, version: 1, mark: Mark::Same, content };
            of_goods(EXPORTS, "出口货物", &goods, &[row]).len()
        };
        assert_eq!([found("5"), found("5.5"), found("6"), found("4.9")], [0, 0, 0, 1]);
    }

    #[test]
    fn goods_with_entries_keep_what_the_entries_say() {
        // Customs would return the change after weeks, or the entries would hang on goods that are no longer there.
        assert!(told("6", "8542310000", Mark::Changed).is_empty());
        for (qty, code, mark, word) in [
            ("5.9", "8542310000", Mark::Changed, "不能少于此数"),
            ("6", "8542320000", Mark::Changed, "商品编码不能由8542310000改为8542320000"),
            ("6", "8542310000", Mark::Deleted, "不能删除"),
        ] {
            let told = told(qty, code, mark);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains(word) && told[0].contains("530120260000000001"), "{told:?}");
        }
    }
}
