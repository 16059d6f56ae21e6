//! Softmax and its logarithm along an axis (`torch.nn.functional.softmax`, `log_softmax`).

use crate::core::ops::axes::{Split, check_shape, resolve, tensor};
use crate::core::ops::elementary::exp_all;
use crate::core::ops::four::{map, zip_map};
use crate::core::ops::lanes::Four;
use crate::core::tensor::{Error, Tensor, checked_elements};

/// `exp(x / temperature)` divided by its sum along an axis: positive numbers that add up to 1.
///
/// A line that holds nothing but `-inf`, or that holds `inf`, becomes NaN, as in PyTorch.
///
/// ```
/// use receptive::core::ops::Softmax;
/// let x = ndarray::arr2(&[[0.0, 3.0_f32.ln()], [5.0, 5.0]]).into_dyn();
/// let y = Softmax::default().forward(&x)?;
/// assert!((y[[0, 1]] - 0.75).abs() < 1e-6);
/// assert_eq!(y[[1, 0]], 0.5);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softmax {
    /// The axis, counted from the end when negative.
    pub dim: isize,
    /// What the numbers are divided by first: above 1 flattens, below 1 sharpens.
    pub temperature: f64,
    /// Takes all axes from `dim` on as one, as ONNX did before operator set 13.
    pub flatten: bool,
}

impl Default for Softmax {
    fn default() -> Self {
        Softmax { dim: -1, temperature: 1.0, flatten: false }
    }
}

impl Softmax {
    /// The lines along which is summed.
    fn split(&self, shape: &[usize]) -> Result<Split, Error> {
        if self.temperature.is_nan() || self.temperature <= 0.0 {
            return Err(Error::NotPositive { name: "temperature", value: self.temperature });
        }
        checked_elements(shape)?;
        let axis = resolve("dim", self.dim, shape.len())?;
        let split = Split::at(shape, axis);
        Ok(if self.flatten { Split { size: split.size * split.inner, inner: 1, ..split } } else { split })
    }

    /// The definition, in `f64`:
    ///
    /// ```text
    /// y[k] = exp(x[k] / t - m) / sum over j of exp(x[j] / t - m)    with m the largest x[j] / t
    /// ```
    ///
    /// `m` cancels out and keeps the powers from overflowing. The result has the shape of `x`.
    ///
    /// Errors: there is no axis `dim`, or the temperature is not positive.
    pub fn forward_plain(&self, x: &Tensor) -> Result<Tensor, Error> {
        self.each_line(x, |line, temperature| {
            let (largest, sum) = largest_and_sum(line, temperature);
            line.iter_mut().for_each(|x| *x = (*x / temperature - largest).exp() / sum);
        })
    }

    /// The logarithm of [`Softmax::forward_plain`], without taking one of a tiny number:
    /// `x[k] / t - m - ln(sum over j of exp(x[j] / t - m))`.
    pub fn forward_log_plain(&self, x: &Tensor) -> Result<Tensor, Error> {
        self.each_line(x, |line, temperature| {
            let (largest, sum) = largest_and_sum(line, temperature);
            line.iter_mut().for_each(|x| *x = *x / temperature - largest - sum.ln());
        })
    }

    fn each_line(&self, x: &Tensor, f: impl Fn(&mut [f64], f64)) -> Result<Tensor, Error> {
        let split = self.split(x.shape())?;
        let mut y = x.as_standard_layout().into_owned();
        let mut line = vec![0.0; split.size];
        if let Some(y) = y.as_slice_mut() {
            for start in split.starts() {
                line.iter_mut().zip(split.line(start)).for_each(|(x, at)| *x = f64::from(y[at]));
                f(&mut line, self.temperature);
                line.iter().zip(split.line(start)).for_each(|(x, at)| y[at] = *x as f32);
            }
        }
        Ok(y)
    }

