//! Reverse-mode automatic differentiation over the operators.
//!
//! A [`Tape`] owns every value that was computed on it, and remembers with each how its gradient is sent back to what
//! it was computed from. Nothing is declared before it is computed, and nothing is global: two tapes know nothing of
//! each other. (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3; define-by-run as in PyTorch.)

mod images;
mod norms;
mod numbers;
mod shapes;
#[cfg(test)]
mod tests;
mod tokens;
#[cfg(test)]
mod training_tests;

use ndarray::{Array, Array4, Dimension, Ix1, Ix2, Ix4, IxDyn};

use crate::core::tensor::{Error, Map, Tensor, checked_elements};

/// A value on a tape. It means something only to the tape that gave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(usize);

/// Sends a gradient back: from the inputs, the output and its gradient to the gradient of each input, in their order.
type Backward = Box<dyn Fn(&[&Tensor], &Tensor, &Tensor) -> Result<Vec<Tensor>, Error>>;

struct Node {
    value: Tensor,
    inputs: Vec<Var>,
    /// `None` for what was given rather than computed, and for what depends on no parameter.
    backward: Option<Backward>,
    /// Whether a gradient is wanted: it is a parameter, or depends on one.
    tracked: bool,
}

/// What was computed, in its order.
///
/// ```
/// use receptive::core::ops::Activation;
/// use receptive::core::tape::Tape;
/// let mut tape = Tape::new();
/// let x = tape.constant(ndarray::arr2(&[[1.0, 2.0]]).into_dyn());
/// let weight = tape.parameter(ndarray::arr2(&[[3.0, -1.0], [0.0, -1.0]]).into_dyn());
/// let hidden = tape.linear(x, weight, None)?; // 1, -2
/// let hidden = tape.activation(hidden, Activation::Relu)?;
/// let loss = tape.sum(hidden)?;
/// let grads = tape.backward(loss)?;
/// assert_eq!(grads.of(weight), Some(&ndarray::arr2(&[[1.0, 2.0], [0.0, 0.0]]).into_dyn()));
/// assert_eq!(grads.of(x), None); // constants have none
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Default)]
pub struct Tape {
    nodes: Vec<Node>,
}

/// The gradients of one value with respect to those it was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients(Vec<Option<Tensor>>);

impl Gradients {
    /// The gradient with respect to `var`, of its shape. `None` when the value doesn't depend on it, or when it is a
    /// constant.
    pub fn of(&self, var: Var) -> Option<&Tensor> {
        self.0.get(var.0)?.as_ref()
    }

    /// [`Gradients::of`], taken out.
    pub fn take(&mut self, var: Var) -> Option<Tensor> {
        self.0.get_mut(var.0)?.take()
    }
}

impl Tape {
    /// An empty tape.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value whose gradient is wanted.
    pub fn parameter(&mut self, value: Tensor) -> Var {
        self.given(value, true)
    }

    /// A value whose gradient is not wanted: data, targets, masks.
    pub fn constant(&mut self, value: Tensor) -> Var {
        self.given(value, false)
    }

    fn given(&mut self, value: Tensor, tracked: bool) -> Var {
        self.nodes.push(Node { value, inputs: vec![], backward: None, tracked });
        Var(self.nodes.len() - 1)
    }

    /// How many values are on the tape.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is on the tape.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What was computed.
    ///
    /// Errors: [`Error::IndexOutOfRange`] for a variable of another tape, as far as that can be seen.
    pub fn value(&self, var: Var) -> Result<&Tensor, Error> {
        Ok(&self.node(var)?.value)
    }

    fn node(&self, var: Var) -> Result<&Node, Error> {
        self.nodes.get(var.0).ok_or(Error::IndexOutOfRange {
            name: "var",
            index: i64::try_from(var.0).unwrap_or(i64::MAX),
            size: self.nodes.len(),
        })
    }

    /// Records a value and how its gradient goes back.
    fn record(
        &mut self,
        value: Tensor,
        inputs: Vec<Var>,
        backward: impl Fn(&[&Tensor], &Tensor, &Tensor) -> Result<Vec<Tensor>, Error> + 'static,
    ) -> Result<Var, Error> {
        let mut tracked = false;
        for &input in &inputs {
            tracked |= self.node(input)?.tracked;
        }
        let backward: Option<Backward> = if tracked { Some(Box::new(backward)) } else { None };
        self.nodes.push(Node { value, inputs, backward, tracked });
        Ok(Var(self.nodes.len() - 1))
    }

