//! Components without business knowledge: fields, combo boxes, forms, grids, dialogs, messages,
//! the language of the screen and the way server functions are called.
//! Used by `app` and by the pages of the business folders; labels and rules arrive as data.

pub mod announce;
pub mod call;
pub mod clock;
pub mod codes;
pub mod combo_box;
pub mod control;
mod date_pick;
pub mod dialog;
pub mod download;
pub mod findings_panel;
pub mod focus;
pub mod form_state;
pub mod grid;
pub mod ime;
pub mod initials;
pub mod lang;
pub mod menu;
pub mod parts;
pub mod popup;
pub mod preferences;
pub mod record_form;
pub mod section_tabs;
pub mod spelled;
pub mod steady_click;
pub mod switches;
pub mod text_box;
pub mod theme;
pub mod timing;
pub mod toast;
pub mod type_ahead;
pub mod wait;
