//! One declaration per control. Link key, validation, widget, label, keyboard step, reset, undo text and the
//! random generator of the laws all follow from it.

use super::value::{LARGEST, Matrix, PaddingValue, Value, ValueError, parse_real, parse_whole, shorten};

/// What a control can hold, and so which widget shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number: slider and stepper.
    Whole {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A pair `h,w`: two sliders that can be locked together.
    Pair {
        /// Least value of either.
        min: usize,
        /// Greatest value of either.
        max: usize,
    },
    /// A real number.
    Real {
        /// Least value.
        min: f32,
        /// Greatest value.
        max: f32,
        /// Keyboard step.
        step: f32,
    },
    /// A switch.
    Flag,
    /// One of several options, by key.
    Choice(&'static [&'static str]),
    /// Padding on four sides, or one of several words.
    Padding {
        /// Most cells on one side.
        max: usize,
        /// The words.
        words: &'static [&'static str],
    },
    /// A matrix of numbers.
    Matrix {
        /// Most rows or columns.
        max: usize,
    },
    /// A text.
    Text {
        /// Most characters.
        max: usize,
        /// How it is edited.
        form: Form,
    },
}

/// How a text is edited. Whether it means something is for the lab's `check` to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// One line of whole numbers and spans of them: `24,24`, `1-3,4-6`.
    Numbers,
    /// A list of rows, each a word of letters and numbers, such as `c3s2p1,m2s2`.
    Rows(&'static [super::rows::RowKind]),
}

/// The declaration of one control.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Link key: the parameter's name in PyTorch where there is one.
    pub key: &'static str,
    /// Under which heading of the lab it stands.
    pub group: usize,
    /// What it can hold.
    pub kind: Kind,
    /// Its default, as a link would write it.
    pub default: &'static str,
}

