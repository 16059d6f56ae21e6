//! The frame of every dialog: a title, a way to close, what it holds.

use super::Room;
use crate::app::live::live;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A modal dialog; Escape, the cross and a press beside it close it, and the focus goes back to where it was.
#[component]
pub fn Sheet(
    room: Room,
    /// What the style sheet knows it by.
    name: &'static str,
    title: Box<dyn Fn() -> String + Send>,
    body: AnyView,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let (title_id, titled_by) = (format!("{name}-title"), format!("{name}-title"));
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get().filter(|dialog| !dialog.open()) {
            let _ = dialog.show_modal();
        }
    });
    let closed = move |_| room.dialog.set(None);
    let beside = move |ev: web_sys::MouseEvent| {
        let Some(dialog) = dialog.get_untracked() else { return };
        // A press beside it is the dialog's own; one inside belongs to what was pressed, which may be gone by now.
        let own = ev.target().is_some_and(|target| target == *dialog.unchecked_ref::<web_sys::EventTarget>());
        let room = dialog.get_bounding_client_rect();
        let (x, y) = (f64::from(ev.client_x()), f64::from(ev.client_y()));
        if own && (x < room.left() || x > room.right() || y < room.top() || y > room.bottom()) {
            dialog.close();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog class=format!("sheet {name}") id=name node_ref=dialog aria-labelledby=titled_by on:close=closed on:click=beside>
            <div class="sheet-head">
                <h2 id=title_id>{title}</h2>
                <button type="button" class="icon quiet" aria-label=live(move || room.page.words().close) on:click=close>"✕"</button>
            </div>
            {body}
        </dialog>
    }
}
