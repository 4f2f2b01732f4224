//! 通关 on both databases, against the simulated customs: entries are booked in the ledger, the exempt amount never runs over
//! what was exported, and what customs takes back is reversed. If these fail, a company pays duty it does not owe, or has
//! its goods held at the border.

mod files;
mod many;
mod register;

use std::time::Duration;

use opbook::customs::Office;
use opbook::document::under_book::UnderBook;
use opbook::document::{SaveHead, Saved, Status, Step, service};
use opbook::entry::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use opbook::entry::model::{EXPORT_ITEM, IMPORT_ITEM, ITEMS};
use opbook::exchange::adapter::Simulated;
use opbook::exchange::{Incoming, inbox, step};
use opbook::filing::model::{EXPORTS, ExportGoods, REIMPORTS, ReimportGoods};
use opbook::form::{Values, show_date};
use opbook::ledger::check::check;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use opbook::server::state::AppState;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::desk::{self, OTHER, OWN, add, at, call, export, new_filing, reimport, state};
use crate::support::both_databases;

/// The simulated customs, which answers at once.
pub(crate) fn office(state: &AppState) -> Office {
    Office::new(state.db.clone(), Duration::ZERO, Decimal::from(1_000_000_000))
}

/// Lets everything that is under way come to its end.
pub(crate) async fn settle(state: &AppState) {
    let customs = Simulated { office: office(state), clock: state.clock.clone() };
    while step(state, &customs).await.unwrap() {}
}

/// A book with two exports (1000 and 200) and three goods that come back, and its number.
pub(crate) async fn book(call: &Call) -> (Uuid, String) {
    let (id, _) = new_filing(call).await;
    for (spec, qty, price) in [("A1", "100", "10"), ("A2", "50", "4")] {
        let row = ExportGoods { spec_model: spec.into(), unit_price: price.into(), ..export(qty) };
        add(call, id, EXPORTS, &row).await;
    }
    for (spec, sources) in [("B1", ""), ("B2", "2"), ("B3", "")] {
        let row = ReimportGoods {
            spec_model: spec.into(),
            qty: "100".into(),
            legal_qty: "100".into(),
            legal_qty2: "100".into(),
            original_value: "400".into(),
            fee_processing: "50".into(),
            source_export_seqs: sources.into(),
            ..reimport()
        };
        add(call, id, REIMPORTS, &row).await;
    }
    desk::declare(call, id).await.unwrap();
    settle(&call.state).await;
    let document = service::get(call, id).await.unwrap();
    assert_eq!(document.meta.status, Status::Approved, "{:?}", service::receipts(call, id).await.unwrap());
    (id, at(&document.head, "book_no").to_owned())
}

/// A head complete enough to be declared.
pub(crate) fn head(kind: &str, book_no: &str, call: &Call) -> Values {
    let fields = if kind == ENTRY_EXPORT.key { ENTRY_EXPORT.head } else { ENTRY_IMPORT.head };
    let mut head = Values::new(fields);
    let today = show_date(call.state.clock.today());
    for (key, value) in [
        ("manual_no", book_no),
        ("origin", "1"),
        ("master_customs", "5301"),
        ("ie_port", "5301"),
        ("ie_date", &today),
        ("overseas_name", "ACME Processing"),
        ("traf_mode", "2"),
        ("owner_code", OWN),
        ("declarant_code", OWN),
        ("contract_no", "HT-2026-01"),
        ("trade_area", "VNM"),
        ("trade_country", "VNM"),
        ("wrap_type", "22"),
        ("pack_no", "3"),
        ("gross_wt", "12"),
        ("net_wt", "10"),
        ("trans_mode", "1"),
        ("currency", "USD"),
        ("share_by", "1"),
    ] {
        head.set(key, value);
    }
    head
}

/// A row of goods of the book; `values` beyond what all rows have.
pub(crate) fn row(import: bool, goods: &str, qty: &str, values: &[(&str, &str)]) -> Values {
    let mut row = Values::new(if import { IMPORT_ITEM } else { EXPORT_ITEM });
    for (key, value) in [
        ("goods_seq", goods),
        ("hs_code", desk::CODE),
        ("goods_name", "处理器"),
        ("spec_model", "A1"),
        ("qty", qty),
        ("unit", "035"),
        ("legal_unit", "035"),
        ("legal_qty", qty),
        ("legal_qty2", qty),
        ("origin_country", "CHN"),
        ("dest_country", if import { "CHN" } else { "VNM" }),
        ("district", "31019"),
    ] {
        row.set(key, value);
    }
    values.iter().for_each(|(key, value)| row.set(key, *value));
    row
}

