//! The name of an open tab, and of its elements on the page. Given by `tabs`; `opening` and pages hold it. Knows nothing
//! of what the tab shows.

/// Names one open tab for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TabKey(u32);

impl TabKey {
    pub(super) const fn numbered(number: u32) -> Self {
        Self(number)
    }

    pub(crate) fn tab_id(self) -> String {
        format!("tab-{}", self.0)
    }

    pub(crate) fn panel_id(self) -> String {
        format!("panel-{}", self.0)
    }
}
