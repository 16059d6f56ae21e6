//! The formulas with this state's numbers in them: output size, padding rules, and what is computed.

use super::equation::{exact, written};
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::Output;
use crate::labs::convolution::draw::explained;
use crate::labs::convolution::params::{Activation, Params};
use crate::labs::convolution::text::Text;
use crate::labs::convolution::words::labels;
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, floor, frac, id, num, op, row, strong, sub};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{fill, number};

/// All formulas of a state, titled.
pub fn formulas(run: &Ran<Convolution>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let (p, o) = (&run.params, &run.output);
    let t = Text::of(look.lang);
    let (height, width) = (Axis::height(p, o), Axis::width(p, o));
    let mut list = Vec::new();
    let mut sizes = if height == width {
        vec![(t.output_size.to_string(), height.size())]
    } else {
        vec![(t.output_height.into(), height.size()), (t.output_width.into(), width.size())]
    };
    if let Some((_, lines)) = sizes.last_mut() {
        lines.push(Math::Text(t.size_letters.into()));
    }
    list.append(&mut sizes);
    if let Some(word) = p.padding.word().filter(|w| *w != "valid") {
        let title = |axis: &str| fill(t.pads_of, &[("word", word.into()), ("axis", axis.into())]);
        if height == width {
            list.push((title(t.each_axis), height.pads(word)));
        } else {
            list.push((title(t.rows), height.pads(word)));
            list.push((title(t.columns), width.pads(word)));
        }
    }
    let title = if p.flip { t.convolution_here } else { t.correlation_here };
    list.push((title.into(), definition(p, o, look)));
    list
}

/// The numbers of one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    input: usize,
    kernel_size: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    after: usize,
    output: usize,
}

impl Axis {
    fn height(p: &Params, o: &Output) -> Axis {
        Axis {
            input: p.size.0,
            kernel_size: p.kernel_size.0,
            stride: p.stride.0,
            dilation: p.dilation.0,
            before: o.conv.pads.top,
            after: o.conv.pads.bottom,
            output: o.size().0,
        }
    }

    fn width(p: &Params, o: &Output) -> Axis {
        Axis {
            input: p.size.1,
            kernel_size: p.kernel_size.1,
            stride: p.stride.1,
            dilation: p.dilation.1,
            before: o.conv.pads.left,
            after: o.conv.pads.right,
            output: o.size().1,
        }
    }

    /// The size formula in four lines: with names, with numbers, with the fraction worked out, the result.
    fn size(&self) -> Vec<Math> {
        let names = row([
            floor(frac(
                row([
                    id("n"),
                    op("+"),
                    id("p"),
                    op("−"),
                    id("d"),
                    op("·"),
                    fenced([id("k"), op("−"), num(1)]),
                    op("−"),
                    num(1),
                ]),
                id("s"),
            )),
            op("+"),
            num(1),
        ]);
        let pads = if self.before == self.after {
            row([num(2), op("·"), num(self.before)])
        } else {
            row([num(self.before), op("+"), num(self.after)])
        };
        let numbers = row([
            op("="),
            floor(frac(
                row([
                    num(self.input),
                    op("+"),
                    pads,
                    op("−"),
                    num(self.dilation),
                    op("·"),
                    fenced([num(self.kernel_size), op("−"), num(1)]),
                    op("−"),
                    num(1),
                ]),
                num(self.stride),
            )),
            op("+"),
            num(1),
        ]);
        let walked = self.walk() as f64 / self.stride as f64;
        let steps = row([op("="), floor(num(number(walked, 2))), op("+"), num(1)]);
        vec![names, numbers, steps, row([op("="), strong(num(self.output))])]
    }

    /// How far the window can move: the padded input less the window.
    fn walk(&self) -> usize {
        (self.input + self.before + self.after).saturating_sub(self.dilation * (self.kernel_size - 1) + 1)
    }

    /// How a word's pads come about.
    fn pads(&self, word: &str) -> Vec<Math> {
        let reach = || row([num(self.dilation), op("·"), fenced([num(self.kernel_size), op("−"), num(1)])]);
        let total = self.before + self.after;
        let halves = row([
            floor(frac(num(total), num(2))),
            op("="),
            strong(num(self.before)),
            op(","),
            num(total),
            op("−"),
            num(self.before),
            op("="),
            strong(num(self.after)),
        ]);
        match word {
            "full" => vec![row([
                id("d"),
                op("·"),
                fenced([id("k"), op("−"), num(1)]),
                op("="),
                reach(),
                op("="),
                strong(num(self.before)),
            ])],
            "same" => vec![row([id("p"), op("="), reach(), op("="), num(total)]), halves],
            _ => {
                let windows = self.input.div_ceil(self.stride);
                vec![
                    row([
                        Math::Op("⌈"),
                        frac(num(self.input), num(self.stride)),
                        Math::Op("⌉"),
                        op("="),
                        num(windows),
                    ]),
                    row([
                        id("p"),
                        op("="),
                        id("max"),
                        fenced([
                            num(0),
                            op(","),
                            fenced([num(windows), op("−"), num(1)]),
                            op("·"),
                            num(self.stride),
                            op("+"),
                            reach(),
                            op("+"),
                            num(1),
                            op("−"),
                            num(self.input),
                        ]),
                        op("="),
                        num(total),
                    ]),
                    halves,
                ]
            }
        }
    }
}

fn fenced(pieces: impl IntoIterator<Item = Math>) -> Math {
    Math::Fenced(row(pieces).into())
}

/// `base[first, second]` as a subscript.
fn at(base: Math, first: Math, second: Math) -> Math {
    sub(base, row([first, op(","), second]))
}

