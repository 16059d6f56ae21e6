//! What the layer costs, and what its kernel is made of.

use super::facts::{impulse_shift, joints, kernel_sum, largest};
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::Extra;
use crate::labs::convolution::text::Text;
use crate::stage::insight::Fact;
use crate::stage::lab::{Look, Ran};
use crate::stage::text::{bytes, count, fill, number, percent};

/// Titled lists of facts. The app adds the measured time.
pub fn tables(run: &Ran<Convolution>, look: &Look) -> Vec<(String, Vec<Fact>)> {
    let t = Text::of(look.lang);
    let mut list = vec![(t.cost.into(), cost(run, t)), (t.kernel_table.into(), kernel(run, t))];
    let measured = measured(run, t);
    if !measured.is_empty() {
        list.push((t.measured.into(), measured));
    }
    list
}

fn fact(name: &'static str, label: &str, detail: String, value: String) -> Fact {
    Fact { name, label: label.into(), detail, value }
}

fn cost(run: &Ran<Convolution>, t: &Text) -> Vec<Fact> {
    let (p, o) = (&run.params, &run.output);
    let ((kh, kw), (oh, ow), (h, w)) = (p.kernel_size, o.size(), p.size);
    let (taps, outputs, inputs) = (kh * kw, oh * ow, h * w);
    let whole = |n: usize| count(n as f64);
    let bias = if p.bias == 0.0 { t.no_bias } else { t.with_bias };
    let joints = joints(p, o);
    vec![
        fact("output_height", t.output_size, String::new(), format!("{oh} × {ow}")),
        fact(
            "parameters",
            t.parameters,
            fill(bias, &[("kh", kh.to_string()), ("kw", kw.to_string())]),
            whole(taps + usize::from(p.bias != 0.0)),
        ),
        fact("macs", t.multiply_adds, format!("{}·{}", whole(outputs), taps), whole(outputs * taps)),
        fact("bytes", t.memory, t.memory_of.into(), bytes(4.0 * (inputs + taps + outputs) as f64)),
        fact(
            "inputs_per_output",
            t.inputs_seen,
            String::new(),
            fill(t.of, &[("n", whole(joints.widest)), ("total", whole(inputs))]),
        ),
        fact(
            "density",
            t.density,
            t.density_of.into(),
            percent(joints.entries as f64 / joints.all.max(1) as f64),
        ),
    ]
}

fn kernel(run: &Ran<Convolution>, t: &Text) -> Vec<Fact> {
    let (p, o) = (&run.params, &run.output);
    let found = &o.separability;
    let (kh, kw) = p.kernel_size;
    let mut list = vec![
        fact("kernel_sum", t.sum_of_weights, String::new(), number(kernel_sum(p), 3)),
        fact(
            "rank",
            t.rank,
            String::new(),
            fill(t.of, &[("n", found.rank.to_string()), ("total", kh.min(kw).to_string())]),
        ),
    ];
    if found.rank == 1 && kh > 1 && kw > 1 {
        let factors = format!("{}ᵀ · {}", vector(&found.column), vector(&found.row));
        list.push(fact("separable", t.factors, factors, format!("{} → {}", kh * kw, kh + kw)));
    }
    list
}

/// `[1 2 1]`; of a long one its ends.
fn vector(values: &[f32]) -> String {
    let texts: Vec<String> = values.iter().map(|v| number(f64::from(*v), 2)).collect();
    match texts.len() {
        0..=7 => format!("[{}]", texts.join(" ")),
        n => format!("[{} … {}]", texts[..3].join(" "), texts[n - 2..].join(" ")),
    }
}

fn measured(run: &Ran<Convolution>, t: &Text) -> Vec<Fact> {
    let (p, o) = (&run.params, &run.output);
    let mut list = Vec::new();
    match &o.extra {
        Extra::Flip { difference, .. } => {
            let value = number(largest(difference), 4);
            list.push(fact("flip_difference", t.largest_difference, t.flip_of.into(), value));
        }
        Extra::Linearity { defect, .. } => {
            let value = number(largest(defect), 4);
            list.push(fact("linearity_defect", t.largest_difference, t.defect_of.into(), value));
        }
        Extra::None | Extra::Modes(_) => {}
    }
    if let Some((rows, columns)) = impulse_shift(p, o) {
        list.push(fact("shift_rows", t.shift_rows, t.shift_of.into(), number(rows, 2)));
        list.push(fact("shift_columns", t.shift_columns, t.shift_of.into(), number(columns, 2)));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::super::tests::{look, run};
    use super::*;

    #[test]
    fn every_fact_has_a_stable_name_and_the_numbers_of_the_facts() {
        for query in [
            "",
            "bias=1&stride=2",
            "input=impulse&panel=flip",
            "panel=linearity&kernel=gaussian&kernel_size=9&size=12",
        ] {
            let run = run(query);
            let facts = super::super::facts(&run);
            for (title, list) in tables(&run, &look()) {
                assert!(!title.is_empty() && !list.is_empty());
                for fact in list {
                    assert!(facts.iter().any(|(name, _)| *name == fact.name), "{}", fact.name);
                    assert!(!fact.value.is_empty() && !fact.detail.contains('{'), "{fact:?}");
                }
            }
        }
    }

    #[test]
    fn the_cost_of_the_study_s_layer() {
        let run = run("stride=2&padding=1");
        let list = cost(&run, Text::of(look().lang));
        let value = |name: &str| list.iter().find(|f| f.name == name).map(|f| f.value.clone()).unwrap();
        assert_eq!(
            (value("parameters"), value("macs"), value("inputs_per_output")),
            ("9".into(), "144".into(), "9 of 64".into())
        );
        assert_eq!(value("density"), "11.8 %");
        assert_eq!(vector(&[1.0, 2.0, 1.0]), "[1 2 1]");
        assert_eq!(vector(&[0.5; 9]), "[0.5 0.5 0.5 … 0.5 0.5]");
    }
}
