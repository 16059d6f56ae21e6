//! The answer: one or two sentences that say what is seen now.

use super::facts::{kernel_sum, largest, symmetric};
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::{Extra, Output};
use crate::labs::convolution::kernels::Kernel;
use crate::labs::convolution::params::{Activation, Panel, Params};
use crate::labs::convolution::text::Text;
use crate::labs::convolution::words::labels;
use crate::stage::lab::{Look, Ran};
use crate::stage::scene::grid::{extent, value_at};
use crate::stage::text::{Lang, fill, number, percent};

/// `3`, or `3, 2` when the axes differ.
pub fn pair((h, w): (usize, usize)) -> String {
    if h == w { h.to_string() } else { format!("{h}, {w}") }
}

/// Height and width that the window spans.
pub fn window(p: &Params) -> (usize, usize) {
    (p.dilation.0 * (p.kernel_size.0 - 1) + 1, p.dilation.1 * (p.kernel_size.1 - 1) + 1)
}

/// Whether there is any padding.
pub fn padded(o: &Output) -> bool {
    let pads = o.conv.pads;
    pads.top + pads.bottom + pads.left + pads.right > 0
}

/// A difference smaller than this share of the numbers it comes from is rounding.
const ROUNDING: f64 = 2e-5;

/// What is seen now: what the second figure measures, or what kernel and walk do.
pub fn answer(run: &Ran<Convolution>, look: &Look) -> String {
    let (p, o) = (&run.params, &run.output);
    let t = Text::of(look.lang);
    let join = |parts: Vec<String>| {
        parts.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(look.lang.pick(" ", ""))
    };
    match p.panel {
        Panel::Matrix | Panel::Profile => join(vec![kernel_says(p, t), walk_says(p, o, t)]),
        Panel::Usage => usage_says(o, t),
        Panel::Border => border_says(o, t),
        Panel::Modes => modes_say(o, t),
        Panel::Flip => flip_says(p, o, t),
        Panel::Linearity => linearity_says(p, o, t, look.lang),
    }
}

/// What the kernel does, in one sentence.
pub fn kernel_says(p: &Params, t: &Text) -> String {
    match p.kernel {
        Kernel::Box => t.does_box,
        Kernel::Gaussian => t.does_gaussian,
        Kernel::Motion => t.does_motion,
        Kernel::Sharpen => t.does_sharpen,
        Kernel::Unsharp => t.does_unsharp,
        Kernel::Laplacian => t.does_laplacian,
        Kernel::Log => t.does_log,
        Kernel::SobelX => t.does_sobel_x,
        Kernel::SobelY => t.does_sobel_y,
        Kernel::PrewittX => t.does_prewitt_x,
        Kernel::Diagonal => t.does_diagonal,
        Kernel::Emboss => t.does_emboss,
        Kernel::Gabor0 => t.does_gabor_0,
        Kernel::Gabor45 => t.does_gabor_45,
        Kernel::Gabor90 => t.does_gabor_90,
        Kernel::Identity => t.does_identity,
        Kernel::Shift => t.does_shift,
        Kernel::Impulse => t.does_impulse,
        Kernel::Random => t.does_random,
        Kernel::Own => return fill(t.does_own, &[("sum", number(kernel_sum(p), 3))]),
    }
    .into()
}

fn walk_says(p: &Params, o: &Output, t: &Text) -> String {
    let ((h, w), (oh, ow), (eh, ew)) = (p.size, o.size(), window(p));
    let values = [
        ("h", h.to_string()),
        ("w", w.to_string()),
        ("oh", oh.to_string()),
        ("ow", ow.to_string()),
        ("eh", eh.to_string()),
        ("ew", ew.to_string()),
        ("kh", p.kernel_size.0.to_string()),
        ("kw", p.kernel_size.1.to_string()),
        ("stride", pair(p.stride)),
        ("dilation", pair(p.dilation)),
        ("one_in", (p.stride.0 * p.stride.1).to_string()),
    ];
    let template = if p.stride != (1, 1) {
        t.walk_stride
    } else if p.dilation != (1, 1) && p.kernel_size != (1, 1) {
        t.walk_dilation
    } else if (oh, ow) == (h, w) {
        if padded(o) { t.walk_same } else { "" }
    } else if oh >= h && ow >= w {
        t.walk_larger
    } else {
        t.walk_smaller
    };
    fill(template, &values)
}

/// `once`, `9 times`.
pub fn times(t: &Text, n: usize) -> String {
    if n == 1 { t.once.into() } else { fill(t.many_times, &[("n", n.to_string())]) }
}

fn usage_says(o: &Output, t: &Text) -> String {
    let (h, w) = extent(&o.usage);
    let read = |r, c| times(t, value_at(&o.usage, r, c) as usize);
    fill(t.usage_says, &[("corner", read(0, 0)), ("middle", read((h - 1) / 2, (w - 1) / 2))])
}

fn border_says(o: &Output, t: &Text) -> String {
    if !padded(o) {
        return t.border_none.into();
    }
    let (h, w) = o.size();
    let share = |r, c| percent(f64::from(value_at(&o.padding_share, r, c)));
    fill(t.border_says, &[("corner", share(0, 0)), ("middle", share((h - 1) / 2, (w - 1) / 2))])
}

fn modes_say(o: &Output, t: &Text) -> String {
    let Extra::Modes(modes) = &o.extra else { return String::new() };
    if !padded(o) {
        return t.modes_alike.into();
    }
    let fine: Vec<_> = modes.iter().filter_map(|(_, result)| result.as_ref().ok()).collect();
    let apart = (0..o.output.len())
        .map(|i| {
            let values =
                fine.iter().map(|(_, y)| y.as_slice().and_then(|s| s.get(i)).copied().unwrap_or(0.0));
            let (low, high) =
                values.fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            f64::from(high - low)
        })
        .fold(0.0, f64::max);
    if apart == 0.0 {
        return t.modes_equal.into();
    }
    fill(t.modes_differ, &[("apart", number(apart, 3))])
}

fn flip_says(p: &Params, o: &Output, t: &Text) -> String {
    let Extra::Flip { difference, correlation, .. } = &o.extra else { return String::new() };
    let apart = largest(difference);
    if symmetric(p) {
        t.flip_alike.into()
    } else if apart <= ROUNDING * largest(correlation) {
        t.flip_alike_here.into()
    } else {
        fill(t.flip_differs, &[("apart", number(apart, 3))])
    }
}

fn linearity_says(p: &Params, o: &Output, t: &Text, lang: Lang) -> String {
    let Extra::Linearity { defect, of_input, of_other, .. } = &o.extra else { return String::new() };
    let apart = largest(defect);
    if apart <= ROUNDING * largest(of_input).max(largest(of_other)).max(1e-9) {
        return match p.activation {
            Activation::None => t.linear,
            _ => t.linear_here,
        }
        .into();
    }
    let because = if p.activation != Activation::None {
        let name = labels(lang).activation.options[p.activation as usize];
        fill(t.the_activation, &[("name", name.into())])
    } else if p.bias != 0.0 {
        String::from(t.the_bias)
    } else {
        t.the_padding_value.into()
    };
    fill(t.not_linear, &[("apart", number(apart, 3)), ("because", because)])
}
