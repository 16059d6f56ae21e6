//! Lists that are written as one text: rows separated by commas, each a word such as `c3s2p1d1`: a letter for its kind and
//! its first number, then a letter and a number for each further field. A number may be a pair, `3x5`: height and width.

use super::text::{Lang, Sentence, fill};

/// A kind of row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowKind {
    /// The letter that begins it.
    pub letter: char,
    /// Its name in PyTorch.
    pub name: &'static str,
    /// Its numbers; the first follows the letter at once and can't be left out.
    pub fields: &'static [RowField],
}

/// A number of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowField {
    /// Its letter; that of the first is not written.
    pub letter: char,
    /// Its name in PyTorch.
    pub name: &'static str,
    /// Least value.
    pub min: usize,
    /// Greatest value.
    pub max: usize,
}

/// A row that has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which of the kinds it is.
    pub kind: usize,
    /// Its numbers, `(height, width)`; those that are not written are absent.
    pub numbers: Vec<Option<(usize, usize)>>,
}

/// Why a text is no list of rows, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The row, from one.
    pub row: usize,
    /// The character of the whole text, from one.
    pub at: usize,
    /// The row as written.
    pub text: String,
    /// What is wrong there.
    pub what: What,
}

/// What is wrong in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Nothing stands between two commas.
    Nothing,
    /// It begins with none of these letters.
    Kind(String),
    /// A letter that is none of these, or comes twice.
    Field(String),
    /// A number is missing.
    Number,
    /// A number outside of its range.
    Range {
        /// Its name.
        name: &'static str,
        /// Least value.
        min: usize,
        /// Greatest value.
        max: usize,
    },
}

impl Sentence for Fault {
    fn say(&self, lang: Lang) -> String {
        let what = match &self.what {
            What::Nothing => lang.pick("nothing stands there", "这里是空的").into(),
            What::Kind(letters) => fill(
                lang.pick("begin it with one of {letters}", "应以 {letters} 之一开头"),
                &[("letters", letters.clone())],
            ),
            What::Field(letters) => fill(
                lang.pick("expected one of {letters}, each once", "这里应为 {letters} 之一，且各只出现一次"),
                &[("letters", letters.clone())],
            ),
            What::Number => lang.pick("a number is missing", "缺少数字").into(),
            What::Range { name, min, max } => fill(
                lang.pick("{name} must be from {min} to {max}", "{name} 应在 {min} 到 {max} 之间"),
                &[("name", (*name).into()), ("min", min.to_string()), ("max", max.to_string())],
            ),
        };
        fill(
            lang.pick(
                "Row {row} (“{text}”, character {at}): {what}. Rows look like c3s2p1d1 and are separated by commas.",
                "第 {row} 行（“{text}”，第 {at} 个字符）：{what}。每行形如 c3s2p1d1，以逗号分隔。",
            ),
            &[
                ("row", self.row.to_string()),
                ("text", super::value::shorten(&self.text)),
                ("at", self.at.to_string()),
                ("what", what),
            ],
        )
    }
}

/// Reads a list. An empty text is an empty list.
pub fn parse(kinds: &[RowKind], text: &str) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    let mut at = 1;
    if text.trim().is_empty() {
        return Ok(rows);
    }
    for (index, word) in text.split(',').enumerate() {
        let row = read(kinds, word);
        rows.push(row.map_err(|(place, what)| Fault {
            row: index + 1,
            at: at + place,
            text: word.trim().into(),
            what,
        })?);
        at += word.chars().count() + 1;
    }
    Ok(rows)
}

