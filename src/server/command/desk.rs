//! `opbook ledger` and `opbook customs`: the ledger counted anew, and what an officer of the simulated customs does of his
//! own accord. Called by the command line; prints, and holds no rule.

use clap::Subcommand;

use super::CommandError;
use crate::customs::{Office, Refusal};
use crate::ledger::check::check;
use crate::server::config::Config;
use crate::server::db::Db;

#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Count the lines of every book anew and name each sum that differs
    Check,
}

#[derive(Debug, Subcommand)]
pub enum Customs {
    /// 删单: take back an entry that was let pass; what it booked is reversed
    Revoke {
        /// 报关单号, 18 digits
        entry_no: String,
        #[arg(long, default_value = "企业申请删单")]
        reason: String,
    },
    /// 改单: send an entry that was let pass back to be amended and declared again
    Amend {
        /// 报关单号, 18 digits
        entry_no: String,
        #[arg(long, default_value = "申报内容有误，请修改")]
        reason: String,
    },
    /// Let nothing in or out under a book
    Pause { book_no: String },
    /// End a pause
    Resume { book_no: String },
    /// 催核: urge a company to write a book off
    Urge {
        /// 账册编号, 12 characters
        book_no: String,
        /// 应报核日期, yyyy-mm-dd; in 30 days unless told
        #[arg(long)]
        due: Option<chrono::NaiveDate>,
        #[arg(long, default_value = "账册已到期，请尽快办理报核")]
        content: String,
    },
}

pub async fn ledger(db: &Db, action: Ledger) -> Result<(), CommandError> {
    match action {
        Ledger::Check => {
            let checked = check(db).await?;
            println!("核对账册{}本，明细{}行", checked.books, checked.lines);
            for difference in &checked.differences {
                println!("{difference}");
            }
            if !checked.differences.is_empty() {
                let count = checked.differences.len();
                return Err(CommandError::Refused(format!("台账有{count}处不符 / {count} differences in the ledger")));
            }
            println!("台账无误 / the ledger is right");
        }
    }
    Ok(())
}

pub async fn customs(db: &Db, config: &Config, action: Customs) -> Result<(), CommandError> {
    let office = Office::new(db.clone(), config.customs_delay, config.customs_manual_amount);
    let now = db.clock.now();
    let (done, said) = match &action {
        Customs::Revoke { entry_no, reason } => {
            (office.revoke(entry_no, false, reason, now).await, format!("报关单{entry_no}已删单"))
        }
        Customs::Amend { entry_no, reason } => {
            (office.revoke(entry_no, true, reason, now).await, format!("报关单{entry_no}已退回改单"))
        }
        Customs::Pause { book_no } => (office.pause(book_no, true).await, format!("账册{book_no}已暂停")),
        Customs::Urge { book_no, due, content } => {
            let due = due.unwrap_or_else(|| db.clock.today() + chrono::Days::new(30));
            (office.urge(book_no, due, content, now).await, format!("账册{book_no}已催核"))
        }
        Customs::Resume { book_no } => (office.pause(book_no, false).await, format!("账册{book_no}已恢复")),
    };
    match done {
        Ok(()) => println!("{said}"),
        Err(Refusal::Words(words)) => return Err(CommandError::Refused(words)),
        Err(Refusal::Database(error)) => return Err(error.into()),
    }
    Ok(())
}
