//! 打印: how long a paper takes in this process, beside LibreOffice on the same tables where it is
//! installed. `make bench` runs it; `-- --save FILE` writes the shorter paper, for the picture in docs/.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::Utc;
use opbook::attachment::model::{Attachment, AttachmentRow};
use opbook::document::print::{Content, paper};
use opbook::document::{DocumentMeta, Mark, Row, Status};
use opbook::filing::kind::FILING;
use opbook::filing::model::{ExportGoods, Head, ReimportGoods};
use opbook::form::{Texts, Values};
use opbook::print::{Paper, Part, pdf};
use opbook::reference::Codes;
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use uuid::Uuid;

/// Rows of exports and of re-imports, and how often each paper is made: some 5 pages, some 50, and the
/// longest that is printed.
const PAPERS: [(i64, usize); 3] = [(40, 100), (545, 20), (1500, 1)];
const OFFICE_RUNS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("bench.db").display())).await.unwrap();
        let codes = ReferenceCache::load(&db, &Config::default()).await.unwrap().codes();
        let mut arguments = std::env::args().skip_while(|argument| argument != "--save").skip(1);
        if let Some(file) = arguments.next() {
            std::fs::write(file, pdf(None, make(&codes, 6)).await.unwrap()).unwrap();
            return;
        }
        println!("a book as PDF: p50 / p99 in this process; memory is the process's peak so far");
        for (rows, runs) in PAPERS {
            measure(&codes, rows, runs, folder.path()).await;
        }
    });
}

async fn measure(codes: &Codes, rows: i64, runs: usize, folder: &Path) {
    let mut times = Vec::new();
    let mut bytes = Vec::new();
    // The first one reads the font.
    for run in usize::from(runs == 1)..=runs {
        let paper = make(codes, rows);
        let start = Instant::now();
        bytes = pdf(None, paper).await.unwrap();
        if run > 0 {
            times.push(start.elapsed());
        }
    }
    times.sort();
    let at = |percent: usize| shown(times[(times.len() - 1) * percent / 100]);
    println!(
        "{:>4} rows, {:>3} pages, {:>5} kB: {:>7} / {:>7} ms ({runs} times), {} MB",
        2 * rows,
        page_count(&bytes),
        bytes.len() / 1024,
        at(50),
        at(99),
        peak_memory()
    );
    if runs == 1 {
        return; // the reference would take minutes
    }
    match office(&make(codes, rows), folder, if rows > 100 { 1 } else { OFFICE_RUNS }) {
        Some(time) => println!("     LibreOffice, started for each paper: {} ms", shown(time)),
        None => println!("     LibreOffice: skipped, soffice is not installed"),
    }
}

/// Milliseconds with a decimal.
fn shown(time: Duration) -> String {
    format!("{}.{}", time.as_millis(), time.subsec_micros() / 100 % 10)
}

