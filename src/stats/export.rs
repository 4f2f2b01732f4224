//! 统计 as files: a workbook with a chart of its own, and a paper. Asks `service` and stores nothing.
//! Called by `routes`.

use chrono::{DateTime, Utc};

use super::model::{Asked, By, Line, REASONS, Reason, Stats, fields};
use super::service::stats;
use crate::form::{Field, Values, in_china};
use crate::kinds;
use crate::print::{Cell, Form, Paper, Part, listing};
use crate::reference::Codes;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::{Download, shown};
use crate::sheet::{Bars, Column, Output, OutputSheet};
use crate::text::Message;

/// Bars of more lines cannot be told apart.
const MOST_BARS: usize = 24;
/// The most lines on a paper: what is longer is exported.
const MOST_LINES: usize = 3_000;

/// What was asked for, in words: 2026-01—2026-12, 按账册.
fn words(asked: &Asked) -> String {
    format!("{}—{}，{}", asked.from, asked.to, asked.by.label().zh)
}

/// A line as a record of its table.
fn values(by: By, line: &Line) -> Values {
    let mut values = Values::new(fields(by));
    for field in fields(by) {
        values.set(field.key, line.get(field.key));
    }
    values
}

fn of_reason(reason: &Reason) -> Values {
    let mut values = Values::new(REASONS);
    values.set("noun", kinds::naming(&reason.kind).map_or("", |kind| kind.noun.zh));
    values.set("reason", reason.reason.as_str());
    values.set("count", reason.count.to_string());
    values
}

fn sheet(name: &str, fields: &'static [Field], rows: &[Values], codes: &Codes) -> OutputSheet {
    let row = |row: &Values| fields.iter().map(|field| shown(field, row.get(field.key), codes)).collect();
    OutputSheet {
        name: name.to_owned(),
        columns: fields.iter().map(Column::of).collect(),
        rows: rows.iter().map(row).collect(),
    }
}

/// The figures as a workbook: the lines with their chart, and why documents were sent back.
///
/// # Errors
/// As [`stats`].
pub async fn workbook(call: &Call, asked: &Asked) -> Result<Download, Failure> {
    let Stats { lines, reasons, .. } = stats(call, asked).await?;
    let codes = call.state.reference.codes();
    let lines: Vec<Values> = lines.iter().map(|line| values(asked.by, line)).collect();
    let reasons: Vec<Values> = reasons.iter().map(of_reason).collect();
    let columns = fields(asked.by);
    let place = |key: &str| columns.iter().position(|field| field.key == key).unwrap_or_default();
    let bars = Bars {
        title: format!("出口与复进口全免金额（{}）", words(asked)),
        names: place("key"),
        figures: vec![place("exported"), place("exempt")],
        most: MOST_BARS,
    };
    let sheets = vec![sheet("统计", columns, &lines, &codes), sheet("退单原因", REASONS, &reasons, &codes)];
    let name = format!("统计-{}-{}-{}.xlsx", asked.by.label().zh, asked.from, asked.to);
    Ok((name, Output { sheets }.written_with(bars).await?))
}

/// The figures as a paper, and the name of its file.
///
/// # Errors
/// As [`stats`]; `Refused` for more lines than a paper takes.
pub async fn made(call: &Call, asked: &Asked) -> Result<(String, Paper), Failure> {
    let stats = stats(call, asked).await?;
    if stats.lines.len() > MOST_LINES {
        let total = stats.lines.len();
        return Err(Failure::refused(Message::new(
            format!("统计共{total}行，一次最多打印{MOST_LINES}行，未打印。请用“导出”另存为Excel后打印。"),
            format!("There are {total} lines; at most {MOST_LINES} are printed. Export them and print that."),
        )));
    }
    let name = format!("统计-{}-{}-{}.pdf", asked.by.label().zh, asked.from, asked.to);
    let whose = if asked.operator_code.is_empty() {
        "全部可查询企业".to_owned()
    } else {
        let known = call.actor.acts_for.iter().find(|one| one.code == asked.operator_code);
        known.map_or_else(|| asked.operator_code.clone(), |one| format!("{} {}", one.code, one.name))
    };
    let codes = call.state.reference.codes();
    Ok((name, paper(&stats, asked, (&whose, &call.actor.name), &codes, call.state.clock.now())))
}

/// The paper about `whose` books, printed by `who` at a moment.
pub fn paper(stats: &Stats, asked: &Asked, (whose, who): (&str, &str), codes: &Codes, at: DateTime<Utc>) -> Paper {
    let mut cells = vec![
        Cell::new("经营单位", whose, 1),
        Cell::new("统计范围", words(asked), 1),
        Cell::new("打印人", who, 1),
        Cell::new("终审通过", format!("{}次", stats.approved), 1),
        Cell::new("退单", format!("{}次", stats.returned), 2),
    ];
    for total in &stats.totals {
        let told = format!(
            "出口 {}，复进口全免 {}，征税 {}，境外余额 {}",
            total.exported, total.exempt, total.taxed, total.abroad
        );
        cells.push(Cell::new(format!("合计 {}", total.currency), told, 3));
    }
    let lines: Vec<Values> = stats.lines.iter().map(|line| values(asked.by, line)).collect();
    let reasons: Vec<Values> = stats.reasons.iter().map(of_reason).collect();
    let numbered = |title: &str, fields: &'static [Field], rows: &[Values]| {
        Part::Listing(listing(title, "行", fields, (1..).zip(rows), codes))
    };
    Paper {
        title: "出境加工账册统计".to_owned(),
        header: [format!("出境加工账册统计　{}", words(asked)), whose.to_owned()],
        footer: format!("打印时间 {}（北京时间）", in_china(at).format("%Y-%m-%d %H:%M:%S")),
        watermark: String::new(),
        printed_at: at,
        parts: vec![
            Part::Form(Form { title: String::new(), cells }),
            numbered(asked.by.label().zh, fields(asked.by), &lines),
            numbered("退单原因", REASONS, &reasons),
        ],
    }
}
