//! How the learner judged their own answers. Stays on the device until it is exported or cleared.

use crate::app::store;

/// Where the device keeps them.
const KEY: &str = "marks";

/// How an answer was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Known.
    Good,
    /// Half known.
    Half,
    /// Not known yet.
    Bad,
}

impl Mark {
    /// All of them, the best first.
    pub const ALL: [Mark; 3] = [Mark::Good, Mark::Half, Mark::Bad];

    /// Its sign, so that colour is never alone.
    pub const fn sign(self) -> &'static str {
        match self {
            Mark::Good => "✓",
            Mark::Half => "~",
            Mark::Bad => "✗",
        }
    }

    fn of(sign: &str) -> Option<Mark> {
        Mark::ALL.into_iter().find(|mark| mark.sign() == sign)
    }
}

/// The marks, by the row's id, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(pub Vec<(String, Mark)>);

impl Marks {
    /// Those that the device keeps.
    pub fn kept() -> Marks {
        store::text(KEY).map(|text| Marks::read(&text)).unwrap_or_default()
    }

    /// The mark of a row.
    pub fn of(&self, id: &str) -> Option<Mark> {
        self.0.iter().find(|(row, _)| row == id).map(|(_, mark)| *mark)
    }

    /// Marks a row, and keeps it.
    pub fn set(&mut self, id: &str, mark: Mark) {
        self.0.retain(|(row, _)| row != id);
        self.0.push((id.into(), mark));
        store::keep_text(KEY, &self.write());
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.clear();
        store::keep_text(KEY, "");
    }

    /// How many there are of a mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.0.iter().filter(|(_, m)| *m == mark).count()
    }

    /// A line for each: `C7,✓`.
    pub fn write(&self) -> String {
        self.0.iter().map(|(id, mark)| format!("{id},{}\n", mark.sign())).collect()
    }

    fn read(text: &str) -> Marks {
        let mark = |line: &str| {
            let (id, sign) = line.split_once(',')?;
            Some((id.to_string(), Mark::of(sign)?))
        };
        Marks(text.lines().filter_map(mark).collect())
    }
}
