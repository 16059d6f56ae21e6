//! Formulas as data: rendered as MathML on the page, as plain text for tests, labels and tables.

use super::text::escape;

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

    /// The formula as MathML Core, without the `<math>` around it. `tap` gives the colour of a kernel tap,
    /// `accent` that of results.
    pub fn mathml(&self, tap: &dyn Fn(usize, usize) -> String, accent: &str) -> String {
        let of = |m: &Math| m.mathml(tap, accent);
        match self {
            Math::Row(pieces) => format!("<mrow>{}</mrow>", pieces.iter().map(of).collect::<String>()),
            Math::Num(t) => format!("<mn>{}</mn>", escape(t)),
            Math::Id(t) => format!("<mi>{}</mi>", escape(t)),
            Math::Op(t) => format!("<mo>{}</mo>", escape(t)),
            Math::Text(t) => format!("<mtext>{}</mtext>", escape(t)),
            Math::Frac(a, b) => format!("<mfrac>{}{}</mfrac>", of(a), of(b)),
            Math::Sub(a, b) => format!("<msub>{}{}</msub>", of(a), of(b)),
            Math::Sup(a, b) => format!("<msup>{}{}</msup>", of(a), of(b)),
            Math::Sum(a, b) => format!("<munderover><mo>∑</mo>{}{}</munderover>", of(a), of(b)),
            Math::Floor(a) => format!("<mrow><mo>⌊</mo>{}<mo>⌋</mo></mrow>", of(a)),
            Math::Fenced(a) => format!("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", of(a)),
            Math::Tap { index, of: count, inner } => {
                format!("<mstyle mathcolor=\"{}\">{}</mstyle>", tap(*index, *count), of(inner))
            }
            Math::Strong(inner) => {
                format!("<mstyle mathcolor=\"{accent}\" class=\"strong\">{}</mstyle>", of(inner))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text_and_mathml() {
        let m = row([
            floor(frac(row([num(8), op("−"), num(3)]), num(2))),
            op("+"),
            num(1),
            op("="),
            strong(num(3)),
        ]);
        assert_eq!(m.text(), "⌊(8 − 3) / (2)⌋ + 1 = 3");
        let xml = m.mathml(&|_, _| "#000000".into(), "#0b6e63");
        assert!(
            xml.contains("<mfrac><mrow><mn>8</mn><mo>−</mo><mn>3</mn></mrow><mn>2</mn></mfrac>"),
            "{xml}"
        );
        assert!(Math::Id("<b>".into()).mathml(&|_, _| String::new(), "").contains("&lt;b&gt;"));
    }
}