    /// The gradients of a single number, such as a loss.
    ///
    /// Errors: `loss` holds not exactly one number; those of [`Tape::backward_from`].
    pub fn backward(&self, loss: Var) -> Result<Gradients, Error> {
        let value = self.value(loss)?;
        if value.len() != 1 {
            let got = value.shape().to_vec();
            return Err(Error::ShapeMismatch { name: "loss", expected: vec![], got });
        }
        self.backward_from(loss, Tensor::ones(value.raw_dim()))
    }

    /// The gradients of `sum(output * grad_output)`.
    ///
    /// Errors: `grad_output` has another shape than the value of `output`.
    pub fn backward_from(&self, output: Var, grad_output: Tensor) -> Result<Gradients, Error> {
        expect_shape("grad_output", grad_output.shape(), self.value(output)?.shape())?;
        let mut grads: Vec<Option<Tensor>> = self.nodes.iter().map(|_| None).collect();
        grads[output.0] = Some(grad_output);
        // Nothing depends on what was computed later, so one pass from the last to the first is enough.
        for (at, node) in self.nodes.iter().enumerate().take(output.0 + 1).rev() {
            let (Some(backward), Some(grad)) = (&node.backward, &grads[at]) else { continue };
            let inputs = node.inputs.iter().map(|&var| self.value(var)).collect::<Result<Vec<_>, _>>()?;
            let shares = backward(&inputs, &node.value, grad)?;
            for (&input, share) in node.inputs.iter().zip(shares) {
                if self.node(input)?.tracked {
                    let grad = &mut grads[input.0];
                    *grad = Some(match grad.take() {
                        Some(sum) => sum + share,
                        None => share,
                    });
                }
            }
        }
        for (grad, node) in grads.iter_mut().zip(&self.nodes) {
            if !node.tracked {
                *grad = None;
            }
        }
        Ok(Gradients(grads))
    }

    /// A copy of a value of a fixed rank.
    fn of_rank<D: Dimension>(
        &self,
        var: Var,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Array<f32, D>, Error> {
        of_rank(self.value(var)?, name, expected)
    }

    /// A copy of a bias or the like, when there is one.
    fn vector(&self, var: Option<Var>, name: &'static str) -> Result<Option<Vec<f32>>, Error> {
        var.map(|var| vector(self.value(var)?, name)).transpose()
    }
}

fn of_rank<D: Dimension>(
    value: &Tensor,
    name: &'static str,
    expected: &'static str,
) -> Result<Array<f32, D>, Error> {
    let wrong = |_| Error::WrongRank { name, expected, got: value.shape().to_vec() };
    let value: Tensor = value.as_standard_layout().into_owned();
    value.into_dimensionality::<D>().map_err(wrong)
}

fn images(value: &Tensor, name: &'static str) -> Result<Array4<f32>, Error> {
    of_rank::<Ix4>(value, name, "[n, c, h, w]")
}

fn matrix(value: &Tensor, name: &'static str) -> Result<Map, Error> {
    of_rank::<Ix2>(value, name, "[rows, columns]")
}

fn vector(value: &Tensor, name: &'static str) -> Result<Vec<f32>, Error> {
    Ok(of_rank::<Ix1>(value, name, "[n]")?.into_raw_vec_and_offset().0)
}

/// `input` and `weight`, and `bias` when there is one.
fn with_optional<const N: usize>(always: [Var; N], optional: &[Option<Var>]) -> Vec<Var> {
    always.into_iter().chain(optional.iter().flatten().copied()).collect()
}

fn expect_shape(name: &'static str, got: &[usize], expected: &[usize]) -> Result<(), Error> {
    if got == expected {
        return Ok(());
    }
    Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got: got.to_vec() })
}

/// A tensor of these numbers, which must be as many as the shape says.
fn tensor(shape: &[usize], numbers: Vec<f32>) -> Result<Tensor, Error> {
    checked_elements(shape)?;
    let got = vec![numbers.len()];
    Tensor::from_shape_vec(IxDyn(shape), numbers).map_err(|_| Error::ShapeMismatch {
        name: "shape",
        expected: shape.to_vec(),
        got,
    })
}
