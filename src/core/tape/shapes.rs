//! What moves numbers without changing them.

use ndarray::{Axis as At, Slice, concatenate};

use crate::core::tape::{Tape, Var, tensor};
use crate::core::tensor::{Error, Tensor, checked_elements};

impl Tape {
    /// The same numbers in row-major order, in another shape.
    ///
    /// Errors: the shape holds another number of them.
    pub fn reshape(&mut self, x: Var, shape: &[usize]) -> Result<Var, Error> {
        let value = self.value(x)?;
        if checked_elements(shape)? != value.len() {
            let (expected, got) = (shape.to_vec(), value.shape().to_vec());
            return Err(Error::ShapeMismatch { name: "input", expected, got });
        }
        let y = tensor(shape, value.iter().copied().collect())?;
        self.record(y, vec![x], |inputs, _, grad| {
            Ok(vec![tensor(inputs[0].shape(), grad.iter().copied().collect())?])
        })
    }

    /// Axis `i` of the result is axis `dims[i]` of `x`.
    ///
    /// Errors: `dims` doesn't name every axis once.
    pub fn permute(&mut self, x: Var, dims: &[usize]) -> Result<Var, Error> {
        let value = self.value(x)?;
        let mut sorted = dims.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..value.ndim()) {
            let expected = (0..value.ndim()).collect();
            return Err(Error::ShapeMismatch { name: "dims", expected, got: dims.to_vec() });
        }
        let y = permuted(value, dims);
        let mut back = vec![0; dims.len()];
        for (to, &from) in dims.iter().enumerate() {
            back[from] = to;
        }
        self.record(y, vec![x], move |_, _, grad| Ok(vec![permuted(grad, &back)]))
    }

    /// One behind the other along the axis `dim`; all other axes must be of the same sizes.
    ///
    /// Errors: no variable, a `dim` that doesn't exist, or shapes that don't fit each other.
    pub fn concatenate(&mut self, vars: &[Var], dim: usize) -> Result<Var, Error> {
        let values = vars.iter().map(|&var| self.value(var)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = values.first() else { return Err(Error::Zero { name: "tensors" }) };
        check_dim(first, dim)?;
        let mut shape = first.shape().to_vec();
        shape[dim] = 0;
        for value in &values {
            let along = value.shape().get(dim).copied().unwrap_or(0);
            let mut expected = first.shape().to_vec();
            expected[dim] = along;
            if value.shape() != expected {
                return Err(Error::ShapeMismatch { name: "tensors", expected, got: value.shape().to_vec() });
            }
            shape[dim] = shape[dim].saturating_add(along);
        }
        checked_elements(&shape)?;
        let views: Vec<_> = values.iter().map(|value| value.view()).collect();
        let mismatch = |_| Error::ShapeMismatch {
            name: "tensors",
            expected: shape.clone(),
            got: first.shape().to_vec(),
        };
        let y = concatenate(At(dim), &views).map_err(mismatch)?;
        self.record(y, vars.to_vec(), move |inputs, _, grad| {
            let mut start = 0;
            let mut parts = Vec::with_capacity(inputs.len());
            for input in inputs {
                let end = start + input.shape()[dim];
                parts.push(
                    grad.slice_axis(At(dim), Slice::from(start..end)).as_standard_layout().into_owned(),
                );
                start = end;
            }
            Ok(parts)
        })
    }

    /// The `length` entries from `start` on along the axis `dim` (`torch.narrow`).
    ///
    /// Errors: a `dim` that doesn't exist, or entries behind its end.
    pub fn narrow(&mut self, x: Var, dim: usize, start: usize, length: usize) -> Result<Var, Error> {
        let value = self.value(x)?;
        check_dim(value, dim)?;
        let (size, end) = (value.shape()[dim], start.saturating_add(length));
        if end > size {
            let index = i64::try_from(end).unwrap_or(i64::MAX);
            return Err(Error::IndexOutOfRange { name: "start + length", index, size });
        }
        let range = Slice::from(start..end);
        let y = value.slice_axis(At(dim), range).as_standard_layout().into_owned();
        self.record(y, vec![x], move |inputs, _, grad| {
            let mut all = Tensor::zeros(inputs[0].raw_dim());
            all.slice_axis_mut(At(dim), range).assign(grad);
            Ok(vec![all])
        })
    }
}

fn check_dim(value: &Tensor, dim: usize) -> Result<(), Error> {
    if dim < value.ndim() {
        return Ok(());
    }
    let index = i64::try_from(dim).unwrap_or(i64::MAX);
    Err(Error::IndexOutOfRange { name: "dim", index, size: value.ndim() })
}

fn permuted(value: &Tensor, dims: &[usize]) -> Tensor {
    value.view().permuted_axes(dims).as_standard_layout().into_owned()
}
