//! How long attention takes at 8, 16 … 1024 tokens, measured in the background with the clock that the page lends, beside
//! what the multiply-adds alone would predict.

use super::params::Sizes;
use crate::core::ops::{Attention, Heads};
use crate::core::tensor::Random;
use crate::stage::lab::Shared;
use crate::stage::work::{Clock, Finds, Job, Results, Work};
use ndarray::{ArrayD, IxDyn, s};

/// Lengths that are tried: 8, 16 … 1024 tokens.
pub const LENGTHS: usize = 8;
/// Numbers of each length: tokens, multiply-adds, milliseconds measured, milliseconds predicted.
pub const NUMBERS: usize = 4;
/// The longest text.
const LONGEST: usize = 8 << (LENGTHS - 1);
/// Queries of a piece of work: a long text is attended in blocks, so that no piece takes long.
const ROWS: usize = 32;
/// Times that each length is measured. The first round warms up and is not counted.
const ROUNDS: usize = 6;

/// The work for a head of these widths.
pub fn work(s: &Sizes) -> Work {
    Work { key: key(s), job: Box::new(Race::new(s.dk, s.dv)) }
}

fn key(s: &Sizes) -> String {
    format!("timing {} {}", s.dk, s.dv)
}

/// Tokens of a length.
fn tokens(length: usize) -> usize {
    8 << length
}

/// One head attends to ever longer texts.
struct Race {
    dk: usize,
    dv: usize,
    clock: Option<Clock>,
    /// Queries of a block; keys and values of the longest text.
    made: Option<[Heads; 3]>,
    /// The keys and values of the length at hand.
    here: Option<[Heads; 3]>,
    /// Which round, length and block comes next.
    round: usize,
    length: usize,
    block: usize,
    /// Milliseconds of the text at hand, and of all texts of a length that are done, with their count.
    spent: f64,
    sums: [(f64, u32); LENGTHS],
}

impl Race {
    fn new(dk: usize, dv: usize) -> Race {
        Race {
            dk,
            dv,
            clock: None,
            made: None,
            here: None,
            round: 0,
            length: 0,
            block: 0,
            spent: 0.0,
            sums: [(0.0, 0); LENGTHS],
        }
    }

    /// The tensors of the length at hand.
    fn prepared(&mut self) -> [Heads; 3] {
        let n = tokens(self.length);
        let (dk, dv) = (self.dk, self.dv);
        let [q, k, v] = self.made.get_or_insert_with(|| {
            let mut random = Random::new(6);
            [(ROWS, dk), (LONGEST, dk), (LONGEST, dv)]
                .map(|(n, d)| Heads::from_shape_simple_fn((1, 1, n, d), || random.normal()))
        });
        let first = |x: &Heads, n: usize| x.slice(s![.., .., ..n, ..]).to_owned();
        [first(q, n.min(ROWS)), first(k, n), first(v, n)]
    }
}

impl Job for Race {
    fn take_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    fn advance(&mut self) -> bool {
        // Without a clock nothing is measured, and nothing invented.
        let Some(clock) = self.clock else { return true };
        if self.round >= ROUNDS {
            return true;
        }
        let n = tokens(self.length);
        let rows = n.min(ROWS);
        let [q, k, v] = match self.here.take() {
            Some(here) => here,
            None => self.prepared(),
        };
        // Short texts are attended often enough for the clock to tell.
        let times = (LONGEST * ROWS / (n * rows)).max(1);
        let start = clock();
        for _ in 0..times {
            let attended = Attention::default().forward(&q, &k, &v, &[]);
            std::hint::black_box(&attended);
        }
        self.spent += (clock() - start) / times as f64;
        self.block += 1;
        if self.block < n / rows {
            self.here = Some([q, k, v]);
            return false;
        }
        if self.round > 0 {
            let (sum, count) = &mut self.sums[self.length];
            (*sum, *count) = (*sum + self.spent, *count + 1);
        }
        (self.block, self.spent) = (0, 0.0);
        self.length += 1;
        if self.length == LENGTHS {
            (self.length, self.round) = (0, self.round + 1);
        }
        self.round >= ROUNDS
    }

