//! A kind of document as data: fields of its head, its lists, its rules. Everything that is the same for all kinds
//! (rows, drafts, import, print, declare, receipts) reads this and knows no kind by name. The kinds themselves stand
//! in their business folders, the list of them in `kinds`.

use std::marker::PhantomData;
use std::ops::Deref;

use chrono::NaiveDate;
use uuid::Uuid;

use super::model::{Base, Mark, Row};
use super::under_book::UnderBook;
use crate::account::model::Enterprise;
use crate::account::rules::uscc_is_valid;
use crate::form::{Field, Finding, Record, Severity, Values, pointer};
use crate::reference::Codes;
use crate::text::{Message, Text, text};

/// Section of the head: first part of a pointer, name of its tab.
pub const HEAD: &str = "head";
/// Label of the head.
pub const HEAD_LABEL: Text = text("表头", "Head");

/// How a kind of document is called: all that menu, tabs and addresses need of it, so that the frame of the page comes
/// without fields and rules.
pub struct Naming {
    /// Name in the database, in addresses and on the wire.
    pub key: &'static str,
    /// Name of the menu entry: 出境加工账册(备案/变更).
    pub label: Text,
    /// What one document of it is called in a sentence: 账册.
    pub noun: Text,
    /// The query list in which its documents stand.
    pub listing: &'static Listing,
    /// Title of a new document.
    pub new_label: Text,
    /// True for what customs tells unasked: nobody enters it, it is only read.
    pub is_notice: bool,
}

/// How a query list is called. Apart from the kinds, so that the frame of the page comes without their fields.
pub struct Listing {
    /// Name in the database, in addresses and on the wire.
    pub key: &'static str,
    /// Name of the menu entry: 出境加工账册查询.
    pub label: Text,
}

/// One kind of document, e.g. the filing of an account book.
pub struct Kind {
    pub naming: &'static Naming,
    pub head: &'static [Field],
    pub sections: &'static [Section],
    /// Enterprises named in the head: their code is typed, credit code and name are looked up.
    pub parties: &'static [Party],
    /// Fields of the head shown above all sections.
    pub facts: &'static [&'static str],
    /// Columns of the query list: fields of the head.
    pub columns: &'static [&'static str],
    /// The number by which people call a document: the first of these that is filled.
    pub titles: &'static [&'static str],
    /// Typed fields that belong to one document and not to its content: 复制 and templates leave them out.
    pub own: &'static [&'static str],
    /// Element of the head in the message to customs.
    pub element: &'static str,
    /// Field of the head that names the account book the document belongs to; `None` for one that makes a book.
    pub book: Option<&'static str>,
    /// What it declares in place of its lists.
    pub declared: Option<&'static Declared>,
    /// For a kind that accounts for what the ledger has.
    pub accounts: Option<&'static Accounts>,
    pub rules: &'static dyn Rules,
}

