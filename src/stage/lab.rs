//! The trait a lab implements, and the erased form that the shell and the laws iterate over.

use super::challenge::Challenge;
use super::control::{Control, Controls, LabelRef, Values};
use super::insight::Insight;
use super::refusal::Refusal;
use super::scene::Scene;
use super::text::Lang;
use super::value::Value;
use super::work::{Finds, Work};
use ndarray::{ArcArray, IxDyn};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A tensor that is cheap to hand around.
pub type Shared = ArcArray<f32, IxDyn>;

/// Data too large for a link (a photo, a loaded array), by tensor name. It never leaves the machine.
pub type Data = BTreeMap<String, Shared>;

/// The cell the learner points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The tensor's name.
    pub tensor: &'static str,
    /// Its index, as long as the tensor's shape.
    pub index: Vec<usize>,
}

/// How a figure is to be drawn: language, room, and what is pointed at.
#[derive(Clone, Debug)]
pub struct Look<'a> {
    /// Language of the words.
    pub lang: Lang,
    /// Width there is, in CSS pixels.
    pub width: f64,
    /// Size of small text, in CSS pixels.
    pub font: f64,
    /// Factor on line widths: 1, or 2 on a projector.
    pub stroke: f64,
    /// The cell pointed at.
    pub focus: Option<&'a Focus>,
    /// The step of the player.
    pub step: usize,
}

/// One figure of a lab.
#[derive(Clone, Debug)]
pub struct Figure {
    /// A stable name: `main`, `matrix`, …
    pub id: &'static str,
    /// What it is.
    pub title: String,
    /// One line beside the title.
    pub caption: String,
    /// What a screen reader says of it: what it shows, in whole sentences.
    pub summary: String,
    /// The picture.
    pub scene: Scene,
}

impl Figure {
    /// A figure with nothing in it.
    pub fn empty(look: &Look) -> Figure {
        let (title, caption, summary) = Default::default();
        Figure { id: "", title, caption, summary, scene: Scene::new(look.width) }
    }
}

/// A curriculum row that a lab answers, with the link that sets the lab up for it.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id: `C7`.
    pub id: &'static str,
    /// The question, short enough for a chip.
    pub short: &'static str,
    /// What to do and what to look for.
    pub look: &'static str,
    /// The link's query.
    pub link: &'static str,
    /// What the learner predicts of the set-up before looking.
    pub ask: &'static str,
    /// Two to four answers to that, the right one first; a page shuffles them.
    pub options: &'static [&'static str],
    /// The answer, as a template: facts of the set-up stand in braces (see [`super::answer::answered`]).
    pub answer: &'static str,
    /// The common wrong answer and why it is wrong, for rows whose usual answer is; otherwise empty.
    pub mistake: &'static str,
}

