//! The last uploads with their rows prepared: importing one comes right after its report and need not
//! do all of that again. A memory of this process and nothing more; what is not here is in the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::service::Prepared;
use crate::reference::Codes;

/// Each may hold ten thousand rows: some twenty megabytes.
const MOST: usize = 2;

static RECENT: Mutex<VecDeque<(Uuid, Arc<Prepared>)>> = Mutex::new(VecDeque::new());

fn with<T>(work: impl FnOnce(&mut VecDeque<(Uuid, Arc<Prepared>)>) -> T) -> T {
    work(&mut RECENT.lock().unwrap_or_else(PoisonError::into_inner))
}

pub fn keep(id: Uuid, prepared: &Arc<Prepared>) {
    with(|recent| {
        recent.retain(|(other, _)| *other != id);
        recent.push_front((id, prepared.clone()));
        recent.truncate(MOST);
    });
}

/// The upload, unless the code tables it was prepared with are not those of today any more. Whether it
/// may still be imported, and by whom, only the database knows.
pub fn find(id: Uuid, codes: &Codes) -> Option<Arc<Prepared>> {
    let found = with(|recent| recent.iter().find(|(other, _)| *other == id).map(|(_, prepared)| prepared.clone()));
    found.filter(|prepared| prepared.codes.is_same(codes))
}

pub fn forget(id: Uuid) {
    with(|recent| recent.retain(|(other, _)| *other != id));
}
