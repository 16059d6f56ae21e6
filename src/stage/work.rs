//! Work that takes longer than a frame: a lab describes it, the page does it in the background, piece by piece, and hands
//! what has been found so far back to the lab's computation.

use super::lab::Shared;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Named tensors that a job has found.
pub type Results = BTreeMap<String, Shared>;

/// Milliseconds since some moment.
pub type Clock = fn() -> f64;

/// A computation in pieces. Everything it needs it holds itself, so that it can be done in another thread.
pub trait Job {
    /// Lends a clock before the first piece, to a job that measures how long something takes. What it measures is never
    /// the same twice; without a clock it measures nothing.
    fn take_clock(&mut self, _clock: Clock) {}
    /// Does one piece, some milliseconds of work; the first one may build what the others need. Says whether that was
    /// the last.
    fn advance(&mut self) -> bool;
    /// How much is done, 0 to 1.
    fn share(&self) -> f32;
    /// What has been found so far; good to be shown at any time.
    fn results(&self) -> Results;
}

/// A job, and the name of its results: the same name for the same numbers, so that nothing is done twice. Making one
/// costs nothing; the work begins with the first piece.
pub struct Work {
    /// All that the results depend on, as text.
    pub key: String,
    /// The job.
    pub job: Box<dyn Job>,
}

/// What a job has found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The name of the work.
    pub key: String,
    /// How much is done, 0 to 1; 1 is all.
    pub share: f32,
    /// The numbers so far.
    pub results: Results,
}

impl Found {
    /// A tensor by name.
    pub fn get(&self, name: &str) -> Option<&Shared> {
        self.results.get(name)
    }

    /// Whether nothing will be added.
    pub fn complete(&self) -> bool {
        self.share >= 1.0
    }
}

/// The latest finds, newest last. Earlier ones are kept for a while, so that the way back is at once.
#[derive(Clone, Debug, Default)]
pub struct Finds(Vec<Arc<Found>>);

impl Finds {
    /// So many are kept.
    const MOST: usize = 24;

    /// What was found under a name.
    pub fn get(&self, key: &str) -> Option<&Arc<Found>> {
        self.0.iter().rev().find(|found| found.key == key)
    }

    /// Whether the work of this name is done.
    pub fn complete(&self, key: &str) -> bool {
        self.get(key).is_some_and(|found| found.complete())
    }

    /// Adds what was found; what was there under the same name goes.
    pub fn put(&mut self, found: Found) {
        self.0.retain(|other| other.key != found.key);
        if self.0.len() >= Self::MOST {
            self.0.remove(0);
        }
        self.0.push(Arc::new(found));
    }

    /// Does works to their end, here and now: for tests, and for programs without a page. Their clock counts how often it
    /// is looked at, so that everything found is the same everywhere.
    pub fn finish(&mut self, works: Vec<Work>) {
        for mut work in works {
            if !self.complete(&work.key) {
                work.job.take_clock(looks);
                while !work.job.advance() {}
                self.put(Found { key: work.key, share: 1.0, results: work.job.results() });
            }
        }
    }
}

thread_local! {
    static LOOKS: Cell<f64> = const { Cell::new(0.0) };
}

/// A clock on which each look takes a millisecond.
fn looks() -> f64 {
    LOOKS.set(LOOKS.get() + 1.0);
    LOOKS.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count(usize);

    impl Job for Count {
        fn advance(&mut self) -> bool {
            self.0 += 1;
            self.0 == 5
        }
        fn share(&self) -> f32 {
            self.0 as f32 / 5.0
        }
        fn results(&self) -> Results {
            let counted = ndarray::arr1(&[self.0 as f32]).into_dyn().into_shared();
            Results::from([("count".to_string(), counted)])
        }
    }

    #[test]
    fn work_is_done_once_and_found_by_name() {
        let mut finds = Finds::default();
        let work = |key: &str, from| Work { key: key.into(), job: Box::new(Count(from)) };
        finds.finish(vec![work("a", 0), work("a", 3), work("b", 4)]);
        assert_eq!(finds.0.len(), 2);
        let found = finds.get("a").unwrap();
        assert!(found.complete() && found.get("count").unwrap()[[0]] == 5.0);
        for i in 0..40 {
            finds.put(Found { key: i.to_string(), share: 0.5, results: Results::new() });
        }
        assert!(finds.get("a").is_none() && finds.get("39").is_some() && !finds.complete("39"));
        assert_eq!(finds.0.len(), Finds::MOST);
    }
}
