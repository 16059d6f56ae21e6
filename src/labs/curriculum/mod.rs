//! The curriculum: 150 study questions on convolution, pooling and Transformers, whether or not a lab answers them yet.
//!
//! Titles only, so that a list of all questions can be shown, searched and filtered before any lab has come. What is
//! asked and answered stands with the lab that shows it, in its `questions`.

mod convolution;
mod pooling;
mod transformers;

use super::SIGNS;

/// The part of the course a question belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chapter {
    /// Rows C1 to C65.
    Convolution,
    /// Rows P1 to P15.
    Pooling,
    /// Rows T1 to T70.
    Transformers,
}

impl Chapter {
    /// All chapters, in the order of the course.
    pub const ALL: [Chapter; 3] = [Chapter::Convolution, Chapter::Pooling, Chapter::Transformers];

    /// Its name in English and in Chinese.
    pub const fn name(self) -> [&'static str; 2] {
        match self {
            Chapter::Convolution => ["Convolution", "卷积"],
            Chapter::Pooling => ["Pooling", "池化"],
            Chapter::Transformers => ["Transformers", "Transformer 模型"],
        }
    }
}

/// One question of the curriculum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id: `C7`.
    pub id: &'static str,
    /// The chapter it belongs to.
    pub chapter: Chapter,
    /// How hard it is, 1 to 5.
    pub difficulty: u8,
    /// How often it is asked, 1 to 5.
    pub frequency: u8,
    /// The lab that the curriculum names for it, as links write it; the lab may not exist yet, and another one may
    /// answer the row already (see [`lab_of`]).
    pub lab: &'static str,
    /// Whether the usual answer is wrong or loose.
    pub trap: bool,
    /// The question in English and in Chinese.
    pub title: [&'static str; 2],
}

impl Row {
    const fn new(
        chapter: Chapter,
        id: &'static str,
        (difficulty, frequency): (u8, u8),
        lab: &'static str,
        title: [&'static str; 2],
    ) -> Row {
        Row { id, chapter, difficulty, frequency, lab, trap: false, title }
    }

    const fn trap(self) -> Row {
        Row { trap: true, ..self }
    }
}

/// Every question, in the order of the curriculum.
pub const ROWS: &[Row] = &joined();

const fn joined() -> [Row; 150] {
    let parts: [&[Row]; 3] = [&convolution::ROWS, &pooling::ROWS, &transformers::ROWS];
    let mut rows = [convolution::ROWS[0]; 150];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            rows[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    rows
}

/// The rows that labs answer, by the lab's name in links: what their `questions` say, kept here as well so that a page
/// need not load all labs to know. A law holds both together.
pub const ANSWERED: &[(&str, &[&str])] = &[
    ("convolution", &["C1", "C2", "C3", "C4", "C5", "C7", "C8", "C9", "C10", "C11", "C15", "C20", "C23"]),
    ("channels", &["C17", "C22", "C26", "C27", "C30", "C31", "C32", "C33", "C34", "C37", "C38"]),
    ("pooling", &["P1", "P2", "P3", "P4", "P5", "P7", "P8", "P9", "P10", "P11", "P13", "P14"]),
    ("receptive-field", &["C12", "C13", "C14", "C28", "C29", "C39", "C45", "C51"]),
    ("checkerboard", &["C44", "C52"]),
    (
        "attention",
        &[
            "T2", "T3", "T4", "T5", "T6", "T15", "T16", "T20", "T21", "T29", "T30", "T32", "T38", "T40",
            "T51", "T52", "T53", "T59",
        ],
    ),
    ("positions", &["T9", "T10", "T22", "T31", "T57"]),
];

/// The row of an id.
pub fn row(id: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.id == id)
}

/// The place in [`super::LABS`] of the lab that answers a row, if one does.
pub fn lab_of(id: &str) -> Option<usize> {
    let (slug, _) = ANSWERED.iter().find(|(_, ids)| ids.contains(&id))?;
    SIGNS.iter().position(|sign| sign.slug == *slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_through() {
        let (mut counts, mut last) = ([0; 3], 0);
        for row in ROWS {
            let chapter = row.chapter as usize;
            assert!(chapter >= last, "{}", row.id);
            last = chapter;
            counts[chapter] += 1;
            assert_eq!(row.id, format!("{}{}", ["C", "P", "T"][chapter], counts[chapter]));
            assert!((1..=5).contains(&row.difficulty) && (1..=5).contains(&row.frequency), "{}", row.id);
        }
        assert_eq!(counts, [65, 15, 70]);
    }

    #[test]
    fn titles_are_questions() {
        for row in ROWS {
            let [en, zh] = row.title;
            assert!(en.ends_with('?') && zh.ends_with('？'), "{}", row.id);
            assert!((12..=90).contains(&en.len()), "{}: {en}", row.id);
            assert!((5..=40).contains(&zh.chars().count()), "{}: {zh}", row.id);
            assert!(ROWS.iter().filter(|r| r.title[0] == en || r.title[1] == zh).count() == 1, "{}", row.id);
        }
    }
}
