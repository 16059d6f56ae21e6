//! A lesson: links in order, each with a note. Kept as plain text that people can read and edit, in a file or in a link.

use super::text::{Lang, Sentence, fill};

/// An ordered list of states with notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// What it is called.
    pub title: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A state of a lab, and what to say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The link of the state, from `#/` on.
    pub link: String,
    /// What to do and what to look for; may have several lines.
    pub note: String,
}

/// Most steps of a lesson.
pub const MOST_STEPS: usize = 100;
/// Longest text of a lesson, in bytes.
pub const LONGEST: usize = 200_000;

/// Why a text is no lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not begin as one.
    NotALesson,
    /// It has no step.
    Empty,
    /// It is too long.
    TooLong,
    /// A line begins with no known word.
    Line(usize),
    /// A step's link doesn't begin with `#/`.
    Link(usize),
}

impl Sentence for Fault {
    fn say(&self, lang: Lang) -> String {
        let at = |en: &str, zh: &str, n: usize| fill(lang.pick(en, zh), &[("n", n.to_string())]);
        match self {
            Fault::NotALesson => at(
                "This is no lesson: its first line has to be “receptive lesson”.",
                "这不是课程：第一行应为“receptive lesson”。",
                0,
            ),
            Fault::Empty => at(
                "This lesson has no step: add a line that begins with “link: #/”.",
                "这个课程没有步骤：请加上以“link: #/”开头的行。",
                0,
            ),
            Fault::TooLong => at(
                "This lesson is too long: keep it below {n} steps.",
                "这个课程太长：请不要超过 {n} 步。",
                MOST_STEPS,
            ),
            Fault::Line(n) => at(
                "Line {n} of the lesson begins with none of “title:”, “link:”, “note:”.",
                "课程第 {n} 行没有以“title:”“link:”或“note:”开头。",
                *n,
            ),
            Fault::Link(n) => at(
                "The link in line {n} of the lesson has to begin with “#/”.",
                "课程第 {n} 行的链接应以“#/”开头。",
                *n,
            ),
        }
    }
}

const HEAD: &str = "receptive lesson";

impl Lesson {
    /// As text: `title:`, then for each step `link:` and a `note:` for every line of the note.
    pub fn write(&self) -> String {
        let mut text = format!("{HEAD}\ntitle: {}\n", one_line(&self.title));
        for step in &self.steps {
            text += &format!("link: {}\n", one_line(&step.link));
            for line in step.note.lines() {
                text += &format!("note: {line}\n");
            }
        }
        text
    }

    /// Reads what [`Lesson::write`] wrote, or what somebody edited. Empty lines don't count.
    pub fn read(text: &str) -> Result<Lesson, Fault> {
        if text.len() > LONGEST {
            return Err(Fault::TooLong);
        }
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line.trim() != HEAD) {
            return Err(Fault::NotALesson);
        }
        let mut lesson = Lesson::default();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let (word, rest) = line.split_once(':').ok_or(Fault::Line(at + 1))?;
            let rest = rest.strip_prefix(' ').unwrap_or(rest).trim_end();
            match word.trim() {
                "title" => lesson.title = rest.into(),
                "link" if !rest.starts_with("#/") => return Err(Fault::Link(at + 1)),
                "link" if lesson.steps.len() == MOST_STEPS => return Err(Fault::TooLong),
                "link" => lesson.steps.push(Step { link: rest.into(), note: String::new() }),
                "note" => {
                    let step = lesson.steps.last_mut().ok_or(Fault::Line(at + 1))?;
                    if !step.note.is_empty() {
                        step.note.push('\n');
                    }
                    step.note += rest;
                }
                _ => return Err(Fault::Line(at + 1)),
            }
        }
        if lesson.steps.is_empty() { Err(Fault::Empty) } else { Ok(lesson) }
    }

    /// The lesson as a link of its own: `#/lesson?text=…`.
    pub fn link(&self) -> String {
        use base64::Engine;
        format!("#/lesson?text={}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.write()))
    }

    /// Reads such a link.
    pub fn from_link(hash: &str) -> Result<Lesson, Fault> {
        use base64::Engine;
        let (_, pairs) = super::link::split(hash);
        let code = pairs.iter().find(|(key, _)| key == "text").ok_or(Fault::NotALesson)?;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&code.1);
        let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Fault::NotALesson)?;
        Lesson::read(&text)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson() -> Lesson {
        let step = |link: &str, note: &str| Step { link: link.into(), note: note.into() };
        Lesson {
            title: "步幅: first lesson".into(),
            steps: vec![
                step("#/convolution?stride=2", "How wide is the output?\nnote: count"),
                step("#/pooling", ""),
            ],
        }
    }

    #[test]
    fn a_lesson_comes_back_from_its_text_and_from_its_link() {
        assert_eq!(Lesson::read(&lesson().write()), Ok(lesson()));
        assert_eq!(Lesson::from_link(&lesson().link()), Ok(lesson()));
    }

    #[test]
    fn what_is_no_lesson_is_refused_with_its_place() {
        let read = |text: &str| Lesson::read(text).unwrap_err();
        assert_eq!(read("<html>"), Fault::NotALesson);
        assert_eq!(read("receptive lesson\ntitle: a\n"), Fault::Empty);
        assert_eq!(read("receptive lesson\nnote: too early\n"), Fault::Line(2));
        assert_eq!(read("receptive lesson\n\nlink: javascript:alert(1)\n"), Fault::Link(3));
        let many = format!("receptive lesson\n{}", "link: #/pooling\n".repeat(MOST_STEPS + 1));
        assert_eq!(read(&many), Fault::TooLong);
        assert_eq!(Lesson::from_link("#/lesson?text=*"), Err(Fault::NotALesson));
    }
}
