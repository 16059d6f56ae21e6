//! One widget for each kind of control, all made from the control's declaration.

mod choice;
mod matrix;
mod numbers;
mod padding;
pub mod player;
mod rows;
pub mod text;

use super::state::Page;
use crate::app::live::{live, part};
use crate::app::parts;
use crate::stage::control::{Control, Kind, LabelRef};
use crate::stage::lab::{Reach, reach};
use crate::stage::refusal::Refusal;
use crate::stage::text::{Sentence, fill};
use crate::stage::value::Value;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub use choice::Tabs;

/// A control as a widget sees it: its value now, or the second value it is compared with.
#[derive(Clone, Copy)]
pub struct Binding {
    /// The page.
    pub page: Page,
    /// The control's place in the list.
    pub index: usize,
    /// The second value of a comparison.
    pub beside: bool,
    control: &'static Control,
}

impl Binding {
    /// A control of the present lab, if there is one at this place.
    pub fn new(page: Page, index: usize, beside: bool) -> Option<Self> {
        let control = page.lab_untracked().controls().get(index)?;
        Some(Self { page, index, beside, control })
    }

    /// Its declaration.
    pub const fn control(&self) -> &'static Control {
        self.control
    }

    /// Whether its lab is still the present one: a widget may be asked once more while another lab takes its place.
    fn stands(&self) -> bool {
        self.page.lab().controls().get(self.index).is_some_and(|c| std::ptr::eq(c, self.control))
    }

    /// Its words.
    pub fn label(&self) -> LabelRef {
        let labels = self.page.lab().labels(self.page.lang.get());
        let label = labels.get(self.index).filter(|_| self.stands()).copied();
        label.unwrap_or(LabelRef { name: "", hint: "", options: &[] })
    }

    /// An id for its elements.
    pub fn id(&self, part: &str) -> String {
        format!("{}{}-{part}", if self.beside { "beside-" } else { "" }, self.control().key)
    }

    /// Its value.
    pub fn get(&self) -> Value {
        let (index, beside) = (self.index, self.beside);
        if !self.stands() {
            return self.control.default_value();
        }
        self.page.setup.with(|s| {
            let second = s.compare.as_ref().filter(|(i, _)| beside && *i == index).map(|(_, v)| v);
            second.or(s.values.0.get(index)).cloned().unwrap_or(Value::Flag(false))
        })
    }

    /// Sets it.
    pub fn set(&self, value: Value) {
        if self.beside {
            let (index, key) = (self.index, self.control().key);
            self.page.change(&format!("beside {key}"), |s| s.compare = Some((index, value)));
        } else {
            self.page.set_value(self.index, value);
        }
    }

    /// Whether a value can be computed, everything else as it is.
    pub fn check(&self, value: Value) -> Result<(), Refusal> {
        if !self.stands() {
            return Ok(());
        }
        let lab = self.page.lab_untracked();
        let (setup, data) = (self.page.setup, self.page.data);
        setup.with(|s| data.with(|d| lab.check(&lab.set(&s.values, self.index, value, d), d)))
    }

    /// Reads what the learner typed; what can't be is said, and the old value stays.
    pub fn type_in(&self, text: &str) {
        let typed = self.control().parse(text).map_err(|e| Refusal::Value(self.control().key.into(), e));
        match typed.and_then(|value| self.check(value.clone()).map(|()| value)) {
            Ok(value) => self.set(value),
            Err(refusal) => {
                self.page.report(&[refusal]);
                // The field shows the value that stayed.
                self.page.setup.update(|_| {});
            }
        }
    }

    /// Whether a teacher's link locked it.
    pub fn locked(&self) -> bool {
        let key = self.control().key;
        self.page.shell.with(|s| s.lock.iter().any(|k| k == key))
    }

    /// Whole numbers that work now.
    pub fn reach(&self, current: i64, min: i64, max: i64, value: impl Fn(i64) -> Value) -> Reach {
        reach(current, min, max, |n| self.check(value(n)))
    }

    /// Where a slider ends before its declared range does, and why. The reason is written out when the slider
    /// stands there; until then it is a tooltip.
    pub fn limit(&self, reach: &Reach, current: i64) -> Option<Ends> {
        let (lang, words) = (self.page.lang.get(), self.page.words());
        let ends = |template: &str, end: i64, why: &Refusal| Ends {
            short: fill(template, &[("n", end.to_string())]),
            why: why.say(lang),
            here: current == end,
        };
        let above = reach.above.as_ref().map(|why| ends(words.largest, reach.max, why));
        let below = reach.below.as_ref().map(|why| ends(words.smallest, reach.min, why)).filter(|e| e.here);
        match above {
            Some(above) if !above.here => below.or(Some(above)),
            other => other.or(below),
        }
    }
}

