//! Which units a set of cells reaches, and the way back, on whole maps. A mask has a byte a cell, 1 where it is on, so
//! that eight cells are joined at once.

use super::stack::Spec;

/// The cells that windows at these units read, `[h * w]`.
pub fn back_map(units: &[u8], from: (usize, usize), layer: &Spec, to: (usize, usize)) -> Vec<u8> {
    let tall = pass(units, [1, from.0, from.1], layer.along(0), to.0, true);
    pass(&tall, [to.0, from.1, 1], layer.along(1), to.1, true)
}

/// The units whose windows read one of these cells, `[h * w]`.
pub fn forth_map(cells: &[u8], from: (usize, usize), layer: &Spec, to: (usize, usize)) -> Vec<u8> {
    let tall = pass(cells, [1, from.0, from.1], layer.along(0), to.0, false);
    pass(&tall, [to.0, from.1, 1], layer.along(1), to.1, false)
}

/// Along the middle axis of `[outer, n, inner]`: from units back to the `to` cells they read, or from cells to `to` units.
///
/// A line is laid out with its padding, so that windows never leave it, and smeared over the taps of the kernel. All
/// lines are smeared at once.
fn pass(
    mask: &[u8],
    [outer, n, inner]: [usize; 3],
    [k, s, p, d]: [usize; 4],
    to: usize,
    back: bool,
) -> Vec<u8> {
    let units = if back { n } else { to };
    let long = units.saturating_sub(1) * s + (k - 1) * d + 1;
    let mut lines = vec![0; outer * long * inner];
    let mut out = vec![0; outer * to * inner];
    let (step_in, shift_in) = if back { (s, 0) } else { (1, p) };
    let (step_out, shift_out) = if back { (1, p) } else { (s, 0) };
    for (from, line) in
        mask.chunks_exact((n * inner).max(1)).zip(lines.chunks_exact_mut((long * inner).max(1)))
    {
        copy(from, line, inner, (1, 0), (step_in, shift_in));
    }
    smear(&mut lines, k, d * inner, back);
    for (line, into) in
        lines.chunks_exact((long * inner).max(1)).zip(out.chunks_exact_mut((to * inner).max(1)))
    {
        copy(line, into, inner, (step_out, shift_out), (1, 0));
    }
    out
}

/// Copies places `i * step + shift` of one line to those of another, for every `i` for which both exist.
fn copy(from: &[u8], to: &mut [u8], inner: usize, of: (usize, usize), at: (usize, usize)) {
    let (n, m) = (from.len() / inner.max(1), to.len() / inner.max(1));
    let fit = |n: usize, (step, shift): (usize, usize)| n.saturating_sub(shift).div_ceil(step.max(1));
    let count = fit(n, of).min(fit(m, at));
    if of.0 == 1 && at.0 == 1 {
        let (a, b) = (of.1 * inner, at.1 * inner);
        if count > 0 {
            to[b..b + count * inner].copy_from_slice(&from[a..a + count * inner]);
        }
        return;
    }
    for i in 0..count {
        let (a, b) = ((i * of.0 + of.1) * inner, (i * at.0 + at.1) * inner);
        to[b..b + inner].copy_from_slice(&from[a..a + inner]);
    }
}

/// What is on spreads to the `k - 1` places behind it (or before it) at distances of `step`. Each round doubles the taps.
fn smear(lines: &mut [u8], k: usize, step: usize, behind: bool) {
    let mut done = 1;
    while done < k {
        let more = done.min(k - done);
        let shift = more * step;
        if shift >= lines.len() {
            break;
        }
        let count = lines.len() - shift;
        if behind {
            // From the end, so that what is read has not been written.
            (0..count).step_by(WORD).rev().for_each(|at| join(lines, at, at + shift, WORD.min(count - at)));
        } else {
            (0..count).step_by(WORD).for_each(|at| join(lines, at + shift, at, WORD.min(count - at)));
        }
        done += more;
    }
}

/// Cells that are joined at once.
const WORD: usize = 8;

/// What is on in `n` cells from `from` goes on in those from `to`; all are read before any is written.
fn join(lines: &mut [u8], from: usize, to: usize, n: usize) {
    let word = |at: usize| lines.get(at..at + WORD).and_then(|cells| <[u8; WORD]>::try_from(cells).ok());
    if let (WORD, Some(source), Some(target)) = (n, word(from), word(to)) {
        let both = u64::from_ne_bytes(source) | u64::from_ne_bytes(target);
        lines[to..to + WORD].copy_from_slice(&both.to_ne_bytes());
        return;
    }
    let mut source = [0; WORD];
    source[..n].copy_from_slice(&lines[from..from + n]);
    lines[to..to + n].iter_mut().zip(source).for_each(|(cell, on)| *cell |= on);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use crate::labs::receptive_field::stack;

    /// By the definition: unit `u` reads cell `u s + t d - p` with its tap `t`.
    #[test]
    fn masks_are_those_of_the_definition() {
        let mut random = Random::new(5);
        for _ in 0..300 {
            let text = format!(
                "c{}x{}s{}x{}p{}x{}d{}x{}",
                1 + random.below(7),
                1 + random.below(7),
                1 + random.below(4),
                1 + random.below(4),
                random.below(5),
                random.below(5),
                1 + random.below(3),
                1 + random.below(3)
            );
            let Ok(layers) = stack::parse(&text) else { panic!("{text}") };
            let layer = layers[0];
            let size = (1 + random.below(20), 1 + random.below(20));
            let Ok(map) = layer.output_size(size) else { continue };
            let pick = |(h, w): (usize, usize), axis: usize| if axis == 0 { h } else { w };
            let reads = |axis: usize, unit: usize, cell: usize| {
                let [k, s, p, d] = layer.along(axis);
                (0..k).any(|tap| unit * s + tap * d == cell + p) && cell < pick(size, axis)
            };
            let units: Vec<u8> = (0..map.0 * map.1).map(|_| u8::from(random.below(4) == 0)).collect();
            let cells = back_map(&units, map, &layer, size);
            for (at, on) in cells.iter().enumerate() {
                let (r, c) = (at / size.1, at % size.1);
                let expected = (0..map.0 * map.1)
                    .any(|u| units[u] == 1 && reads(0, u / map.1, r) && reads(1, u % map.1, c));
                assert_eq!(*on == 1, expected, "{text} {size:?} {at}");
            }
            let units = forth_map(&cells, size, &layer, map);
            for (u, on) in units.iter().enumerate() {
                let expected = (0..size.0 * size.1).any(|at| {
                    cells[at] == 1 && reads(0, u / map.1, at / size.1) && reads(1, u % map.1, at % size.1)
                });
                assert_eq!(*on == 1, expected, "{text} {size:?} {u}");
            }
        }
    }
}