pub(crate) async fn save(call: &Call, kind: &str, id: Uuid, base: i64, head: &Values) -> Result<Saved, Failure> {
    service::save_head(call, SaveHead { op: 0, id, kind: kind.into(), base, head: head.filled(), was: None }).await
}

/// An entry with these rows, saved and not declared.
pub(crate) async fn draft(call: &Call, kind: &str, head: &Values, rows: &[Values]) -> Uuid {
    let id = Uuid::now_v7();
    save(call, kind, id, 0, head).await.unwrap();
    for row in rows {
        add(call, id, ITEMS, row).await;
    }
    id
}

pub(crate) async fn declare(call: &Call, id: Uuid) -> Result<Saved, Failure> {
    desk::declare(call, id).await
}

pub(crate) async fn export_entry(call: &Call, book_no: &str, goods: &str, total: &str) -> Uuid {
    let row = row(false, goods, "1", &[("total_price", total)]);
    draft(call, ENTRY_EXPORT.key, &head(ENTRY_EXPORT.key, book_no, call), &[row]).await
}

pub(crate) async fn import_entry(call: &Call, book_no: &str, goods: &str, value: &str, fee: &str) -> Uuid {
    let row = row(true, goods, "1", &[("original_value", value), ("fee_processing", fee)]);
    draft(call, ENTRY_IMPORT.key, &head(ENTRY_IMPORT.key, book_no, call), &[row]).await
}

pub(crate) async fn status(call: &Call, id: Uuid) -> Status {
    service::get(call, id).await.unwrap().meta.status
}

pub(crate) async fn entry_no(call: &Call, id: Uuid) -> String {
    at(&service::get(call, id).await.unwrap().head, "entry_no").to_owned()
}

/// The book as the ledger has it, by a document of it.
pub(crate) async fn ledger(call: &Call, id: Uuid) -> UnderBook {
    let checked = check(&call.state.db).await.unwrap();
    assert!(checked.differences.is_empty(), "{:?}", checked.differences);
    service::book(call, id).await.unwrap().unwrap()
}

/// Exported and booked; exempt under way and booked; taxed and booked.
pub(crate) async fn figures(call: &Call, id: Uuid) -> [String; 4] {
    let total = ledger(call, id).await.total();
    [total.exported.booked, total.exempt.reserved, total.exempt.booked, total.taxed.booked]
        .map(|figure| figure.normalize().to_string())
}

/// 删单 of an entry, as customs tells it.
pub(crate) fn revocation(entry_no: &str) -> String {
    format!(
        "<Package><EnvelopInfo><message_type>OPB251</message_type></EnvelopInfo><DataInfo><BussinessData><OPB251>\
         <HdeApprResult><manageResult>D</manageResult></HdeApprResult><DecHead><tradeCode>{OWN}</tradeCode>\
         <entryId>{entry_no}</entryId></DecHead></OPB251></BussinessData></DataInfo></Package>"
    )
}

