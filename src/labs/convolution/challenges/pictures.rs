//! Questions with numbers or pictures to look at: which kernel, which value, and a figure printed wrong.

use super::Asking;
use crate::core::ops::{Conv2d, Pads, resize_area};
use crate::core::tensor::{Images, Map};
use crate::labs::convolution::compute::shared;
use crate::labs::convolution::explain::kernel_says;
use crate::labs::convolution::inputs::image;
use crate::labs::convolution::kernels::Kernel;
use crate::labs::convolution::params::{Activation, Mode, PaddingWords, Panel, Params};
use crate::labs::convolution::words::labels;
use crate::stage::challenge::Challenge;
use crate::stage::colormap::Scale;
use crate::stage::lab::Shared;
use crate::stage::scene::grid::Grid;
use crate::stage::scene::{Ink, Scene};
use crate::stage::text::{fill, number};
use crate::stage::value::{Matrix, PaddingValue};
use ndarray::Axis;

/// One image of one channel.
pub fn images(map: Map) -> Images {
    map.insert_axis(Axis(0)).insert_axis(Axis(0))
}

/// A kernel as the operator takes it.
pub fn weights(kernel: &Matrix) -> Images {
    let (h, w) = kernel.shape();
    images(Map::from_shape_fn((h, w), |(r, c)| kernel.at(r, c)))
}

/// Kernels that are told apart by eye, at 3 × 3.
const VISIBLE: [Kernel; 10] = [
    Kernel::SobelX,
    Kernel::Box,
    Kernel::Laplacian,
    Kernel::Emboss,
    Kernel::SobelY,
    Kernel::Sharpen,
    Kernel::Shift,
    Kernel::Diagonal,
    Kernel::Identity,
    Kernel::Motion,
];

/// Width of the picture of a question.
const WIDTH: f64 = 300.0;

