//! The state of the page: one signal holds the lab's setup; everything right of it is a memo.

mod journey;

use super::classroom::Wish;
use super::text::Words;
use super::{parts, rooms};
use crate::stage::lab::{AnyLab, Data, Experiment, Focus};
use crate::stage::link::{self, Setup, Shell};
use crate::stage::refusal::Refusal;
use crate::stage::text::{Lang, Sentence};
use crate::stage::theme::Theme;
use crate::stage::value::Value;
use crate::stage::work::Finds;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// A point in time that undo returns to.
#[derive(Clone)]
struct Moment {
    lab: usize,
    setup: Setup,
    data: Data,
}

/// What undo and redo remember, and which control was moved last and when: one drag is one step.
#[derive(Default)]
struct History {
    past: Vec<Moment>,
    future: Vec<Moment>,
    last: Option<(String, f64)>,
}

/// Undo keeps this many steps.
const MOST_MOMENTS: usize = 200;
/// Changes of one control within this many milliseconds are one step.
const SAME_DRAG: f64 = 900.0;

/// What the core computed for the present setup.
#[derive(Clone)]
pub struct Computed {
    /// The result, or the sentence that says what to change.
    pub result: Result<Arc<dyn Experiment>, Refusal>,
    /// Milliseconds it took.
    pub millis: f64,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        matches!((&self.result, &other.result), (Ok(a), Ok(b)) if Arc::ptr_eq(a, b))
    }
}

/// A sentence shown for a while.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// Its number.
    pub id: u32,
    /// The sentence.
    pub text: String,
    /// Whether something was refused.
    pub refuses: bool,
}

/// Milliseconds of the last round, as the page API reports them.
#[derive(Clone, Copy, Default)]
pub struct Timings {
    /// Of the core.
    pub compute: f64,
    /// Of drawing into the canvases.
    pub draw: f64,
    /// From a change to its picture.
    pub input_to_paint: f64,
    /// When the change came.
    pub changed_at: f64,
}

/// Handles to everything the page shows. Copy: signals live in Leptos' arena for as long as the page.
#[derive(Clone, Copy)]
pub struct Page {
    /// Index of the lab in the list.
    pub lab: RwSignal<usize>,
    /// The lab's state.
    pub setup: RwSignal<Setup>,
    /// The page's state, as links carry it.
    pub shell: RwSignal<Shell>,
    /// Data too large for a link.
    pub data: RwSignal<Data>,
    /// What is pointed at.
    pub focus: RwSignal<Option<Focus>>,
    /// Whether it stays when the pointer leaves.
    pub pinned: RwSignal<bool>,
    /// Language chosen on this device.
    pub own_lang: RwSignal<Lang>,
    /// Theme chosen on this device.
    pub own_theme: RwSignal<Option<Theme>>,
    /// Whether the system asks for a dark theme.
    pub system_dark: RwSignal<bool>,
    /// Messages on the screen.
    pub messages: RwSignal<Vec<Message>>,
    /// The language asked for, whose texts may be on their way.
    pub wanted_lang: Memo<Lang>,
    /// Languages and labs whose texts are there.
    languages: RwSignal<Vec<(Lang, usize)>>,
    /// The lab the page began with.
    first: &'static dyn AnyLab,
    /// Present language.
    pub lang: Memo<Lang>,
    /// Present theme.
    pub theme: Memo<Theme>,
    /// What the core computed.
    pub computed: Memo<Computed>,
    /// The last state that could be computed.
    pub good: Memo<Option<Arc<dyn Experiment>>>,
    /// Number of parts of the program that came since the start: what waits for one is drawn again.
    pub parts: RwSignal<u32>,
    /// Number of parts on their way.
    pub awaited: StoredValue<u32>,
    /// Number of pictures drawn since the start.
    pub painted: RwSignal<u32>,
    /// The last round's times.
    pub timings: StoredValue<Timings>,
    /// What was found in the background.
    pub finds: RwSignal<Finds>,
    /// Plays or pauses the main figure; told `false`, it only pauses.
    pub toggle_play: StoredValue<Option<Callback<bool>>>,
    /// The drawn figures, for export.
    pub figures: StoredValue<Option<super::figure::Figures>>,
    /// Whether the list of questions stands in place of the lab.
    pub away: RwSignal<bool>,
    /// Number of times that somebody went somewhere: only who went last arrives.
    went: StoredValue<u32>,
    /// What a teacher uses, once it was wanted.
    pub classroom: RwSignal<Option<parts::Maker>>,
    history: StoredValue<History>,
    /// Counts changes of the history, so that its buttons know.
    pub history_size: RwSignal<(usize, usize)>,
}

