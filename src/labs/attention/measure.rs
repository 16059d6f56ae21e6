//! What is told about a state: numbers of its tokens, its labels, and each head in three numbers.

use super::compute::shared;
use super::params::{Params, Sizes, Split};
use super::tokens::Tokens;
use crate::core::ops::linear;
use crate::core::tensor::{Error, Map, Tensor};
use crate::stage::lab::Shared;
use ndarray::{Array4, ArrayD, Axis, IxDyn, s};
use std::collections::HashMap;

/// Numbers for the tokens: bytes, or places in the vocabulary of this text, in the order in which words first come.
pub fn ids(tokens: &Tokens, params: &Params) -> Shared {
    let mut vocabulary: HashMap<String, usize> = HashMap::new();
    let numbers: Vec<f32> = tokens
        .list
        .iter()
        .map(|token| match (params.tokens, token.padding) {
            (Split::Byte, false) => match token.text.parse::<f32>() {
                // A digit is its own byte.
                Ok(value) if token.text.len() > 1 => value,
                _ => token.text.bytes().next().map_or(0.0, f32::from),
            },
            _ => {
                let next = vocabulary.len();
                *vocabulary.entry(token.text.to_lowercase()).or_insert(next) as f32
            }
        })
        .collect();
    let n = numbers.len();
    ArrayD::from_shape_vec(IxDyn(&[1, 1, 1, n]), numbers).unwrap_or_default().into_shared()
}

/// What stands beside rows and columns: the tokens, or places when loaded tensors have another length.
pub fn labels(seq: &(Tokens, Tokens), size: &Sizes) -> (Vec<String>, Vec<String>) {
    let of = |tokens: &Tokens, n: usize| {
        if tokens.list.len() == n { tokens.labels() } else { (0..n).map(|i| i.to_string()).collect() }
    };
    (of(&seq.0, size.n), of(&seq.1, size.m))
}

/// The length of what each head brings to the output.
pub fn shares(heads: &Tensor, w_o: &Map, dv: usize) -> Result<Vec<f64>, Error> {
    let count = heads.shape()[1];
    (0..count)
        .map(|h| {
            let answer = heads.index_axis(Axis(1), h).to_owned();
            let columns = w_o.slice(s![.., h * dv..(h + 1) * dv]).to_owned();
            let brought = linear(&answer, &columns, None)?;
            Ok(brought.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt())
        })
        .collect()
}

/// Entropy, distance and share of every head.
pub fn measures(weights: &Tensor, lengths: &[f64]) -> Shared {
    let heads = weights.shape()[1];
    let all: f64 = lengths.iter().sum();
    let mut table = Array4::zeros((1, 1, heads, 3));
    for h in 0..heads {
        let map = weights.index_axis(Axis(1), h);
        let (mut bits, mut away, mut rows) = (0.0f64, 0.0f64, 0.0f64);
        for (i, row) in map.rows().into_iter().enumerate() {
            let sum: f64 = row.iter().map(|w| f64::from(w.abs())).sum();
            if sum <= 0.0 {
                continue;
            }
            rows += 1.0;
            for (j, w) in row.iter().enumerate() {
                let p = f64::from(w.abs()) / sum;
                bits -= if p > 0.0 { p * f64::from((p as f32).log2()) } else { 0.0 };
                away += p * i.abs_diff(j) as f64;
            }
        }
        let rows = rows.max(1.0);
        table[[0, 0, h, 0]] = (bits / rows).max(0.0) as f32;
        table[[0, 0, h, 1]] = (away / rows) as f32;
        table[[0, 0, h, 2]] = if all > 0.0 { (lengths[h] / all) as f32 } else { 0.0 };
    }
    shared(table)
}
