//! The same picture as tables of numbers, for screen readers and for CSV.

use super::{Mark, Scene};
use crate::stage::text::number;
use std::collections::BTreeMap;

/// A table of one tensor's drawn cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The tensor's name.
    pub name: &'static str,
    /// The indices before row and column, such as image and channel.
    pub lead: Vec<usize>,
    /// Numbers of the rows and columns shown.
    pub rows: Vec<usize>,
    /// Column numbers.
    pub cols: Vec<usize>,
    /// The cells, empty where nothing is drawn.
    pub cells: Vec<Vec<String>>,
}

/// Texts by row and column.
type Cells = BTreeMap<(usize, usize), String>;

/// The tables of everything drawn as cells, one for each channel of a tensor. Planes are too large to read aloud; the
/// figure's summary covers them.
pub fn tables(scene: &Scene) -> Vec<Table> {
    let mut order: Vec<(&'static str, &[usize])> = Vec::new();
    let mut found: BTreeMap<(&'static str, &[usize]), Cells> = BTreeMap::new();
    for mark in &scene.marks {
        let Mark::Cell { origin, value, hidden, .. } = mark else { continue };
        let n = origin.index.len();
        if n < 2 {
            continue;
        }
        let of = (origin.tensor, &origin.index[..n - 2]);
        if !order.contains(&of) {
            order.push(of);
        }
        let text = if *hidden { "…".into() } else { number(*value as f64, 4) };
        found.entry(of).or_default().insert((origin.index[n - 2], origin.index[n - 1]), text);
    }
    order
        .into_iter()
        .filter_map(|of| {
            let cells = found.remove(&of)?;
            // The keys come in order: row by row.
            let mut rows: Vec<usize> = cells.keys().map(|k| k.0).collect();
            rows.dedup();
            let mut cols = Vec::new();
            for &(_, c) in cells.keys() {
                if let Err(at) = cols.binary_search(&c) {
                    cols.insert(at, c);
                }
            }
            let cells = rows
                .iter()
                .map(|r| cols.iter().map(|c| cells.get(&(*r, *c)).cloned().unwrap_or_default()).collect())
                .collect();
            Some(Table { name: of.0, lead: of.1.to_vec(), rows, cols, cells })
        })
        .collect()
}
