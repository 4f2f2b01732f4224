//! A chart of bars beside the rows of a sheet, as the spreadsheet's own: it follows when figures are changed there.
//! Used by `write`, for who hands it bars.

use rust_xlsxwriter::{Chart, ChartType, Worksheet, XlsxError};

use super::OutputSheet;

/// Bars of some columns, side by side, named by another.
#[derive(Clone, Debug)]
pub struct Bars {
    pub title: String,
    /// Column of the names.
    pub names: usize,
    /// Columns of the figures.
    pub figures: Vec<usize>,
    /// The first so many rows: more bars cannot be told apart.
    pub most: usize,
}

/// Draws the bars to the right of the rows.
pub(super) fn draw(page: &mut Worksheet, sheet: &OutputSheet, bars: &Bars) -> Result<(), XlsxError> {
    let rows = sheet.rows.len().min(bars.most) as u32;
    if rows == 0 {
        return Ok(());
    }
    let mut chart = Chart::new(ChartType::Column);
    for at in &bars.figures {
        let column = *at as u16;
        chart
            .add_series()
            .set_name((sheet.name.as_str(), 0, column))
            .set_categories((sheet.name.as_str(), 1, bars.names as u16, rows, bars.names as u16))
            .set_values((sheet.name.as_str(), 1, column, rows, column));
    }
    chart.title().set_name(&bars.title);
    chart.set_width(720).set_height(360);
    page.insert_chart(1, sheet.columns.len() as u16 + 1, &chart)?;
    Ok(())
}
