//! Counting tests from what the test programs print.

use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Sums the lines `test result: ok. 3 passed; 0 failed; …` of Rust's test programs, native or in a browser, and the
/// line of the conformance run, `3 passed, 0 failed, 1 skipped`, that stands alone.
pub fn of_cargo(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        let sums = line.ends_with(" skipped") && line.starts_with(|first: char| first.is_ascii_digit());
        let counts =
            if sums { Some(line) } else { line.split_once("test result: ").map(|(_, counts)| counts) };
        let Some(counts) = counts else { continue };
        tally += Tally { passed: before(counts, " passed"), failed: before(counts, " failed") };
    }
    tally
}

/// Sums the lines `ℹ pass 3` and `ℹ fail 0` of Node's test program.
pub fn of_node(output: &str) -> Tally {
    let count = |word: &str| {
        let numbers = output.lines().filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            (words.next() == Some(word)).then(|| words.next()?.parse::<u64>().ok())?
        });
        numbers.sum()
    };
    Tally { passed: count("pass"), failed: count("fail") }
}

/// The number that stands before a word.
fn before(text: &str, word: &str) -> u64 {
    let number = text.split(word).next().and_then(|head| head.rsplit([' ', ';']).next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_programs_are_summed() {
        let output = "running 2 tests\ntest a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored\n\
            torch      torch.conv2d      9 passed, 1 failed, 0 skipped\n\
            9 passed, 1 failed, 0 skipped\n";
        assert_eq!(of_cargo(output), Tally { passed: 24, failed: 3 });
        assert_eq!(of_cargo("nothing ran"), Tally::default());
    }

    #[test]
    fn results_of_node_are_read() {
        let output = "✔ opens (12ms)\nℹ tests 9\nℹ suites 0\nℹ pass 7\nℹ fail 2\nℹ cancelled 0\n";
        assert_eq!(of_node(output), Tally { passed: 7, failed: 2 });
    }
}
