//! The sum that made one output, written out.

use crate::labs::convolution::Convolution;
use crate::labs::convolution::draw::explained;
use crate::labs::convolution::params::Activation;
use crate::labs::convolution::text::Text;
use crate::labs::convolution::words::labels;
use crate::stage::decimal::decimal;
use crate::stage::insight::Piece;
use crate::stage::lab::{Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{fill, number};

/// More products than this are summed up rather than written out.
pub const MOST: usize = 25;

/// A number as it stands in a product: a negative one in brackets.
fn bracketed(value: f32) -> String {
    let text = written(value);
    if text.starts_with('−') { format!("({text})") } else { text }
}

/// A number of an equation.
pub fn written(value: f32) -> String {
    number(f64::from(value), 3)
}

/// Whether a number is written without rounding it.
pub fn exact(value: f32) -> bool {
    decimal(&written(value).replace('−', "-")).map(|read| read as f32) == Some(value)
}

/// The pieces of `output[r, c] = … = value`. A sum whose numbers had to be rounded says `≈`.
pub fn pieces(run: &Ran<Convolution>, look: &Look) -> Vec<Piece> {
    let (p, o) = (&run.params, &run.output);
    let t = Text::of(look.lang);
    let (row, col) = explained(p, o, look);
    let reads = o.reads(p, row, col);
    let (sum, result) = (value_at(&o.pre_activation, row, col), value_at(&o.output, row, col));
    let mut rounded = !exact(sum) || !exact(p.bias);
    let plain = |text: String| Piece::Plain(text);
    let mut list = vec![plain(format!("output[{row}, {col}] ="))];
    let curve = (p.activation != Activation::None)
        .then(|| labels(look.lang).activation.options[p.activation as usize]);
    if let Some(name) = curve {
        list.push(plain(format!("{name}(")));
    }
    for (at, read) in reads.iter().take(MOST).enumerate() {
        if at > 0 {
            list.push(plain("+".into()));
        }
        rounded |= !exact(read.value) || !exact(read.weight);
        list.push(Piece::Tap {
            index: read.tap,
            of: reads.len(),
            text: format!("{}·{}", bracketed(read.value), bracketed(read.weight)),
            padding: read.padding,
        });
    }
    if reads.len() > MOST {
        let rest: f64 = reads.iter().skip(MOST).map(|r| f64::from(r.value) * f64::from(r.weight)).sum();
        let values = [("n", (reads.len() - MOST).to_string()), ("sum", number(rest, 3))];
        list.push(plain(fill(t.more_products, &values)));
        rounded = true;
    }
    if p.bias != 0.0 {
        let sign = if p.bias < 0.0 { "−" } else { "+" };
        list.push(plain(format!("{sign} {}", written(p.bias.abs()))));
    }
    let equals = |rounded: bool| if rounded { "≈" } else { "=" };
    if let Some(name) = curve {
        list.push(plain(")".into()));
        list.push(plain(equals(rounded).into()));
        list.push(plain(format!("{name}({})", written(sum))));
        rounded |= !exact(result);
    }
    list.push(plain(equals(rounded).into()));
    list.push(Piece::Strong(written(result)));
    list
}

#[cfg(test)]
mod tests {
    use super::super::tests::{look, run};
    use super::*;

    fn taps(pieces: &[Piece]) -> f64 {
        let value = |text: &str| text.replace('−', "-").replace(['(', ')'], "").parse::<f64>().unwrap();
        pieces
            .iter()
            .filter_map(|p| match p {
                Piece::Tap { text, .. } => {
                    let (a, b) = text.split_once('·').unwrap();
                    Some(value(a) * value(b))
                }
                _ => None,
            })
            .sum()
    }

    #[test]
    fn the_products_add_up_to_the_cell() {
        for query in [
            "",
            "flip=1&padding=2",
            "stride=2&padding=1&dilation=2",
            "kernel=random&padding=same&padding_mode=reflect",
        ] {
            let run = run(query);
            let pieces = pieces(&run, &look());
            let (r, c) = explained(&run.params, &run.output, &look());
            let expected = value_at(&run.output.output, r, c);
            assert_eq!(taps(&pieces), f64::from(expected), "{query}");
            assert_eq!(pieces.last(), Some(&Piece::Strong(number(f64::from(expected), 3))));
            assert_eq!(pieces[pieces.len() - 2], Piece::Plain("=".into()), "{query}");
        }
    }

    #[test]
    fn rounding_is_admitted_and_long_sums_are_cut() {
        let run = run("kernel=box&kernel_size=15&size=20");
        let pieces = pieces(&run, &look());
        assert!(pieces.contains(&Piece::Plain("≈".into())));
        assert_eq!(pieces.iter().filter(|p| matches!(p, Piece::Tap { .. })).count(), MOST);
        let text = format!("{pieces:?}");
        assert!(text.contains("200 more"), "{text}");
    }

    #[test]
    fn bias_and_activation_are_written() {
        let run = run("kernel=laplacian&bias=-1.5&activation=relu");
        let texts: Vec<String> = pieces(&run, &look())
            .into_iter()
            .filter_map(|p| if let Piece::Plain(t) = p { Some(t) } else { None })
            .collect();
        assert!(texts.contains(&"− 1.5".into()) && texts.contains(&"ReLU(".into()), "{texts:?}");
    }
}
