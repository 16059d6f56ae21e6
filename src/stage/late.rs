//! Functions that a visit loads when they are first asked for.
//!
//! A lab names one with a [`Late`] and goes without it until it is there. The page reads [`wanted`] after drawing, loads
//! what was asked for, and draws again. Outside of a page everything is there from the start.

use std::sync::{Mutex, OnceLock, PoisonError};

/// A function that may not be there yet.
pub struct Late<F: Copy + 'static> {
    part: &'static str,
    there: OnceLock<F>,
}

static WANTED: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

impl<F: Copy> Late<F> {
    /// Not there; `part` is the part of the program that holds it.
    pub const fn of(part: &'static str) -> Self {
        Late { part, there: OnceLock::new() }
    }

    /// Brings it.
    pub fn put(&self, function: F) {
        let _ = self.there.set(function);
    }

    /// The function, or, where it is not there, the wish for it.
    pub fn get(&self) -> Option<F> {
        let there = self.there.get().copied();
        if there.is_none() {
            let mut wanted = WANTED.lock().unwrap_or_else(PoisonError::into_inner);
            if !wanted.contains(&self.part) {
                wanted.push(self.part);
            }
        }
        there
    }
}

/// The parts that were asked for and were not there, since the last time this was called.
pub fn wanted() -> Vec<&'static str> {
    std::mem::take(&mut *WANTED.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_wanted_once() {
        static TWICE: Late<fn(i32) -> i32> = Late::of("twice");
        assert!(TWICE.get().is_none() && TWICE.get().is_none());
        assert_eq!(wanted().iter().filter(|part| **part == "twice").count(), 1);
        TWICE.put(|x| 2 * x);
        assert_eq!(TWICE.get().map(|f| f(4)), Some(8));
        assert!(!wanted().contains(&"twice"));
    }
}