/// A lab: typed controls, a pure computation, and what is drawn and said of it.
pub trait Lab: 'static {
    /// The lab's name in links.
    const SLUG: &'static str;
    /// Its controls.
    type Params: Controls + Send + Sync;
    /// What it computed.
    type Output: Send + Sync + 'static;

    /// Brings its English texts: a page loads the language that it shows.
    fn bring_english();
    /// Brings its Chinese texts.
    fn bring_chinese();
    /// Its short name, for menus.
    fn name(lang: Lang) -> &'static str;
    /// Title and one sentence, in one language.
    fn title(lang: Lang) -> (&'static str, &'static str);
    /// The headings that controls stand under.
    fn groups(lang: Lang) -> &'static [&'static str];
    /// The words of the controls, in their order.
    fn labels(lang: Lang) -> Vec<LabelRef>;
    /// The curriculum rows it answers. Not asked through [`AnyLab`], so that a page can load them when the learner first
    /// wants them.
    fn questions(lang: Lang) -> &'static [Question];

    /// Ready-made beginnings, as a label and a link's query, offered above the controls.
    fn beginnings(_lang: Lang) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// Headings of a long list of options, each with how many options stand under it.
    fn option_groups(_key: &str, _lang: Lang) -> &'static [(&'static str, usize)] {
        &[]
    }
    /// The tensor that a picture, a camera or a dropped file fills, if there is one.
    const PICTURE: Option<&'static str> = None;
    /// Whether a picture comes as red, green and blue `[1, 3, h, w]`, rather than as brightness `[1, 1, h, w]`.
    const IN_COLOUR: bool = false;
    /// The figure whose head a control stands in, rather than among the others.
    fn stands_on(_key: &str) -> Option<&'static str> {
        None
    }
    /// Whether a control means something now; one that doesn't is not shown.
    fn relevant(_params: &Self::Params, _key: &str) -> bool {
        true
    }
    /// Whether these parameters can be computed, cheaply: the widgets ask it for every position of a slider.
    fn check(params: &Self::Params, data: &Data) -> Result<(), Refusal>;
    /// After one change: other values follow (an own kernel grows with `kernel_size`).
    fn settle(_before: &Self::Params, _after: &mut Self::Params, _data: &Data) {}
    /// What takes longer than a frame, the most urgent first; it is done in the background, and [`Lab::compute`] is given
    /// what was found. Nothing for parameters that can't be computed.
    fn works(_params: &Self::Params, _seed: u64, _data: &Data) -> Vec<Work> {
        Vec::new()
    }
    /// Computes everything that is drawn, within a frame.
    fn compute(params: &Self::Params, seed: u64, given: Given<'_, Self>) -> Result<Self::Output, Refusal>
    where
        Self: Sized;
    /// The tensors, by name; those of a second state are called `beside_…`.
    fn tensors(run: &Ran<Self>) -> Vec<(&'static str, Shared)>
    where
        Self: Sized;
    /// The numbers of the insight column, by stable name.
    fn facts(run: &Ran<Self>) -> Vec<(&'static str, f64)>
    where
        Self: Sized;
    /// Number of steps of the player, and the cell each points at.
    fn steps(_run: &Ran<Self>) -> usize
    where
        Self: Sized,
    {
        0
    }
    /// The cell a step points at.
    fn step_focus(_run: &Ran<Self>, _step: usize) -> Option<Focus>
    where
        Self: Sized,
    {
        None
    }
    /// The figures.
    fn draw(run: &Ran<Self>, look: &Look) -> Vec<Figure>
    where
        Self: Sized;
    /// Formulas, facts, sentences, code.
    fn insight(run: &Ran<Self>, look: &Look) -> Insight
    where
        Self: Sized;
    /// A question made from the live core; `round` counts up.
    fn challenge(run: &Ran<Self>, round: u64, lang: Lang) -> Option<Challenge>
    where
        Self: Sized;
    /// What a click on a cell (or Enter, when it is pointed at by keyboard) does beside pinning it.
    fn click(_run: &Ran<Self>, _focus: &Focus) -> Option<Act>
    where
        Self: Sized,
    {
        None
    }
    /// Replaces an input tensor. The parameters that follow from it change with it.
    fn load(name: &str, tensor: Shared, params: &mut Self::Params, data: &mut Data) -> Result<(), Refusal>;
    /// A new value for a cell the learner edits, as a changed input tensor, if that cell can be edited.
    fn edit(_run: &Ran<Self>, _focus: &Focus, _value: f32) -> Option<(&'static str, Shared)>
    where
        Self: Sized,
    {
        None
    }
}

/// What a computation is given beside its parameters.
pub struct Given<'a, L: Lab> {
    /// Data too large for a link.
    pub data: &'a Data,
    /// What was found in the background, by the key of its work.
    pub finds: &'a Finds,
    /// The state before this one, if there was one of this lab: what has not changed since need not be computed again.
    pub before: Option<&'a Ran<L>>,
}

impl<L: Lab> Clone for Given<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Lab> Copy for Given<'_, L> {}

/// What a click changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Controls, by key, each with its value as a link writes it: one step of undo.
    Set(Vec<(&'static str, String)>),
    /// An input tensor.
    Load(&'static str, Shared),
}

/// A computed state of a lab.
pub struct Ran<L: Lab> {
    /// The parameters.
    pub params: L::Params,
    /// The seed of everything random in it.
    pub seed: u64,
    /// What was computed.
    pub output: L::Output,
    /// A second state to stand beside it.
    pub beside: Option<Second<L>>,
}

/// A state that differs from the first in one control.
pub struct Second<L: Lab> {
    /// The control that differs.
    pub key: &'static str,
    /// Its value in the first state and in this one, as links write it.
    pub values: (String, String),
    /// The parameters.
    pub params: L::Params,
    /// What was computed.
    pub output: L::Output,
}

/// A computed state, without its lab's type.
pub trait Experiment: Send + Sync {
    /// Itself, for the lab that made it.
    fn as_any(&self) -> &dyn std::any::Any;
    /// The tensors, by name.
    fn tensors(&self) -> Vec<(&'static str, Shared)>;
    /// The numbers of the insight column, by stable name.
    fn facts(&self) -> Vec<(&'static str, f64)>;
    /// Number of steps of the player; zero when there is none.
    fn steps(&self) -> usize;
    /// The cell a step points at.
    fn step_focus(&self, step: usize) -> Option<Focus>;
    /// The figures.
    fn draw(&self, look: &Look) -> Vec<Figure>;
    /// Formulas, facts, sentences, code.
    fn insight(&self, look: &Look) -> Insight;
    /// A changed input tensor after the learner edited a cell.
    fn edit(&self, focus: &Focus, value: f32) -> Option<(&'static str, Shared)>;
    /// What a click on a cell does beside pinning it.
    fn click(&self, focus: &Focus) -> Option<Act>;
}

impl<L: Lab> Experiment for Ran<L> {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn tensors(&self) -> Vec<(&'static str, Shared)> {
        L::tensors(self)
    }
    fn facts(&self) -> Vec<(&'static str, f64)> {
        L::facts(self)
    }
    fn steps(&self) -> usize {
        L::steps(self)
    }
    fn step_focus(&self, step: usize) -> Option<Focus> {
        L::step_focus(self, step)
    }
    fn draw(&self, look: &Look) -> Vec<Figure> {
        L::draw(self, look)
    }
    fn insight(&self, look: &Look) -> Insight {
        L::insight(self, look)
    }
    fn edit(&self, focus: &Focus, value: f32) -> Option<(&'static str, Shared)> {
        L::edit(self, focus, value)
    }
    fn click(&self, focus: &Focus) -> Option<Act> {
        L::click(self, focus)
    }
}

/// A control at a second value, to stand beside the first.
pub type Beside = (usize, Value);

/// A lab without its type: what the shell and the laws see.
pub trait AnyLab: Sync {
    /// The lab's name in links.
    fn slug(&self) -> &'static str;
    /// The declarations of its controls.
    fn controls(&self) -> &'static [Control];
    /// Its short name, for menus.
    fn name(&self, lang: Lang) -> &'static str;
    /// Title and one sentence.
    fn title(&self, lang: Lang) -> (&'static str, &'static str);
    /// Headings of the control groups.
    fn groups(&self, lang: Lang) -> &'static [&'static str];
    /// The words of the controls.
    fn labels(&self, lang: Lang) -> Vec<LabelRef>;
    /// Ready-made beginnings: label and query.
    fn beginnings(&self, lang: Lang) -> &'static [(&'static str, &'static str)];
    /// Headings of a long list of options, each with how many options stand under it.
    fn option_groups(&self, key: &str, lang: Lang) -> &'static [(&'static str, usize)];
    /// The tensor that a picture fills.
    fn picture(&self) -> Option<&'static str>;
    /// Whether it comes as red, green and blue.
    fn in_colour(&self) -> bool;
    /// The figure whose head a control stands in.
    fn stands_on(&self, key: &str) -> Option<&'static str>;
    /// Whether a control means something now.
    fn relevant(&self, values: &Values, key: &str) -> bool;
    /// Whether these values can be computed.
    fn check(&self, values: &Values, data: &Data) -> Result<(), Refusal>;
    /// One control set, and what follows from it.
    fn set(&self, values: &Values, index: usize, value: Value, data: &Data) -> Values;
    /// What takes longer than a frame, for these values and for the second ones.
    fn works(&self, values: &Values, beside: Option<&Beside>, seed: u64, data: &Data) -> Vec<Work>;
    /// Computes; what `before` holds and is still true is not computed again.
    fn run(
        &self,
        values: &Values,
        beside: Option<&Beside>,
        seed: u64,
        given: (&Data, &Finds),
        before: Option<&dyn Experiment>,
    ) -> Result<Arc<dyn Experiment>, Refusal>;
    /// Replaces an input tensor.
    fn load(&self, name: &str, tensor: Shared, values: &Values, data: &mut Data) -> Result<Values, Refusal>;
}

/// A lab's entry in the list of labs.
pub struct Entry<L>(pub std::marker::PhantomData<fn() -> L>);

impl<L: Lab> AnyLab for Entry<L> {
    fn slug(&self) -> &'static str {
        L::SLUG
    }
    fn controls(&self) -> &'static [Control] {
        L::Params::CONTROLS
    }
    fn name(&self, lang: Lang) -> &'static str {
        L::name(lang)
    }
    fn title(&self, lang: Lang) -> (&'static str, &'static str) {
        L::title(lang)
    }
    fn groups(&self, lang: Lang) -> &'static [&'static str] {
        L::groups(lang)
    }
    fn labels(&self, lang: Lang) -> Vec<LabelRef> {
        L::labels(lang)
    }
    fn beginnings(&self, lang: Lang) -> &'static [(&'static str, &'static str)] {
        L::beginnings(lang)
    }
    fn option_groups(&self, key: &str, lang: Lang) -> &'static [(&'static str, usize)] {
        L::option_groups(key, lang)
    }
    fn picture(&self) -> Option<&'static str> {
        L::PICTURE
    }
    fn in_colour(&self) -> bool {
        L::IN_COLOUR
    }
    fn stands_on(&self, key: &str) -> Option<&'static str> {
        L::stands_on(key)
    }
    fn relevant(&self, values: &Values, key: &str) -> bool {
        L::relevant(&L::Params::read(values), key)
    }
    fn check(&self, values: &Values, data: &Data) -> Result<(), Refusal> {
        L::check(&L::Params::read(values), data)
    }
    fn set(&self, values: &Values, index: usize, value: Value, data: &Data) -> Values {
        let before = L::Params::read(values);
        let mut after = L::Params::read(&values.with(index, value));
        L::settle(&before, &mut after, data);
        after.write()
    }
    fn works(&self, values: &Values, beside: Option<&Beside>, seed: u64, data: &Data) -> Vec<Work> {
        let mut list = L::works(&L::Params::read(values), seed, data);
        if let Some((index, value)) = beside {
            let second = self.set(values, *index, value.clone(), data);
            list.extend(L::works(&L::Params::read(&second), seed, data));
        }
        list
    }
    fn run(
        &self,
        values: &Values,
        beside: Option<&Beside>,
        seed: u64,
        (data, finds): (&Data, &Finds),
        before: Option<&dyn Experiment>,
    ) -> Result<Arc<dyn Experiment>, Refusal> {
        let before = before.and_then(|e| e.as_any().downcast_ref::<Ran<L>>());
        let values_before = values;
        let params = L::Params::read(values);
        let given = Given { data, finds, before };
        let output = L::compute(&params, seed, given)?;
        let beside = match beside {
            None => None,
            Some((index, value)) => {
                let Some(control) = L::Params::CONTROLS.get(*index) else {
                    return Ok(Arc::new(Ran::<L> { params, seed, output, beside: None }));
                };
                let first = values.0.get(*index).map(|v| control.write(v)).unwrap_or_default();
                let values = (first, control.write(value));
                let params = L::Params::read(&self.set(values_before, *index, value.clone(), data));
                let output = L::compute(&params, seed, given)?;
                Some(Second { key: control.key, values, params, output })
            }
        };
        Ok(Arc::new(Ran::<L> { params, seed, output, beside }))
    }
    fn load(&self, name: &str, tensor: Shared, values: &Values, data: &mut Data) -> Result<Values, Refusal> {
        let mut params = L::Params::read(values);
        L::load(name, tensor, &mut params, data)?;
        Ok(params.write())
    }
}