/// Where and why a control ends.
#[derive(Clone, PartialEq)]
pub struct Ends {
    /// `Largest that works here: 3.`
    pub short: String,
    /// The sentence that says what to change.
    pub why: String,
    /// Whether the control stands there now.
    pub here: bool,
}

/// A control with its name, what it does, its widget, and why it ends where it ends.
#[component]
pub fn Field(page: Page, index: usize, #[prop(optional)] beside: bool) -> impl IntoView {
    let Some(binding) = Binding::new(page, index, beside) else { return ().into_any() };
    let control = binding.control();
    let widget = move || match control.kind {
        Kind::Pair { min, max } => view! { <numbers::PairField binding=binding min=min max=max/> }.into_any(),
        Kind::Whole { min, max } => {
            view! { <numbers::WholeField binding=binding min=min max=max/> }.into_any()
        }
        Kind::Real { min, max, step } => {
            view! { <numbers::RealField binding=binding min=min max=max step=step/> }.into_any()
        }
        Kind::Flag => view! { <choice::FlagField binding=binding/> }.into_any(),
        Kind::Choice(keys) => view! { <choice::ChoiceField binding=binding keys=keys/> }.into_any(),
        Kind::Padding { max, words } => {
            view! { <padding::PaddingField binding=binding max=max words=words/> }.into_any()
        }
        Kind::Matrix { max } => view! { <matrix::MatrixField binding=binding max=max/> }.into_any(),
        Kind::Text { .. } => view! { <LateText binding=binding/> }.into_any(),
    };
    view! { <div class="field" data-control=control.key class:locked=live(move || binding.locked())>{widget()}</div> }.into_any()
}

/// A text's widget, loaded when a lab first has one.
#[component]
fn LateText(binding: Binding) -> impl IntoView {
    let page = binding.page;
    let widget = RwSignal::new(None::<parts::Maker>);
    page.awaited.update_value(|n| *n += 1);
    spawn_local(async move {
        let came = parts::report(page, parts::text_field().await);
        let _ = widget.try_set(came);
        page.awaited.update_value(|n| *n -= 1);
    });
    part(move || {
        widget.get().map(|widget| widget(page, binding.index * 2 + usize::from(binding.beside))).into_any()
    })
}

/// The name of a control: its PyTorch name, and beside it a word of the language when that says more.
#[component]
pub fn Name(binding: Binding, target: String) -> impl IntoView {
    let control = binding.control();
    let word = move || {
        let label = binding.label();
        let plain = label.name.to_ascii_lowercase().replace(' ', "_");
        (plain != control.key).then(|| view! { <span class="word">{label.name}</span> })
    };
    // A long name may break behind its underscores.
    let key = control.key.replace('_', "_<wbr>");
    view! {
        <label for=target>{word}<code inner_html=key></code></label>
        <span class="hint" role="tooltip" id=binding.id("hint")>{live(move || binding.label().hint)}</span>
    }
}

/// Why a control ends where it ends.
#[component]
pub fn Limit(binding: Binding, #[prop(into)] limit: Signal<Option<Ends>>) -> impl IntoView {
    let id = binding.id("limit");
    view! {
        <p class="limit" id=id>
            {part(move || (limit.get().map(|e| view! {
                <b title=(!e.here).then(|| e.why.clone())>{e.short}</b>
                {e.here.then(|| view! { <span>" "{e.why}</span> })}
            })).into_any())}
        </p>
    }
}
