//! Why the scores are divided by √d_k: queries and keys of unit variance for ten widths, drawn in the background.

use crate::core::ops::Softmax;
use crate::core::tensor::{Random, Tensor};
use crate::stage::lab::Shared;
use crate::stage::work::{Finds, Job, Results, Work};
use ndarray::{ArrayD, IxDyn};

/// Widths that are tried: 1, 2, 4 … 512.
pub const WIDTHS: usize = 10;
/// Rows of scores for each width, and keys of a row.
pub const ROWS: usize = 300;
/// Keys of a row.
pub const KEYS: usize = 10;
/// Numbers of each width: d, variance, entropy in bits, length of the softmax's gradient without the division, and the
/// same three with it.
pub const NUMBERS: usize = 7;

/// The work for a seed.
pub fn work(seed: u64) -> Work {
    Work { key: key(seed), job: Box::new(Widths { seed, done: 0, table: vec![0.0; WIDTHS * NUMBERS] }) }
}

fn key(seed: u64) -> String {
    format!("scale {seed}")
}

struct Widths {
    seed: u64,
    done: usize,
    table: Vec<f32>,
}

impl Job for Widths {
    fn advance(&mut self) -> bool {
        if self.done < WIDTHS {
            let row = measured(self.seed, self.done).unwrap_or([0.0; NUMBERS]);
            self.table[self.done * NUMBERS..(self.done + 1) * NUMBERS].copy_from_slice(&row);
            self.done += 1;
        }
        self.done == WIDTHS
    }
    fn share(&self) -> f32 {
        self.done as f32 / WIDTHS as f32
    }
    fn results(&self) -> Results {
        let numbers = self.table[..self.done * NUMBERS].to_vec();
        let table = ArrayD::from_shape_vec(IxDyn(&[1, 1, self.done, NUMBERS]), numbers).unwrap_or_default();
        Results::from([("study".to_string(), table.into_shared())])
    }
}

/// The numbers of one width: `2^power`.
fn measured(seed: u64, power: usize) -> Option<[f32; NUMBERS]> {
    let d = 1usize << power;
    let mut random = Random::new(seed.wrapping_mul(31).wrapping_add(900 + power as u64));
    let mut scores = Vec::with_capacity(ROWS * KEYS);
    let mut q = vec![0.0f32; d];
    for _ in 0..ROWS {
        q.iter_mut().for_each(|v| *v = random.normal());
        for _ in 0..KEYS {
            scores.push(q.iter().map(|v| f64::from(*v) * f64::from(random.normal())).sum::<f64>() as f32);
        }
    }
    let raw = Tensor::from_shape_vec(IxDyn(&[ROWS, KEYS]), scores).ok()?;
    let mut numbers = [d as f32; NUMBERS];
    for (at, factor) in [(1, 1.0), (4, 1.0 / (d as f32).sqrt())] {
        let scores = raw.mapv(|v| v * factor);
        let variance = scores.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / scores.len() as f64;
        let weights = Softmax::default().forward(&scores).ok()?;
        let (mut bits, mut length) = (0.0f64, 0.0f64);
        for row in weights.rows() {
            bits -= row.iter().map(|p| f64::from(*p)).filter(|p| *p > 0.0).map(|p| p * p.log2()).sum::<f64>();
            // The Jacobian of a softmax is p_i (1[i = j] − p_j).
            let squares = row.iter().enumerate().flat_map(|(i, p)| {
                row.iter().enumerate().map(move |(j, r)| {
                    let own = if i == j { 1.0 } else { 0.0 };
                    (f64::from(*p) * (own - f64::from(*r))).powi(2)
                })
            });
            length += squares.sum::<f64>().sqrt();
        }
        numbers[at] = variance as f32;
        numbers[at + 1] = (bits / ROWS as f64) as f32;
        numbers[at + 2] = (length / ROWS as f64) as f32;
    }
    Some(numbers)
}

/// What has been found.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// A row for each width so far: `[1, 1, widths, 7]`.
    pub table: Option<Shared>,
    /// How much is done, 0 to 1.
    pub share: f32,
}

impl Study {
    /// What was found for a seed.
    pub fn of(seed: u64, finds: &Finds) -> Study {
        match finds.get(&key(seed)) {
            Some(found) => {
                Study { table: found.get("study").filter(|t| !t.is_empty()).cloned(), share: found.share }
            }
            None => Study::default(),
        }
    }
    /// Its tensor.
    pub fn tensors(&self) -> Option<(&'static str, Shared)> {
        Some(("study", self.table.clone()?))
    }
    /// The rows.
    pub fn rows(&self) -> Vec<[f64; NUMBERS]> {
        let flat: Vec<f64> = self.table.iter().flat_map(|t| t.iter().map(|v| f64::from(*v))).collect();
        flat.chunks_exact(NUMBERS).map(|row| std::array::from_fn(|at| row[at])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unit-variance queries and keys: the variance of a score is d, and 1 after the division.
    #[test]
    fn the_variance_is_the_width() {
        let mut finds = Finds::default();
        finds.finish(vec![work(3)]);
        let rows = Study::of(3, &finds).rows();
        assert_eq!(rows.len(), WIDTHS);
        for row in &rows {
            assert!((row[1] / row[0] - 1.0).abs() < 0.25, "{row:?}");
            assert!((row[4] - 1.0).abs() < 0.25, "{row:?}");
        }
        // Undivided, a wide head's softmax is a choice and its gradient is gone.
        assert!(
            rows[9][2] < 0.3 && rows[9][3] < 0.1 && rows[9][5] > 2.5 && rows[9][6] > 0.25,
            "{:?}",
            rows[9]
        );
    }
}
