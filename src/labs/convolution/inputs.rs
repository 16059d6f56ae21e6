//! Inputs the program draws itself, at any size.

use crate::choice;
use crate::core::ops::resize_area;
use crate::core::tensor::{Error, Map, Random};
use crate::stage::lab::{Data, Shared};
use ndarray::Ix2;

choice! {
    /// An input of the list.
    Input {
        /// A disc of larger numbers on small ones.
        Blob = "blob",
        /// A dark half and a bright half.
        Step = "step",
        /// Numbers growing along the rows.
        Ramp = "ramp",
        /// Whole numbers from 0 to 9 at random.
        Digits = "digits",
        /// The 5×5 example of a published figure.
        Published = "published",
        /// A single one among zeros.
        Impulse = "impulse",
        /// Squares.
        Checkerboard = "checkerboard",
        /// Noise.
        Noise = "noise",
        /// Rings that grow finer outwards.
        ZonePlate = "zone_plate",
        /// Written words.
        Text = "text",
        /// Shaded bodies.
        Shapes = "shapes",
        /// The learner's own.
        Own = "own",
    }
}

/// The input of a figure in Dumoulin and Visin's guide to convolution arithmetic whose printed result is wrong.
const PUBLISHED: [[f32; 5]; 5] = [
    [2.0, 2.0, 3.0, 3.0, 3.0],
    [0.0, 1.0, 3.0, 0.0, 3.0],
    [2.0, 3.0, 0.0, 1.0, 3.0],
    [3.0, 3.0, 2.0, 1.0, 2.0],
    [3.0, 3.0, 0.0, 2.0, 3.0],
];

impl Input {
    /// Drawn as a photo from 0 to 1, and worth seeing large.
    pub fn is_picture(self) -> bool {
        matches!(self, Input::ZonePlate | Input::Text | Input::Shapes)
    }

    /// Made of numbers to read, and not worth seeing large.
    pub fn is_small(self) -> bool {
        matches!(self, Input::Blob | Input::Step | Input::Ramp | Input::Digits | Input::Published)
    }

    /// Draws it at a size `(h, w)`. `Own` is scaled from the data by area, or left out.
    ///
    /// Errors: an own input that can't be scaled.
    pub fn draw(self, size: (usize, usize), seed: u64, data: &Data) -> Result<Map, Error> {
        let (h, w) = size;
        let (fh, fw) = (h as f32, w as f32);
        let mut random = Random::new(seed.wrapping_add(1));
        Ok(match self {
            Input::Blob => Map::from_shape_fn(size, |(r, c)| {
                let scale = fh.min(fw) / 8.0;
                let away = ((r as f32 - 3.4 * scale).powi(2) + (c as f32 - 4.2 * scale).powi(2)).sqrt();
                if away < 2.7 * scale { (5 + (r * 3 + c * 5) % 4) as f32 } else { ((r + c) % 3) as f32 }
            }),
            Input::Step => Map::from_shape_fn(size, |(_, c)| if 2 * c < w { 1.0 } else { 8.0 }),
            Input::Ramp => Map::from_shape_fn(size, |(r, c)| (r + c) as f32),
            Input::Digits => Map::from_shape_simple_fn(size, || random.below(10) as f32),
            Input::Published => Map::from_shape_fn(size, |(r, c)| PUBLISHED[r % 5][c % 5]),
            Input::Impulse => Map::from_shape_fn(size, |at| f32::from(at == (h / 2, w / 2))),
            Input::Checkerboard => {
                let cell = (h.max(w) / 8).max(1);
                Map::from_shape_fn(size, |(r, c)| ((r / cell + c / cell) % 2) as f32)
            }
            Input::Noise => Map::from_shape_simple_fn(size, || random.uniform()),
            Input::ZonePlate => Map::from_shape_fn(size, |(r, c)| {
                let (y, x) = (r as f32 + 0.5 - fh / 2.0, c as f32 + 0.5 - fw / 2.0);
                // The wave is one cell long at the nearer edge: finer than that can't be drawn.
                0.5 + 0.5 * (std::f32::consts::PI * (x * x + y * y) / fh.max(fw)).cos()
            }),
            Input::Text => smooth(size, text_pixel),
            Input::Shapes => smooth(size, shapes_pixel),
            Input::Own => match data.get("input").and_then(image) {
                Some(own) => resize_area(&own, size)?,
                None => Map::zeros(size),
            },
        })
    }
}

/// The first image of a tensor.
pub fn image(tensor: &Shared) -> Option<Map> {
    let (h, w) = crate::stage::scene::grid::extent(tensor);
    let flat = match tensor.as_slice() {
        Some(numbers) => numbers.get(..h * w)?.to_vec(),
        None => tensor.iter().take(h * w).copied().collect(),
    };
    Map::from_shape_vec((h, w), flat).ok().map(|m| m.into_dimensionality::<Ix2>().unwrap_or_default())
}

/// Four samples a cell of a picture given on the unit square.
fn smooth(size: (usize, usize), pixel: fn(f32, f32) -> f32) -> Map {
    let (h, w) = (size.0 as f32, size.1 as f32);
    Map::from_shape_fn(size, |(r, c)| {
        let at = |dr: f32, dc: f32| pixel((r as f32 + dr) / h, (c as f32 + dc) / w);
        (at(0.25, 0.25) + at(0.25, 0.75) + at(0.75, 0.25) + at(0.75, 0.75)) / 4.0
    })
}

