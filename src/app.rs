//! Stub.
pub fn start() {}