/// The rows of a document, in the order of [`Kind::sections`].
pub type Lists<'a> = &'a [&'a [Row<Values>]];

/// What a document declares, worked out from its head and its lists: the items of a 报关单. Shown, printed and sent; never
/// typed and never stored, so that no figure of it can be apart from what it was worked out from.
pub struct Declared {
    /// First part of a pointer, key of its tab.
    pub key: &'static str,
    pub label: Text,
    pub fields: &'static [Field],
    /// What the number of an item is called: 项号.
    pub number: Text,
    /// Element of an item in the message to customs.
    pub element: &'static str,
    /// Element of the item's number.
    pub number_element: &'static str,
    /// The items, numbered from 1; each has the id of the row it came from.
    pub items: fn(head: &Values, lists: Lists<'_>) -> Vec<Row<Values>>,
}

/// How a document accounts for what the ledger has of its book (报核): its lists can be made from the ledger, and its rows
/// show the figures of the ledger beside those that are declared. An account is given once: it cannot be copied.
pub struct Accounts {
    /// The button that makes the lists: 按台账生成.
    pub label: Text,
    /// Asked before lists that have rows are made anew.
    pub question: Text,
    /// The lists as the ledger has them, in the order of [`Kind::sections`]. Pure.
    pub lists: fn(head: &Values, lists: Lists<'_>, book: &UnderBook) -> Vec<Vec<Made>>,
    /// Fills the grey figures of a row from the book. Pure; the same in the browser and on the server.
    pub figures: fn(section: &Section, row: &mut Values, book: &UnderBook),
}

/// A row made from the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The row it takes the place of.
    pub of: Option<Uuid>,
    pub content: Values,
}

/// One list of a document.
pub struct Section {
    /// First part of a pointer, value of the column `section`.
    pub key: &'static str,
    pub label: Text,
    pub fields: &'static [Field],
    /// What the number of a row is called: 商品序号.
    pub number: Text,
    /// The field by which a row is called; a pointer that names none leads to it.
    pub first: &'static str,
    /// At most so many rows.
    pub most_rows: usize,
    /// Field of the head that holds the number of rows.
    pub count: &'static str,
    /// Fields of the head that hold sums: field of the row, field of the head.
    pub sums: &'static [(&'static str, &'static str)],
    /// Fields in which 快速查询 looks.
    pub quick: &'static [&'static str],
    /// Parts of names by which a sheet of a workbook is recognised as this list.
    pub sheet_names: &'static [&'static str],
    /// Element of a row in the message to customs.
    pub element: &'static str,
    /// Element of the row's number.
    pub number_element: &'static str,
    pub rules: &'static dyn RowRules,
}

/// An enterprise named in the head: `operator` stands for `operator_code`, and for what is [`Party::looked_up`].
pub struct Party {
    pub front: &'static str,
    /// Field with its code.
    pub code: &'static str,
    pub label: Text,
}

/// A document as its rules see it.
#[derive(Clone, Copy)]
pub struct Whole<'a> {
    pub kind: &'static Kind,
    pub head: &'a Values,
    /// The rows in force, in the order of [`Kind::sections`]; rows marked as deleted are not among them.
    pub lists: Lists<'a>,
    /// For a change: what it changes.
    pub base: Option<&'a Base>,
    /// For a change: true when a paper was added or replaced by it.
    pub papers_changed: bool,
    /// The account book as it stands, where it is known.
    pub book: Option<&'a UnderBook>,
    pub codes: &'a Codes,
    pub today: NaiveDate,
}

impl<'a> Whole<'a> {
    /// The rows of a list; none for an unknown key.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &'a Row<Values>> + Clone + use<'a> {
        let place = self.kind.sections.iter().position(|section| section.key == key);
        let rows = place.and_then(|place| self.lists.get(place).copied()).unwrap_or_default();
        rows.iter().filter(|row| row.mark != Mark::Deleted)
    }
}

/// The signed-in unit declares unless somebody else is named.
pub fn declared_by(head: &mut Values, unit: &Enterprise) {
    if head.get("declarant_code").is_empty() {
        head.set("declarant_code", unit.code.as_str());
        head.set("declarant_uscc", unit.uscc.as_str());
        head.set("declarant_name", unit.name.as_str());
    }
}

