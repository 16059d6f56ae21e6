//! The embedding: a row of a table for each index (`torch.nn.functional.embedding`).

use ndarray::ArrayD;

use crate::core::ops::axes::{check_shape, tensor};
use crate::core::tensor::{Error, Map, Tensor, checked_elements};

/// The options of an embedding.
///
/// ```
/// use receptive::core::ops::Embedding;
/// let weight = ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]);
/// let y = Embedding::default().forward(&ndarray::arr1(&[1, 0, 1]).into_dyn(), &weight)?;
/// assert_eq!(y, ndarray::arr2(&[[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embedding {
    /// A row that is not learned: its gradient is 0. Counted from the end when negative.
    pub padding_idx: Option<isize>,
    /// Divides the gradient of a row by how often it is looked up.
    pub scale_grad_by_freq: bool,
    /// The largest norm a row may have, see [`Embedding::renormalise`].
    pub max_norm: Option<f64>,
    /// The p of that norm.
    pub norm_type: f64,
}

impl Default for Embedding {
    fn default() -> Self {
        Embedding { padding_idx: None, scale_grad_by_freq: false, max_norm: None, norm_type: 2.0 }
    }
}

impl Embedding {
    /// `y[…, d] = weight[indices[…], d]`, with `indices` of any shape, `weight` `[num_embeddings, embedding_dim]` and
    /// the result `[…, embedding_dim]`.
    ///
    /// Errors: an index or `padding_idx` names no row, or the result is too large.
    pub fn forward(&self, indices: &ArrayD<i64>, weight: &Map) -> Result<Tensor, Error> {
        self.padding_row(weight.nrows())?;
        let shape = [indices.shape(), &[weight.ncols()]].concat();
        let mut y = Vec::with_capacity(checked_elements(&shape)?);
        for &index in indices {
            y.extend(weight.row(row(index, weight.nrows())?));
        }
        tensor(&shape, y)
    }

    /// The gradient of `sum(y * grad_output)` with respect to a weight of `num_embeddings` rows: each row gets the sum
    /// of the gradients of its copies. `grad_output` is `[…, embedding_dim]`.
    ///
    /// Errors: as [`Embedding::forward`], and a `grad_output` of another shape than the output.
    pub fn backward(
        &self,
        indices: &ArrayD<i64>,
        num_embeddings: usize,
        grad_output: &Tensor,
    ) -> Result<Map, Error> {
        let padding = self.padding_row(num_embeddings)?;
        let Some((&width, outer)) = grad_output.shape().split_last() else {
            let expected = "[…, embedding_dim]";
            return Err(Error::WrongRank { name: "grad_output", expected, got: vec![] });
        };
        check_shape("grad_output", outer, indices.shape())?;
        checked_elements(&[num_embeddings, width])?;
        let mut sums = ndarray::Array2::<f64>::zeros((num_embeddings, width));
        let mut copies = vec![0u32; num_embeddings];
        let grad_output = grad_output.as_standard_layout();
        let grads = grad_output.as_slice().unwrap_or_default();
        for (position, &index) in indices.iter().enumerate() {
            let row = row(index, num_embeddings)?;
            copies[row] += 1;
            if padding != Some(row) {
                let grad = &grads[position * width..][..width];
                sums.row_mut(row).iter_mut().zip(grad).for_each(|(sum, grad)| *sum += f64::from(*grad));
            }
        }
        if self.scale_grad_by_freq {
            for (mut row, copies) in sums.rows_mut().into_iter().zip(copies) {
                row /= f64::from(copies.max(1));
            }
        }
        Ok(sums.mapv(|sum| sum as f32))
    }

    /// Scales the rows that are looked up, and whose norm is above `max_norm`, down to it: what PyTorch does to the
    /// weight itself before it looks anything up.
    ///
    /// Errors: an index names no row.
    pub fn renormalise(&self, indices: &ArrayD<i64>, weight: &mut Map) -> Result<(), Error> {
        let Some(max_norm) = self.max_norm else { return Ok(()) };
        checked_elements(weight.shape())?;
        let mut looked_up = vec![false; weight.nrows()];
        for &index in indices {
            looked_up[row(index, weight.nrows())?] = true;
        }
        for (mut row, _) in weight.rows_mut().into_iter().zip(looked_up).filter(|(_, looked_up)| *looked_up) {
            let norm = super::clip::norm(row.iter().map(|&x| f64::from(x)), self.norm_type);
            if norm > max_norm {
                row.mapv_inplace(|x| (f64::from(x) * (max_norm / (norm + 1e-7))) as f32);
            }
        }
        Ok(())
    }

    fn padding_row(&self, rows: usize) -> Result<Option<usize>, Error> {
        let Some(index) = self.padding_idx else { return Ok(None) };
        let counted = if index < 0 { index.saturating_add_unsigned(rows) } else { index };
        let refused = Error::IndexOutOfRange { name: "padding_idx", index: index as i64, size: rows };
        usize::try_from(counted).ok().filter(|&row| row < rows).map(Some).ok_or(refused)
    }
}

/// The row that an index names.
fn row(index: i64, rows: usize) -> Result<usize, Error> {
    let refused = Error::IndexOutOfRange { name: "indices", index, size: rows };
    usize::try_from(index).ok().filter(|&row| row < rows).ok_or(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_go_to_the_rows() {
        let indices = ndarray::arr2(&[[2, 0], [2, 1]]).into_dyn();
        let grad = ndarray::arr3(&[[[1.0], [2.0]], [[3.0], [4.0]]]).into_dyn();
        let rows = |embedding: Embedding| {
            embedding.backward(&indices, 3, &grad).map(|g| g.into_raw_vec_and_offset().0)
        };
        let plain = Embedding::default();
        assert_eq!(rows(plain), Ok(vec![2.0, 4.0, 4.0]));
        assert_eq!(rows(Embedding { scale_grad_by_freq: true, ..plain }), Ok(vec![2.0, 4.0, 2.0]));
        assert_eq!(rows(Embedding { padding_idx: Some(-1), ..plain }), Ok(vec![2.0, 4.0, 0.0]));
    }

    #[test]
    fn rows_are_scaled_down() {
        let mut weight = ndarray::arr2(&[[3.0, 4.0], [30.0, 40.0], [0.3, 0.4]]);
        let embedding = Embedding { max_norm: Some(1.0), ..Embedding::default() };
        embedding.renormalise(&ndarray::arr1(&[0, 2]).into_dyn(), &mut weight).unwrap();
        let want = ndarray::arr2(&[[0.6, 0.8], [30.0, 40.0], [0.3, 0.4]]);
        assert!(weight.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-6), "{weight}");
    }

    #[test]
    fn refuses_what_is_not_there() {
        let weight = Map::zeros((3, 2));
        let embedding = Embedding::default();
        for index in [-1, 3, i64::MIN] {
            let refused = Err(Error::IndexOutOfRange { name: "indices", index, size: 3 });
            assert_eq!(embedding.forward(&ndarray::arr1(&[index]).into_dyn(), &weight), refused);
        }
        let indices = ndarray::arr1(&[0]).into_dyn();
        for padding_idx in [3, -4, isize::MIN] {
            let padded = Embedding { padding_idx: Some(padding_idx), ..embedding };
            assert!(padded.forward(&indices, &weight).is_err());
        }
        assert!(embedding.backward(&indices, 3, &Tensor::zeros(ndarray::IxDyn(&[2, 2]))).is_err());
        assert!(embedding.backward(&indices, usize::MAX, &Tensor::zeros(ndarray::IxDyn(&[1, 2]))).is_err());
    }
}
