//! Workbooks of the registering of many entries: the template, and the lines of bad entries with the reason. They read and
//! never store.

use uuid::Uuid;

use super::lines::section;
use super::model::Outcome;
use super::service::{lines_of, looked_at, problems, waiting};
use crate::document::import::columns;
use crate::document::import::download::rows_back;
use crate::document::import::model::Problem;
use crate::reference::Codes;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::Download;
use crate::sheet::{self, Output, TemplateSheet, limits};

/// The template, in Chinese, made of the field tables and today's code tables.
///
/// # Errors
/// Only faults of ours.
pub fn template(codes: &Codes) -> Result<Vec<u8>, Failure> {
    let fields: Vec<_> = columns::fields(section()).iter().collect();
    let megabytes = limits::FILE >> 20;
    let rules = [
        "请在工作表“报关单”中从第3行起填写：每行一个商品项，同一报关单号的各行是一份报关单，一个文件可有多份。".to_owned(),
        "标*的列为必填。表头数据（备案号、进出口日期等）每行都填或只填在第一行均可，同一份报关单须一致。".to_owned(),
        "复进口的报关单按申报的两行填写：征免为3-全免的是所含原出口货物价值，为1-照章征税的是境外加工等费用，备案序号相同的两行配成一项。".to_owned(),
        format!("其余列可以删除，商品数据按账册备案补全。监管方式不是1427的报关单会跳过。最多{}行，文件最大{megabytes}MB。", limits::ROWS),
    ];
    sheet::template(&[TemplateSheet { name: section().label.zh, fields: &fields }], &rules, codes)
}

/// All lines of bad entries as they were, with the reasons in the last column.
///
/// # Errors
/// As `service::review`.
pub async fn returned(call: &Call, id: Uuid) -> Result<Download, Failure> {
    let (pending, upload) = waiting(call, id).await?;
    let (pending, upload, judged) = looked_at(call, pending, upload).await?;
    aside("workbook", move || {
        let told: Vec<(Vec<u32>, Vec<Problem>)> = judged
            .iter()
            .filter(|one| one.outcome == Outcome::Bad)
            .map(|one| {
                let lines = lines_of(&upload);
                (one.entry.lines.iter().map(|at| lines[*at].number).collect(), problems(&upload, one))
            })
            .collect();
        let rows = told.iter().flat_map(|(rows, problems)| {
            rows.iter().map(|row| (*row, problems.iter().filter(|problem| problem.row == *row).collect()))
        });
        let sheets = upload.lists.iter().take(1).map(|list| rows_back(section(), &list.kept, rows.clone())).collect();
        let name = pending.file_name.rsplit_once('.').map_or(pending.file_name.as_str(), |(front, _)| front);
        Ok((format!("{name}-有误的报关单.xlsx"), Output { sheets }.write()?))
    })
    .await
}
