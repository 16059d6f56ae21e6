//! Causal convolution of a signal, each channel for itself, with a memory: what recurrent layers put in front of
//! themselves (ONNX's `CausalConvWithState`; the short convolution of Mamba, Gu and Dao, 2023).

use ndarray::{Axis as At, concatenate, s};

use crate::core::ops::conv_nd::{Conv1d, check_bias, check_grad_output};
use crate::core::ops::windows::split_shape;
use crate::core::tensor::{Axis, Error, Tensor, checked_elements};

/// The gradients of a causal convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct CausalConv1dGrads {
    /// `[n, c, l]`
    pub input: Tensor,
    /// `[c, 1, k]`
    pub weight: Tensor,
    /// `[c]`
    pub bias: Vec<f32>,
    /// Of the state before, `[n, c, k - 1]`.
    pub state: Tensor,
}

/// The sizes `(n, c, l, k)`, when they fit each other.
fn sizes(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
    state: Option<&Tensor>,
) -> Result<(usize, usize, usize, usize), Error> {
    let (n, c, [l]) = split_shape("input", x, "[n, c, l]")?;
    let (weight_c, one, [k]) = split_shape("weight", weight, "[c, 1, k]")?;
    if k == 0 {
        return Err(Error::Zero { name: "kernel_size" });
    }
    if c == 0 {
        return Err(Error::Zero { name: "channels" });
    }
    if l == 0 {
        return Err(Error::EmptyInput { axis: Axis::Length });
    }
    if (weight_c, one) != (c, 1) {
        return Err(Error::ShapeMismatch {
            name: "weight",
            expected: vec![c, 1, k],
            got: weight.shape().to_vec(),
        });
    }
    check_bias(bias, c)?;
    if let Some(state) = state
        && state.shape() != [n, c, k - 1]
    {
        return Err(Error::ShapeMismatch {
            name: "past_state",
            expected: vec![n, c, k - 1],
            got: state.shape().to_vec(),
        });
    }
    checked_elements(&[n, c, l.saturating_add(k - 1)])?;
    Ok((n, c, l, k))
}

/// The state and behind it the input: `[n, c, k - 1 + l]`.
fn remembered(x: &Tensor, (n, c, k): (usize, usize, usize), state: Option<&Tensor>) -> Result<Tensor, Error> {
    let silence = Tensor::zeros(vec![n, c, k - 1]);
    let state = state.unwrap_or(&silence);
    concatenate(At(2), &[state.view(), x.view()]).map_err(|_| Error::ShapeMismatch {
        name: "past_state",
        expected: vec![n, c, k - 1],
        got: state.shape().to_vec(),
    })
}

/// The definition, as loops: each output is a sum over the present and the `k - 1` inputs before it,
///
/// ```text
/// y[n, c, i] = bias[c] + sum over u of weight[c, 0, u] * x[n, c, i - (k - 1) + u]
/// ```
///
/// where inputs before the first are those of `state`, and zero without one. Returns `y`, in the shape of `x`
/// `[n, c, l]`, and the state to go on with: the last `k - 1` inputs, `[n, c, k - 1]`. `weight` is `[c, 1, k]`, `bias`
/// `[c]`. The sum is kept in `f64`.
///
/// Errors: shapes that don't fit each other, an empty input, a kernel without taps.
pub fn causal_conv1d_plain(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
    state: Option<&Tensor>,
) -> Result<(Tensor, Tensor), Error> {
    let (n, c, l, k) = sizes(x, weight, bias, state)?;
    let before = |n: usize, c: usize, steps: usize| {
        state.map_or(0.0, |state| state[[n, c, k - 1 - steps]]) // `steps` before the first input
    };
    let y = Tensor::from_shape_fn(vec![n, c, l], |at| {
        let (n, c, i) = (at[0], at[1], at[2]);
        let mut sum = bias.map_or(0.0, |bias| f64::from(bias[c]));
        for u in 0..k {
            let x = match (i + u).checked_sub(k - 1) {
                Some(input) => x[[n, c, input]],
                None => before(n, c, k - 1 - i - u),
            };
            sum += f64::from(weight[[c, 0, u]]) * f64::from(x);
        }
        sum as f32
    });
    let next = Tensor::from_shape_fn(vec![n, c, k - 1], |at| match (l + at[2]).checked_sub(k - 1) {
        Some(input) => x[[at[0], at[1], input]],
        None => before(at[0], at[1], k - 1 - l - at[2]),
    });
    Ok((y, next))
}

