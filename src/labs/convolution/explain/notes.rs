//! Remarks that matter in one state and not in another, at most three at a time.

use super::answer::{padded, pair, times, window};
use super::facts::{impulse_shift, kernel_sum, symmetric};
use crate::labs::convolution::Convolution;
use crate::labs::convolution::params::{Activation, Mode, Panel};
use crate::labs::convolution::text::Text;
use crate::labs::convolution::words::labels;
use crate::stage::insight::Note;
use crate::stage::lab::{Look, Ran};
use crate::stage::text::{Lang, fill, number, percent};

/// Most remarks shown at a time.
pub const MOST: usize = 3;

/// `1 row`, `3 rows`.
fn rows(t: &Text, n: usize) -> String {
    if n == 1 { t.one_row.into() } else { fill(t.many_rows, &[("n", n.to_string())]) }
}

/// `1 column`, `3 columns`.
fn columns(t: &Text, n: usize) -> String {
    if n == 1 { t.one_column.into() } else { fill(t.many_columns, &[("n", n.to_string())]) }
}

/// The remarks that matter most in this state.
pub fn notes(run: &Ran<Convolution>, look: &Look) -> Vec<Note> {
    let mut all = Candidates { run, t: Text::of(look.lang), lang: look.lang, list: Vec::new() };
    all.unread();
    all.pads();
    all.middle();
    all.border();
    all.turned();
    all.linearity();
    all.activation();
    all.kernel();
    all.list.into_iter().take(MOST).map(|(_, note)| note).collect()
}

/// Remarks with their order: the smaller, the nearer to what the learner looks at.
struct Candidates<'a> {
    run: &'a Ran<Convolution>,
    t: &'static Text,
    lang: Lang,
    list: Vec<(u32, Note)>,
}