/// The address from `#` on.
pub fn here() -> String {
    window().location().hash().unwrap_or_default()
}

/// Milliseconds since the page began.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// Two experiments that are the same computation.
fn same(a: Option<&Option<Arc<dyn Experiment>>>, b: Option<&Option<Arc<dyn Experiment>>>) -> bool {
    match (a, b) {
        (Some(Some(a)), Some(Some(b))) => Arc::ptr_eq(a, b),
        (Some(None), Some(None)) | (None, None) => true,
        _ => false,
    }
}

/// The language that the address or else the device asks for.
pub fn first_language() -> Lang {
    let hash = window().location().hash().unwrap_or_default();
    rooms::read(&hash, &Data::new()).shell.lang.unwrap_or_else(super::store::lang)
}

impl Page {
    /// The page as the address, the device and the system ask for it, when the lab at place `opened` of the list and its
    /// texts in the language `first` are there.
    pub fn new(first: Lang, opened: usize, any: &'static dyn AnyLab) -> Page {
        let hash = window().location().hash().unwrap_or_default();
        let read = link::read_for(Some(any), opened, &hash, &Data::new());
        let (lab, setup, shell) =
            (RwSignal::new(read.lab), RwSignal::new(read.setup), RwSignal::new(read.shell));
        let data = RwSignal::new(Data::new());
        let own_lang = RwSignal::new(super::store::lang());
        let own_theme = RwSignal::new(super::store::theme());
        let system_dark = RwSignal::new(super::store::system_dark());
        let wanted_lang = Memo::new(move |_| shell.with(|s| s.lang).unwrap_or_else(|| own_lang.get()));
        let languages = RwSignal::new(vec![(first, opened)]);
        let lang = Memo::new(move |shown: Option<&Lang>| {
            let wanted = wanted_lang.get();
            let there = languages.with(|l| l.contains(&(wanted, lab.get())));
            if there { wanted } else { shown.copied().unwrap_or(first) }
        });
        let theme = Memo::new(move |_| {
            let by_system = if system_dark.get() { Theme::Dark } else { Theme::Light };
            shell.with(|s| s.theme).or(own_theme.get()).unwrap_or(by_system)
        });
        let timings = StoredValue::new(Timings::default());
        let finds = RwSignal::new(Finds::default());
        // The step and the pointer don't belong to what is computed.
        let asked =
            Memo::new(move |_| setup.with(|s| (lab.get(), s.values.clone(), s.seed, s.compare.clone())));
        let computed = Memo::new(move |before: Option<&Computed>| {
            let (lab, values, seed, beside) = asked.get();
            let before = before.and_then(|c| c.result.as_ref().ok()).map(std::sync::Arc::as_ref);
            let start = now();
            let any = rooms::get(lab).unwrap_or(any);
            let result = data.with(|data| {
                finds.with(|finds| any.run(&values, beside.as_ref(), seed, (data, finds), before))
            });
            let millis = now() - start;
            timings.update_value(|t| t.compute = millis);
            Computed { result, millis }
        });
        let good = Memo::new_with_compare(
            move |before: Option<&Option<Arc<dyn Experiment>>>| {
                computed.with(|c| c.result.as_ref().ok().cloned()).or_else(|| before.cloned().flatten())
            },
            |a, b| !same(a, b),
        );
        let page = Page {
            lab,
            setup,
            shell,
            data,
            focus: RwSignal::new(None),
            pinned: RwSignal::new(false),
            own_lang,
            own_theme,
            system_dark,
            messages: RwSignal::new(Vec::new()),
            wanted_lang,
            languages,
            first: any,
            lang,
            theme,
            computed,
            good,
            parts: RwSignal::new(0),
            awaited: StoredValue::new(0),
            painted: RwSignal::new(0),
            timings,
            finds,
            toggle_play: StoredValue::new(None),
            figures: StoredValue::new(None),
            away: RwSignal::new(false),
            went: StoredValue::new(0),
            classroom: RwSignal::new(None),
            history: StoredValue::new(History::default()),
            history_size: RwSignal::new((0, 0)),
        };
        page.report(&read.problems);
        page
    }