/// What a kind says of its head and of the document as a whole. Pure; the same in the browser and on the server.
pub trait Rules: Sync {
    /// Fills what a new document starts with, where it is empty. `unit` is the enterprise of who enters it.
    fn start(&self, head: &mut Values, unit: &Enterprise, today: NaiveDate);
    /// Sets what is the same in every document of the kind, whatever was sent.
    fn fix(&self, head: &mut Values);
    /// Checks the head. `for_declare` adds what 申报 needs beyond 暂存.
    fn check_head(
        &self,
        head: &Values,
        base: Option<&Base>,
        codes: &Codes,
        today: NaiveDate,
        for_declare: bool,
    ) -> Vec<Finding>;
    /// Finds what no single field or row shows: head and rows, rows among each other.
    fn check_whole(&self, whole: &Whole<'_>) -> Vec<Finding>;
    /// True for a document that customs has decided on elsewhere: it is registered (登记), not declared.
    fn registers(&self, _head: &Values) -> bool {
        false
    }
    /// Papers (codes of 随附单证类型) that this content needs beyond those the settings ask for, each with its reason.
    fn papers(&self, _whole: &Whole<'_>) -> Vec<(&'static str, Message)> {
        Vec::new()
    }
}

/// What a list says of its rows. Pure; the same in the browser and on the server.
pub trait RowRules: Sync {
    /// Fills what follows from other fields; `typed` is the one just typed.
    fn complete(&self, row: &mut Values, typed: Option<&str>, codes: &Codes);
    /// Fields in which what stands in others leaves nothing to type.
    fn settled(&self, row: &Values, codes: &Codes) -> &'static [&'static str];
    /// Checks the row; `seq` 0 is the row being typed.
    fn check(&self, seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding>;
    /// A new row: what is the same for most rows is filled in.
    fn blank(&self, head: &Values, codes: &Codes) -> Values;
    /// Fills what the account book says of the goods whose number was just typed. Called in the browser only: what it
    /// fills is typed text, which a person may change.
    fn take_goods(&self, row: &mut Values, typed: &str, head: &Values, book: &UnderBook);
}

/// A row whose rules are written for its struct.
pub trait RowRecord: Record {
    /// As [`RowRules::complete`].
    fn complete(&mut self, typed: Option<&str>, codes: &Codes);
    /// As [`RowRules::settled`].
    fn settled(&self, _codes: &Codes) -> &'static [&'static str] {
        &[]
    }
    /// As [`RowRules::check`].
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding>;
    /// As [`RowRules::blank`].
    fn blank(_head: &Values) -> Self {
        Self::default()
    }
    /// As [`RowRules::take_goods`].
    fn take_goods(&mut self, _typed: &str, _head: &Values, _book: &UnderBook) {}
}

/// The rules of a list whose rows are `R`.
pub struct Typed<R>(PhantomData<fn() -> R>);

impl<R> Typed<R> {
    pub const RULES: Self = Self(PhantomData);
}

impl<R: RowRecord> RowRules for Typed<R> {
    fn complete(&self, row: &mut Values, typed: Option<&str>, codes: &Codes) {
        let mut record: R = row.read();
        record.complete(typed, codes);
        *row = Values::of(&record);
    }
    fn settled(&self, row: &Values, codes: &Codes) -> &'static [&'static str] {
        row.read::<R>().settled(codes)
    }
    fn check(&self, seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        row.read::<R>().check(seq, codes, for_declare)
    }
    fn blank(&self, head: &Values, codes: &Codes) -> Values {
        let mut record = R::blank(head);
        record.complete(None, codes);
        Values::of(&record)
    }
    fn take_goods(&self, row: &mut Values, typed: &str, head: &Values, book: &UnderBook) {
        let mut record: R = row.read();
        record.take_goods(typed, head, book);
        *row = Values::of(&record);
    }
}

