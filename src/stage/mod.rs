//! What a lab is made of: controls, links, the picture as data, charts, formulas, sentences.
//!
//! Pure like the core: nothing here knows Leptos, the browser, the clock or a global.

pub mod answer;
pub mod challenge;
pub mod chart;
pub mod colormap;
pub mod control;
pub mod decimal;
pub mod files;
pub mod html;
pub mod insight;
pub mod lab;
pub mod late;
pub mod lesson;
pub mod link;
pub mod math;
pub mod npy;
pub mod picture;
pub mod qr;
pub mod refusal;
pub mod rows;
pub mod scene;
pub mod text;
pub mod theme;
pub mod value;
pub mod work;
