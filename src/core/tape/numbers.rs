//! What is done number by number on the tape, and sums.

use ndarray::IxDyn;

use crate::core::ops::Nonlinearity;
use crate::core::tape::{Tape, Var};
use crate::core::tensor::{Error, Tensor, checked_elements};

impl Tape {
    /// A function of each number: an [`Activation`](crate::core::ops::Activation) or a [`Nonlinearity`].
    ///
    /// Errors: a variable of another tape.
    pub fn activation(&mut self, x: Var, function: impl Into<Nonlinearity>) -> Result<Var, Error> {
        let function = function.into();
        let y = function.forward(self.value(x)?);
        self.record(y, vec![x], move |inputs, _, grad| Ok(vec![function.backward(inputs[0], grad)?]))
    }

    /// `a + b`, axes of size 1 and missing first axes stretched as in NumPy and PyTorch.
    ///
    /// Errors: [`Error::ShapeMismatch`] when they can't be stretched to a common shape.
    pub fn add(&mut self, a: Var, b: Var) -> Result<Var, Error> {
        let (wide_a, wide_b) = stretched(self.value(a)?, self.value(b)?)?;
        self.record(wide_a + wide_b, vec![a, b], |inputs, _, grad| {
            Ok(vec![gathered(grad, inputs[0].shape()), gathered(grad, inputs[1].shape())])
        })
    }

    /// `a * b`, number by number, stretched as in [`Tape::add`].
    ///
    /// Errors: [`Error::ShapeMismatch`] when they can't be stretched to a common shape.
    pub fn multiply(&mut self, a: Var, b: Var) -> Result<Var, Error> {
        let (wide_a, wide_b) = stretched(self.value(a)?, self.value(b)?)?;
        self.record(wide_a * wide_b, vec![a, b], |inputs, _, grad| {
            let (a, b) = stretched(inputs[0], inputs[1])?;
            Ok(vec![gathered(&(grad * &b), inputs[0].shape()), gathered(&(grad * &a), inputs[1].shape())])
        })
    }

    /// `factor * x`
    ///
    /// Errors: a variable of another tape.
    pub fn scale(&mut self, x: Var, factor: f32) -> Result<Var, Error> {
        let y = self.value(x)? * factor;
        self.record(y, vec![x], move |_, _, grad| Ok(vec![grad * factor]))
    }

    /// The sum of all numbers, a tensor of no axes. Added up in `f64`.
    ///
    /// Errors: a variable of another tape.
    pub fn sum(&mut self, x: Var) -> Result<Var, Error> {
        self.total(x, |_| 1.0)
    }

    /// The mean of all numbers, a tensor of no axes; NaN when there are none.
    ///
    /// Errors: a variable of another tape.
    pub fn mean(&mut self, x: Var) -> Result<Var, Error> {
        self.total(x, |count| 1.0 / count as f64)
    }

    fn total(&mut self, x: Var, share: fn(usize) -> f64) -> Result<Var, Error> {
        let value = self.value(x)?;
        let sum: f64 = value.iter().map(|&x| f64::from(x)).sum();
        let y = if value.is_empty() { share(0) * 0.0 } else { share(value.len()) * sum };
        self.record(Tensor::from_elem(IxDyn(&[]), y as f32), vec![x], move |inputs, _, grad| {
            let each = f64::from(grad.sum()) * share(inputs[0].len());
            Ok(vec![Tensor::from_elem(inputs[0].raw_dim(), each as f32)])
        })
    }
}

/// Both, stretched to their common shape.
fn stretched(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor), Error> {
    let mismatch =
        || Error::ShapeMismatch { name: "other", expected: a.shape().to_vec(), got: b.shape().to_vec() };
    let axes = a.ndim().max(b.ndim());
    let size = |x: &Tensor, axis: usize| {
        (axis + x.ndim()).checked_sub(axes).and_then(|axis| x.shape().get(axis)).copied().unwrap_or(1)
    };
    let mut shape = Vec::with_capacity(axes);
    for axis in 0..axes {
        shape.push(match (size(a, axis), size(b, axis)) {
            (a, b) if a == b => a,
            (1, other) | (other, 1) => other,
            _ => return Err(mismatch()),
        });
    }
    checked_elements(&shape)?;
    let wide = |x: &Tensor| x.broadcast(IxDyn(&shape)).map(|x| x.to_owned()).ok_or_else(mismatch);
    Ok((wide(a)?, wide(b)?))
}

/// The gradient of what was stretched from `shape`: the sum over all its copies.
fn gathered(grad: &Tensor, shape: &[usize]) -> Tensor {
    if grad.shape() == shape {
        return grad.clone();
    }
    let skipped = grad.ndim() - shape.len();
    let mut sums = ndarray::ArrayD::<f64>::zeros(IxDyn(shape));
    let mut at = IxDyn::zeros(shape.len());
    for (index, &grad) in grad.indexed_iter() {
        for (axis, &size) in shape.iter().enumerate() {
            at[axis] = if size == 1 { 0 } else { index[axis + skipped] };
        }
        sums[&at] += f64::from(grad);
    }
    sums.mapv(|sum| sum as f32)
}
