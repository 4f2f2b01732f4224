//! The one place that speaks to typst: a template and its data in, pages out, pages to PDF.
//! The engine sees two virtual files and our fonts: no file system, no packages, no clock.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::Serialize;
use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::ecow::EcoVec;
use typst::foundations::{Bytes, Datetime, Duration, NativeElement, Smart};
use typst::introspection::{Introspector, MetadataElem};
use typst::model::Document;
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::{Page, PagedDocument};
use typst_pdf::{PdfOptions, Timestamp};

use super::PrintError;
use super::font::Fonts;

/// Templates read their data from this file, as JSON: text in it is never markup.
const DATA: &str = "/data.json";
const TEMPLATE: &str = "/template.typ";

/// Typesets. Makes as many documents from as many templates as wanted with the same fonts.
pub struct Engine {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: FileId,
    data: FileId,
}

/// Pages, and on which of them each mark of the template stands.
pub struct Laid {
    document: PagedDocument,
    pub marks: Vec<usize>,
}

impl Engine {
    pub fn new(fonts: &Fonts) -> Result<Self, PrintError> {
        let fonts: Vec<Font> = fonts.all().cloned().collect();
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            template: file(TEMPLATE)?,
            data: file(DATA)?,
        })
    }

    /// Names of the fonts, best first.
    pub fn families(&self) -> Vec<&str> {
        self.fonts.iter().map(|font| font.info().family.as_str()).collect()
    }

    /// Lays the data out by a template. Marks are the template's `metadata(none)`, in their order.
    pub fn lay_out(&self, template: &str, data: &impl Serialize) -> Result<Laid, PrintError> {
        let data = serde_json::to_string(data).map_err(|error| PrintError::Engine(error.to_string()))?;
        let desk = Desk {
            engine: self,
            template: Source::new(self.template, template.to_owned()),
            data: Bytes::from_string(data),
        };
        let document = typst::compile::<PagedDocument>(&desk).output;
        // What the engine remembers would let a repeated layout be quicker; there is none, and it is a lot.
        comemo::evict(0);
        let document = document.map_err(told)?;
        let marks = document
            .introspector()
            .query(&MetadataElem::ELEM.select())
            .iter()
            .filter_map(|mark| document.introspector().page(mark.location()?))
            .map(|page| page.get() - 1)
            .collect();
        Ok(Laid { document, marks })
    }
}

impl Laid {
    pub fn pages(&self) -> &[Page] {
        self.document.pages()
    }
}

/// The pages as one PDF, with the title of `first`.
pub fn to_pdf(pages: EcoVec<Page>, first: &Laid, at: DateTime<Utc>) -> Result<Vec<u8>, PrintError> {
    let document = PagedDocument::new(pages, first.document.info().clone());
    let options = PdfOptions {
        creator: Smart::Custom(Some("opbook".to_owned())),
        timestamp: timestamp(at),
        // The tags of a long table would be twenty times the size of everything else.
        tagged: false,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(told);
    comemo::evict(0);
    pdf
}

fn timestamp(at: DateTime<Utc>) -> Option<Timestamp> {
    let byte = |number: u32| u8::try_from(number).ok();
    let datetime = Datetime::from_ymd_hms(
        at.year(),
        byte(at.month())?,
        byte(at.day())?,
        byte(at.hour())?,
        byte(at.minute())?,
        byte(at.second())?,
    )?;
    Some(Timestamp::new_utc(datetime))
}

fn file(path: &str) -> Result<FileId, PrintError> {
    let path = VirtualPath::new(path).map_err(|error| PrintError::Engine(error.to_string()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn told(errors: EcoVec<SourceDiagnostic>) -> PrintError {
    let errors: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    PrintError::Engine(errors.join("; "))
}

/// What the engine sees of the world during one layout.
struct Desk<'a> {
    engine: &'a Engine,
    template: Source,
    data: Bytes,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.engine.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.engine.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.engine.template { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.engine.data { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.engine.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