pub(crate) fn refusal(failure: Failure) -> String {
    match failure {
        Failure::Refused { message, findings } => {
            findings.iter().fold(message.zh, |all, found| format!("{all} {}", found.message.zh))
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_book_is_sent_out_and_comes_back_to_the_cent() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let (first, second) =
            (export_entry(&call, &number, "1", "600").await, export_entry(&call, &number, "2", "150.05").await);
        for id in [first, second] {
            declare(&call, id).await.unwrap();
        }
        assert_eq!(figures(&call, filing).await, ["0", "0", "0", "0"], "what is not booked does not count");
        settle(&state).await;
        assert_eq!(figures(&call, filing).await, ["750.05", "0", "0", "0"]);
        let number_of_first = entry_no(&call, first).await;
        assert_eq!((number_of_first.len(), &number_of_first[..4], &number_of_first[8..9]), (18, "5301", "0"));

        // Three goods, one freight bill of 100.00 shared by value.
        let mut with_freight = head(ENTRY_IMPORT.key, &number, &call);
        with_freight.set("shared_freight", "100");
        let rows = [
            row(true, "1", "40", &[("original_value", "100"), ("fee_processing", "10")]),
            row(true, "2", "30", &[("original_value", "100"), ("fee_processing", "20.5")]),
            row(true, "3", "10", &[("original_value", "100")]),
        ];
        let import = draft(&call, ENTRY_IMPORT.key, &with_freight, &rows).await;
        declare(&call, import).await.unwrap();
        assert_eq!(figures(&call, filing).await, ["750.05", "300", "0", "0"]);
        settle(&state).await;
        assert_eq!(status(&call, import).await, Status::Approved, "{:?}", service::receipts(&call, import).await);
        assert_eq!(figures(&call, filing).await, ["750.05", "0", "300", "130.5"]);
        let book = ledger(&call, filing).await;
        let taxed: Vec<String> = book.reimports.iter().map(|goods| goods.balance.taxed.booked.to_string()).collect();
        assert_eq!(taxed, ["43.34", "53.83", "33.33"]);
        assert_eq!(book.reimports[0].balance.exempt.booked_qty, Decimal::from(40));
        assert_eq!(book.reimports[0].entry, entry_no(&call, import).await);

        // What would go over is refused with the three figures, and nothing of it stays.
        let over = import_entry(&call, &number, "1", "450.06", "1").await;
        let told = refusal(declare(&call, over).await.unwrap_err());
        for figure in ["全免金额不得超过已出口报关单金额", "750.05", "300", "450.06", "450.05"] {
            assert!(told.contains(figure), "{told}");
        }
        assert_eq!(figures(&call, filing).await, ["750.05", "0", "300", "130.5"]);
        // Goods 2 are made of exports 2: of 150.05 exported, 100 are used.
        let of_goods = import_entry(&call, &number, "2", "50.06", "1").await;
        assert!(refusal(declare(&call, of_goods).await.unwrap_err()).contains("复进口商品序号2"));

        // While one is under way, another cannot take the same amount.
        let fits = import_entry(&call, &number, "1", "450.05", "1").await;
        declare(&call, fits).await.unwrap();
        let late = import_entry(&call, &number, "3", "0.01", "1").await;
        assert!(refusal(declare(&call, late).await.unwrap_err()).contains("尚可用0"));
        settle(&state).await;
        assert_eq!(figures(&call, filing).await, ["750.05", "0", "750.05", "131.5"]);
    }
}

#[tokio::test]
async fn what_is_returned_or_taken_back_is_free_again() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let sent = export_entry(&call, &number, "1", "500").await;
        declare(&call, sent).await.unwrap();
        settle(&state).await;

        // Customs pauses the book: the entry comes back, and its amount is free.
        office(&state).pause(&number, true).await.unwrap();
        let import = import_entry(&call, &number, "1", "500", "20").await;
        declare(&call, import).await.unwrap();
        assert_eq!(figures(&call, filing).await, ["500", "500", "0", "0"]);
        settle(&state).await;
        assert_eq!(status(&call, import).await, Status::Returned);
        assert!(service::receipts(&call, import).await.unwrap()[0].notes[0].text.contains("已暂停进出口"));
        assert_eq!(figures(&call, filing).await, ["500", "0", "0", "0"]);
        office(&state).pause(&number, false).await.unwrap();
        declare(&call, import).await.unwrap();
        settle(&state).await;
        assert_eq!(figures(&call, filing).await, ["500", "0", "500", "20"]);

        // What re-imports build upon cannot be taken back before them.
        let (sent_no, back_no) = (entry_no(&call, sent).await, entry_no(&call, import).await);
        let now = state.clock.now();
        assert!(
            office(&state).revoke(&sent_no, false, "删", now).await.unwrap_err().to_string().contains("请先撤销进口")
        );
        // 改单: it is mended under its number and booked anew.
        office(&state).revoke(&back_no, true, "商品项第2项【总价】与发票不符", now).await.unwrap();
        settle(&state).await;
        assert_eq!(status(&call, import).await, Status::Returned);
        assert_eq!(figures(&call, filing).await, ["500", "0", "0", "0"]);
        let receipts = service::receipts(&call, import).await.unwrap();
        assert_eq!((receipts[0].message_type.as_str(), receipts[0].result.as_str()), ("OPB251", "A"));
        assert_eq!(receipts[0].notes[0].pointer, "declared[2].decl_total");
        // What customs sent back is not registered past it.
        let (saved, mut head) = (service::get(&call, import).await.unwrap(), head(ENTRY_IMPORT.key, &number, &call));
        head.set("origin", "2");
        head.set("registered_no", "530120261000000009");
        let saved = save(&call, ENTRY_IMPORT.key, import, saved.meta.head_version, &head).await.unwrap();
        assert!(refusal(declare(&call, import).await.unwrap_err()).contains("不能改为登记"));
        head.set("origin", "1");
        head.set("registered_no", "");
        save(&call, ENTRY_IMPORT.key, import, saved.meta.head_version, &head).await.unwrap();
        // The same message once more is kept, and moves nothing.
        let again = Incoming { id: "again".into(), raw: revocation(&back_no).into_bytes() };
        inbox::keep(&state.db, &[again]).await.unwrap();
        settle(&state).await;
        let receipts = service::receipts(&call, import).await.unwrap();
        assert!(receipts.iter().any(|one| one.message_type == "OPB251" && !one.applied), "{receipts:?}");
        declare(&call, import).await.unwrap();
        settle(&state).await;
        assert_eq!(
            (entry_no(&call, import).await, figures(&call, filing).await),
            (back_no.clone(), ["500", "0", "500", "20"].map(String::from))
        );
        // 删单 of both, in their order.
        office(&state).revoke(&back_no, false, "企业申请", now).await.unwrap();
        office(&state).revoke(&sent_no, false, "企业申请", now).await.unwrap();
        settle(&state).await;
        assert_eq!((status(&call, import).await, status(&call, sent).await), (Status::Revoked, Status::Revoked));
        assert_eq!(figures(&call, filing).await, ["0", "0", "0", "0"]);
        assert!(office(&state).revoke(&sent_no, false, "再删", now).await.is_err());
    }
}

