//! Formulas as data: rendered as MathML on the page, as plain text for tests, labels and tables.

/// A piece of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Math {
    /// Pieces in a row.
    Row(Vec<Math>),
    /// A number.
    Num(String),
    /// A name.
    Id(String),
    /// An operator or bracket.
    Op(&'static str),
    /// Words.
    Text(String),
    /// A fraction.
    Frac(Box<Math>, Box<Math>),
    /// Something with a subscript.
    Sub(Box<Math>, Box<Math>),
    /// Something with a superscript.
    Sup(Box<Math>, Box<Math>),
    /// A sum with its limits below and above.
    Sum(Box<Math>, Box<Math>),
    /// ⌊…⌋.
    Floor(Box<Math>),
    /// (…).
    Fenced(Box<Math>),
    /// In the colour of kernel tap `index` of `of`.
    Tap {
        /// The tap, in row-major order.
        index: usize,
        /// How many taps there are.
        of: usize,
        /// What stands in its colour.
        inner: Box<Math>,
    },
    /// The result: heavier, in the accent colour.
    Strong(Box<Math>),
}

/// A number.
pub fn num(value: impl ToString) -> Math {
    Math::Num(value.to_string().replace('-', "−"))
}

/// A name.
pub fn id(name: &str) -> Math {
    Math::Id(name.into())
}

/// An operator.
pub fn op(symbol: &'static str) -> Math {
    Math::Op(symbol)
}

/// Pieces in a row.
pub fn row(pieces: impl IntoIterator<Item = Math>) -> Math {
    Math::Row(pieces.into_iter().collect())
}

/// A fraction.
pub fn frac(over: Math, under: Math) -> Math {
    Math::Frac(over.into(), under.into())
}

/// ⌊…⌋.
pub fn floor(inner: Math) -> Math {
    Math::Floor(inner.into())
}

/// Something with a subscript.
pub fn sub(base: Math, index: Math) -> Math {
    Math::Sub(base.into(), index.into())
}

/// The result.
pub fn strong(inner: Math) -> Math {
    Math::Strong(inner.into())
}

impl Math {
    /// The formula in one line of plain text.
    pub fn text(&self) -> String {
        match self {
            Math::Row(pieces) => pieces.iter().map(Math::text).collect::<Vec<_>>().join(" "),
            Math::Num(t) | Math::Id(t) | Math::Text(t) => t.clone(),
            Math::Op(t) => (*t).into(),
            Math::Frac(a, b) => format!("({}) / ({})", a.text(), b.text()),
            Math::Sub(a, b) => format!("{}_{}", a.text(), b.text().replace(' ', "")),
            Math::Sup(a, b) => format!("{}^{}", a.text(), b.text()),
            Math::Sum(a, b) => match b.text().as_str() {
                "" => format!("Σ[{}]", a.text()),
                top => format!("Σ[{} … {top}]", a.text()),
            },
            Math::Floor(a) => format!("⌊{}⌋", a.text()),
            Math::Fenced(a) => format!("({})", a.text()),
            Math::Tap { inner, .. } | Math::Strong(inner) => inner.text(),
        }
    }
}
