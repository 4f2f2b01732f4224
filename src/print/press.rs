//! Brings a paper onto pages. A long listing is laid out a stretch at a time: the engine takes about
//! 15 kB for each value it lays out, and gives most of it back after each stretch. The finished pages stay
//! until the PDF is written, some 100 kB for a row, so memory does grow with the paper, and callers limit
//! it. What runs along every page is added once their number is known.

use serde::Serialize;
use typst::ecow::EcoVec;
use typst::layout::Point;

use super::PrintError;
use super::engine::{Engine, Laid, to_pdf};
use super::font::Fonts;
use super::paper::{Boxed, Cell, Form, Head, Listing, Paper, Part, Row};
use super::readable::{Reader, Words, code, lines};
use super::table::PAGE_WIDTH;

const BODY: &str = include_str!("body.typ");
const MARGIN: &str = include_str!("margin.typ");

/// Half-width characters of a value in a form's column.
const FORM_WIDTH: usize = 36;
/// Half-width characters of a line of boxes.
const BOXES_WIDTH: usize = 150;
/// Values laid out at a time.
const STRETCH: usize = 6_000;
/// A listing is not begun for fewer rows than this; what is left of it starts on the next page.
const FEWEST_ROWS: usize = 60;
/// A row with more lines than this might not fit on any page and may be broken.
const TALLEST_ROW: usize = 24;

/// The paper as PDF.
pub fn press(paper: &Paper, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let has = |letter| fonts.has(letter);
    let mut reader = Reader::new(&has);
    let mut margin = Margin::new(paper, &mut reader);
    let body = Body::new(paper, &mut reader);
    // Only now it is known which fonts are needed.
    let engine = Engine::new(fonts)?;

    let mut pages = EcoVec::new();
    let mut first = None;
    let mut at = Place::default();
    while at.part < body.parts.len() {
        let stretch = body.stretch(at, engine.families());
        let laid = engine.lay_out(BODY, &stretch)?;
        let (kept, next) = stretch.keep(&laid);
        pages.extend(laid.pages()[..kept].iter().cloned());
        at = next;
        first.get_or_insert(laid);
    }
    let Some(first) = first else { return Err(PrintError::Engine("an empty paper".to_owned())) };

    margin.pages = pages.len();
    margin.fonts = engine.families();
    let margin = engine.lay_out(MARGIN, &margin)?;
    for (page, margin) in pages.make_mut().iter_mut().zip(margin.pages()) {
        page.frame.push_frame(Point::zero(), margin.frame.clone());
    }
    to_pdf(pages, &first, paper.printed_at)
}

/// Title, parts: what the template `body.typ` reads.
struct Body {
    title: String,
    parts: Vec<ReadPart>,
}

enum ReadPart {
    Form { title: String, cells: Vec<ReadCell> },
    Boxes { lines: Vec<Vec<ReadBox>> },
    Break,
    Listing { listing: ReadListing, rows: Vec<ReadRow> },
}

#[derive(Serialize)]
struct ReadCell {
    label: String,
    value: Words,
    span: u8,
}

#[derive(Serialize)]
struct ReadBox {
    label: String,
    value: Words,
    width: u16,
}

struct ReadListing {
    title: String,
    none: String,
    number: String,
    widths: Vec<usize>,
    heads: Vec<Vec<Head>>,
}

#[derive(Serialize)]
struct ReadRow {
    number: i64,
    /// True: not broken across pages.
    keep: bool,
    lines: Vec<Vec<Words>>,
}

/// Where in the paper a stretch begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    part: usize,
    row: usize,
}

/// As much of a paper as is laid out at a time.
#[derive(Serialize)]
struct Stretch<'a> {
    fonts: Vec<&'a str>,
    title: &'a str,
    /// The title stands on the paper only once.
    opens: bool,
    parts: Vec<Piece<'a>>,
    #[serde(skip)]
    next: Place,
    /// Rows of the last part when that goes on in the next stretch.
    #[serde(skip)]
    cut: Option<&'a [ReadRow]>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Piece<'a> {
    Form {
        title: &'a str,
        cells: &'a [ReadCell],
    },
    Boxes {
        lines: &'a [Vec<ReadBox>],
    },
    Break,
    Listing {
        /// Empty where a listing goes on.
        title: &'a str,
        none: &'a str,
        number: &'a str,
        widths: &'a [usize],
        heads: &'a [Vec<Head>],
        rows: &'a [ReadRow],
    },
}

