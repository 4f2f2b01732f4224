//! What a record is: field tables, values, findings, pointers, differences.
//! Used by every business folder and by the screens; knows no business word and nobody else.

mod check;
mod date;
mod diff;
mod field;
mod finding;
mod merge;
mod number;
mod record;
mod values;
pub mod written;

pub use check::{check_field, check_record, clean};
pub use date::{add_months, in_china, parse_date, show_date, show_time, stored_date};
pub use diff::{Difference, differences};
pub use field::{Field, Kind, Need, Source};
pub use finding::{Finding, Severity};
pub use merge::{Merged, changed, merge};
pub use number::{Digits, amount, grouped, half_even, parse_decimal, plain, read_number};
pub use record::{Record, pointer, read_record, write_record};
pub use values::{Filled, Texts, TextsMut, Values};