/// Two or three tensors side by side, each under its name.
pub fn side_by_side(items: &[(&Shared, &'static str, &str, Scale)]) -> Scene {
    let mut scene = Scene::new(WIDTH);
    let gap = 14.0;
    let size = |t: &Shared| crate::stage::scene::grid::extent(t);
    let columns: usize = items.iter().map(|i| size(i.0).1).sum();
    let cell = ((WIDTH - 4.0 - gap * (items.len() - 1) as f64) / columns as f64).min(24.0);
    let mut x = 2.0;
    for (tensor, name, title, scale) in items {
        let (h, w) = size(tensor);
        scene.text((x, 11.0), *title, 11.0, Ink::Ink2);
        let grid = Grid { tensor, name, at: (x, 17.0), cell, scale: *scale, decimals: 1 };
        if cell >= 9.0 {
            grid.draw_plain(&mut scene);
        } else {
            grid.draw_plane(&mut scene, w as f64 * cell, h as f64 * cell);
        }
        x += w as f64 * cell + gap;
    }
    scene.height += 2.0;
    scene
}

/// Colours with limits that hold for all of these.
pub fn signed(tensors: &[&Shared]) -> Scale {
    let limit = tensors.iter().flat_map(|t| t.iter()).fold(0.0f32, |m, v| m.max(v.abs()));
    Scale::Signed { limit }
}

/// Which kernel turned the input into this output.
pub fn which_kernel(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    let whole = image(&asking.run.output.input)?;
    let small = p.size.0.max(p.size.1) <= 9;
    if p.size.0.min(p.size.1) < 5 {
        return None;
    }
    let x = if small {
        whole
    } else {
        let shrink = 48.0 / p.size.0.max(p.size.1) as f64;
        let side = |n: usize| ((n as f64 * shrink.min(1.0)).round() as usize).max(5);
        resize_area(&whole, (side(p.size.0), side(p.size.1))).ok()?
    };
    let x = images(x);
    let layer =
        Conv2d { pads: Pads::all(1), mode: crate::core::ops::PaddingMode::Replicate, ..Conv2d::default() };
    let of = |kernel: Kernel| layer.forward_single(&x, &weights(&kernel.weight((3, 3))?), None).ok();
    // Never the kernel whose result stands on the screen.
    let others: Vec<Kernel> = VISIBLE.into_iter().filter(|k| *k != p.kernel).collect();
    let hidden = others[(asking.turn * 3 + asking.random.below(others.len())) % others.len()];
    let output = of(hidden)?;
    let range = output.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let names = labels(asking.lang).kernel.options;
    let mut wrong = Vec::new();
    for skip in 1..VISIBLE.len() {
        let at = VISIBLE.iter().position(|k| *k == hidden)?;
        let other = VISIBLE[(at + skip) % VISIBLE.len()];
        let result = of(other)?;
        // Where the two differ most is what a second look should find.
        let (index, apart) = result
            .indexed_iter()
            .map(|(i, v)| (i, (v - output[i]).abs()))
            .fold(((0, 0, 0, 0), 0.0f32), |best, next| if next.1 > best.1 { next } else { best });
        if apart <= 0.15 * range.max(1e-6) {
            continue;
        }
        let values = [
            ("name", names[other as usize].to_string()),
            ("r", index.2.to_string()),
            ("c", index.3.to_string()),
            ("other", number(f64::from(result[index]), 2)),
            ("here", number(f64::from(output[index]), 2)),
        ];
        wrong.push((names[other as usize].to_string(), fill(t.thought_kernel, &values)));
    }
    let after = asking.changed(|p| {
        p.kernel_size = (3, 3);
        p.kernel = hidden;
        if let Some(weight) = hidden.weight((3, 3)) {
            p.weight = weight;
        }
        p.padding = PaddingWords(PaddingValue::Sides([1; 4]));
        p.padding_mode = Mode::Replicate;
        (p.stride, p.dilation, p.flip, p.bias) = ((1, 1), (1, 1), false, 0.0);
        p.activation = Activation::None;
    });
    let because = kernel_says(&after, t);
    let (x, y) = (shared(x), shared(output));
    let photo = x.iter().all(|v| (0.0..=1.0).contains(v));
    let input_scale = if photo { Scale::Gray { low: 0.0, high: 1.0 } } else { signed(&[&x]) };
    let scene = side_by_side(&[
        (&x, "asked_input", t.input, input_scale),
        (&y, "asked_output", t.output, signed(&[&y])),
    ]);
    let options = asking.options((names[hidden as usize].to_string(), because), wrong, false)?;
    Some(Challenge {
        ask: t.ask_kernel.into(),
        picture: Some((scene, t.ask_kernel_picture.into())),
        options,
        show: Some(asking.query(&after)),
    })
}

/// Which value stands in a cell after the kernel is changed.
pub fn value_after(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    let numbers = asking.run.output.input.iter().all(|v| *v == v.trunc() && v.abs() < 100.0);
    if !p.is_grid() || !numbers || p.size.0.min(p.size.1) < 4 {
        return None;
    }
    // Few taps, so that it can be done in the head.
    let easy = [Kernel::Laplacian, Kernel::Shift, Kernel::Sharpen];
    let kernel = *easy.iter().cycle().skip(asking.turn).take(easy.len()).find(|k| **k != p.kernel)?;
    let after = Params {
        kernel,
        kernel_size: (3, 3),
        weight: kernel.weight((3, 3))?,
        bias: 0.0,
        flip: false,
        stride: (1, 1),
        padding: PaddingWords(PaddingValue::default()),
        padding_mode: Mode::Zeros,
        dilation: (1, 1),
        activation: Activation::None,
        panel: Panel::Matrix,
        ..p.clone()
    };
    let x = images(image(&asking.run.output.input)?);
    let y = Conv2d::default().forward_single(&x, &weights(&after.weight), None).ok()?;
    let flipped =
        Conv2d { flip: true, ..Conv2d::default() }.forward_single(&x, &weights(&after.weight), None).ok()?;
    let (_, _, oh, ow) = y.dim();
    let (r, c) = (asking.random.below(oh), asking.random.below(ow));
    let at = |images: &Images, r: usize, c: usize| f64::from(images[[0, 0, r, c]]);
    let right = at(&y, r, c);
    let centre = at(&x, r + 1, c + 1);
    let tap = f64::from(after.weight.at(1, 1));
    let wrong = [
        (at(&flipped, r, c), t.thought_flipped),
        (at(&y, r, if c + 1 < ow { c + 1 } else { c - 1 }), t.thought_neighbour),
        (right - centre * tap, t.thought_no_centre),
        (at(&y, if r + 1 < oh { r + 1 } else { r - 1 }, c), t.thought_neighbour),
        (-right, t.thought_sign),
        (centre, t.thought_input),
        (right + 1.0, t.thought_close),
        (right + 2.0, t.thought_close),
    ];
    let wrong = wrong.into_iter().map(|(v, why)| (number(v, 0), why.to_string())).collect();
    let name = labels(asking.lang).kernel.options[kernel as usize];
    let products: Vec<String> = (0..9)
        .filter(|i| after.weight.at(i / 3, i % 3) != 0.0)
        .map(|i| {
            let weight = number(f64::from(after.weight.at(i / 3, i % 3)), 0);
            let weight = if weight.starts_with('−') { format!("({weight})") } else { weight };
            format!("{}·{weight}", number(at(&x, r + i / 3, c + i % 3), 0))
        })
        .collect();
    let values = [
        ("name", name.to_string()),
        ("r", r.to_string()),
        ("c", c.to_string()),
        ("sum", products.join(" + ")),
        ("right", number(right, 0)),
    ];
    let options = asking.options((number(right, 0), fill(t.value_because, &values)), wrong, true)?;
    let part = Map::from_shape_fn((3, 3), |(a, b)| x[[0, 0, r + a, c + b]]);
    let (window, weight) = (shared(images(part)), shared(weights(&after.weight)));
    let scene = side_by_side(&[
        (&window, "asked_input", t.the_window, signed(&[&window])),
        (&weight, "asked_weight", t.kernel, signed(&[&weight])),
    ]);
    let show = Some(asking.query(&after));
    let picture = Some((scene, fill(t.ask_value_picture, &values)));
    Some(Challenge { ask: fill(t.ask_value, &values), picture, options, show })
}

#[cfg(test)]
mod tests {
    use super::super::Asking;
    use super::*;
    use crate::core::tensor::Random;
    use crate::labs::convolution::explain::tests::run;
    use crate::labs::convolution::text::Text;
    use crate::stage::scene::grid::value_at;
    use crate::stage::text::Lang;

    #[test]
    fn the_asked_value_stands_in_the_lab() {
        let run = run("");
        for turn in 0..6 {
            let lang = Lang::En;
            let mut asking =
                Asking { run: &run, lang, t: Text::of(lang), turn, random: Random::new(turn as u64) };
            let asked = value_after(&mut asking).unwrap();
            let numbers: Vec<usize> =
                asked.ask.split(|c: char| !c.is_ascii_digit()).filter_map(|w| w.parse().ok()).collect();
            let shown = super::super::super::explain::tests::run(&asked.show.unwrap());
            let value = value_at(&shown.output.output, numbers[0], numbers[1]);
            let right = asked.options.iter().find(|a| a.right).unwrap();
            assert_eq!(right.text, number(f64::from(value), 0), "{}", asked.ask);
        }
    }

    #[test]
    fn the_hidden_kernel_is_the_shown_one() {
        let run = run("");
        for turn in 0..8 {
            let lang = Lang::En;
            let mut asking =
                Asking { run: &run, lang, t: Text::of(lang), turn, random: Random::new(turn as u64) };
            let asked = which_kernel(&mut asking).unwrap();
            assert_eq!(asked.options.len(), 4);
            let shown = super::super::super::explain::tests::run(&asked.show.unwrap());
            let right = asked.options.iter().find(|a| a.right).unwrap();
            assert_eq!(right.text, labels(lang).kernel.options[shown.params.kernel as usize]);
            // Everything but the border is the picture that was asked about.
            let (scene, _) = asked.picture.unwrap();
            let drawn = scene.marks.iter().filter_map(|m| match m {
                crate::stage::scene::Mark::Cell { value, origin, .. } if origin.tensor == "asked_output" => {
                    Some(*value)
                }
                _ => None,
            });
            let expected: Vec<f32> = shown.output.output.iter().copied().collect();
            for (a, b) in drawn.zip(expected) {
                assert!((a - b).abs() < 1e-4);
            }
        }
    }
}
