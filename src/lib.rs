//! Receptive: a laboratory for convolution, pooling and attention, in the browser.
//!
//! The map of the house. Each room may know the rooms before it, never those after:
//!
//! - [`core`]: the operators and their gradients. Pure numbers.
//! - `stage`: what a lab is made of (controls, scene, charts, text). Pure.
//! - `labs`: one folder a lab, listed once.
//! - `app` (feature `app`): the only room that knows Leptos and the browser.

#[cfg(feature = "app")]
pub mod app;
pub mod core;
pub mod labs;
pub mod stage;