/// The same as [`causal_conv1d_plain`] up to rounding, fast: a depthwise [`Conv1d`] of state and input.
///
/// ```
/// use receptive::core::ops::causal_conv1d;
/// let weight = ndarray::array![[[1.0, 10.0]]].into_dyn();
/// let (y, state) = causal_conv1d(&ndarray::array![[[1.0, 2.0]]].into_dyn(), &weight, None, None)?;
/// assert_eq!(y, ndarray::array![[[10.0, 21.0]]].into_dyn());
/// let (y, _) = causal_conv1d(&ndarray::array![[[3.0]]].into_dyn(), &weight, None, Some(&state))?;
/// assert_eq!(y, ndarray::array![[[32.0]]].into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn causal_conv1d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
    state: Option<&Tensor>,
) -> Result<(Tensor, Tensor), Error> {
    let (n, c, l, k) = sizes(x, weight, bias, state)?;
    let remembered = remembered(x, (n, c, k), state)?;
    let y = Conv1d { groups: c, ..Conv1d::default() }.forward(&remembered, weight, bias)?;
    Ok((y, remembered.slice(s![.., .., l..]).to_owned().into_dyn()))
}

/// The gradients of `sum(y * grad_output) + sum(next state * grad_state)`; without `grad_state` the next state is not
/// used any further.
///
/// Errors: those of [`causal_conv1d`], and gradients of other shapes than what they belong to.
pub fn causal_conv1d_backward(
    x: &Tensor,
    weight: &Tensor,
    state: Option<&Tensor>,
    grad_output: &Tensor,
    grad_state: Option<&Tensor>,
) -> Result<CausalConv1dGrads, Error> {
    let (n, c, l, k) = sizes(x, weight, None, state)?;
    check_grad_output(grad_output, x.shape().to_vec())?;
    let remembered = remembered(x, (n, c, k), state)?;
    let conv = Conv1d { groups: c, ..Conv1d::default() };
    let mut grads = conv.backward(&remembered, weight, grad_output)?;
    if let Some(grad_state) = grad_state {
        if grad_state.shape() != [n, c, k - 1] {
            return Err(Error::ShapeMismatch {
                name: "grad_state",
                expected: vec![n, c, k - 1],
                got: grad_state.shape().to_vec(),
            });
        }
        let mut last = grads.input.slice_mut(s![.., .., l..]);
        last.iter_mut().zip(grad_state).for_each(|(sum, grad)| *sum += grad);
    }
    Ok(CausalConv1dGrads {
        input: grads.input.slice(s![.., .., k - 1..]).to_owned().into_dyn(),
        weight: grads.weight,
        bias: grads.bias,
        state: grads.input.slice(s![.., .., ..k - 1]).to_owned().into_dyn(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    fn fill(random: &mut Random, shape: &[usize]) -> Tensor {
        Tensor::from_shape_simple_fn(shape, || random.range(-1.0, 1.0))
    }

    fn close(a: &Tensor, b: &Tensor) -> bool {
        a.shape() == b.shape() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn fast_is_plain_and_pieces_are_the_whole() {
        let mut random = Random::new(431);
        for _ in 0..100 {
            let (n, c, k) = (1 + random.below(2), 1 + random.below(3), 1 + random.below(5));
            let l = 1 + random.below(7);
            let x = fill(&mut random, &[n, c, l]);
            let weight = fill(&mut random, &[c, 1, k]);
            let bias: Vec<f32> = (0..c).map(|_| random.range(-1.0, 1.0)).collect();
            let before = fill(&mut random, &[n, c, k - 1]);
            let before = (random.below(3) > 0).then_some(&before);
            let (y, state) = causal_conv1d(&x, &weight, Some(&bias), before).unwrap();
            let (plain, plain_state) = causal_conv1d_plain(&x, &weight, Some(&bias), before).unwrap();
            assert!(close(&y, &plain), "{y} {plain}");
            assert_eq!(state, plain_state);
            // one step after the other
            let mut memory = before.cloned();
            for i in 0..l {
                let step = x.slice(s![.., .., i..i + 1]).to_owned().into_dyn();
                let (one, next) = causal_conv1d(&step, &weight, Some(&bias), memory.as_ref()).unwrap();
                assert!(close(&one, &y.slice(s![.., .., i..i + 1]).to_owned().into_dyn()));
                memory = Some(next);
            }
            assert_eq!(memory.unwrap(), state);
        }
    }

    /// Linear in each input: a step of one gives the slope.
    #[test]
    fn gradients_are_differences() {
        let mut random = Random::new(432);
        for _ in 0..40 {
            let (c, k, l) = (1 + random.below(2), 1 + random.below(4), 1 + random.below(5));
            let mut tensors = [
                fill(&mut random, &[2, c, l]),
                fill(&mut random, &[c, 1, k]),
                fill(&mut random, &[2, c, k - 1]),
            ];
            let (grad_y, grad_state) = (fill(&mut random, &[2, c, l]), fill(&mut random, &[2, c, k - 1]));
            let loss = |[x, weight, state]: &[Tensor; 3]| {
                let (y, next) = causal_conv1d_plain(x, weight, None, Some(state)).unwrap();
                (y * &grad_y).sum() + (next * &grad_state).sum()
            };
            let [x, weight, state] = &tensors;
            let grads = causal_conv1d_backward(x, weight, Some(state), &grad_y, Some(&grad_state)).unwrap();
            for (which, grad) in [&grads.input, &grads.weight, &grads.state].into_iter().enumerate() {
                for (i, grad) in grad.iter().enumerate() {
                    let mut moved = |by: f32| {
                        *tensors[which].iter_mut().nth(i).unwrap() += by;
                        let loss = loss(&tensors);
                        *tensors[which].iter_mut().nth(i).unwrap() -= by;
                        loss
                    };
                    let slope = (moved(1.0) - moved(-1.0)) / 2.0;
                    assert!((slope - grad).abs() < 1e-4, "{which} {i}: {slope}, not {grad}");
                }
            }
            assert!((grads.bias.iter().sum::<f32>() - grad_y.sum()).abs() < 1e-4);
        }
    }

    #[test]
    fn refusals() {
        let shaped = |shape: &[usize]| Tensor::zeros(shape);
        let run = |x: &[usize], w: &[usize], s: &[usize]| {
            causal_conv1d(&shaped(x), &shaped(w), None, Some(&shaped(s)))
        };
        assert!(run(&[1, 2, 3], &[2, 1, 4], &[1, 2, 3]).is_ok());
        assert!(matches!(run(&[1, 2], &[2, 1, 4], &[1, 2, 3]), Err(Error::WrongRank { .. })));
        let axis = Axis::Length;
        assert_eq!(run(&[1, 2, 0], &[2, 1, 4], &[1, 2, 3]), Err(Error::EmptyInput { axis }));
        assert_eq!(run(&[1, 2, 3], &[2, 1, 0], &[1, 2, 0]), Err(Error::Zero { name: "kernel_size" }));
        for (w, s) in [([2, 2, 4], [1, 2, 3]), ([3, 1, 4], [1, 2, 3]), ([2, 1, 4], [1, 2, 4])] {
            assert!(matches!(run(&[1, 2, 3], &w, &s), Err(Error::ShapeMismatch { .. })));
        }
    }
}