impl Control {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        self.parse(self.default).unwrap_or(Value::Flag(false))
    }

    /// Reads a link's text.
    pub fn parse(&self, text: &str) -> Result<Value, ValueError> {
        match self.kind {
            Kind::Whole { min, max } => {
                let value = parse_whole(text)?;
                within(value as f64, min as f64, max as f64)?;
                Ok(Value::Whole(value))
            }
            Kind::Pair { min, max } => {
                let numbers = whole_list(text, min, max)?;
                match numbers[..] {
                    [n] => Ok(Value::Pair(n, n)),
                    [h, w] => Ok(Value::Pair(h, w)),
                    _ => Err(ValueError::Count { found: numbers.len(), expected: "1, 2" }),
                }
            }
            Kind::Real { min, max, .. } => {
                let value = parse_real(text)?;
                within(value as f64, min as f64, max as f64)?;
                Ok(Value::Real(value))
            }
            Kind::Flag => match text.trim() {
                "1" | "true" => Ok(Value::Flag(true)),
                "0" | "false" => Ok(Value::Flag(false)),
                other => Err(ValueError::NotAFlag(shorten(other))),
            },
            Kind::Choice(keys) => keys
                .iter()
                .position(|k| *k == text.trim())
                .map(Value::Choice)
                .ok_or_else(|| ValueError::NotAnOption { found: shorten(text), options: keys.to_vec() }),
            Kind::Padding { max, words } => {
                if let Some(word) = words.iter().position(|w| *w == text.trim()) {
                    return Ok(Value::Padding(PaddingValue::Word(word)));
                }
                let numbers = match whole_list(text, 0, max) {
                    Err(ValueError::NotANumber(found)) => {
                        return Err(ValueError::NotAnOption { found, options: words.to_vec() });
                    }
                    other => other?,
                };
                let sides = match numbers[..] {
                    [n] => [n; 4],
                    [h, w] => [h, h, w, w],
                    [t, b, l, r] => [t, b, l, r],
                    _ => return Err(ValueError::Count { found: numbers.len(), expected: "1, 2, 4" }),
                };
                Ok(Value::Padding(PaddingValue::Sides(sides)))
            }
            Kind::Matrix { max } => {
                let matrix = Matrix::parse(text)?;
                let (rows, cols) = matrix.shape();
                if rows > max || cols > max {
                    return Err(ValueError::TooLarge { found: (rows, cols), max: (max, max) });
                }
                for cell in matrix.data() {
                    within(f64::from(*cell), f64::from(-LARGEST), f64::from(LARGEST))?;
                }
                Ok(Value::Matrix(matrix))
            }
            Kind::Text { max, .. } => match text.chars().count() {
                found if found > max => Err(ValueError::TooLong { found, max }),
                _ => Ok(Value::Text(text.into())),
            },
        }
    }

    /// Writes a value as a link does, the shortest way.
    pub fn write(&self, value: &Value) -> String {
        match (value, self.kind) {
            (Value::Whole(n), _) => n.to_string(),
            (Value::Pair(h, w), _) if h == w => h.to_string(),
            (Value::Pair(h, w), _) => format!("{h},{w}"),
            (Value::Real(v), _) => v.to_string(),
            (Value::Flag(on), _) => if *on { "1" } else { "0" }.into(),
            (Value::Choice(i), Kind::Choice(keys)) => keys.get(*i).copied().unwrap_or_default().into(),
            (Value::Padding(PaddingValue::Word(i)), Kind::Padding { words, .. }) => {
                words.get(*i).copied().unwrap_or_default().into()
            }
            (Value::Padding(PaddingValue::Sides([t, b, l, r])), _) => match (t == b, l == r, t == l) {
                (true, true, true) => t.to_string(),
                (true, true, false) => format!("{t},{l}"),
                _ => format!("{t},{b},{l},{r}"),
            },
            (Value::Matrix(m), _) => m.to_string(),
            (Value::Text(text), _) => text.clone(),
            (Value::Choice(_) | Value::Padding(_), _) => String::new(),
        }
    }

    /// A random value of this control, for the laws: `below(n)` gives a number below `n`.
    pub fn random(&self, below: &mut dyn FnMut(usize) -> usize) -> Value {
        match self.kind {
            Kind::Whole { min, max } => Value::Whole(min + below((max - min + 1) as usize) as i64),
            Kind::Pair { min, max } => {
                // Small values are where shapes meet, so half of the draws stay small.
                let span = if below(2) == 0 { (max - min + 1).min(9) } else { max - min + 1 };
                let h = min + below(span);
                Value::Pair(h, if below(2) == 0 { h } else { min + below(span) })
            }
            Kind::Real { min, max, .. } => Value::Real(min + (max - min) * below(1025) as f32 / 1024.0),
            Kind::Flag => Value::Flag(below(2) == 1),
            Kind::Choice(keys) => Value::Choice(below(keys.len())),
            Kind::Padding { max, words } => match below(3) {
                0 if !words.is_empty() => Value::Padding(PaddingValue::Word(below(words.len()))),
                1 => Value::Padding(PaddingValue::Sides([below(max + 1); 4])),
                _ => Value::Padding(PaddingValue::Sides([below(4), below(4), below(4), below(4)])),
            },
            Kind::Matrix { max } => {
                let (rows, cols) = (1 + below(max), 1 + below(max));
                Value::Matrix(Matrix::from_fn(rows, cols, |_, _| below(41) as f32 / 4.0 - 5.0))
            }
            Kind::Text { max, form: Form::Rows(kinds) } => {
                Value::Text(super::rows::random(kinds, max, below))
            }
            Kind::Text { max, form: Form::Numbers } => {
                let mut text = String::new();
                for _ in 0..below(3) {
                    let (first, more) = (below(9), below(3));
                    let span =
                        if below(2) == 0 { first.to_string() } else { format!("{first}-{}", first + more) };
                    text += if text.is_empty() { "" } else { "," };
                    text += &span;
                }
                Value::Text(if text.len() <= max { text } else { String::new() })
            }
            Kind::Text { max, .. } => {
                const LETTERS: [char; 16] =
                    ['a', 'b', 'e', 'n', 'T', ' ', ' ', '.', ',', '1', '猫', '坐', 'é', 'ש', '😀', '\n'];
                let length = below(max.min(24) + 1);
                Value::Text((0..length).map(|_| LETTERS[below(LETTERS.len())]).collect())
            }
        }
    }
}

fn within(value: f64, min: f64, max: f64) -> Result<(), ValueError> {
    if value < min || value > max { Err(ValueError::OutOfRange { value, min, max }) } else { Ok(()) }
}

