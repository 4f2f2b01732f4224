//! What a rule says about a record. Made by rules on both sides, shown beside the field a pointer names. Knows
//! neither rules nor screens.

use serde::{Deserialize, Serialize};

use crate::text::Message;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Shown, hinders nothing.
    Warning,
    /// Hinders 申报, not 暂存.
    Declare,
    /// Hinders 暂存 too: the value cannot be stored.
    Save,
}

/// One thing a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name of the rule, e.g. `required`, `uscc.check_digit`.
    pub rule: String,
    /// See [`crate::form::pointer`].
    pub pointer: String,
    pub severity: Severity,
    pub message: Message,
}

impl Finding {
    pub fn new(
        rule: &str,
        pointer: impl Into<String>,
        severity: Severity,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { rule: rule.to_owned(), pointer: pointer.into(), severity, message: Message::new(zh, en) }
    }

    /// A reason of customs for sending a document back. No rule of ours can say whether the reason is met.
    pub fn of_customs(pointer: &str, words: &str) -> Self {
        Self::new(OF_CUSTOMS, pointer, Severity::Warning, format!("海关：{words}"), format!("Customs: {words}"))
    }

    /// True for what [`Self::of_customs`] made.
    pub fn is_of_customs(&self) -> bool {
        self.rule == OF_CUSTOMS
    }
}

const OF_CUSTOMS: &str = "customs";
