//! What the learner takes away as a file: names that tell the state, tables, and the state itself.

use super::lab::{Experiment, Shared};

/// Longest name of a file without its ending.
const LONGEST_NAME: usize = 96;

/// A file's name from the lab, its link's query, what is in it and its ending:
/// `receptive-convolution-stride_2-padding_1-output.csv`.
pub fn name(slug: &str, query: &str, what: &str, ending: &str) -> String {
    let plain = |text: &str| {
        let mut out = String::new();
        for c in text.chars() {
            let c = if c.is_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
            if c != '-' || !out.ends_with('-') {
                out.push(c);
            }
        }
        out.trim_matches('-').to_string()
    };
    let mut state = String::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let part = plain(&pair.replace('=', "_"));
        let room = LONGEST_NAME.saturating_sub(slug.len() + what.len() + 14);
        if state.chars().count() + part.chars().count() > room {
            break;
        }
        state = state + "-" + &part;
    }
    format!("receptive-{}{state}-{}.{ending}", plain(slug), plain(what))
}

/// A tensor as comma-separated values: a column for each index, one for the value, a row for each number.
pub fn csv(tensor: &Shared) -> String {
    let names: &[&str] = match tensor.ndim() {
        4 => &["n", "c", "h", "w"],
        3 => &["c", "h", "w"],
        2 => &["h", "w"],
        1 => &["i"],
        _ => &[],
    };
    let mut text: String = (0..tensor.ndim())
        .map(|axis| names.get(axis).map_or_else(|| format!("axis{axis},"), |name| format!("{name},")))
        .collect();
    text += "value\n";
    for (index, value) in tensor.indexed_iter() {
        for at in 0..tensor.ndim() {
            text += &format!("{},", index[at]);
        }
        text += &format!("{value}\n");
    }
    text
}

/// The state as JSON: the link, the facts, and the shapes of the tensors.
pub fn json(address: &str, experiment: &dyn Experiment) -> String {
    let quoted = |text: &str| {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                c if c < ' ' => out += &format!("\\u{:04x}", c as u32),
                c => out.push(c),
            }
        }
        out + "\""
    };
    let number = |v: f64| if v.is_finite() { v.to_string() } else { "null".into() };
    let facts = experiment.facts().into_iter().map(|(name, v)| format!("{}:{}", quoted(name), number(v)));
    let tensors = experiment.tensors().into_iter().map(|(name, t)| {
        let shape: Vec<String> = t.shape().iter().map(usize::to_string).collect();
        format!("{}:[{}]", quoted(name), shape.join(","))
    });
    format!(
        "{{\"link\":{},\"facts\":{{{}}},\"tensors\":{{{}}}}}\n",
        quoted(address),
        facts.collect::<Vec<_>>().join(","),
        tensors.collect::<Vec<_>>().join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{ArrayD, IxDyn};

    #[test]
    fn names_tell_the_state_and_stay_short() {
        assert_eq!(
            name("convolution", "stride=2&padding=1,2&kernel=sobel_x", "main", "png"),
            "receptive-convolution-stride_2-padding_1-2-kernel_sobel_x-main.png"
        );
        assert_eq!(name("pooling", "", "output", "csv"), "receptive-pooling-output.csv");
        let long = name("attention", &format!("text={}&num_heads=2", "a/../b ".repeat(90)), "main", "svg");
        assert!(long.len() <= 110 && !long.contains('/') && !long.contains(' '), "{long}");
    }

    #[test]
    fn a_table_has_a_row_for_each_number() {
        let t =
            ArrayD::from_shape_fn(IxDyn(&[1, 2, 1, 2]), |i| i[1] as f32 + 0.5 * i[3] as f32).into_shared();
        assert_eq!(csv(&t), "n,c,h,w,value\n0,0,0,0,0\n0,0,0,1,0.5\n0,1,0,0,1\n0,1,0,1,1.5\n");
    }
}
