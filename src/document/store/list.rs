//! SQL of the query list: which documents are found, in which order, one page of them. Lines that are skipped or only
//! counted are read from the index alone, and the last page from the other end. Decides nothing.

use sqlx::any::AnyRow;
use sqlx::{query, query_scalar};

use super::{DocumentRow, decode};
use crate::document::{Query, Status};
use crate::lists;
use crate::server::db::{Db, Sql};

/// Keys of numbers that can be sorted by from the index; the columns bear the names of the fields of the head. Given to
/// the macro that is named, since statements and the list of keys are made of the same words.
macro_rules! numbers {
    ($made:ident) => {
        $made!("export_total" "reimport_total" "change_seq")
    };
}

/// The same of texts.
macro_rules! texts {
    ($made:ident) => {
        $made!(
            "status" "seq_no" "book_no" "internal_no" "decl_type" "operator_code" "operator_name" "processor_name"
            "master_customs" "valid_to" "entry_no" "currency" "input_date" "declared_at"
        )
    };
}

macro_rules! as_list {
    ($($key:literal)*) => { &[$($key),*] };
}

macro_rules! as_cases {
    ($($key:literal)*) => { concat!($(" WHEN '", $key, "' THEN ", $key),*) };
}

const NUMBERS: &[&str] = numbers!(as_list);
const TEXTS: &[&str] = texts!(as_list);

/// True for a key that can be sorted by from the index.
pub fn is_sorted(key: &str) -> bool {
    NUMBERS.contains(&key) || TEXTS.contains(&key)
}

/// Conditions; an empty parameter does not restrict. `UPPER`: by itself `LIKE` tells capitals from small letters on one
/// database and not on the other. A whole number is compared (`=`), so that its index finds it; that of a book in a query
/// of its own, because SQLite would rather walk through the whole list in order.
macro_rules! found {
    ($book:literal, $seq:literal) => {
        concat!(
            " FROM document WHERE operator_code = $1 AND list = $2",
            $book,
            $seq,
            " AND ($5 = '' OR UPPER(internal_no) LIKE UPPER($5) ESCAPE '!')",
            " AND ($6 = '' OR status = $6) AND ($7 = '' OR decl_type = $7) AND ($8 < 0 OR change_seq = $8)",
            " AND ($9 = '' OR input_date >= $9) AND ($10 = '' OR input_date <= $10)",
            " AND ($11 = '' OR UPPER(entry_no) LIKE UPPER($11) ESCAPE '!' OR UPPER(registered_no) LIKE UPPER($11) ESCAPE '!')",
            " AND ($12 = '' OR kind = $12)",
        )
    };
}

macro_rules! by_column {
    ($book:literal, $seq:literal, $way:literal, $collate:literal) => {
        concat!(
            "SELECT id",
            found!($book, $seq),
            " ORDER BY CASE $15",
            numbers!(as_cases),
            " ELSE 0 END ",
            $way,
            ", CASE $15",
            texts!(as_cases),
            " ELSE '' END",
            $collate,
            " ",
            $way,
            ", id ",
            $way,
            " LIMIT $13 OFFSET $14"
        )
    };
}

/// By a field that is no column, read from the head: slow, and right. Of decimals ($16 = 1) the longer whole part is the
/// larger number.
macro_rules! by_field {
    ($book:literal, $seq:literal, $way:literal, $value:literal, $whole:literal) => {
        concat!(
            "SELECT id",
            found!($book, $seq),
            " ORDER BY CASE WHEN $16 = 1 THEN ",
            $whole,
            " ELSE 0 END ",
            $way,
            ", ",
            $value,
            " ",
            $way,
            ", id ",
            $way,
            " LIMIT $13 OFFSET $14"
        )
    };
}

