//! One formula in two precisions: `f64` is the definition that others are measured against, `f32` with the fast matrix
//! product is what the page computes with.

use ndarray::{Array2, Array4, ArrayView2, CowArray, Ix2, NdFloat};

use crate::core::ops::attention::{Attended, Attention, AttentionGrads};
use crate::core::ops::attention_mask::Mask;
use crate::core::ops::gemm::{Matrix, gemm};
use crate::core::tensor::Error;

/// `f32` or `f64`.
pub(crate) trait Number: NdFloat {
    /// The same number, in this precision.
    fn of(x: f32) -> Self;

    /// The nearest number of this precision.
    fn nearest(x: f64) -> Self;

    /// The same number as `f64`.
    fn wide(self) -> f64;

    /// The nearest `f32`.
    fn narrow(self) -> f32 {
        self.wide() as f32
    }

    /// The matrix `a b`.
    fn product(a: ArrayView2<'_, Self>, b: ArrayView2<'_, Self>) -> Array2<Self>;

    /// [`Attention::forward`] in this precision.
    fn attend(
        attention: &Attention,
        qkv: [&Array4<Self>; 3],
        masks: &[Mask<'_>],
    ) -> Result<Attended<Self>, Error>;

    /// [`Attention::backward`] in this precision.
    fn attend_backward(
        attention: &Attention,
        qkv: [&Array4<Self>; 3],
        masks: &[Mask<'_>],
        grad_output: &Array4<Self>,
    ) -> Result<AttentionGrads<Self>, Error>;
}

impl Number for f64 {
    fn of(x: f32) -> Self {
        f64::from(x)
    }

    fn nearest(x: f64) -> Self {
        x
    }

    fn wide(self) -> f64 {
        self
    }

    fn product(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
        a.dot(&b)
    }

    fn attend(
        attention: &Attention,
        qkv: [&Array4<f64>; 3],
        masks: &[Mask<'_>],
    ) -> Result<Attended<f64>, Error> {
        attention.attend_plain(qkv, masks)
    }

    fn attend_backward(
        attention: &Attention,
        qkv: [&Array4<f64>; 3],
        masks: &[Mask<'_>],
        grad_output: &Array4<f64>,
    ) -> Result<AttentionGrads<f64>, Error> {
        attention.attend_backward_plain(qkv, masks, grad_output)
    }
}

impl Number for f32 {
    fn of(x: f32) -> Self {
        x
    }

    fn nearest(x: f64) -> Self {
        x as f32
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
        let size = (a.nrows(), b.ncols(), a.ncols());
        let mut c = Array2::zeros((size.0, size.1));
        let (a, b) = (straight(a), straight(b));
        if let (Some(a), Some(b), Some(c)) = (matrix(a.view()), matrix(b.view()), c.as_slice_mut()) {
            gemm(size, a, b, c, size.1);
        }
        c
    }

    fn attend(
        attention: &Attention,
        [q, k, v]: [&Array4<f32>; 3],
        masks: &[Mask<'_>],
    ) -> Result<Attended<f32>, Error> {
        attention.forward(q, k, v, masks)
    }

    fn attend_backward(
        attention: &Attention,
        [q, k, v]: [&Array4<f32>; 3],
        masks: &[Mask<'_>],
        grad_output: &Array4<f32>,
    ) -> Result<AttentionGrads<f32>, Error> {
        attention.backward(q, k, v, masks, grad_output)
    }
}

/// The matrix itself when its rows or its columns are straight lines, else a copy.
fn straight(view: ArrayView2<'_, f32>) -> CowArray<'_, f32, Ix2> {
    if matrix(view).is_some() { view.into() } else { view.as_standard_layout().into_owned().into() }
}

fn matrix(view: ArrayView2<'_, f32>) -> Option<Matrix<'_>> {
    let (rows, columns) = view.dim();
    view.to_slice()
        .map(|data| Matrix::rows(data, columns))
        .or_else(|| view.reversed_axes().to_slice().map(|data| Matrix::rows(data, rows).t()))
}