#[tokio::test]
async fn an_entry_that_customs_let_pass_elsewhere_is_registered_once() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let registered = |kind: &str, no: &str| {
            let mut head = head(kind, &number, &call);
            head.set("origin", "2");
            head.set("registered_no", no);
            // Customs has looked at the rest already.
            for key in ["overseas_name", "traf_mode", "contract_no", "wrap_type", "gross_wt", "owner_code"] {
                head.set(key, "");
            }
            head
        };
        let out = row(false, "1", "1", &[("total_price", "300")]);
        let wrong = draft(
            &call,
            ENTRY_EXPORT.key,
            &registered(ENTRY_EXPORT.key, "530120261000000001"),
            std::slice::from_ref(&out),
        )
        .await;
        assert!(refusal(declare(&call, wrong).await.unwrap_err()).contains("第9位应为0"));
        let sent = draft(
            &call,
            ENTRY_EXPORT.key,
            &registered(ENTRY_EXPORT.key, "530120260000000001"),
            std::slice::from_ref(&out),
        )
        .await;
        let saved = declare(&call, sent).await.unwrap();
        assert_eq!((saved.meta.status, at(&saved.head, "entry_no")), (Status::Approved, "530120260000000001"));
        let step = Step { id: sent, base: saved.meta.version };
        assert_eq!(service::declare(&call, step.clone()).await.unwrap().meta, saved.meta, "asked twice");
        assert_eq!(figures(&call, filing).await, ["300", "0", "0", "0"]);
        let twice = draft(&call, ENTRY_EXPORT.key, &registered(ENTRY_EXPORT.key, "530120260000000001"), &[out]).await;
        assert!(refusal(declare(&call, twice).await.unwrap_err()).contains("不能重复登记"));

        let back = row(true, "1", "1", &[("original_value", "300"), ("taxed_total", "12.34")]);
        let import = draft(&call, ENTRY_IMPORT.key, &registered(ENTRY_IMPORT.key, "530120261000000001"), &[back]).await;
        declare(&call, import).await.unwrap();
        assert_eq!(figures(&call, filing).await, ["300", "0", "300", "12.34"]);
        // Nothing of this went to customs.
        settle(&state).await;
        assert_eq!(service::receipts(&call, import).await.unwrap(), []);

        // 撤销登记: in the other order it is refused, and what it did before stays.
        assert!(refusal(service::withdraw(&call, step.clone()).await.unwrap_err()).contains("不能撤销"));
        let version = service::get(&call, import).await.unwrap().meta.version;
        let withdrawn = service::withdraw(&call, Step { id: import, base: version }).await.unwrap();
        assert_eq!((withdrawn.meta.status, at(&withdrawn.head, "entry_no")), (Status::Draft, ""));
        assert_eq!(service::withdraw(&call, Step { id: import, base: version }).await.unwrap().meta, withdrawn.meta);
        service::withdraw(&call, step).await.unwrap();
        assert_eq!(figures(&call, filing).await, ["0", "0", "0", "0"]);
        // Mended and registered again, it is booked again.
        declare(&call, sent).await.unwrap();
        assert_eq!(figures(&call, filing).await, ["300", "0", "0", "0"]);
    }
}