fn whole_list(text: &str, min: usize, max: usize) -> Result<Vec<usize>, ValueError> {
    let plain = text.replace(['(', ')', '[', ']'], "");
    plain
        .split(',')
        .map(|part| {
            let value = parse_whole(part)?;
            within(value as f64, min as f64, max as f64)?;
            Ok(value as usize)
        })
        .collect()
}

/// The values of all controls of a lab, in the order of their declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(pub Vec<Value>);

impl Values {
    /// Every control at its default.
    pub fn defaults(controls: &[Control]) -> Values {
        Values(controls.iter().map(Control::default_value).collect())
    }

    /// The same values with one replaced.
    pub fn with(&self, index: usize, value: Value) -> Values {
        let mut changed = self.clone();
        if let Some(place) = changed.0.get_mut(index) {
            *place = value;
        }
        changed
    }
}

/// A type a control's value is read into.
pub trait Typed: Sized {
    /// The control's words in one language.
    type Label: AsLabel;
    /// Reads the erased value. A value of another kind gives the type's neutral value; the macro `controls!`
    /// pairs types and kinds, and a test of the laws checks the pairing.
    fn from_value(value: &Value) -> Self;
    /// The erased value.
    fn to_value(&self) -> Value;
}

/// The words of one control in one language: its name, what it does, and the names of its options.
#[derive(Clone, Copy, Debug)]
pub struct Label<const N: usize> {
    /// Its name in the language of the page.
    pub name: &'static str,
    /// One sentence: what it does.
    pub hint: &'static str,
    /// The names of its options, in order.
    pub options: [&'static str; N],
}

/// A label of a name, a hint and options.
pub const fn label<const N: usize>(
    name: &'static str,
    hint: &'static str,
    options: [&'static str; N],
) -> Label<N> {
    Label { name, hint, options }
}

/// A label without its length.
#[derive(Clone, Copy, Debug)]
pub struct LabelRef {
    /// Its name in the language of the page.
    pub name: &'static str,
    /// One sentence: what it does.
    pub hint: &'static str,
    /// The names of its options, in order.
    pub options: &'static [&'static str],
}

/// Labels of any number of options.
pub trait AsLabel {
    /// The label without its length.
    fn erased(&'static self) -> LabelRef;
}

impl<const N: usize> AsLabel for Label<N> {
    fn erased(&'static self) -> LabelRef {
        LabelRef { name: self.name, hint: self.hint, options: &self.options }
    }
}

/// A set of controls with its typed form, made by [`controls!`](crate::controls).
pub trait Controls: Sized + Clone + PartialEq {
    /// The declarations, in order.
    const CONTROLS: &'static [Control];
    /// Reads the values.
    fn read(values: &Values) -> Self;
    /// The values.
    fn write(&self) -> Values;
}

macro_rules! typed {
    ($type:ty, $variant:pat => $read:expr, $self:ident => $write:expr) => {
        impl Typed for $type {
            type Label = Label<0>;
            fn from_value(value: &Value) -> Self {
                match value {
                    $variant => $read,
                    _ => Default::default(),
                }
            }
            fn to_value(&$self) -> Value {
                $write
            }
        }
    };
}
typed!(i64, Value::Whole(n) => *n, self => Value::Whole(*self));
typed!((usize, usize), Value::Pair(h, w) => (*h, *w), self => Value::Pair(self.0, self.1));
typed!(f32, Value::Real(v) => *v, self => Value::Real(*self));
typed!(bool, Value::Flag(on) => *on, self => Value::Flag(*self));
typed!(String, Value::Text(text) => text.clone(), self => Value::Text(self.clone()));
typed!(Matrix, Value::Matrix(m) => m.clone(), self => Value::Matrix(self.clone()));

/// Declares an enum whose variants are the options of a control, with their link keys.
#[macro_export]
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
        impl $name {
            /// Every option, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// Link keys, in order.
            pub const KEYS: &'static [&'static str] = &[$($key),+];
            /// The link key.
            pub fn key(self) -> &'static str { match self { $($name::$variant => $key),+ } }
        }
        impl $crate::stage::control::Typed for $name {
            type Label = $crate::stage::control::Label<{ [$($key),+].len() }>;
            fn from_value(value: &$crate::stage::value::Value) -> Self {
                match value {
                    $crate::stage::value::Value::Choice(i) => Self::ALL.get(*i).copied().unwrap_or(Self::ALL[0]),
                    _ => Self::ALL[0],
                }
            }
            fn to_value(&self) -> $crate::stage::value::Value { $crate::stage::value::Value::Choice(*self as usize) }
        }
    };
}

