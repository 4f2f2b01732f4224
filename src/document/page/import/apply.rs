//! The decision of an import: its rows are stored, which can be stopped until they are. Used by the
//! dialog; knows nothing of files.

use std::pin::pin;

use futures_util::future::{Either, select};
use leptos::prelude::*;

use super::{Import, Stage, told};
use crate::document::import::api;
use crate::document::import::model::{Applied, Apply, Mode, Report};
use crate::document::kind::HEAD;
use crate::error::ErrorKind;
use crate::text::{Message, text};
use crate::ui::call::{call, store};
use crate::ui::toast;
use crate::ui::wait::answer;

impl Import {
    /// Imports what was reported.
    pub(super) async fn apply(self, report: Report, only_good: bool) {
        let mode = self.mode.get_untracked();
        let request = Apply { id: report.id, base: report.base, mode, only_good };
        self.fault.set(None);
        self.stage.set(Stage::Saving);
        let (giver, given_up) = answer();
        self.halt.set(Some(giver));
        let answered = {
            let stored = pin!(store(|| api::apply(request)));
            match select(stored, given_up).await {
                Either::Left((answered, _)) => Some(answered),
                // Dropped, and with it the request: the server gives up what it has not stored yet.
                Either::Right(_) => None,
            }
        };
        self.halt.set(None);
        let Some(answered) = answered else { return self.stopped(report, request).await };
        match answered {
            Ok(applied) => self.applied(report.id, mode, applied),
            Err(error) if error.kind == ErrorKind::Conflict => {
                self.fault.set(Some(error.message));
                match call(|| api::review(report.id)).await {
                    Ok(report) => self.show(report),
                    Err(error) => self.failed(told(&error)),
                }
            }
            Err(error) if error.kind == ErrorKind::NotFound => self.failed(told(&error)),
            Err(error) => {
                self.fault.set(Some(told(&error)));
                self.stage.set(Stage::Reported(Box::new(report)));
            }
        }
    }

    /// 停止 came while the rows were stored: only the server knows which was first.
    async fn stopped(self, report: Report, request: Apply) {
        match call(|| api::cancel(request.id)).await {
            // Too late; the same request again brings what it did.
            Ok(true) => match store(|| api::apply(request)).await {
                Ok(applied) => self.applied(request.id, request.mode, applied),
                Err(error) => self.failed(told(&error)),
            },
            Err(error) if error.kind != ErrorKind::NotFound => {
                self.fault.set(Some(told(&error)));
                self.stage.set(Stage::Reported(Box::new(report)));
            }
            _ => {
                toast::info(text("已停止导入，数据没有改变。", "Stopped: nothing was changed."));
                self.stage.set(Stage::Choosing);
                self.file.set(None);
            }
        }
    }

    fn applied(self, id: uuid::Uuid, mode: Mode, applied: Applied) {
        let Applied { document, added, replaced, unchanged, left } = applied;
        self.document.follow(document);
        if self.document.section.get_untracked() == HEAD {
            let lists = self.document.lists();
            let filled = lists.iter().find(|list| list.rows.with_untracked(|rows| !rows.is_empty()));
            self.document.section.set(filled.map_or(HEAD, |list| list.key()));
        }
        let message = Message::new(
            format!("导入成功！新增{added}项，替换{replaced}项，相同未变{unchanged}项，有误未导入{left}行。"),
            format!("Imported: {added} added, {replaced} replaced, {unchanged} the same, {left} left out."),
        );
        toast::success(message.clone());
        if left == 0 {
            self.open.set(false);
            self.stage.set(Stage::Choosing);
        } else {
            self.stage.set(Stage::Done { id, mode, message, left });
        }
    }

    /// 停止
    pub(super) fn give_up(self) {
        if let Some(giver) = self.halt.get_untracked() {
            giver.give(());
        }
    }
}