impl Kind {
    /// The list with this key.
    pub fn section(&self, key: &str) -> Option<&'static Section> {
        self.sections.iter().find(|section| section.key == key)
    }

    /// True for a kind that makes an account book, of which 变更 makes a new version.
    pub const fn makes_book(&self) -> bool {
        self.book.is_none()
    }

    /// The number of the account book a document belongs to; empty for one that makes a book.
    pub fn book_no<'a>(&self, head: &'a Values) -> &'a str {
        self.book.map_or("", |key| head.get(key))
    }

    /// Its name without what stands in brackets, for papers and files: 出境加工账册.
    pub fn name(&self) -> &'static str {
        self.label.zh.split(['(', '（']).next().unwrap_or(self.label.zh)
    }

    /// Field of the head.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.head.iter().find(|field| field.key == key)
    }

    /// The number by which people call a document; empty for one that has none yet.
    pub fn title<'a>(&self, head: &'a Values) -> &'a str {
        self.titles.iter().map(|key| head.get(key)).find(|number| !number.is_empty()).unwrap_or_default()
    }

    /// The content of a head that may start another document: what is typed, without what belongs to one.
    pub fn content_of(&self, head: &Values) -> Values {
        let mut content = Values::new(self.head);
        content.take_typed(head);
        for key in self.own {
            content.set(key, "");
        }
        content
    }

    /// Everything that keeps a document from being declared, or should be looked at; the gravest first.
    pub fn check(&self, whole: &Whole<'_>) -> Vec<Finding> {
        let mut findings = self.rules.check_head(whole.head, whole.base, whole.codes, whole.today, true);
        // Customs has looked at the rows of what is registered: what that needs of them is said by `check_whole`.
        let is_declared = !self.rules.registers(whole.head);
        for section in self.sections {
            for row in whole.list(section.key) {
                findings.extend(section.rules.check(row.seq, &row.content, whole.codes, is_declared));
            }
        }
        findings.extend(self.rules.check_whole(whole));
        findings.sort_by_key(|found| std::cmp::Reverse(found.severity));
        findings
    }
}

/// A kind is called as its naming says.
impl Deref for Kind {
    type Target = Naming;
    fn deref(&self) -> &Naming {
        self.naming
    }
}

impl PartialEq for Naming {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Naming {}

impl std::fmt::Debug for Naming {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(self.key)
    }
}

impl PartialEq for Listing {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Listing {}

impl std::fmt::Debug for Listing {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(self.key)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Kind {}

impl std::fmt::Debug for Kind {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(self.key)
    }
}

impl Party {
    /// Finds what is wrong with a party whose code is typed: nothing filled in, or a credit code that cannot be one.
    pub fn check(&self, head: &Values) -> Option<Finding> {
        let (code, Text { zh, en }) = (head.get(self.code), self.label);
        let uscc = head.get(&self.looked_up()[0]);
        if code.is_empty() || uscc_is_valid(uscc) {
            return None;
        }
        let (rule, zh, en) = if uscc.is_empty() {
            (
                "party.unknown",
                format!("{zh}尚未返填，请在{zh}代码处按回车"),
                format!("The {en} is not filled in yet; press Enter in its code"),
            )
        } else {
            (
                "uscc.check_digit",
                format!("{zh}的社会信用代码“{uscc}”校验位不正确，请核对{zh}代码，或请管理员更正企业信息"),
                format!(
                    "The credit code “{uscc}” of the {en} has a wrong check digit; check the code or have the enterprise corrected"
                ),
            )
        };
        Some(Finding::new(rule, pointer(HEAD, None, self.code), Severity::Declare, zh, en))
    }

    /// Fields filled from its code: credit code, name.
    pub fn looked_up(&self) -> [String; 2] {
        ["uscc", "name"].map(|part| format!("{}_{part}", self.front))
    }
}

impl Section {
    /// Fields of the head that follow from the rows: their number, sums.
    pub fn totals(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.count).chain(self.sums.iter().map(|(_, sum)| *sum))
    }

    /// The row as it would be stored: normalised, what follows filled in.
    pub fn completed(&self, row: Values, codes: &Codes, today: NaiveDate) -> Values {
        let mut row = row.cleaned(today);
        self.rules.complete(&mut row, None, codes);
        row
    }

    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// What people know a row by: the fields 快速查询 looks into, as far as they are filled.
    pub fn name_of(&self, row: &Values) -> String {
        let known: Vec<&str> = self.quick.iter().map(|key| row.get(key)).filter(|text| !text.is_empty()).collect();
        known.join(" ")
    }
}

impl PartialEq for Section {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Section {}

impl std::fmt::Debug for Section {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(self.key)
    }
}