    /// [`Softmax::forward_plain`], fast.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        self.each_block(x, |block, sums, columns| {
            exp_all(block);
            add_rows(block, sums);
            columns.iter_mut().zip(sums).for_each(|(part, sum)| *part = (1.0 / *sum) as f32);
            with_rows(block, columns, |power, part| power * part);
        })
    }

    /// [`Softmax::forward_log_plain`], fast.
    pub fn forward_log(&self, x: &Tensor) -> Result<Tensor, Error> {
        let mut powers = Vec::new();
        self.each_block(x, move |block, sums, columns| {
            powers.clear();
            powers.extend_from_slice(block);
            exp_all(&mut powers);
            add_rows(&powers, sums);
            columns.iter_mut().zip(sums).for_each(|(logarithm, sum)| *logarithm = sum.ln() as f32);
            with_rows(block, columns, |x, logarithm| x - logarithm);
        })
    }

    /// Calls `f` for each block `[size, inner]`, less the largest numbers of its columns and divided by the
    /// temperature, with room for the sums of the columns, which is zero, and for another number of each.
    fn each_block(
        &self,
        x: &Tensor,
        mut f: impl FnMut(&mut [f32], &mut [f64], &mut [f32]),
    ) -> Result<Tensor, Error> {
        let split = self.split(x.shape())?;
        let mut y = x.as_standard_layout().into_owned();
        let rate = (1.0 / self.temperature) as f32;
        let (mut sums, mut columns) = (vec![0.0; split.inner], vec![0.0; split.inner]);
        if let Some(y) = y.as_slice_mut()
            && !y.is_empty()
        {
            for block in y.chunks_exact_mut(split.size * split.inner) {
                columns.fill(f32::NEG_INFINITY);
                raise_to_rows(block, &mut columns);
                with_rows(block, &columns, |x, largest| rate * (x - largest));
                sums.fill(0.0);
                f(block, &mut sums, &mut columns);
            }
        }
        Ok(y)
    }

    /// The gradient of `sum(y * grad_output)` with respect to `x`, from the output `y` of [`Softmax::forward`]:
    /// `y[k] (g[k] - sum over j of g[j] y[j]) / t`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `y`.
    pub fn backward(&self, y: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        self.gradient(y, grad_output, |line, grad| {
            let mean: f64 = line.iter().zip(grad.iter()).map(|(y, g)| y * g).sum();
            grad.iter_mut().zip(line).for_each(|(g, y)| *g = y * (*g - mean));
        })
    }

    /// The gradient of `sum(y * grad_output)` with respect to `x`, from the output `y` of [`Softmax::forward_log`]:
    /// `(g[k] - exp(y[k]) sum over j of g[j]) / t`.
    pub fn backward_log(&self, y: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        self.gradient(y, grad_output, |line, grad| {
            let sum: f64 = grad.iter().sum();
            grad.iter_mut().zip(line).for_each(|(g, y)| *g -= y.exp() * sum);
        })
    }

    fn gradient(
        &self,
        y: &Tensor,
        grad_output: &Tensor,
        f: impl Fn(&[f64], &mut [f64]),
    ) -> Result<Tensor, Error> {
        let split = self.split(y.shape())?;
        check_shape("grad_output", grad_output.shape(), y.shape())?;
        let (y, grad_output) = (y.as_standard_layout(), grad_output.as_standard_layout());
        let (y_all, grad_all) =
            (y.as_slice().unwrap_or_default(), grad_output.as_slice().unwrap_or_default());
        let mut grad_input = vec![0.0; y_all.len()];
        let (mut line, mut grad) = (vec![0.0; split.size], vec![0.0; split.size]);
        for start in split.starts() {
            for ((line, grad), at) in line.iter_mut().zip(&mut grad).zip(split.line(start)) {
                (*line, *grad) = (f64::from(y_all[at]), f64::from(grad_all[at]));
            }
            f(&line, &mut grad);
            for (grad, at) in grad.iter().zip(split.line(start)) {
                grad_input[at] = (grad / self.temperature) as f32;
            }
        }
        tensor(y.shape(), grad_input)
    }
}

/// The largest number of a line after the division, and the sum of the powers of what the others lack to it.
fn largest_and_sum(line: &[f64], temperature: f64) -> (f64, f64) {
    let largest = line.iter().fold(f64::NEG_INFINITY, |largest, x| largest.max(x / temperature));
    (largest, line.iter().map(|x| (x / temperature - largest).exp()).sum())
}

/// Raises `largest` to the rows of a block where they are larger.
fn raise_to_rows(block: &[f32], largest: &mut [f32]) {
    if let [largest] = largest {
        *largest = block.iter().fold(*largest, |largest, x| largest.max(*x));
        return;
    }
    for row in block.chunks_exact(largest.len()) {
        largest.iter_mut().zip(row).for_each(|(largest, x)| *largest = largest.max(*x));
    }
}

/// Adds the rows of a block to `sums`.
fn add_rows(block: &[f32], sums: &mut [f64]) {
    if let [sum] = sums {
        *sum += block.iter().map(|&x| f64::from(x)).sum::<f64>();
        return;
    }
    for row in block.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
}