impl Candidates<'_> {
    fn add(&mut self, order: u32, warns: bool, text: String) {
        let at = self.list.partition_point(|(other, _)| *other <= order);
        self.list.insert(at, (order, Note { warns, text }));
    }

    fn on(&self, panel: Panel) -> bool {
        self.run.params.panel == panel
    }

    /// What the walk leaves out.
    fn unread(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        let unused = o.usage.iter().filter(|v| **v == 0.0).count();
        let total = o.usage.len();
        let lost = || {
            let share = percent(unused as f64 / total as f64);
            fill(
                t.unused_inputs,
                &[("n", unused.to_string()), ("total", total.to_string()), ("share", share)],
            )
        };
        let (r, c) = o.unread;
        if r + c > 0 {
            let what = match (r, c) {
                (r, 0) => rows(t, r),
                (0, c) => columns(t, c),
                (r, c) => fill(t.both, &[("a", rows(t, r)), ("b", columns(t, c))]),
            };
            let mut text = fill(t.unread, &[("stride", pair(p.stride)), ("what", what)]);
            if unused > 0 {
                text = format!("{text}{}{}", self.lang.pick(" ", ""), lost());
            }
            self.add(10, true, text);
            self.add(20, true, t.no_ceil.into());
        } else if unused > 0 {
            self.add(10, true, lost());
        }
    }

    /// How the words share out their padding.
    fn pads(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        let pads = o.conv.pads;
        let values = [
            ("top", pads.top.to_string()),
            ("bottom", pads.bottom.to_string()),
            ("left", pads.left.to_string()),
            ("right", pads.right.to_string()),
            ("stride", pair(p.stride)),
        ];
        let uneven = pads.top != pads.bottom || pads.left != pads.right;
        match p.padding.word() {
            Some("same") if uneven => self.add(12, true, fill(t.same_uneven, &values)),
            Some("same_tf") if p.stride != (1, 1) => self.add(12, true, fill(t.same_tf_stride, &values)),
            Some("same_tf") if uneven => self.add(12, true, fill(t.same_tf_uneven, &values)),
            _ => {}
        }
    }

    /// Windows without a middle cell.
    fn middle(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        let (eh, ew) = window(p);
        if eh % 2 == 1 && ew % 2 == 1 {
            return;
        }
        let mut text = fill(t.no_middle, &[("h", eh.to_string()), ("w", ew.to_string())]);
        if let Some((r, c)) = impulse_shift(p, o) {
            text += self.lang.pick(" ", "");
            text += &fill(t.shift_measured, &[("rows", number(r, 2)), ("columns", number(c, 2))]);
        }
        self.add(15, true, text);
    }

    /// Border and middle are not alike.
    fn border(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        if !padded(o) {
            return;
        }
        let (low, high) = o.usage.iter().fold((f32::INFINITY, 0.0f32), |(a, b), v| (a.min(*v), b.max(*v)));
        let near = self.on(Panel::Usage) || self.on(Panel::Border);
        if low < high {
            let share = o.padding_share.iter().fold(0.0f32, |m, v| m.max(*v));
            let values = [
                ("low", times(t, low as usize)),
                ("high", times(t, high as usize)),
                ("share", percent(f64::from(share))),
            ];
            self.add(if near { 5 } else { 30 }, true, fill(t.border_differs, &values));
        }
        match p.padding_mode {
            Mode::Reflect | Mode::Replicate | Mode::Circular if near => {
                self.add(6, false, t.copies_count.into());
            }
            _ => {}
        }
    }

    /// The kernel and its half turn.
    fn turned(&mut self) {
        let (p, t) = (&self.run.params, self.t);
        let near = self.on(Panel::Flip);
        if !near && !p.flip || p.kernel_size == (1, 1) {
            return;
        }
        let order = if near { 4 } else { 8 };
        let (kh, kw) = p.kernel_size;
        let opposite = (0..kh * kw).all(|i| {
            let (r, c) = (i / kw, i % kw);
            p.weight.at(r, c) == -p.weight.at(kh - 1 - r, kw - 1 - c)
        });
        if symmetric(p) {
            self.add(order, true, t.turn_nothing.into());
        } else if opposite {
            self.add(order, false, t.turn_sign.into());
        } else {
            self.add(order, false, t.turn_differs.into());
        }
        if p.flip {
            self.add(order + 1, false, t.flip_is_on.into());
        }
    }

    /// Why f(a + b) is not f(a) + f(b).
    fn linearity(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        if !self.on(Panel::Linearity) {
            return;
        }
        if p.bias != 0.0 {
            let value = number(f64::from(-p.bias), 3);
            let plain = p.activation == Activation::None;
            let template = if plain { t.bias_affine } else { t.bias_too };
            self.add(4, true, fill(template, &[("value", value)]));
        }
        if padded(o) && p.padding_mode == Mode::Constant && p.padding_value != 0.0 {
            self.add(5, true, t.constant_affine.into());
        }
    }

    /// What the curve does to the outputs.
    fn activation(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        let order = if self.on(Panel::Linearity) { 3 } else { 25 };
        let name = labels(self.lang).activation.options[p.activation as usize];
        match p.activation {
            Activation::None => {}
            Activation::Relu => {
                let below = o.pre_activation.iter().filter(|v| **v < 0.0).count();
                let values = [("n", below.to_string()), ("total", o.output.len().to_string())];
                self.add(order, false, fill(t.relu_cuts, &values));
            }
            _ => self.add(order, false, fill(t.bends, &[("name", name.into())])),
        }
    }

    /// What the kernel's numbers alone say.
    fn kernel(&mut self) {
        let (p, o, t) = (&self.run.params, &self.run.output, self.t);
        let (kh, kw) = p.kernel_size;
        if (kh, kw) == (1, 1) {
            self.add(18, false, t.one_cell.into());
            return;
        }
        let sum = kernel_sum(p);
        let size: f64 = p.weight.data().iter().map(|v| f64::from(v.abs())).sum();
        if size == 0.0 {
            self.add(11, true, t.all_zero.into());
            return;
        }
        if sum.abs() <= 1e-5 * size {
            self.add(40, false, t.sums_to_zero.into());
        } else if (sum - 1.0).abs() <= 1e-5 {
            self.add(40, false, t.sums_to_one.into());
        }
        let rank = o.separability.rank;
        let values = [
            ("kh", kh.to_string()),
            ("kw", kw.to_string()),
            ("two", (kh + kw).to_string()),
            ("one", (kh * kw).to_string()),
            ("rank", rank.to_string()),
        ];
        if rank == 1 && kh > 1 && kw > 1 {
            self.add(35, false, fill(t.separable, &values));
        } else if rank > 1 {
            self.add(70, false, fill(t.not_separable, &values));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::answer;
    use super::super::tests::{look, run};
    use super::*;

    fn said(query: &str) -> String {
        notes(&run(query), &look()).into_iter().map(|n| n.text).collect::<Vec<_>>().join(" | ")
    }

    fn answered(query: &str) -> String {
        answer(&run(query), &look())
    }

    #[test]
    fn the_walk_says_what_it_leaves_out() {
        let notes = said("stride=2");
        assert!(notes.contains("1 row and 1 column") && notes.contains("15 of 64 input cells"), "{notes}");
        assert!(notes.contains("ceil_mode"), "{notes}");
        assert!(!said("").contains("ceil_mode"));
        let gaps = said("stride=3&kernel=identity&kernel_size=1");
        assert!(gaps.contains("input cells"), "{gaps}");
    }

    #[test]
    fn same_says_when_it_is_uneven() {
        assert!(said("padding=same&kernel=box&kernel_size=4").contains("1 before and 2 after"));
        assert!(!said("padding=same").contains("before and"));
        assert!(said("padding=same_tf&stride=2").contains("stride"));
    }

    #[test]
    fn even_windows_have_no_middle() {
        let notes = said("kernel=box&kernel_size=2&input=impulse&padding=same");
        assert!(notes.contains("−0.5 rows, −0.5 columns"), "{notes}");
        assert!(!said("kernel=box&kernel_size=2&dilation=2").contains("no middle"));
        assert!(said("kernel=box&kernel_size=2").contains("no middle"));
    }

    #[test]
    fn padding_does_not_make_the_border_alike() {
        let notes = said("padding=1&panel=usage");
        assert!(
            notes.contains("4 times") && notes.contains("9 times") && notes.contains("55.6 %"),
            "{notes}"
        );
        assert!(!said("panel=usage").contains("55.6"));
    }

    #[test]
    fn the_half_turn_is_told_by_kind_of_kernel() {
        assert!(said("panel=flip&kernel=gaussian").contains("changes nothing"));
        assert!(said("panel=flip").contains("only changes the sign"));
        assert!(said("panel=flip&kernel=emboss").contains("asymmetric"));
        assert!(answered("panel=flip").contains("up to 50"), "{}", answered("panel=flip"));
        assert!(!said("").contains("half turn"));
    }

    #[test]
    fn linearity_names_what_breaks_it() {
        assert!(answered("panel=linearity&kernel=box").contains("linear"));
        assert!(answered("panel=linearity&activation=relu").contains("ReLU"));
        assert!(said("panel=linearity&bias=2").contains("= −2"), "{}", said("panel=linearity&bias=2"));
        let constant = "panel=linearity&padding=1&padding_mode=constant&padding_value=3";
        assert!(answered(constant).contains("padding value"), "{}", answered(constant));
        assert!(said(constant).contains("constant"));
    }

    #[test]
    fn the_kernel_s_sum_and_rank_are_read() {
        assert!(said("").contains("add up to 0") && said("").contains("6 multiply-adds"));
        assert!(said("kernel=gaussian").contains("add up to 1"));
        assert!(said("kernel=emboss").contains("Rank"), "{}", said("kernel=emboss"));
    }

    #[test]
    fn never_more_than_three_and_the_answer_follows_the_state() {
        let crowded = "stride=3&padding=1&kernel=box&kernel_size=4&activation=relu&flip=1&panel=border";
        assert_eq!(notes(&run(crowded), &look()).len(), MOST);
        let queries = [
            "",
            "kernel=box",
            "stride=2",
            "dilation=2",
            "padding=same",
            "padding=full",
            "panel=usage",
            "panel=border",
            "panel=modes",
        ];
        let mut answers: Vec<String> = queries.iter().map(|q| answered(q)).collect();
        assert!(answers.iter().all(|a| !a.is_empty() && !a.contains('{')), "{answers:?}");
        answers.sort();
        answers.dedup();
        assert_eq!(answers.len(), queries.len());
    }
}