/// What is computed: the definition, then the same with the explained output's indices and value.
fn definition(p: &Params, o: &Output, look: &Look) -> Vec<Math> {
    let (r, c) = explained(p, o, look);
    let (kh, kw) = p.kernel_size;
    let (s, d) = (p.stride, p.dilation);
    // `i·s + a·d`, with what is 1 left out.
    let place = |index: &str, stride: usize, tap: &str, dilation: usize| {
        let times = |name: &str, by: usize| match by {
            1 => vec![id(name)],
            _ => vec![num(by), id(name)],
        };
        row(times(index, stride).into_iter().chain([op("+")]).chain(times(tap, dilation)))
    };
    let live = |index: usize, stride: usize, tap: &str, dilation: usize| {
        let mut pieces = vec![num(index * stride), op("+")];
        if dilation > 1 {
            pieces.push(num(dilation));
        }
        pieces.push(id(tap));
        row(pieces)
    };
    let weight = || {
        if p.flip {
            let turned = |k: usize, tap: &str| row([num(k - 1), op("−"), id(tap)]);
            at(id("w"), turned(kh, "a"), turned(kw, "b"))
        } else {
            at(id("w"), id("a"), id("b"))
        }
    };
    let sum = || {
        [
            Math::Sum(row([id("a"), op("="), num(0)]).into(), num(kh - 1).into()),
            Math::Sum(row([id("b"), op("="), num(0)]).into(), num(kw - 1).into()),
        ]
    };
    let bias = |pieces: &mut Vec<Math>, named: bool| {
        if p.bias != 0.0 {
            pieces.push(op(if !named && p.bias < 0.0 { "−" } else { "+" }));
            pieces.push(if named { id("bias") } else { num(number(f64::from(p.bias.abs()), 3)) });
        }
    };
    let curve = |pieces: Vec<Math>| match p.activation {
        Activation::None => pieces,
        other => vec![id(labels(look.lang).activation.options[other as usize]), fenced(pieces)],
    };
    let mut general: Vec<Math> = sum().into();
    general.push(at(id("x"), place("i", s.0, "a", d.0), place("j", s.1, "b", d.1)));
    general.push(op("·"));
    general.push(weight());
    bias(&mut general, true);
    let mut here: Vec<Math> = sum().into();
    here.push(at(id("x"), live(r, s.0, "a", d.0), live(c, s.1, "b", d.1)));
    here.push(op("·"));
    here.push(weight());
    bias(&mut here, false);
    let value = value_at(&o.output, r, c);
    let equals = op(if exact(value) { "=" } else { "≈" });
    vec![
        row([at(id("y"), id("i"), id("j")), op("=")].into_iter().chain(curve(general))),
        row([at(id("y"), num(r), num(c)), op("=")].into_iter().chain(curve(here))),
        row([equals, strong(num(written(value)))]),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{look, run};
    use super::*;

    fn texts(query: &str) -> Vec<(String, Vec<String>)> {
        formulas(&run(query), &look())
            .into_iter()
            .map(|(title, lines)| (title, lines.iter().map(Math::text).collect()))
            .collect()
    }

    #[test]
    fn the_size_formula_holds_these_numbers_and_its_floor() {
        let found = texts("stride=2&padding=1");
        assert_eq!(found[0].0, "Output size");
        assert_eq!(found[0].1[1], "= ⌊(8 + 2 · 1 − 1 · (3 − 1) − 1) / (2)⌋ + 1");
        assert_eq!(found[0].1[2..4], ["= ⌊3.5⌋ + 1".to_string(), "= 4".to_string()]);
    }

    #[test]
    fn two_axes_that_differ_have_two_formulas() {
        let found = texts("size=9,12&kernel_size=2,5&stride=1,3&padding=0,1,2,2&dilation=3,1");
        assert_eq!(found[0].0, "Output height");
        assert_eq!(found[0].1[1], "= ⌊(9 + 0 + 1 − 3 · (2 − 1) − 1) / (1)⌋ + 1");
        assert_eq!(found[1].0, "Output width");
        assert_eq!(found[1].1[1], "= ⌊(12 + 2 · 2 − 1 · (5 − 1) − 1) / (3)⌋ + 1");
        assert_eq!(found[1].1[3], "= 4");
    }

    #[test]
    fn words_say_how_their_pads_come_about() {
        let same = texts("padding=same&kernel_size=4");
        assert_eq!(same[1].1, ["p = 1 · (4 − 1) = 3", "⌊(3) / (2)⌋ = 1 , 3 − 1 = 2"]);
        let tf = texts("padding=same_tf&stride=3");
        assert_eq!(tf[1].1[0], "⌈ (8) / (3) ⌉ = 3");
        assert_eq!(tf[1].1[1], "p = max (0 , (3 − 1) · 3 + 1 · (3 − 1) + 1 − 8) = 1");
        assert_eq!(texts("padding=full")[1].1[0], "d · (k − 1) = 1 · (3 − 1) = 2");
    }

    #[test]
    fn the_flip_turns_the_kernel_s_indices() {
        let plain = texts("stride=2");
        assert_eq!(plain[1].0, "Cross-correlation, as computed here");
        assert_eq!(plain[1].1[0], "y_i,j = Σ[a = 0 … 2] Σ[b = 0 … 2] x_2i+a,2j+b · w_a,b");
        let turned = texts("flip=1&bias=-2&activation=relu");
        assert!(turned[1].1[0].contains("w_2−a,2−b + bias"), "{turned:?}");
        assert!(turned[1].1[1].contains("ReLU (") && turned[1].1[1].contains("− 2"), "{turned:?}");
    }
}