/// Declares the controls of a lab: the typed struct, the declarations, and the struct of their words, whose
/// fields have the same names, so that a control without words in a language doesn't compile.
#[macro_export]
macro_rules! controls {
    ($(#[$doc:meta])* $params:ident, $labels:ident {
        $($(#[$fdoc:meta])* $key:ident: $type:ty = $kind:expr, $default:literal, $group:expr;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $params { $($(#[$fdoc])* pub $key: $type),+ }
        impl $crate::stage::control::Controls for $params {
            const CONTROLS: &'static [$crate::stage::control::Control] = &[$($crate::stage::control::Control {
                key: stringify!($key), group: $group as usize, kind: $kind, default: $default,
            }),+];
            fn read(values: &$crate::stage::control::Values) -> Self {
                let mut next = values.0.iter();
                let absent = $crate::stage::value::Value::Flag(false);
                Self { $($key: $crate::stage::control::Typed::from_value(next.next().unwrap_or(&absent))),+ }
            }
            fn write(&self) -> $crate::stage::control::Values {
                $crate::stage::control::Values(vec![$($crate::stage::control::Typed::to_value(&self.$key)),+])
            }
        }
        /// The words of every control in one language.
        #[derive(Clone, Copy, Debug)]
        pub struct $labels { $($(#[$fdoc])* pub $key: <$type as $crate::stage::control::Typed>::Label),+ }
        impl $labels {
            /// The words in the order of the controls.
            pub fn list(&'static self) -> Vec<$crate::stage::control::LabelRef> {
                vec![$($crate::stage::control::AsLabel::erased(&self.$key)),+]
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(kind: Kind) -> Control {
        Control { key: "x", group: 0, kind, default: "1" }
    }

    #[test]
    fn pairs_are_written_short_and_read_either_way() {
        let c = control(Kind::Pair { min: 1, max: 15 });
        assert_eq!(c.parse("3"), Ok(Value::Pair(3, 3)));
        assert_eq!(c.parse("(3, 5)"), Ok(Value::Pair(3, 5)));
        assert_eq!(c.write(&Value::Pair(3, 3)), "3");
        assert_eq!(c.write(&Value::Pair(3, 5)), "3,5");
        assert!(matches!(c.parse("0"), Err(ValueError::OutOfRange { .. })));
        assert!(matches!(c.parse("1,2,3"), Err(ValueError::Count { found: 3, .. })));
        assert!(c.parse("-1e99").is_err());
    }

    #[test]
    fn padding_is_numbers_or_a_word() {
        let c = control(Kind::Padding { max: 20, words: &["same", "full"] });
        for text in ["0", "2", "1,2", "1,2,3,4", "same", "full"] {
            let value = c.parse(text).unwrap();
            assert_eq!(c.write(&value), text);
        }
        assert!(matches!(c.parse("half"), Err(ValueError::NotAnOption { .. })));
        assert!(matches!(c.parse("21"), Err(ValueError::OutOfRange { .. })));
    }

    #[test]
    fn random_values_survive_their_own_link() {
        let mut state = 7u64;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % n.max(1)
        };
        for kind in [
            Kind::Whole { min: -3, max: 9 },
            Kind::Pair { min: 1, max: 512 },
            Kind::Real { min: -2.0, max: 2.0, step: 0.1 },
            Kind::Flag,
            Kind::Choice(&["a", "b", "c"]),
            Kind::Padding { max: 9, words: &["same"] },
            Kind::Matrix { max: 5 },
            Kind::Text { max: 40, form: Form::Lines },
            Kind::Text { max: 40, form: Form::Numbers },
        ] {
            let c = control(kind);
            for _ in 0..200 {
                let value = c.random(&mut below);
                assert_eq!(c.parse(&c.write(&value)), Ok(value));
            }
        }
    }
}