#[tokio::test]
async fn an_entry_stands_under_a_book_of_its_operator() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        // Of another enterprise, and of nobody.
        let stranger = desk::call(&state, "li", OTHER);
        for (who, no) in [(&stranger, number.as_str()), (&call, "P53019W99999")] {
            let refused = save(who, ENTRY_EXPORT.key, Uuid::now_v7(), 0, &head(ENTRY_EXPORT.key, no, who)).await;
            assert!(refusal(refused.unwrap_err()).contains("不是贵单位可办理的账册"));
        }
        // What the book says is filled in, and can be asked for before anything is saved.
        let told =
            service::look_up(&call, ENTRY_IMPORT.key, &head(ENTRY_IMPORT.key, &number, &call).filled()).await.unwrap();
        assert_eq!(
            (at(&told.head, "operator_code"), at(&told.head, "book_currency"), told.findings.len()),
            (OWN, "USD", 0)
        );

        // Goods that are not of the book, in the other direction, and in another unit.
        for (goods, unit, word) in [("9", "035", "备案序号9不在账册"), ("1", "007", "成交单位007与账册备案")]
        {
            let id = draft(
                &call,
                ENTRY_EXPORT.key,
                &head(ENTRY_EXPORT.key, &number, &call),
                &[row(false, goods, "1", &[("total_price", "1"), ("unit", unit)])],
            )
            .await;
            assert!(refusal(declare(&call, id).await.unwrap_err()).contains(word));
        }
        // Another currency needs its rate, which is kept with the entry.
        let mut euro = head(ENTRY_EXPORT.key, &number, &call);
        euro.set("currency", "EUR");
        let id = draft(&call, ENTRY_EXPORT.key, &euro, &[row(false, "1", "1", &[("total_price", "100.01")])]).await;
        assert!(refusal(declare(&call, id).await.unwrap_err()).contains("折算汇率"));
        let saved = service::get(&call, id).await.unwrap();
        euro.set("rate", "1.1");
        save(&call, ENTRY_EXPORT.key, id, saved.meta.head_version, &euro).await.unwrap();
        declare(&call, id).await.unwrap();
        settle(&state).await;
        assert_eq!(figures(&call, filing).await[0], "110.01");
        assert_eq!(ledger(&call, filing).await.exports[0].balance.exported.booked_qty, Decimal::ONE);

        // A change of the book leaves what is booked: names the entry that stands in the way.
        let change = Uuid::now_v7();
        let derive = opbook::document::Derive { from: filing, id: change, attachments: true };
        opbook::document::change::change(&call, derive).await.unwrap();
        let document = service::get(&call, change).await.unwrap();
        let goods = &desk::rows(&document, EXPORTS)[0];
        let gone = desk::removal(change, EXPORTS, goods.id, goods.version);
        service::save_rows(&call, gone).await.unwrap();
        let told = refusal(declare(&call, change).await.unwrap_err());
        assert!(told.contains("不能删除") && told.contains(&entry_no(&call, id).await), "{told}");

        // Over: expired.
        state.clock.advance(chrono::TimeDelta::days(400));
        let late = export_entry(&call, &number, "1", "1").await;
        assert!(refusal(declare(&call, late).await.unwrap_err()).contains("到期，不能再通关"));
    }
}

#[tokio::test]
async fn customs_finds_by_its_own_register_what_went_past_us() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let sent = export_entry(&call, &number, "1", "100").await;
        declare(&call, sent).await.unwrap();
        settle(&state).await;
        // Our ledger is made to say more than customs has booked: the declaration goes out, and customs returns it.
        let mut tx = state.db.begin().await.unwrap();
        let wrong = "UPDATE ledger_sum SET booked = '900' WHERE book_no = $1";
        sqlx::query(wrong).bind(&number).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let import = import_entry(&call, &number, "1", "100.01", "5").await;
        declare(&call, import).await.unwrap();
        settle(&state).await;
        let receipts = service::receipts(&call, import).await.unwrap();
        assert!(receipts[0].notes[0].text.contains("全免金额不得超过已出口报关单金额"), "{receipts:?}");
        assert_eq!(receipts[0].notes[0].pointer, "declared[1].decl_total");
        // The check names the sum that is wrong.
        let told = check(&state.db).await.unwrap().differences;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("合计为900，按明细重算为100"), "{told:?}");
        let _ = filing;
    }
}