/// The largest and smallest value a whole-number slider may take now, given everything else, and why it ends there.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Least value that can be computed.
    pub min: i64,
    /// Greatest value that can be computed.
    pub max: i64,
    /// Why the next larger one can't.
    pub above: Option<Refusal>,
    /// Why the next smaller one can't.
    pub below: Option<Refusal>,
}

/// Finds both ends by halving: the values that can be computed form one stretch around `current`. One rule, `check`,
/// serves sliders, steppers and sentences. From a `current` that can't be computed the nearest value that can takes its
/// place; where there is none, the reach is `current` alone.
pub fn reach(current: i64, min: i64, max: i64, check: impl Fn(i64) -> Result<(), Refusal>) -> Reach {
    let nearest = || {
        let far = (max - current).max(current - min);
        let around = (1..=far).flat_map(|d| [current - d, current + d]);
        around.filter(|n| (min..=max).contains(n)).find(|n| check(*n).is_ok())
    };
    let current = if check(current).is_ok() { current } else { nearest().unwrap_or(current) };
    // The last value that works on the way to `far`, and why the one after it doesn't.
    let end = |far: i64| {
        let Err(mut why) = check(far) else { return (far, None) };
        let (mut works, mut fails) = (current, far);
        while (fails - works).abs() > 1 {
            let middle = works + (fails - works) / 2;
            match check(middle) {
                Ok(()) => works = middle,
                Err(reason) => (fails, why) = (middle, reason),
            }
        }
        (works, Some(why))
    };
    let ((max, above), (min, below)) = (end(max.max(current)), end(min.min(current)));
    Reach { min, max, above, below }
}

