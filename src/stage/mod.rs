//! What a lab is made of: controls, links, the picture as data, charts, formulas, sentences.
//!
//! Pure like the core: nothing here knows Leptos, the browser, the clock or a global.

pub mod challenge;
pub mod chart;
pub mod colormap;
pub mod control;
pub mod insight;
pub mod lab;
pub mod link;
pub mod math;
pub mod npy;
pub mod picture;
pub mod refusal;
pub mod scene;
pub mod text;
pub mod theme;
pub mod value;
