//! What a teacher uses around a lab, loaded when first wanted: sharing, saving, lessons, presenting, the list of keys.

mod fuzz;
mod keys;
pub mod lesson;
mod movie;
mod present;
mod questions;
pub mod save;
mod share;
mod sheet;
mod tour;
mod words;

use super::live::part;
use super::state::Page;
use crate::stage::lesson::Lesson;
use crate::stage::link;
use crate::stage::text::Sentence;
use leptos::prelude::*;
use std::cell::RefCell;
use words::Words;

/// What is wanted of the classroom.
#[derive(Clone, PartialEq)]
pub enum Wish {
    /// The dialog that makes links.
    Share,
    /// The dialog that saves a figure, by its name.
    Save(&'static str),
    /// The list of keys.
    Keys,
    /// The lesson that is being made.
    Lesson,
    /// A place that is no lab, as its link: a lesson to be played, or the questions.
    Go(String),
    /// The lesson that was played in this tab before the page was loaded again.
    Resume,
    /// The lab in front of a class.
    Present,
    /// The guided tour of the present lab.
    Tour,
    /// Somebody who plays with everything at random, from this seed.
    Fuzz(u64),
}

/// Everything the classroom's views share.
#[derive(Clone, Copy)]
pub struct Room {
    /// The page.
    pub page: Page,
    /// The dialog that is open.
    pub dialog: RwSignal<Option<Wish>>,
    /// Whether the lab is in front of a class.
    pub presenting: RwSignal<bool>,
    /// The lesson that is played, and the step it is at.
    pub lesson: RwSignal<Option<(Lesson, usize)>>,
    /// The lesson that is being made.
    pub draft: RwSignal<Lesson>,
    /// The tour that is walked.
    pub walk: RwSignal<Option<tour::Walk>>,
}

thread_local! {
    /// The room, once its view is on the page, and what was wished for before.
    static OPEN: RefCell<(Option<Room>, Vec<Wish>)> = const { RefCell::new((None, Vec::new())) };
}

/// Does what is wished for, at once or as soon as the room is on the page.
pub fn wish(wish: Wish) {
    let room = OPEN.with_borrow_mut(|(room, wishes)| {
        if room.is_none() {
            wishes.push(wish.clone());
        }
        *room
    });
    if let Some(room) = room {
        room.grant(wish);
    }
}

/// The classroom's place on the page.
pub fn room(page: Page, _: usize) -> AnyView {
    Words::bring_english();
    Words::bring_chinese();
    add_style();
    let room = Room {
        page,
        dialog: RwSignal::new(None),
        presenting: RwSignal::new(false),
        lesson: RwSignal::new(None),
        draft: RwSignal::new(lesson::kept()),
        walk: RwSignal::new(None),
    };
    let wishes = OPEN.with_borrow_mut(|(place, wishes)| {
        *place = Some(room);
        std::mem::take(wishes)
    });
    Effect::new(move |_| room.lesson.with(|playing| lesson::keep_place(playing.as_ref())));
    wishes.into_iter().for_each(|wish| room.grant(wish));
    let dialog = move || match room.dialog.get() {
        Some(Wish::Share) => share::dialog(room),
        Some(Wish::Save(id)) => save::dialog(room, id),
        Some(Wish::Keys) => keys::dialog(room),
        Some(Wish::Lesson) => lesson::dialog(room),
        _ => ().into_any(),
    };
    view! {
        {part(dialog)}
        {part(move || if page.away.get() { questions::page(room) } else { ().into_any() })}
        {lesson::bar(room)}
        {tour::bar(room)}
        {present::layer(room)}
    }
    .into_any()
}

impl Room {
    /// The words in the present language.
    pub fn words(&self) -> &'static Words {
        Words::of(self.page.lang.get())
    }

    fn grant(self, wish: Wish) {
        match wish {
            Wish::Go(link) if link::place(&link) != Some("lesson") => {}
            Wish::Go(link) => match Lesson::from_link(&link) {
                Ok(lesson) => lesson::play(self, lesson),
                Err(fault) => {
                    self.page.say(fault.say(self.page.lang.get_untracked()), true);
                }
            },
            Wish::Resume => lesson::resume(self),
            Wish::Present => self.presenting.set(true),
            Wish::Tour => tour::begin(self),
            Wish::Fuzz(seed) => fuzz::begin(seed),
            dialog => self.dialog.set(Some(dialog)),
        }
    }
}

/// The classroom's own style sheet: no visit loads it before it is needed. A page in one file has it.
fn add_style() {
    let document = document();
    let whole = js_sys::Reflect::get(&window(), &"receptive_whole".into());
    if whole.is_ok_and(|whole| whole.is_truthy()) {
        return;
    }
    if let (Some(head), Ok(link)) = (document.head(), document.create_element("link")) {
        let _ = link.set_attribute("rel", "stylesheet");
        let _ = link.set_attribute("href", "style/classroom.css");
        let _ = head.append_child(&link);
    }
}
