//! A published figure printed wrong: the learner finds out how.

use super::Asking;
use super::pictures::{images, side_by_side, signed, weights};
use crate::core::ops::{Conv2d, Pads};
use crate::core::tensor::Map;
use crate::labs::convolution::compute::shared;
use crate::labs::convolution::inputs::Input;
use crate::labs::convolution::kernels::Kernel;
use crate::labs::convolution::params::{Activation, Mode, PaddingWords, Panel, Params};
use crate::stage::challenge::Challenge;
use crate::stage::lab::{Data, Shared};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{fill, number};
use crate::stage::value::{Matrix, PaddingValue};

/// The kernel of the published figure, and the result printed there.
const PUBLISHED_KERNEL: [f32; 9] = [2.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0];
const PRINTED: [[f32; 3]; 3] = [[1.0, 6.0, 5.0], [7.0, 10.0, 9.0], [7.0, 10.0, 8.0]];

/// What is wrong with a published figure, found by computing what each explanation would give.
pub fn published(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let x = images(Input::Published.draw((5, 5), 0, &Data::new()).ok()?);
    let kernel = Matrix::new(3, 3, PUBLISHED_KERNEL.to_vec())?;
    let layer = Conv2d { stride: (2, 2), pads: Pads::all(1), ..Conv2d::default() };
    let of = |layer: Conv2d| layer.forward_single(&x, &weights(&kernel), None).ok().map(shared);
    let right = of(layer)?;
    let claims = [
        (of(layer)?, t.claim_right, t.thought_claim_right),
        (of(Conv2d { stride: (1, 1), ..layer })?, t.claim_stride, t.claim_stride_because),
        (of(Conv2d { flip: true, ..layer })?, t.claim_flip, t.thought_claim_flip),
        (of(Conv2d { pads: Pads::default(), ..layer })?, t.claim_padding, t.thought_claim_padding),
    ];
    let fits = |result: &Shared| (0..9).all(|i| value_at(result, i / 3, i % 3) == PRINTED[i / 3][i % 3]);
    let values = [("right", matrix(&right, 3))];
    let (mut answer, mut wrong) = (None, Vec::new());
    for (result, text, because) in &claims {
        let option = (text.to_string(), fill(because, &values));
        if fits(result) && answer.is_none() { answer = Some(option) } else { wrong.push(option) }
    }
    let options = asking.options(answer?, wrong, false)?;
    let params = Params {
        input: Input::Published,
        size: (5, 5),
        kernel: Kernel::Own,
        kernel_size: (3, 3),
        weight: kernel.clone(),
        bias: 0.0,
        flip: false,
        stride: (2, 2),
        padding: PaddingWords(PaddingValue::Sides([1; 4])),
        padding_mode: Mode::Zeros,
        padding_value: 1.0,
        dilation: (1, 1),
        activation: Activation::None,
        panel: Panel::Matrix,
    };
    let (input, weight) = (shared(x.clone()), shared(weights(&kernel)));
    let printed = shared(images(Map::from_shape_fn((3, 3), |(r, c)| PRINTED[r][c])));
    let scene = side_by_side(&[
        (&input, "asked_input", t.input, signed(&[&input])),
        (&weight, "asked_weight", t.kernel, signed(&[&weight])),
        (&printed, "asked_output", t.printed, signed(&[&printed])),
    ]);
    let picture = Some((scene, t.ask_published_picture.into()));
    Some(Challenge { ask: t.ask_published.into(), picture, options, show: Some(asking.query(&params)) })
}

/// `[1 5 6; 7 8 3; 3 10 4]`.
fn matrix(tensor: &Shared, n: usize) -> String {
    let row = |r| (0..n).map(|c| number(f64::from(value_at(tensor, r, c)), 0)).collect::<Vec<_>>().join(" ");
    format!("[{}]", (0..n).map(row).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::Asking;
    use super::*;
    use crate::core::tensor::Random;
    use crate::labs::convolution::explain::tests::run;
    use crate::labs::convolution::text::Text;
    use crate::stage::text::Lang;

    #[test]
    fn the_published_figure_is_the_corner_of_the_stride_one_result() {
        let run = run("");
        let lang = Lang::En;
        let mut asking = Asking { run: &run, lang, t: Text::of(lang), turn: 0, random: Random::new(1) };
        let asked = published(&mut asking).unwrap();
        let right = asked.options.iter().find(|a| a.right).unwrap();
        assert!(right.text.contains("stride 1"), "{right:?}");
        assert!(right.because.contains("[1 5 6; 7 8 3; 3 10 4]"), "{right:?}");
        let shown = super::super::super::explain::tests::run(&asked.show.unwrap());
        assert_eq!(matrix(&shown.output.output, 3), "[1 5 6; 7 8 3; 3 10 4]");
    }
}