/// A shaded ball, a cylinder and a box on a lit ground, at `(y, x)` from 0 to 1.
fn shapes_pixel(y: f32, x: f32) -> f32 {
    let light = [-0.5, -0.62, 0.6];
    let shade = |n: [f32; 3]| 0.16 + 0.8 * (n[0] * light[0] + n[1] * light[1] + n[2] * light[2]).max(0.0);
    let (bx, by, br) = (0.34, 0.52, 0.22);
    let (dx, dy) = ((x - bx) / br, (y - by) / br);
    if dx * dx + dy * dy < 1.0 {
        return shade([dx, dy, (1.0 - dx * dx - dy * dy).sqrt()]);
    }
    let side = (x - 0.72) / 0.13;
    let top = 0.30 + 0.045 * (1.0 - side * side).max(0.0).sqrt();
    if side.abs() < 1.0 && (top..0.74 + 0.045 * (1.0 - side * side).sqrt()).contains(&y) {
        return shade([side, 0.0, (1.0 - side * side).sqrt()]);
    }
    if side.abs() < 1.0 && (0.60 - top..top).contains(&y) {
        return 0.82;
    }
    if (0.52..0.66).contains(&x) && (0.66..0.82).contains(&y) {
        return if x < 0.60 { 0.62 } else { 0.34 };
    }
    let shadow = ((x - bx - 0.14) / 0.30).powi(2) + ((y - by - 0.22) / 0.06).powi(2);
    let ground = if y < 0.44 { 0.90 - 0.35 * y } else { 0.50 + 0.25 * y };
    if y >= 0.44 && shadow < 1.0 { ground * (0.45 + 0.5 * shadow) } else { ground }
}

/// Dark letters on paper, smaller in every line, at `(y, x)` from 0 to 1.
fn text_pixel(y: f32, x: f32) -> f32 {
    let lines: [(&str, f32, f32); 5] = [
        ("CONV", 0.06, 0.250),
        ("KERNEL", 0.34, 0.160),
        ("STRIDE 2", 0.53, 0.115),
        ("RECEPTIVE FIELD", 0.68, 0.070),
        ("ONE WEIGHTED SUM A CELL", 0.80, 0.044),
    ];
    for (words, top, height) in lines {
        let unit = height / 7.0;
        let row = (y - top) / unit;
        let column = (x - 0.06) / unit;
        if !(0.0..7.0).contains(&row) || column < 0.0 {
            continue;
        }
        let letter = (column / 6.0) as usize;
        let bits = words.as_bytes().get(letter).map_or(0, |b| glyph(*b)[row as usize]);
        let within = column as usize % 6;
        if within < 5 && bits >> (4 - within) & 1 == 1 {
            return 0.08;
        }
    }
    0.94
}

/// Letters five cells wide and seven high, a row a number.
fn glyph(letter: u8) -> [u8; 7] {
    match letter {
        b'A' => [14, 17, 17, 31, 17, 17, 17],
        b'C' => [14, 17, 16, 16, 16, 17, 14],
        b'D' => [30, 17, 17, 17, 17, 17, 30],
        b'E' => [31, 16, 16, 30, 16, 16, 31],
        b'F' => [31, 16, 16, 30, 16, 16, 16],
        b'G' => [14, 17, 16, 23, 17, 17, 14],
        b'H' => [17, 17, 17, 31, 17, 17, 17],
        b'I' => [14, 4, 4, 4, 4, 4, 14],
        b'K' => [17, 18, 20, 24, 20, 18, 17],
        b'L' => [16, 16, 16, 16, 16, 16, 31],
        b'M' => [17, 27, 21, 21, 17, 17, 17],
        b'N' => [17, 25, 21, 19, 17, 17, 17],
        b'O' => [14, 17, 17, 17, 17, 17, 14],
        b'P' => [30, 17, 17, 30, 16, 16, 16],
        b'R' => [30, 17, 17, 30, 20, 18, 17],
        b'S' => [15, 16, 16, 14, 1, 1, 30],
        b'T' => [31, 4, 4, 4, 4, 4, 4],
        b'U' => [17, 17, 17, 17, 17, 17, 14],
        b'V' => [17, 17, 17, 17, 17, 10, 4],
        b'W' => [17, 17, 17, 21, 21, 27, 17],
        b'2' => [14, 17, 1, 6, 8, 16, 31],
        _ => [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_has_every_size_and_stays_finite() {
        for input in Input::ALL {
            for size in [(1, 1), (2, 7), (8, 8), (33, 20)] {
                let map = input.draw(size, 3, &Data::new()).unwrap();
                assert_eq!(map.dim(), size);
                assert!(map.iter().all(|v| v.is_finite()), "{input:?}");
                if input.is_picture() {
                    assert!(map.iter().all(|v| (0.0..=1.0).contains(v)), "{input:?}");
                }
            }
        }
    }

    #[test]
    fn the_seed_decides() {
        let draw = |seed| Input::Noise.draw((8, 8), seed, &Data::new()).unwrap();
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }
}