/// Reads a row; an error says at which of its characters.
fn read(kinds: &[RowKind], word: &str) -> Result<Row, (usize, What)> {
    let letters: Vec<char> = word.chars().collect();
    let mut at = letters.iter().take_while(|c| c.is_whitespace()).count();
    let end = word.trim_end().chars().count();
    let first = *letters.get(at).ok_or((at, What::Nothing))?;
    let kind = kinds.iter().position(|k| k.letter == first.to_ascii_lowercase());
    let kind = kind.ok_or_else(|| {
        (at, What::Kind(kinds.iter().map(|k| k.letter.to_string()).collect::<Vec<_>>().join(", ")))
    })?;
    let fields = kinds[kind].fields;
    let mut numbers = vec![None; fields.len()];
    let mut field = 0;
    at += 1;
    loop {
        let number = |at: &mut usize| -> Result<usize, (usize, What)> {
            let start = *at;
            let mut value = 0usize;
            while let Some(digit) = letters.get(*at).and_then(|c| c.to_digit(10)) {
                value = value.saturating_mul(10).saturating_add(digit as usize);
                *at += 1;
            }
            let RowField { name, min, max, .. } = fields[field];
            match () {
                () if *at == start => Err((start, What::Number)),
                () if value < min || value > max => Err((start, What::Range { name, min, max })),
                () => Ok(value),
            }
        };
        let height = number(&mut at)?;
        let width = if letters.get(at) == Some(&'x') {
            at += 1;
            number(&mut at)?
        } else {
            height
        };
        numbers[field] = Some((height, width));
        if at >= end {
            return Ok(Row { kind, numbers });
        }
        let next = letters[at].to_ascii_lowercase();
        let found =
            fields.iter().enumerate().skip(1).find(|(i, f)| f.letter == next && numbers[*i].is_none());
        field = found.map(|(i, _)| i).ok_or_else(|| {
            let rest = fields.iter().enumerate().skip(1).filter(|(i, _)| numbers[*i].is_none());
            (at, What::Field(rest.map(|(_, f)| f.letter.to_string()).collect::<Vec<_>>().join(", ")))
        })?;
        at += 1;
    }
}

/// Writes a list.
pub fn write(kinds: &[RowKind], rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let Some(kind) = kinds.get(row.kind) else { continue };
        if !text.is_empty() {
            text.push(',');
        }
        text.push(kind.letter);
        for (at, (field, number)) in kind.fields.iter().zip(&row.numbers).enumerate() {
            let Some((height, width)) = number else { continue };
            if at > 0 {
                text.push(field.letter);
            }
            text += &height.to_string();
            if width != height {
                text += &format!("x{width}");
            }
        }
    }
    text
}

/// A random list of at most `max` characters, for the laws.
pub(super) fn random(kinds: &[RowKind], max: usize, below: &mut dyn FnMut(usize) -> usize) -> String {
    let rows: Vec<Row> = (0..below(7))
        .map(|_| {
            let kind = below(kinds.len());
            let fields = kinds[kind].fields.iter().enumerate();
            let numbers = fields.map(|(at, f)| {
                let mut small = || f.min + below((f.max - f.min + 1).min(4));
                let (height, width) = (small(), small());
                (at == 0 || below(2) == 0).then(|| (height, if below(4) == 0 { width } else { height }))
            });
            Row { kind, numbers: numbers.collect() }
        })
        .collect();
    let text = write(kinds, &rows);
    if text.len() <= max { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[RowField] = &[
        RowField { letter: 'k', name: "kernel_size", min: 1, max: 31 },
        RowField { letter: 's', name: "stride", min: 1, max: 8 },
        RowField { letter: 'p', name: "padding", min: 0, max: 15 },
    ];
    const KINDS: &[RowKind] = &[
        RowKind { letter: 'c', name: "Conv2d", fields: FIELDS },
        RowKind { letter: 'm', name: "MaxPool2d", fields: &[FIELDS[0]] },
    ];

    #[test]
    fn rows_are_read_and_written_back() {
        let rows = parse(KINDS, "c3s2, C3x5p0 ,m2").unwrap();
        assert_eq!(rows[1], Row { kind: 0, numbers: vec![Some((3, 5)), None, Some((0, 0))] });
        assert_eq!(write(KINDS, &rows), "c3s2,c3x5p0,m2");
        assert_eq!(parse(KINDS, " "), Ok(vec![]));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let fault = |text: &str| parse(KINDS, text).map_err(|f| (f.row, f.at, f.what)).unwrap_err();
        assert_eq!(fault("c3,"), (2, 4, What::Nothing));
        assert_eq!(fault("c3,q4"), (2, 4, What::Kind("c, m".into())));
        assert_eq!(fault("c3z1"), (1, 3, What::Field("s, p".into())));
        assert_eq!(fault("c3s1s1"), (1, 5, What::Field("p".into())));
        assert_eq!(fault("c3s"), (1, 4, What::Number));
        assert_eq!(fault("m2,c"), (2, 5, What::Number));
        assert!(matches!(fault("c3s99"), (1, 4, What::Range { name: "stride", .. })));
        assert!(matches!(fault("c999999999999999999999999"), (1, 2, What::Range { .. })));
    }
}