/// Replaces each number of a block by what `f` makes of it and the number of its column.
fn with_rows(block: &mut [f32], columns: &[f32], f: impl Fn(Four, Four) -> Four) {
    match columns {
        [one] => map(block, |x| f(x, Four::splat(*one))),
        _ => block.chunks_exact_mut(columns.len()).for_each(|row| zip_map(row, columns, &f)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    fn random(seed: u64, shape: &[usize]) -> Tensor {
        let mut random = Random::new(seed);
        Tensor::from_shape_fn(IxDyn(shape), |_| 4.0 * random.normal())
    }

    fn close(a: &Tensor, b: &Tensor, tolerance: f32) {
        assert_eq!(a.shape(), b.shape());
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= tolerance || a == b || (a.is_nan() && b.is_nan()), "{a}, not {b}");
        }
    }

    const SHAPES: [&[usize]; 6] = [&[7], &[3, 5], &[2, 3, 4], &[1, 1, 9, 2], &[4, 1], &[0, 3]];

    fn all() -> impl Iterator<Item = (Softmax, &'static [usize])> {
        SHAPES.into_iter().flat_map(|shape| {
            (0..shape.len() as isize).flat_map(move |dim| {
                [(1.0, false), (0.3, true), (3.0, false)].map(|(temperature, flatten)| {
                    (Softmax { dim: dim - (shape.len() as isize), temperature, flatten }, shape)
                })
            })
        })
    }

    #[test]
    fn fast_agrees_with_plain_and_sums_to_one() {
        for (softmax, shape) in all() {
            let x = random(3, shape);
            let y = softmax.forward(&x).unwrap();
            close(&y, &softmax.forward_plain(&x).unwrap(), 1e-6);
            let log = softmax.forward_log(&x).unwrap();
            close(&log, &softmax.forward_log_plain(&x).unwrap(), 3e-5);
            close(&log.mapv(f32::exp), &y, 3e-5);
            let lines = softmax.split(shape).unwrap();
            let lines = if lines.size == 0 { 0 } else { lines.outer * lines.inner };
            assert!((y.sum() - lines as f32).abs() < 1e-4, "{softmax:?} {shape:?}");
        }
    }

    #[test]
    fn gradients_are_slopes() {
        for (softmax, shape) in all() {
            let (x, grad, direction) =
                (random(5, shape).mapv(|x| x / 4.0), random(6, shape), random(7, shape));
            let h = 1e-2;
            for log in [false, true] {
                let loss = |x: &Tensor| {
                    let y = if log { softmax.forward_log_plain(x) } else { softmax.forward_plain(x) };
                    (&y.unwrap() * &grad).iter().map(|&y| f64::from(y)).sum::<f64>()
                };
                let slope =
                    (loss(&(&x + &(&direction * h))) - loss(&(&x - &(&direction * h)))) / f64::from(2.0 * h);
                let gradient = if log {
                    softmax.backward_log(&softmax.forward_log(&x).unwrap(), &grad)
                } else {
                    softmax.backward(&softmax.forward(&x).unwrap(), &grad)
                };
                let along: f64 = (&gradient.unwrap() * &direction).iter().map(|&g| f64::from(g)).sum();
                let scale = 1.0 + along.abs();
                assert!(
                    (slope - along).abs() < 0.02 * scale,
                    "{softmax:?} {shape:?} {log}: {along}, slope {slope}"
                );
            }
        }
    }

    #[test]
    fn edges() {
        let softmax = Softmax::default();
        let infinity = f32::INFINITY;
        let x = ndarray::arr2(&[[-infinity, 0.0], [-infinity, -infinity], [infinity, 1.0], [1e30, -1e30]])
            .into_dyn();
        for (fast, plain) in [
            (softmax.forward(&x), softmax.forward_plain(&x)),
            (softmax.forward_log(&x), softmax.forward_log_plain(&x)),
        ] {
            close(&fast.unwrap(), &plain.unwrap(), 1e24);
        }
        let y = softmax.forward(&x).unwrap();
        assert_eq!((y[[0, 0]], y[[0, 1]], y[[3, 0]], y[[3, 1]]), (0.0, 1.0, 1.0, 0.0));
        assert!(y[[1, 0]].is_nan() && y[[2, 0]].is_nan());
        assert_eq!(softmax.forward(&Tensor::zeros(IxDyn(&[]))).unwrap().sum(), 1.0);
        for (softmax, wrong) in [
            (Softmax { dim: 2, ..softmax }, Error::IndexOutOfRange { name: "dim", index: 2, size: 2 }),
            (Softmax { temperature: 0.0, ..softmax }, Error::NotPositive { name: "temperature", value: 0.0 }),
        ] {
            assert_eq!(softmax.forward(&x), Err(wrong));
        }
        assert!(softmax.backward(&x, &random(1, &[2, 4])).is_err());
    }
}