    /// Has the texts of the language that is asked for brought, and shows it when they are there.
    pub fn follow_language(self) {
        Effect::new(move |_| {
            let (wanted, lab) = (self.wanted_lang.get(), self.lab.get());
            if self.languages.with_untracked(|l| l.contains(&(wanted, lab))) {
                return;
            }
            spawn_local(async move {
                parts::report(self, self.bring(lab, wanted).await);
            });
        });
    }

    /// Brings a lab with its texts and the page's, and counts the language as there.
    pub async fn bring(self, lab: usize, lang: Lang) -> Result<&'static dyn AnyLab, parts::Missing> {
        self.awaited.update_value(|n| *n += 1);
        let came = match parts::loaders() {
            Ok(loaders) => (loaders.lab)(lab, lang).await,
            Err(missing) => Err(missing),
        };
        if came.is_ok() && self.languages.with_untracked(|l| !l.contains(&(lang, lab))) {
            self.languages.update(|l| l.push((lang, lab)));
        }
        self.awaited.update_value(|n| *n -= 1);
        came
    }

    /// The present lab.
    pub fn lab(&self) -> &'static dyn AnyLab {
        rooms::get(self.lab.get()).unwrap_or(self.first)
    }

    /// Has the classroom do something, and brings it before where it is not there yet.
    pub fn wish(self, wish: Wish) {
        let Some(loaders) = parts::report(self, parts::loaders()) else { return };
        spawn_local(async move {
            if let Some((room, tell)) = parts::report(self, (loaders.classroom)().await) {
                tell(wish);
                if self.classroom.with_untracked(Option::is_none) {
                    self.classroom.set(Some(room));
                }
            }
        });
    }

    /// The present lab, without subscribing to it.
    pub fn lab_untracked(&self) -> &'static dyn AnyLab {
        rooms::get(self.lab.get_untracked()).unwrap_or(self.first)
    }

    /// The page's words in the present language.
    pub fn words(&self) -> &'static Words {
        Words::of(self.lang.get())
    }

    /// Changes the setup as one step of undo. Changes that follow each other under the same `name` are one.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Setup)) {
        let before = self.setup.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        self.remember(name);
        self.timings.update_value(|t| t.changed_at = now());
        self.setup.set(after);
    }

    /// Keeps the present as a step of undo.
    pub fn remember(&self, name: &str) {
        let moment = self.moment();
        self.history.update_value(|h| {
            let time = now();
            let same = !name.is_empty()
                && h.last.as_ref().is_some_and(|(last, at)| last == name && time - at < SAME_DRAG);
            if !same {
                h.past.push(moment);
                if h.past.len() > MOST_MOMENTS {
                    h.past.remove(0);
                }
            }
            h.future.clear();
            h.last = Some((name.into(), time));
        });
        self.count_history();
    }

    fn moment(&self) -> Moment {
        Moment {
            lab: self.lab.get_untracked(),
            setup: self.setup.get_untracked(),
            data: self.data.get_untracked(),
        }
    }

    fn count_history(&self) {
        self.history_size.set(self.history.with_value(|h| (h.past.len(), h.future.len())));
    }

    /// What undo (`back`) or redo would change, for its button.
    pub fn next_step(&self, back: bool) -> String {
        self.history_size.track();
        let present = self.setup.get();
        let controls = self.lab().controls();
        let lab = self.lab.get();
        self.history.with_value(|h| {
            let target = if back { h.past.last() } else { h.future.last() };
            let target = target.filter(|moment| moment.lab == lab);
            target.map_or_else(String::new, |moment| link::difference(controls, &present, &moment.setup))
        })
    }

    /// One step back.
    pub fn undo(&self) {
        self.travel(|h| h.past.pop(), |h, m| h.future.push(m));
    }

    /// One step forward again.
    pub fn redo(&self) {
        self.travel(|h| h.future.pop(), |h, m| h.past.push(m));
    }

    fn travel(&self, take: fn(&mut History) -> Option<Moment>, keep: fn(&mut History, Moment)) {
        let present = self.moment();
        let mut target = None;
        self.history.update_value(|h| {
            target = take(h);
            if target.is_some() {
                keep(h, present);
            }
            h.last = None;
        });
        if let Some(moment) = target {
            self.go(moment);
        }
        self.count_history();
    }

    fn go(&self, moment: Moment) {
        self.focus.set(None);
        self.pinned.set(false);
        self.timings.update_value(|t| t.changed_at = now());
        self.data.set(moment.data);
        if self.lab.get_untracked() != moment.lab {
            self.lab.set(moment.lab);
        }
        self.setup.set(moment.setup);
    }

    /// Sets one control, and what follows from it.
    pub fn set_value(&self, index: usize, value: Value) {
        let lab = self.lab_untracked();
        let key = lab.controls().get(index).map_or("", |c| c.key);
        let data = self.data.get_untracked();
        self.change(key, |setup| {
            setup.values = lab.set(&setup.values, index, value, &data);
        });
    }

    /// Every control at its default; the learner's own picture stays on the list.
    pub fn reset(&self) {
        let lab = self.lab_untracked();
        self.change("", |setup| *setup = Setup::defaults(lab.controls()));
        self.focus.set(None);
        self.pinned.set(false);
    }

    /// Replaces an input tensor; undo brings the old one back.
    pub fn load(&self, name: &str, tensor: crate::stage::lab::Shared) -> Result<(), Refusal> {
        let lab = self.lab_untracked();
        let mut data = self.data.get_untracked();
        let values = lab.load(name, tensor, &self.setup.with_untracked(|s| s.values.clone()), &mut data)?;
        lab.check(&values, &data)?;
        self.remember("");
        self.timings.update_value(|t| t.changed_at = now());
        super::store::keep_data(&data);
        self.data.set(data);
        self.setup.update(|s| {
            s.values = values;
            s.step = 0;
        });
        Ok(())
    }

    /// Shows what was refused.
    pub fn report(&self, problems: &[Refusal]) {
        let lang = self.lang.get_untracked();
        for problem in problems.iter().take(3) {
            self.say(problem.say(lang), true);
        }
    }

    /// Shows a sentence for a while.
    pub fn say(&self, text: String, refuses: bool) {
        let id = self.messages.with_untracked(|m| m.last().map_or(1, |last| last.id + 1));
        let messages = self.messages;
        messages.update(|list| {
            list.retain(|m| m.text != text);
            list.push(Message { id, text, refuses });
            if list.len() > 4 {
                list.remove(0);
            }
        });
        let stays = if refuses { 14_000 } else { 4_000 };
        set_timeout(
            move || messages.update(|m| m.retain(|m| m.id != id)),
            std::time::Duration::from_millis(stays),
        );
    }
}
