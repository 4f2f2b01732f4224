//! User timing of what must be quick, read by `make bench` through the browser's own performance
//! timeline. Used where a key is answered; costs two entries of the timeline.

use web_sys::window;

/// Runs `work` and leaves a measure of that name on the timeline.
pub fn measured<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let Some(clock) = window().and_then(|window| window.performance()) else { return work() };
    let _ = clock.mark(name);
    let result = work();
    let _ = clock.measure_with_start_mark(name, name);
    clock.clear_marks_with_mark_name(name);
    result
}