/// A filing as the demonstration's enterprises make it.
fn make(codes: &Codes, rows: i64) -> Paper {
    let meta = DocumentMeta {
        id: Uuid::now_v7(),
        status: Status::Draft,
        version: 1,
        head_version: 1,
        ..DocumentMeta::default()
    };
    let head = Head {
        internal_no: "DL-2026-0018".into(),
        seq_no: "202600000000001234".into(),
        decl_type: "1".into(),
        change_seq: "0".into(),
        master_customs: "2300".into(),
        operator_code: "3205246018".into(),
        operator_uscc: "91320594MA1N7K3Q4N".into(),
        operator_name: "东澜精密电子（苏州）有限公司".into(),
        processor_code: "4403160D52".into(),
        processor_uscc: "91440300MA5E9R2G5A".into(),
        processor_name: "澄岳光电（深圳）有限公司".into(),
        declarant_code: "3122980015".into(),
        declarant_uscc: "91310115MA1K4W8D3G".into(),
        declarant_name: "通和报关（上海）有限公司".into(),
        declarant_type: "3".into(),
        supervision_mode: "1427".into(),
        contract_no: "DL-VN-2026-07".into(),
        contract_date: "2026-10-08".into(),
        valid_to: "2027-09-30".into(),
        foreign_processor_name: "Mekong Precision Assembly Co., Ltd.".into(),
        process_country: "VNM".into(),
        export_port: "2300".into(),
        import_port: "2300".into(),
        currency: "USD".into(),
        processing_fee_total: "48600".into(),
        contact_name: "沈知远".into(),
        contact_mobile: "13800138000".into(),
        export_count: rows.to_string(),
        reimport_count: rows.to_string(),
        input_code: "3122980015".into(),
        input_name: "通和报关（上海）有限公司".into(),
        input_date: "2026-11-20".into(),
        process_desc: "晶圆切割后出境，经贴片、引线键合、塑封和测试，制成封装芯片后复运进境；\n\
                       境外不添加我国禁止进口的料件，废料在境外按当地规定处置。"
            .into(),
        remark: "合同第三条约定损耗率不超过百分之二".into(),
        ..Head::default()
    };
    let export = |seq: i64| ExportGoods {
        material_no: format!("W-{seq:05}"),
        hs_code: "8542399000".into(),
        goods_name: format!("未封装集成电路晶粒 第{seq}批"),
        spec_model: "12英寸 28nm".into(),
        declare_unit: "007".into(),
        legal_unit: "007".into(),
        legal_unit2: "035".into(),
        qty: format!("{}", 1000 + seq),
        legal_qty: format!("{}", 1000 + seq),
        legal_qty2: format!("{}.25", seq + 1),
        unit_price: "2.5".into(),
        total_price: format!("{}.5", 2500 + 2 * seq),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        dest_country: "VNM".into(),
        levy_mode: "3".into(),
        ..ExportGoods::default()
    };
    let reimport = |seq: i64| ReimportGoods {
        material_no: format!("P-{seq:05}"),
        hs_code: "8542399000".into(),
        goods_name: format!("封装集成电路 第{seq}批"),
        spec_model: "BGA-256".into(),
        declare_unit: "007".into(),
        legal_unit: "007".into(),
        legal_unit2: "035".into(),
        qty: format!("{}", 980 + seq),
        legal_qty: format!("{}", 980 + seq),
        legal_qty2: format!("{}.75", seq + 1),
        unit_price: "3.8".into(),
        total_price: format!("{}.4", 3724 + 3 * seq),
        currency: "USD".into(),
        origin_country: "VNM".into(),
        original_value: format!("{}.5", 2450 + 2 * seq),
        fee_processing: "1100".into(),
        fee_material: "120".into(),
        fee_freight: "45.5".into(),
        fee_insurance: "8.4".into(),
        dutiable_value: "1273.9".into(),
        source_export_seqs: seq.to_string(),
        levy_mode: "1".into(),
        ..ReimportGoods::default()
    };
    let content = Content {
        kind: &FILING,
        form: None,
        meta,
        head: Values::of(&head),
        lists: vec![
            (1..=rows).map(|seq| row(seq, &export(seq))).collect(),
            (1..=rows).map(|seq| row(seq, &reimport(seq))).collect(),
        ],
        book: None,
        changes: None,
        attachments: vec![attachment(1, "01", "出境加工合同.pdf"), attachment(2, "02", "生产工艺说明.pdf")],
        receipts: Vec::new(),
    };
    paper(&content, "顾一鸣", codes, Utc::now())
}

fn row(seq: i64, content: &impl Texts) -> Row<Values> {
    Row { id: Uuid::now_v7(), seq, version: 1, mark: Mark::Same, content: Values::of(content) }
}

fn attachment(seq: i64, kind: &str, name: &str) -> AttachmentRow {
    let content = Attachment {
        att_type: kind.into(),
        file_name: name.into(),
        size: "183500".into(),
        file_type: "pdf".into(),
        status: "9".into(),
        hash_method: "sha256".into(),
        hash: format!("{:064x}", u128::MAX / (7 + seq.unsigned_abs() as u128)),
        format: "2".into(),
        owner_code: "3205246018".into(),
        uploaded_at: "2026-11-20T02:15:00.000Z".into(),
        ..Attachment::default()
    };
    AttachmentRow { id: Uuid::now_v7(), seq, version: 1, received: 183_500, content }
}

/// Pages of a PDF by its own count.
fn page_count(pdf: &[u8]) -> String {
    let text = String::from_utf8_lossy(pdf);
    let counts = text.match_indices("/Count ").map(|(at, name)| &text[at + name.len()..]);
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    counts.filter_map(|rest| digits(rest).parse::<usize>().ok()).max().map_or("?".to_owned(), |most| most.to_string())
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The same tables as HTML through LibreOffice; the median run.
fn office(paper: &Paper, folder: &Path, runs: usize) -> Option<Duration> {
    let html = folder.join("paper.html");
    std::fs::write(&html, as_html(paper)).unwrap();
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        let profile = format!("-env:UserInstallation=file://{}", folder.join("office").display());
        let run = Command::new("soffice")
            .args([&profile, "--headless", "--convert-to", "pdf:writer_web_pdf_Export", "--outdir"])
            .arg(folder)
            .arg(&html)
            .output()
            .ok()?;
        if !run.status.success() {
            return None;
        }
        times.push(start.elapsed());
    }
    times.sort();
    Some(times[runs / 2])
}

fn as_html(paper: &Paper) -> String {
    let mut html = format!("<html><meta charset='utf-8'><h1>{}</h1>", paper.title);
    for part in &paper.parts {
        html += "<table border=1>";
        match part {
            Part::Form(form) => {
                for cell in &form.cells {
                    let _ = write!(html, "<tr><th>{}<td>{}", cell.label, cell.value);
                }
            }
            Part::Boxes(_) | Part::Break => {}
            Part::Listing(listing) => {
                for head in listing.heads.iter().flatten() {
                    let _ = write!(html, "<th>{}", head.label);
                }
                for row in &listing.rows {
                    html += "<tr>";
                    for value in row.lines.iter().flatten() {
                        let _ = write!(html, "<td>{value}");
                    }
                }
            }
        }
        html += "</table>";
    }
    html
}