impl Body {
    fn new(paper: &Paper, reader: &mut Reader<'_>) -> Self {
        let title = reader.text(&paper.title);
        let mut parts: Vec<ReadPart> = paper.parts.iter().map(|part| ReadPart::new(part, reader)).collect();
        if !reader.missing().is_empty() {
            let codes: String = reader.missing().iter().copied().map(code).collect();
            let cell = Cell::new("缺字说明", format!("服务器的字体没有下列字符，纸面以其Unicode编码代替：{codes}"), 3);
            parts.insert(0, ReadPart::new(&Part::Form(Form { title: String::new(), cells: vec![cell] }), reader));
        }
        Self { title, parts }
    }

    /// The stretch that begins at a place.
    fn stretch<'a>(&'a self, from: Place, fonts: Vec<&'a str>) -> Stretch<'a> {
        let mut stretch = Stretch {
            fonts,
            title: &self.title,
            opens: from == Place::default(),
            parts: Vec::new(),
            next: from,
            cut: None,
        };
        let mut left = STRETCH;
        for part in &self.parts[from.part..] {
            match part {
                ReadPart::Form { title, cells } => {
                    left = left.saturating_sub(cells.len());
                    stretch.parts.push(Piece::Form { title, cells });
                }
                ReadPart::Boxes { lines } => {
                    left = left.saturating_sub(lines.iter().map(Vec::len).sum());
                    stretch.parts.push(Piece::Boxes { lines });
                }
                ReadPart::Break => stretch.parts.push(Piece::Break),
                ReadPart::Listing { listing, rows } => {
                    let values: usize = listing.heads.iter().map(Vec::len).sum();
                    let start = stretch.next.row;
                    let most = left / values.max(1);
                    let rest = &rows[start..];
                    if rest.len() <= most.max(FEWEST_ROWS) {
                        stretch.parts.push(listing.piece(start, rest));
                        left = left.saturating_sub(rest.len() * values);
                    } else {
                        if most >= FEWEST_ROWS || stretch.parts.is_empty() {
                            let some = &rest[..most.max(FEWEST_ROWS)];
                            stretch.parts.push(listing.piece(start, some));
                            stretch.next.row += some.len();
                            stretch.cut = Some(some);
                        }
                        return stretch;
                    }
                }
            }
            stretch.next = Place { part: stretch.next.part + 1, row: 0 };
        }
        stretch
    }
}

impl Stretch<'_> {
    /// How many of its pages are finished, and where the next stretch begins: when a listing goes on,
    /// rows on a page that is not full are laid out again with those that follow.
    fn keep(&self, laid: &Laid) -> (usize, Place) {
        let pages = laid.pages().len();
        let carried = self.cut.and_then(|rows| {
            let marks = laid.marks.get(laid.marks.len().checked_sub(rows.len())?..)?;
            let first = marks.iter().position(|page| *page + 1 == pages)?;
            // A row broken across pages may end on the last one.
            let before = rows.get(first.checked_sub(1)?)?;
            before.keep.then_some(rows.len() - first)
        });
        match carried {
            Some(carried) => (pages - 1, Place { row: self.next.row - carried, ..self.next }),
            None => (pages, self.next),
        }
    }
}

impl ReadPart {
    fn new(part: &Part, reader: &mut Reader<'_>) -> Self {
        match part {
            Part::Form(Form { title, cells }) => {
                Self::Form { title: reader.text(title), cells: fill_up(cells, reader) }
            }
            Part::Boxes(boxes) => {
                Self::Boxes { lines: boxes.lines.iter().map(|line| read_boxes(line, reader)).collect() }
            }
            Part::Break => Self::Break,
            Part::Listing(listing) => {
                let rooms = rooms(listing);
                let rows = listing.rows.iter().map(|row| ReadRow::new(row, &rooms, reader)).collect();
                let listing = ReadListing {
                    title: reader.text(&listing.title),
                    none: listing.none.clone(),
                    number: listing.number.clone(),
                    widths: listing.widths.clone(),
                    heads: listing.heads.clone(),
                };
                Self::Listing { listing, rows }
            }
        }
    }
}