    fn share(&self) -> f32 {
        // Each length takes as long as its pairs are many, short ones no less than a block.
        let cost = |length: usize| (tokens(length) / ROWS).max(1);
        let all: usize = (0..LENGTHS).map(cost).sum();
        let done = self.round * all + (0..self.length).map(cost).sum::<usize>() + self.block;
        if self.clock.is_none() { 1.0 } else { done as f32 / (ROUNDS * all) as f32 }
    }

    fn results(&self) -> Results {
        let mut numbers = Vec::new();
        let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count.max(1)));
        let macs = |length: usize| (tokens(length) * tokens(length) * (self.dk + self.dv)) as f64;
        // The prediction is as steep as the multiply-adds, and goes through the longest text.
        let longest = self.sums.iter().rposition(|s| s.1 > 0);
        let rate = longest.and_then(|l| mean(self.sums[l]).map(|t| t / macs(l))).unwrap_or(0.0);
        for (length, sum) in self.sums.iter().enumerate() {
            let Some(time) = mean(*sum) else { break };
            let row = [tokens(length) as f64, macs(length), time, macs(length) * rate];
            numbers.extend(row.map(|v| v as f32));
        }
        if numbers.is_empty() {
            return Results::new();
        }
        let shape = IxDyn(&[1, 1, numbers.len() / NUMBERS, NUMBERS]);
        let table = ArrayD::from_shape_vec(shape, numbers).unwrap_or_default();
        Results::from([("timing".to_string(), table.into_shared())])
    }
}

/// What has been measured.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    /// A row for each length so far: `[1, 1, lengths, 4]`.
    pub table: Option<Shared>,
    /// How much is done, 0 to 1.
    pub share: f32,
}

impl Timing {
    /// What was found for a head of these widths.
    pub fn of(s: &Sizes, finds: &Finds) -> Timing {
        match finds.get(&key(s)) {
            Some(found) => {
                Timing { table: found.get("timing").filter(|t| !t.is_empty()).cloned(), share: found.share }
            }
            None => Timing::default(),
        }
    }
    /// Its tensor.
    pub fn tensors(&self) -> Option<(&'static str, Shared)> {
        Some(("timing", self.table.clone()?))
    }
    /// The rows.
    pub fn rows(&self) -> Vec<[f64; NUMBERS]> {
        let flat: Vec<f64> = self.table.iter().flat_map(|t| t.iter().map(|v| f64::from(*v))).collect();
        flat.chunks_exact(NUMBERS).map(|row| std::array::from_fn(|at| row[at])).collect()
    }
    /// How many times longer twice the tokens take, at the short end and at the long one; predicted is 4.
    pub fn doublings(&self) -> Option<(f64, f64)> {
        let rows = self.rows();
        if rows.len() < LENGTHS {
            return None;
        }
        let ratio = |at: usize| if rows[at][2] > 0.0 { Some(rows[at + 1][2] / rows[at][2]) } else { None };
        Some((ratio(0)?, ratio(LENGTHS - 2)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Sizes = Sizes { n: 9, m: 9, heads: 4, kv: 4, d: 16, dk: 4, dv: 4 };

    /// A clock that only counts how often it is looked at finds the same time for each block, and so four times as much
    /// for twice the tokens, from the length on at which blocks are full.
    #[test]
    fn a_counting_clock_finds_the_pairs() {
        let mut finds = Finds::default();
        finds.finish(vec![work(&S)]);
        let timing = Timing::of(&S, &finds);
        let rows = timing.rows();
        assert_eq!((rows.len(), timing.share), (LENGTHS, 1.0));
        assert_eq!(rows[LENGTHS - 1][..2], [1024.0, (1024 * 1024 * 8) as f64]);
        for pair in rows.windows(2) {
            assert!((pair[1][2] / pair[0][2] - 4.0).abs() < 1e-3, "{pair:?}");
        }
        for row in &rows {
            assert!((row[3] / row[2] - 1.0).abs() < 1e-3, "{row:?}");
        }
        assert_eq!(timing.doublings().map(|(a, b)| (a.round(), b.round())), Some((4.0, 4.0)));
    }

    #[test]
    fn without_a_clock_nothing_is_measured() {
        let mut job = Race::new(4, 4);
        assert!(job.advance() && job.results().is_empty() && job.share() == 1.0);
    }
}
