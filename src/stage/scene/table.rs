//! The same picture as tables of numbers, for screen readers and for CSV.

use super::{Mark, Scene};
use crate::stage::text::number;
use std::collections::BTreeMap;

/// A table of one tensor's drawn cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The tensor's name.
    pub name: &'static str,
    /// Numbers of the rows and columns shown.
    pub rows: Vec<usize>,
    /// Column numbers.
    pub cols: Vec<usize>,
    /// The cells, empty where nothing is drawn.
    pub cells: Vec<Vec<String>>,
}

/// The tables of everything drawn as cells. Planes are too large to read aloud; the figure's summary covers them.
pub fn tables(scene: &Scene) -> Vec<Table> {
    let mut order: Vec<&'static str> = Vec::new();
    let mut found: BTreeMap<&'static str, BTreeMap<(usize, usize), String>> = BTreeMap::new();
    for mark in &scene.marks {
        let Mark::Cell { origin, value, hidden, .. } = mark else { continue };
        let n = origin.index.len();
        if n < 2 {
            continue;
        }
        if !order.contains(&origin.tensor) {
            order.push(origin.tensor);
        }
        let text = if *hidden { "…".into() } else { number(*value as f64, 4) };
        found.entry(origin.tensor).or_default().insert((origin.index[n - 2], origin.index[n - 1]), text);
    }
    order
        .into_iter()
        .filter_map(|name| {
            let cells = found.remove(name)?;
            let unique = |mut list: Vec<usize>| {
                list.sort_unstable();
                list.dedup();
                list
            };
            let rows = unique(cells.keys().map(|k| k.0).collect());
            let cols = unique(cells.keys().map(|k| k.1).collect());
            let cells = rows
                .iter()
                .map(|r| cols.iter().map(|c| cells.get(&(*r, *c)).cloned().unwrap_or_default()).collect())
                .collect();
            Some(Table { name, rows, cols, cells })
        })
        .collect()
}