macro_rules! way {
    ($book:literal, $seq:literal, $way:literal) => {
        Way {
            by_id: concat!("SELECT id", found!($book, $seq), " ORDER BY id ", $way, " LIMIT $13 OFFSET $14"),
            by_column: Sql {
                sqlite: by_column!($book, $seq, $way, ""),
                postgres: by_column!($book, $seq, $way, " COLLATE \"C\""),
            },
            by_field: Sql {
                sqlite: by_field!(
                    $book,
                    $seq,
                    $way,
                    "COALESCE(json_extract(head, '$.' || $15), '')",
                    "instr(COALESCE(json_extract(head, '$.' || $15), '') || '.', '.')"
                ),
                postgres: by_field!(
                    $book,
                    $seq,
                    $way,
                    "COALESCE(CAST(head AS json) ->> $15, '') COLLATE \"C\"",
                    "strpos(COALESCE(CAST(head AS json) ->> $15, '') || '.', '.')"
                ),
            },
        }
    };
}

macro_rules! search {
    ($book:literal, $seq:literal) => {
        Search {
            count: concat!("SELECT COUNT(*)", found!($book, $seq)),
            up: way!($book, $seq, "ASC"),
            down: way!($book, $seq, "DESC"),
        }
    };
}

/// The statements of one way to search.
struct Search {
    count: &'static str,
    up: Way,
    down: Way,
}

struct Way {
    by_id: &'static str,
    by_column: Sql,
    by_field: Sql,
}

const ANY: Search = search!(
    " AND ($3 = '' OR UPPER(book_no) LIKE UPPER($3) ESCAPE '!')",
    " AND ($4 = '' OR UPPER(seq_no) LIKE UPPER($4) ESCAPE '!')"
);
const BY_BOOK: Search = search!(
    " AND id IN (SELECT same.id FROM document same WHERE same.operator_code = $1 AND same.list = $2 \
     AND same.book_no = $3)",
    " AND ($4 = '' OR UPPER(seq_no) LIKE UPPER($4) ESCAPE '!')"
);
const BY_SEQ: Search = search!(" AND ($3 = '' OR UPPER(book_no) LIKE UPPER($3) ESCAPE '!')", " AND seq_no = $4");
const COUNT_ALL: &str = "SELECT COUNT(*) FROM document WHERE operator_code = $1 AND list = $2";
const BY_IDS: Sql = lists!("SELECT * FROM document WHERE id ", { 1 });

/// What was typed is found anywhere in the number; `%` and `_` mean themselves.
fn contains(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The number, when all of it was typed.
fn whole(text: &str, length: usize) -> Option<String> {
    let text = text.trim().to_uppercase();
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(text)
}

/// The conditions of a query as the statements take them.
struct Conditions<'a> {
    query: &'a Query,
    search: &'static Search,
    book_no: String,
    seq_no: String,
    internal_no: String,
    entry_no: String,
    change_seq: i64,
}

impl<'a> Conditions<'a> {
    fn of(query: &'a Query) -> Self {
        let (book_no, seq_no) = (whole(&query.book_no, 12), whole(&query.seq_no, 18));
        let search = match (&book_no, &seq_no) {
            (_, Some(_)) => &BY_SEQ,
            (Some(_), None) => &BY_BOOK,
            (None, None) => &ANY,
        };
        let is_by_book = book_no.is_some() && seq_no.is_none();
        Self {
            query,
            search,
            book_no: book_no.filter(|_| is_by_book).unwrap_or_else(|| contains(&query.book_no)),
            seq_no: seq_no.unwrap_or_else(|| contains(&query.seq_no)),
            internal_no: contains(&query.internal_no),
            entry_no: contains(&query.entry_no),
            // What is no number is found nowhere.
            change_seq: if query.change_seq.is_empty() { -1 } else { query.change_seq.parse().unwrap_or(i64::MAX) },
        }
    }

    fn are_none(&self) -> bool {
        let Query { kind, status, decl_type, input_from, input_to, .. } = self.query;
        let texts =
            [&self.book_no, &self.seq_no, &self.internal_no, &self.entry_no, kind, decl_type, input_from, input_to];
        status.is_none() && self.change_seq < 0 && texts.iter().all(|text| text.is_empty())
    }
}

