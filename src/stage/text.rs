//! The two languages, and how numbers are written on the screen.

use std::sync::OnceLock;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The key in links: `lang=en`, `lang=zh`.
    pub fn key(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// The language of a link key or of a browser's language tag (`zh-CN` gives Chinese), if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag.split(['-', '_']).next() {
            Some(t) if t.eq_ignore_ascii_case("zh") => Some(Lang::Zh),
            Some(t) if t.eq_ignore_ascii_case("en") => Some(Lang::En),
            _ => None,
        }
    }

    /// The value of HTML's `lang` attribute.
    pub fn html(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh-Hans",
        }
    }

    /// Chooses between two forms of one thing.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}

/// Texts in both languages. In a page each language is loaded when it is first wanted, and comes by
/// [`Shelf::put`]; elsewhere both are there from the start.
pub struct Shelf<T: ?Sized + 'static> {
    texts: [OnceLock<&'static T>; 2],
    nothing: &'static T,
}

impl<T: ?Sized> Shelf<T> {
    /// A shelf without texts; `nothing` stands for them until the first have come.
    pub const fn new(nothing: &'static T) -> Self {
        Shelf { texts: [OnceLock::new(), OnceLock::new()], nothing }
    }

    /// Brings the texts of a language.
    pub fn put(&self, lang: Lang, texts: &'static T) {
        let _ = self.texts[lang.pick(0, 1)].set(texts);
    }

    /// The texts of a language; while they are on their way those of the other one.
    pub fn get(&self, lang: Lang) -> &'static T {
        let there = |at: usize| self.texts[at].get().copied();
        let (first, second) = lang.pick((0, 1), (1, 0));
        there(first).or_else(|| there(second)).unwrap_or(self.nothing)
    }
}

/// A sentence that exists in both languages.
pub trait Sentence {
    /// The sentence in `lang`.
    fn say(&self, lang: Lang) -> String;
}

/// Fills `{name}` places of a template. A place without a value stays as it is, so a test finds it.
///
/// ```
/// use receptive::stage::text::fill;
/// assert_eq!(fill("{a} of {b}", &[("a", "2".into()), ("b", "9".into())]), "2 of 9");
/// ```
pub fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut text = template.to_string();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// A text as markup (HTML, SVG, MathML): what could be read as markup is not.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number as a figure writes it: whole numbers plainly, others with at most `decimals` places,
/// very large or very small ones in powers of ten, and a true minus sign.
///
/// ```
/// use receptive::stage::text::number;
/// assert_eq!(number(-3.0, 2), "−3");
/// assert_eq!(number(0.3333, 2), "0.33");
/// assert_eq!(number(1.5e7, 2), "1.5e7");
/// ```
pub fn number(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".into() } else { "−∞".into() };
    }
    let size = value.abs();
    let smallest = 0.5 * 10f64.powi(-(decimals as i32));
    let text = if value == value.trunc() && size < 1e7 {
        format!("{value:.0}")
    } else if size >= 1e6 || size < smallest {
        trimmed_exponent(value)
    } else {
        trim_zeros(format!("{value:.decimals$}"))
    };
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
}

/// A count with thin spaces between thousands: `19 920`.
pub fn count(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

/// `0.118` as `11.8 %`.
pub fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    let decimals = if hundredths.abs() < 10.0 { 2 } else { 1 };
    format!("{} %", number(hundredths, decimals))
}

/// Bytes in the nearest unit: `1.2 kB`, `3.4 MB` (powers of ten).
pub fn bytes(value: f64) -> String {
    match value {
        v if v < 1e3 => format!("{v:.0} B"),
        v if v < 1e6 => format!("{} kB", number(v / 1e3, 1)),
        v if v < 1e9 => format!("{} MB", number(v / 1e6, 1)),
        v => format!("{} GB", number(v / 1e9, 1)),
    }
}

/// Declares the texts of a room: a struct with one field a text, one constant per language, and the list of
/// pairs that the laws read. A text without its other language doesn't compile.
#[macro_export]
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $en:literal, $zh:literal;)+ }) => {
        $(#[$doc])*
        #[allow(missing_docs)]
        pub struct $name { $(pub $key: &'static str),+ }
        impl $name {
            /// The texts of a language.
            pub fn of(lang: $crate::stage::text::Lang) -> &'static $name {
                $name::shelf().get(lang)
            }
            /// Brings the English texts.
            pub fn bring_english() {
                const EN: $name = $name { $($key: $en),+ };
                $name::empty_shelf().put($crate::stage::text::Lang::En, &EN);
            }
            /// Brings the Chinese texts.
            pub fn bring_chinese() {
                const ZH: $name = $name { $($key: $zh),+ };
                $name::empty_shelf().put($crate::stage::text::Lang::Zh, &ZH);
            }
            fn empty_shelf() -> &'static $crate::stage::text::Shelf<$name> {
                const NOTHING: $name = $name { $($key: ""),+ };
                static SHELF: $crate::stage::text::Shelf<$name> = $crate::stage::text::Shelf::new(&NOTHING);
                &SHELF
            }
            fn shelf() -> &'static $crate::stage::text::Shelf<$name> {
                #[cfg(not(target_arch = "wasm32"))]
                {
                    $name::bring_english();
                    $name::bring_chinese();
                }
                $name::empty_shelf()
            }
            /// Every text: its name, English, Chinese. Read by the tests.
            #[allow(dead_code)]
            pub const ALL: &'static [(&'static str, &'static str, &'static str)] = &[$((stringify!($key), $en, $zh)),+];
        }
    };
}

fn trimmed_exponent(value: f64) -> String {
    let text = format!("{value:.1e}");
    match text.split_once('e') {
        Some((mantissa, power)) => format!("{}e{power}", trim_zeros(mantissa.to_string())),
        None => text,
    }
}

fn trim_zeros(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(number(0.0, 2), "0");
        assert_eq!(number(-0.0, 2), "0");
        assert_eq!(number(0.1 + 0.2, 2), "0.3");
        assert_eq!(number(0.0001, 2), "1e−4");
        assert_eq!(number(-12.345, 1), "−12.3");
        assert_eq!(number(f64::NAN, 2), "NaN");
        assert_eq!(count(1234567.0), "1\u{202f}234\u{202f}567");
        assert_eq!(percent(0.1181), "11.8 %");
        assert_eq!(bytes(1048576.0), "1 MB");
    }

    #[test]
    fn tags_name_languages() {
        assert_eq!(Lang::from_tag("zh-CN"), Some(Lang::Zh));
        assert_eq!(Lang::from_tag("en_GB"), Some(Lang::En));
        assert_eq!(Lang::from_tag("fr"), None);
    }
}
