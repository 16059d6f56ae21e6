//! Questions about sizes and counts.

use super::{Asking, sized};
use crate::labs::convolution::compute;
use crate::labs::convolution::explain::{impulse_shift, pair, times};
use crate::labs::convolution::inputs::Input;
use crate::labs::convolution::kernels::Kernel;
use crate::labs::convolution::params::{self, Activation, Mode, PaddingWords, Panel, Params};
use crate::stage::challenge::Challenge;
use crate::stage::lab::Data;
use crate::stage::text::{count, fill};
use crate::stage::value::PaddingValue;

/// The output size, if these parameters can be computed. An own input counts: only its size matters here.
fn output_size(p: &Params) -> Option<(usize, usize)> {
    p.conv().ok()?.output_size(p.size, p.kernel_size).ok()
}

/// A control, its new value, and how it is set.
type Change = (&'static str, usize, fn(&mut Params, usize));

/// The size after another stride, padding or dilation.
pub fn size_after(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let now = output_size(&asking.run.params)?;
    let changes: [Change; 6] = [
        ("stride", 2, |p, n| p.stride = (n, n)),
        ("padding", 1, |p, n| p.padding = PaddingWords(PaddingValue::Sides([n; 4]))),
        ("stride", 3, |p, n| p.stride = (n, n)),
        ("padding", 2, |p, n| p.padding = PaddingWords(PaddingValue::Sides([n; 4]))),
        ("dilation", 2, |p, n| p.dilation = (n, n)),
        ("stride", 1, |p, n| p.stride = (n, n)),
    ];
    let (key, value, after, right) = (0..changes.len()).find_map(|skip| {
        let (key, value, change) = changes[(asking.turn + skip) % changes.len()];
        let after = asking.changed(|p| change(p, value));
        let right = output_size(&after)?;
        (right != now).then_some((key, value, after, right))
    })?;
    let conv = after.conv().ok()?;
    let pads = conv.pads;
    let axis = |n: usize, k: usize, d: usize| n.saturating_sub(d * (k - 1) + 1);
    let (h, w) = after.size;
    let (k, d, s) = (after.kernel_size, after.dilation, after.stride);
    let padded = (h + pads.top + pads.bottom, w + pads.left + pads.right);
    let walk = (axis(padded.0, k.0, d.0), axis(padded.1, k.1, d.1));
    let mut wrong = vec![((walk.0.div_ceil(s.0) + 1, walk.1.div_ceil(s.1) + 1), t.thought_ceil)];
    wrong.push(((walk.0 / s.0, walk.1 / s.1), t.thought_steps));
    if padded != (h, w) {
        wrong.push(((axis(h, k.0, d.0) / s.0 + 1, axis(w, k.1, d.1) / s.1 + 1), t.thought_no_padding));
        let once = (h + pads.top, w + pads.left);
        wrong
            .push(((axis(once.0, k.0, d.0) / s.0 + 1, axis(once.1, k.1, d.1) / s.1 + 1), t.thought_one_side));
    }
    wrong.push(((h.div_ceil(s.0), w.div_ceil(s.1)), t.thought_no_window));
    wrong.push((now, t.thought_unchanged));
    wrong.push(((right.0 + 1, right.1 + 1), t.thought_off_by_one));
    wrong.push(((right.0 + 2, right.1 + 2), t.thought_off_by_one));
    let wrong = wrong
        .into_iter()
        .filter(|((a, b), _)| *a > 0 && *b > 0)
        .map(|(size, why)| (sized(size), why.to_string()))
        .collect();
    let because = fill(
        t.size_because,
        &[
            ("n", padded.0.to_string()),
            ("window", (d.0 * (k.0 - 1) + 1).to_string()),
            ("stride", s.0.to_string()),
            ("steps", (walk.0 / s.0).to_string()),
            ("right", right.0.to_string()),
        ],
    );
    let options = asking.options((sized(right), because), wrong, true)?;
    let ask = fill(t.ask_size, &[("key", key.into()), ("value", value.to_string())]);
    Some(Challenge { ask, picture: None, options, show: Some(asking.query(&after)) })
}

/// How many windows read the corner.
pub fn corner_reads(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let most = |k: usize, d: usize| d * (k - 1) / 2;
    let base = &asking.run.params;
    let (k, d) = (base.kernel_size, base.dilation);
    let same = most(k.0, d.0).min(most(k.1, d.1)).min(8);
    let padding = [same.max(1), 0, same + 1][asking.turn % 3];
    let after = asking.changed(|p| {
        p.padding = PaddingWords(PaddingValue::Sides([padding; 4]));
        p.padding_mode = Mode::Zeros;
        p.panel = Panel::Usage;
    });
    output_size(&after)?;
    let usage = after.conv().ok()?.usage(after.size, k).ok()?;
    let (h, w) = after.size;
    let at = |r: usize, c: usize| usage[[r, c]] as usize;
    let right = at(0, 0);
    let taps = k.0 * k.1;
    let mut wrong = vec![
        (taps, t.thought_all_taps),
        (1, t.thought_once),
        (at(0, (w - 1) / 2), t.thought_edge),
        (at((h - 1) / 2, (w - 1) / 2), t.thought_middle),
    ];
    wrong.extend([(right + 1, t.thought_close), (right + 2, t.thought_close)]);
    let wrong = wrong.into_iter().map(|(n, why)| (n.to_string(), why.to_string())).collect();
    let values = [
        ("h", h.to_string()),
        ("w", w.to_string()),
        ("kh", k.0.to_string()),
        ("kw", k.1.to_string()),
        ("padding", padding.to_string()),
        ("stride", pair(after.stride)),
        ("dilation", pair(d)),
        ("right", times(t, right)),
        ("middle", times(t, at((h - 1) / 2, (w - 1) / 2))),
    ];
    let options = asking.options((right.to_string(), fill(t.corner_because, &values)), wrong, true)?;
    let show = Some(asking.query(&after));
    Some(Challenge { ask: fill(t.ask_corner, &values), picture: None, options, show })
}

/// The multiply-adds after the stride is doubled.
pub fn macs_after(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let base = &asking.run.params;
    let (kh, kw) = base.kernel_size;
    let now = output_size(base)?;
    let twice = (base.stride.0 * 2, base.stride.1 * 2);
    let after = asking.changed(|p| p.stride = twice);
    if twice.0.max(twice.1) > 16 {
        return None;
    }
    let then = output_size(&after)?;
    let macs = |(h, w): (usize, usize)| h * w * kh * kw;
    let text = |n: usize| count(n as f64);
    let wrong = [
        (macs(now), t.thought_same_work),
        (macs(now) / 2, t.thought_half),
        (macs(now) / 4, t.thought_quarter),
        (macs(now) * 2, t.thought_double),
        (macs(then) / 2, t.thought_less_taps),
    ];
    let wrong = wrong.into_iter().map(|(n, why)| (text(n), why.to_string())).collect();
    let values = [
        ("now", text(macs(now))),
        ("from", sized(now)),
        ("to", sized(then)),
        ("taps", (kh * kw).to_string()),
        ("right", text(macs(then))),
    ];
    let options = asking.options((text(macs(then)), fill(t.macs_because, &values)), wrong, true)?;
    let show = Some(asking.query(&after));
    Some(Challenge { ask: fill(t.ask_macs, &values), picture: None, options, show })
}

/// Where the answer of an even (or odd) kernel to a single one lies.
pub fn even_shift(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let k = [4, 2, 3, 6, 5][asking.turn % 5];
    let base = asking.run.params.clone();
    let params = Params {
        input: Input::Impulse,
        size: (9, 9),
        kernel: Kernel::Box,
        kernel_size: (k, k),
        weight: Kernel::Box.weight((k, k))?,
        bias: 0.0,
        flip: false,
        stride: (1, 1),
        padding: PaddingWords(PaddingValue::Word(1)),
        padding_mode: Mode::Zeros,
        dilation: (1, 1),
        activation: Activation::None,
        panel: Panel::Profile,
        ..base
    };
    params::check(&params, &Data::new()).ok()?;
    let run = compute::compute(&params, 0, &Data::new(), None).ok()?;
    let (rows, _) = impulse_shift(&params, &run)?;
    let places = [
        (0.0, t.place_centre),
        (-0.5, t.place_half_before),
        (0.5, t.place_half_after),
        (-1.0, t.place_one_before),
    ];
    let right = places.iter().find(|(shift, _)| (shift - rows).abs() < 1e-6)?;
    let odd = k % 2 == 1;
    let wrong = places
        .iter()
        .filter(|place| place.1 != right.1)
        .map(|(shift, text)| {
            let why = match (odd, *shift) {
                (false, 0.0) => t.thought_centre,
                (false, 0.5) => t.thought_other_side,
                (false, _) => t.thought_whole_cell,
                (true, _) => t.thought_odd_shift,
            };
            (text.to_string(), fill(why, &[("k", k.to_string())]))
        })
        .collect();
    let values = [
        ("k", k.to_string()),
        ("before", run.conv.pads.top.to_string()),
        ("after", run.conv.pads.bottom.to_string()),
    ];
    let because = fill(if odd { t.odd_because } else { t.even_because }, &values);
    let options = asking.options((right.1.to_string(), because), wrong, false)?;
    let show = Some(asking.query(&params));
    Some(Challenge { ask: fill(t.ask_shift, &values), picture: None, options, show })
}

#[cfg(test)]
mod tests {
    use super::super::{Asking, KINDS};
    use super::*;
    use crate::core::tensor::Random;
    use crate::labs::convolution::explain::tests::run;
    use crate::labs::convolution::text::Text;
    use crate::stage::text::Lang;

    fn right(kind: usize, state: &str, turn: usize) -> (String, String) {
        let run = run(state);
        let lang = Lang::En;
        let mut asking = Asking { run: &run, lang, t: Text::of(lang), turn, random: Random::new(3) };
        let asked = KINDS[kind](&mut asking).unwrap();
        let answer = asked.options.iter().find(|a| a.right).unwrap().text.clone();
        (asked.ask, answer)
    }

    /// Checked against sizes and counts worked out by hand.
    #[test]
    fn right_answers_are_right() {
        // (8 − 3) / 2 = 2.5, so 3 windows.
        assert_eq!(right(0, "", 0).1, "3 × 3");
        // (8 + 2 − 3) / 1 + 1.
        assert_eq!(right(0, "", 1).1, "8 × 8");
        // Dilation 2 makes the window 5 long: 8 − 5 + 1.
        assert_eq!(right(0, "", 4).1, "4 × 4");
        assert_eq!(right(2, "", 0).1, "4");
        assert_eq!(right(2, "", 1).1, "1");
        assert_eq!(right(2, "", 2).1, "9");
        // 6·6·9 = 324 becomes 3·3·9.
        assert_eq!(right(5, "", 0).1, "81");
        assert!(right(4, "", 0).1.contains("half a cell up"));
        assert!(right(4, "", 2).1.contains("centred"));
    }

    #[test]
    fn the_answer_is_what_its_link_shows() {
        use crate::labs::convolution::explain::facts;
        for turn in 0..6 {
            let state = run("padding=1");
            let lang = Lang::En;
            let mut asking = Asking { run: &state, lang, t: Text::of(lang), turn, random: Random::new(3) };
            let asked = size_after(&mut asking).unwrap();
            let shown = facts(&run(&asked.show.unwrap()));
            let fact = |name: &str| shown.iter().find(|f| f.0 == name).unwrap().1;
            let right = &asked.options.iter().find(|a| a.right).unwrap().text;
            assert_eq!(*right, format!("{} × {}", fact("output_height"), fact("output_width")));
        }
    }
}