macro_rules! bound {
    ($statement:expr, $conditions:expr) => {{
        let Conditions { query, book_no, seq_no, internal_no, entry_no, change_seq, .. } = $conditions;
        $statement
            .bind(&query.operator_code)
            .bind(&query.list)
            .bind(book_no)
            .bind(seq_no)
            .bind(internal_no)
            .bind(query.status.map_or("", Status::code))
            .bind(&query.decl_type)
            .bind(*change_seq)
            .bind(&query.input_from)
            .bind(&query.input_to)
            .bind(entry_no)
            .bind(&query.kind)
    }};
}

/// How a page is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest first when descending.
    Id,
    /// By a key that [`is_sorted`].
    Column,
    /// By another field of the head.
    Field { decimal: bool },
}

/// One page of the list, and how many match in all.
pub async fn page(db: &Db, query: &Query, order: Order) -> Result<(Vec<DocumentRow>, i64), sqlx::Error> {
    let conditions = Conditions::of(query);
    if query.page == 0 {
        // Where the first page begins is known before all are counted.
        let lines = async { in_order(db, &ids(db, &conditions, order, (0, query.page_size), false).await?).await };
        return tokio::try_join!(lines, total(db, &conditions));
    }
    let total = total(db, &conditions).await?;
    let offset = query.page * query.page_size;
    if offset >= total {
        return Ok((Vec::new(), total));
    }
    // Lines beyond the middle are reached sooner from the end.
    let here = query.page_size.min(total - offset);
    let backwards = offset > total / 2;
    let skipped = if backwards { total - offset - here } else { offset };
    let mut ids = ids(db, &conditions, order, (skipped, here), backwards).await?;
    if backwards {
        ids.reverse();
    }
    Ok((in_order(db, &ids).await?, total))
}

async fn total(db: &Db, conditions: &Conditions<'_>) -> Result<i64, sqlx::Error> {
    if conditions.are_none() {
        let Query { operator_code, list, .. } = conditions.query;
        return query_scalar(COUNT_ALL).bind(operator_code).bind(list).fetch_one(&db.read).await;
    }
    bound!(query_scalar(conditions.search.count), conditions).fetch_one(&db.read).await
}

/// So many ids after so many that are skipped, counted from the other end when `backwards`.
async fn ids(
    db: &Db,
    conditions: &Conditions<'_>,
    order: Order,
    (skipped, here): (i64, i64),
    backwards: bool,
) -> Result<Vec<String>, sqlx::Error> {
    let query = conditions.query;
    let way = if query.descending == backwards { &conditions.search.up } else { &conditions.search.down };
    let statement = match order {
        Order::Id => way.by_id,
        Order::Column => db.pick(way.by_column),
        Order::Field { .. } => db.pick(way.by_field),
    };
    let mut statement = bound!(query_scalar::<_, String>(statement), conditions).bind(here).bind(skipped);
    if order != Order::Id {
        statement = statement.bind(&query.sort);
    }
    if let Order::Field { decimal } = order {
        statement = statement.bind(i64::from(decimal));
    }
    statement.fetch_all(&db.read).await
}

async fn in_order(db: &Db, ids: &[String]) -> Result<Vec<DocumentRow>, sqlx::Error> {
    let rows: Vec<AnyRow> = query(db.pick(BY_IDS)).bind(db.list(ids)?).fetch_all(&db.read).await?;
    let mut rows = rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::{contains, whole};

    #[test]
    fn signs_of_the_pattern_language_are_searched_as_typed() {
        // Otherwise a search for "A_1" would also list the books AB1 and AC1.
        assert_eq!(contains(" A_1%! "), "%A!_1!%!!%");
        assert_eq!(contains("  "), "");
    }

    #[test]
    fn only_all_of_a_number_is_compared() {
        assert_eq!(whole(" p53016w00001 ", 12).as_deref(), Some("P53016W00001"));
        assert_eq!(whole("P53016W0000", 12), None);
        assert_eq!(whole("P5301_W00001", 12), None);
    }
}