/// The words of a lab, in its `impl Lab`: they stand in its rooms `text`, `words` and `questions`, and its name is one of
/// its texts.
#[macro_export]
macro_rules! lab_words {
    ($name:ident) => {
        fn bring_english() {
            text::Text::bring_english();
        }
        fn bring_chinese() {
            text::Text::bring_chinese();
        }
        fn name(lang: $crate::stage::text::Lang) -> &'static str {
            text::Text::of(lang).$name
        }
        fn title(lang: $crate::stage::text::Lang) -> (&'static str, &'static str) {
            let t = text::Text::of(lang);
            (t.title, t.lede)
        }
        fn groups(lang: $crate::stage::text::Lang) -> &'static [&'static str] {
            words::groups(lang)
        }
        fn labels(lang: $crate::stage::text::Lang) -> Vec<$crate::stage::control::LabelRef> {
            words::labels(lang).list()
        }
        fn questions(lang: $crate::stage::text::Lang) -> &'static [$crate::stage::lab::Question] {
            questions::list(lang)
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_ends_where_the_check_does() {
        let legal =
            |n: i64| if (3..=9).contains(&n) { Ok(()) } else { Err(Refusal::UnknownKey(n.to_string())) };
        let found = reach(5, 1, 100, legal);
        assert_eq!((found.min, found.max), (3, 9));
        assert!(found.above.is_some() && found.below.is_some());
        let all = reach(5, 3, 9, legal);
        assert_eq!((all.min, all.max, all.above.is_none(), all.below.is_none()), (3, 9, true, true));
        let outside = reach(50, 1, 100, legal);
        assert_eq!((outside.min, outside.max), (3, 9));
        let none = reach(50, 20, 100, legal);
        assert_eq!((none.min, none.max), (50, 50));
    }
}
