//! What customs keeps of a message and what it answers. Used by the office, its store and its writer. No SQL and no XML
//! stand here.

/// How far a filing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Taken; the entry receipt is next.
    Received,
    /// Entered; the decision is next.
    Entered,
    /// With the officer; his decision is next.
    Manual,
    Approved,
    Returned,
    /// Could not be entered.
    Failed,
    /// Not taken at all.
    Refused,
}

impl Stage {
    pub const ALL: [Self; 7] =
        [Self::Received, Self::Entered, Self::Manual, Self::Approved, Self::Returned, Self::Failed, Self::Refused];

    /// Name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Entered => "entered",
            Self::Manual => "manual",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// An answer, with the name it is delivered and recognised under.
pub struct Answer {
    pub id: String,
    pub xml: String,
}
