//! Numbers, formulas and sentences that belong to a state of the lab.

mod answer;
mod cost;
mod equation;
mod facts;
mod formulas;
mod notes;

pub use answer::{kernel_says, pair, times};
pub use facts::{facts, impulse_shift, joints, largest};

use super::{Convolution, snippets};
use crate::stage::insight::Insight;
use crate::stage::lab::{Look, Ran};

/// What stands beside the figures.
pub fn insight(run: &Ran<Convolution>, look: &Look) -> Insight {
    Insight {
        equation: equation::pieces(run, look),
        answer: answer::answer(run, look),
        formulas: formulas::formulas(run, look),
        notes: notes::notes(run, look),
        tables: cost::tables(run, look),
        snippets: snippets::list(run, look.lang),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use crate::labs::LABS;
    use crate::labs::convolution::{compute, params::Params};
    use crate::stage::control::{Controls, Values};
    use crate::stage::lab::{Data, Lab};
    use crate::stage::link;
    use crate::stage::text::Lang;

    /// The state that a link's query describes.
    pub fn run(query: &str) -> Ran<Convolution> {
        let link = link::read(&format!("#/convolution?{query}"), LABS, &Data::new());
        assert!(link.problems.is_empty(), "{query}: {:?}", link.problems);
        let params = Params::read(&link.setup.values);
        let output = compute::compute(&params, link.setup.seed, &Data::new(), None).unwrap();
        Ran { params, seed: link.setup.seed, output, beside: None }
    }

    /// English, on a desk.
    pub fn look() -> Look<'static> {
        Look { lang: Lang::En, width: 760.0, font: 12.0, stroke: 1.0, focus: None, step: 0 }
    }

    /// Random settings that can be computed, of inputs that are not too large for a test.
    pub fn random_runs(n: usize, seed: u64) -> Vec<Ran<Convolution>> {
        use crate::labs::convolution::params;
        let mut random = Random::new(seed);
        let mut list = Vec::new();
        while list.len() < n {
            let controls = Params::CONTROLS;
            let mut values = Values::defaults(controls);
            for (index, control) in controls.iter().enumerate() {
                if random.below(2) == 0 {
                    continue;
                }
                let value = control.random(&mut |n| random.below(n));
                let before = Params::read(&values);
                let mut after = Params::read(&values.with(index, value));
                Convolution::settle(&before, &mut after, &Data::new());
                values = after.write();
            }
            let (params, seed) = (Params::read(&values), list.len() as u64);
            if params::check(&params, &Data::new()).is_ok() && params.size.0 * params.size.1 <= 20_000 {
                let output = compute::compute(&params, seed, &Data::new(), None).unwrap();
                list.push(Ran { params, seed, output, beside: None });
            }
        }
        list
    }

    /// Whatever can be set is explained in whole sentences with finite numbers.
    #[test]
    fn every_setting_explains_itself() {
        for (at, run) in random_runs(150, 11).into_iter().enumerate() {
            let what = format!("{:?}", run.params);
            assert!(facts(&run).iter().all(|(_, v)| v.is_finite()), "{what}");
            let look = Look { lang: Lang::ALL[at % 2], ..look() };
            let insight = insight(&run, &look);
            let said = format!(
                "{:?} {} {:?} {:?} {:?}",
                insight.equation, insight.answer, insight.notes, insight.tables, insight.formulas
            );
            assert!(!insight.answer.is_empty() && insight.formulas.len() >= 2, "{what}");
            for word in ["NaN", "∞", "{n", "{h", "{s", "{w"] {
                assert!(!said.contains(word), "{what}: {said}");
            }
            let asked = crate::labs::convolution::challenges::challenge(&run, at as u64, look.lang);
            assert_eq!(asked.unwrap().options.iter().filter(|a| a.right).count(), 1, "{what}");
        }
    }

    fn fact(query: &str, name: &str) -> f64 {
        facts(&run(query)).into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
    }

    #[test]
    fn facts_are_those_of_pytorch_s_layer() {
        let query = "stride=2&padding=1&bias=3";
        for (name, expected) in [
            ("output_height", 4.0),
            ("output_width", 4.0),
            ("parameters", 10.0),
            ("macs", 144.0),
            ("bytes", 4.0 * (64.0 + 9.0 + 16.0)),
            ("unread_rows", 1.0),
            ("padded_height", 10.0),
            ("pad_right", 1.0),
            ("inputs_per_output", 9.0),
            ("rank", 1.0),
            ("separable", 1.0),
            ("usage_min", 1.0),
            ("usage_max", 4.0),
        ] {
            assert_eq!(fact(query, name), expected, "{name}");
        }
    }

    #[test]
    fn density_counts_distinct_cells() {
        // Without padding every output reads k² of the inputs.
        assert_eq!(fact("kernel_size=3&size=8", "density"), 9.0 / 64.0);
        // Replicated border cells are read several times and count once.
        let run = run("padding=2&padding_mode=replicate&size=5,6&kernel_size=3&stride=2,1");
        let (oh, ow) = run.output.size();
        let mut entries = 0;
        for r in 0..oh {
            for c in 0..ow {
                let mut cells: Vec<_> =
                    run.output.reads(&run.params, r, c).iter().filter_map(|read| read.source).collect();
                cells.sort_unstable();
                cells.dedup();
                entries += cells.len();
            }
        }
        assert_eq!(joints(&run.params, &run.output).entries, entries as u64);
    }

    #[test]
    fn an_even_kernel_answers_half_a_cell_beside() {
        for (query, expected) in [
            ("kernel=box&kernel_size=3&padding=same", 0.0),
            ("kernel=box&kernel_size=3", 0.0),
            ("kernel=gaussian&kernel_size=5&padding=2&size=11", 0.0),
            ("kernel=box&kernel_size=2&padding=same", -0.5),
            ("kernel=box&kernel_size=4&padding=2", -0.5),
            ("kernel=box&kernel_size=2&dilation=2", 0.0),
            ("kernel=box&kernel_size=3&padding=1&stride=2&size=9", 0.0),
            // Correlation with a one to the right of the middle brings the answer one cell to the left.
            ("kernel=shift&padding=same", -1.0),
            ("kernel=shift&padding=same&flip=1", 1.0),
        ] {
            let columns = fact(&format!("input=impulse&{query}"), "shift_columns");
            assert!((columns - expected).abs() < 1e-6, "{query}: {columns}");
        }
        assert!(fact("kernel=box", "shift_columns").is_nan());
    }

    #[test]
    fn linear_layers_have_no_defect() {
        assert_eq!(fact("panel=linearity", "linearity_defect"), 0.0);
        assert_eq!(fact("panel=linearity&bias=2", "linearity_defect"), 2.0);
        assert!(fact("panel=linearity&activation=relu", "linearity_defect") > 1.0);
        assert_eq!(fact("panel=flip&kernel=gaussian", "flip_difference"), 0.0);
        assert!(fact("panel=flip", "flip_difference") > 0.0);
    }
}