impl ReadListing {
    fn piece<'a>(&'a self, start: usize, rows: &'a [ReadRow]) -> Piece<'a> {
        Piece::Listing {
            title: if start == 0 { &self.title } else { "" },
            none: &self.none,
            number: &self.number,
            widths: &self.widths,
            heads: &self.heads,
            rows,
        }
    }
}

impl ReadRow {
    fn new(row: &Row, rooms: &[Vec<usize>], reader: &mut Reader<'_>) -> Self {
        let lines_of = |(values, rooms): (&Vec<String>, &Vec<usize>)| {
            values.iter().zip(rooms).map(|(value, room)| lines(value, *room)).max().unwrap_or(1)
        };
        let height: usize = row.lines.iter().zip(rooms).map(lines_of).sum();
        let mut words = |(values, rooms): (&Vec<String>, &Vec<usize>)| {
            values.iter().zip(rooms).map(|(value, room)| reader.words(value, *room)).collect()
        };
        let lines = row.lines.iter().zip(rooms).map(&mut words).collect();
        Self { number: row.number, keep: height <= TALLEST_ROW, lines }
    }
}

/// A line of boxes; each has room for its share of the page.
fn read_boxes(line: &[Boxed], reader: &mut Reader<'_>) -> Vec<ReadBox> {
    let total: usize = line.iter().map(|one| usize::from(one.width)).sum();
    let mut read = |one: &Boxed| ReadBox {
        label: reader.text(&one.label),
        value: reader.words(&one.value, usize::from(one.width) * BOXES_WIDTH / total.max(1)),
        width: one.width,
    };
    line.iter().map(&mut read).collect()
}

/// Half-width characters that each value of a row has room for.
fn rooms(listing: &Listing) -> Vec<Vec<usize>> {
    let total: usize = listing.widths.iter().sum();
    let space = PAGE_WIDTH.saturating_sub(listing.widths.len());
    let line = |heads: &Vec<Head>| {
        let mut columns = listing.widths.iter().skip(1);
        let mut room = |head: &Head| {
            let width: usize = columns.by_ref().take(head.span).sum();
            width * space / total.max(1)
        };
        heads.iter().map(&mut room).collect()
    };
    listing.heads.iter().map(line).collect()
}

/// The cells of a form with spans that make each line three columns wide.
fn fill_up(cells: &[Cell], reader: &mut Reader<'_>) -> Vec<ReadCell> {
    const COLUMNS: u8 = 3;
    let mut used = 0;
    let mut filled: Vec<ReadCell> = Vec::new();
    for cell in cells {
        if used + cell.span > COLUMNS {
            if let Some(last) = filled.last_mut() {
                last.span += COLUMNS - used;
            }
            used = 0;
        }
        used = (used + cell.span) % COLUMNS;
        let room = FORM_WIDTH * usize::from(cell.span);
        let value = reader.words(&cell.value, room);
        filled.push(ReadCell { label: reader.text(&cell.label), value, span: cell.span });
    }
    if let Some(last) = filled.last_mut()
        && used > 0
    {
        last.span += COLUMNS - used;
    }
    filled
}

/// What runs along every page: the data of `margin.typ`.
#[derive(Serialize)]
struct Margin<'a> {
    fonts: Vec<&'a str>,
    pages: usize,
    header: [String; 2],
    footer: String,
    watermark: String,
}

impl Margin<'_> {
    fn new(paper: &Paper, reader: &mut Reader<'_>) -> Self {
        Self {
            fonts: Vec::new(),
            pages: 0,
            header: [reader.text(&paper.header[0]), reader.text(&paper.header[1])],
            footer: reader.text(&paper.footer),
            watermark: reader.text(&paper.watermark),
        }
    }
}
