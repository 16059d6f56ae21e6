//! What changes on the page, as values of few types.
//!
//! Leptos compiles a copy of its machinery for each closure that stands in a view, a kilobyte or more each. Behind one
//! type for each kind of value they share it, and a first visit loads far less.

use leptos::prelude::*;

/// A value that follows the signals it reads.
pub type Live<T> = Box<dyn Fn() -> T + Send>;

/// A text, a number or a truth value that follows the signals it reads.
pub fn live<T>(value: impl Fn() -> T + Send + 'static) -> Live<T> {
    Box::new(value)
}

/// A part of the page that is made anew when a signal it reads changes.
pub fn part(view: impl Fn() -> AnyView + Send + 'static) -> Live<AnyView> {
    Box::new(view)
}

/// A part of the page that is there while `when` holds.
pub fn shown(
    when: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let (when, view): (Box<dyn Fn() -> bool + Send + Sync>, _) = (Box::new(when), part(view));
    let when = Memo::new(move |_| when());
    part(move || if when.get() { view() } else { ().into_any() }).into_any()
}
