//! From a text to tokens: words, characters as they are seen, or bytes.

use super::meanings;
use super::params::Split;

/// A sequence of tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// What each token says.
    pub list: Vec<Token>,
    /// How many the whole text has.
    pub whole: usize,
}

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What stands for it in the embedding: the same text, the same vector.
    pub text: String,
    /// Whether it is padding.
    pub padding: bool,
}

/// The token that fills up a sequence.
pub const PAD: &str = "[PAD]";
/// The token that hides a word from a model that is to guess it.
pub const MASK: &str = "[MASK]";

/// The first `most` tokens of a text. Words are split at spaces, before and after marks, and Chinese and Japanese ones
/// letter by letter unless the table of meanings knows a longer word.
pub fn split(text: &str, how: Split, most: usize) -> Tokens {
    let list: Vec<String> = match how {
        Split::Byte => text.bytes().map(byte).collect(),
        Split::Char => graphemes(text),
        Split::Word => words(text),
    };
    let whole = list.len();
    let list = list.into_iter().take(most).map(|text| Token { text, padding: false }).collect();
    Tokens { list, whole }
}

/// Tokens that are named by their places.
pub fn counted(n: usize) -> Tokens {
    let list = (0..n).map(|i| Token { text: i.to_string(), padding: false }).collect();
    Tokens { list, whole: n }
}

/// A byte: its letter when it is one of ASCII, else its number.
fn byte(value: u8) -> String {
    if value.is_ascii_graphic() { char::from(value).to_string() } else { value.to_string() }
}

/// Letters of scripts that are written without spaces.
fn is_letter_word(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x2fdf | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '\'' | '-' | '_' | '[' | ']' | '#' | '@')
        || matches!(c as u32, 0x2010..=0x2027 | 0x3000..=0x303f | 0xff00..=0xff0f | 0xff1a..=0xff20 | 0x60c | 0x61b | 0x61f)
}

fn words(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    for run in text.split_whitespace() {
        let letters: Vec<char> = run.chars().collect();
        let mut word = String::new();
        let mut at = 0;
        while at < letters.len() {
            let c = letters[at];
            if is_letter_word(c) {
                list.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                let known = (2..=3).rev().find_map(|n| {
                    let longer: String = letters.get(at..at + n)?.iter().collect();
                    meanings::row(&longer).map(|_| longer)
                });
                let taken = known.unwrap_or_else(|| c.to_string());
                at += taken.chars().count();
                list.push(taken);
                continue;
            }
            if is_mark(c) {
                list.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                list.push(c.to_string());
            } else {
                word.push(c);
            }
            at += 1;
        }
        list.extend((!word.is_empty()).then_some(word));
    }
    list
}

/// Characters as they are seen: accents, skin tones, joined emoji and flags stay with what they belong to. A rule of a few
/// lines for what people paste, not all of Unicode's.
fn graphemes(text: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let mut flags = 0;
    for c in text.chars() {
        let code = c as u32;
        let flag = (0x1f1e6..=0x1f1ff).contains(&code);
        let mark = matches!(code,
            0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x610..=0x61a | 0x64b..=0x65f | 0x6d6..=0x6dc
            | 0x93a..=0x94d | 0xe31 | 0xe34..=0xe3a | 0xe47..=0xe4e | 0x200d | 0x20d0..=0x20ff | 0xfe00..=0xfe0f
            | 0x1f3fb..=0x1f3ff | 0xe0020..=0xe007f);
        let joined = list.last().is_some_and(|last| last.ends_with('\u{200d}'));
        flags = if flag { flags + 1 } else { 0 };
        match list.last_mut() {
            Some(last) if mark || joined || (flag && flags % 2 == 0) => last.push(c),
            _ if c == '\n' || c == '\r' => {}
            _ => list.push(c.to_string()),
        }
    }
    list
}

impl Tokens {
    /// Followed by padding, as long as there is room.
    pub fn padded(mut self, pads: usize, most: usize) -> Tokens {
        let room = most.saturating_sub(self.list.len()).min(pads);
        self.list.extend((0..room).map(|_| Token { text: PAD.into(), padding: true }));
        self
    }

    /// What stands beside a map for each token.
    pub fn labels(&self) -> Vec<String> {
        self.list.iter().map(|token| label(&token.text)).collect()
    }
}

/// A token as it is written: a space is seen, and what has no shape of its own or turns the direction of a line becomes
/// a dot.
pub fn label(text: &str) -> String {
    if text.chars().all(|c| c == ' ' || c == '\u{a0}') {
        return "␣".into();
    }
    let shown = |c: char| {
        let code = c as u32;
        let bare = c.is_control()
            || matches!(code, 0x200b | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 | 0xfeff);
        // A brace would look like a place to be filled.
        if bare {
            '·'
        } else {
            match c {
                '{' => '⦃',
                '}' => '⦄',
                other => other,
            }
        }
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, how: Split) -> Vec<String> {
        split(text, how, 128).list.into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn words_of_several_scripts() {
        assert_eq!(parts("The cat, didn't!", Split::Word), ["The", "cat", ",", "didn't", "!"]);
        assert_eq!(parts("猫追狗因为它饿", Split::Word), ["猫", "追", "狗", "因为", "它", "饿"]);
        assert_eq!(parts("a [MASK] b", Split::Word), ["a", "[MASK]", "b"]);
        assert_eq!(parts("שלום עולם", Split::Word), ["שלום", "עולם"]);
        assert!(parts(" \n\t ", Split::Word).is_empty());
    }

    #[test]
    fn what_is_seen_as_one_stays_one() {
        assert_eq!(parts("👩‍🔬e\u{301}🇨🇳🇫🇷👍🏽", Split::Char), ["👩‍🔬", "e\u{301}", "🇨🇳", "🇫🇷", "👍🏽"]);
        assert_eq!(parts("a b", Split::Char).len(), 3);
        assert_eq!(parts("é", Split::Byte), ["195", "169"]);
        assert_eq!(label("\u{202e}ab"), "·ab");
        assert_eq!(label(" "), "␣");
    }

    #[test]
    fn long_texts_are_cut_and_counted() {
        let text = "word ".repeat(10_000);
        let tokens = split(&text, Split::Word, 128);
        assert_eq!((tokens.list.len(), tokens.whole), (128, 10_000));
        assert_eq!(tokens.clone().padded(9, 130).list.len(), 130);
    }
}
