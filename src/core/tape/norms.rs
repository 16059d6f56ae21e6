//! Normalisations on the tape.

use crate::core::ops::{BatchNorm, GroupNorm, LayerNorm, NormGrads, RmsNorm};
use crate::core::tape::{Tape, Var, vector, with_optional};
use crate::core::tensor::{Error, Tensor};

impl Tape {
    /// Batch normalisation with the statistics of the batch, as in training; `x` is `[n, c, …]`, `weight` and `bias`
    /// `[c]`. Running statistics are not kept: they are no part of the gradient.
    ///
    /// Errors: those of [`BatchNorm::forward`].
    pub fn batch_norm(
        &mut self,
        x: Var,
        weight: Option<Var>,
        bias: Option<Var>,
        eps: f64,
    ) -> Result<Var, Error> {
        let norm = BatchNorm { training: true, eps, ..BatchNorm::default() };
        let (weight_value, bias_value) = (self.vector(weight, "weight")?, self.vector(bias, "bias")?);
        let y = norm.forward(self.value(x)?, weight_value.as_deref(), bias_value.as_deref(), None)?;
        let given = (weight.is_some(), bias.is_some());
        self.record(y.output, with_optional([x], &[weight, bias]), move |inputs, _, grad| {
            let weight = if given.0 { Some(vector(inputs[1], "weight")?) } else { None };
            Ok(wanted(norm.backward(inputs[0], weight.as_deref(), None, grad)?, given))
        })
    }

    /// [`GroupNorm::forward`]; `x` is `[n, c, …]`, `weight` and `bias` `[c]`.
    ///
    /// Errors: those of the operator.
    pub fn group_norm(
        &mut self,
        x: Var,
        weight: Option<Var>,
        bias: Option<Var>,
        norm: GroupNorm,
    ) -> Result<Var, Error> {
        let (weight_value, bias_value) = (self.vector(weight, "weight")?, self.vector(bias, "bias")?);
        let y = norm.forward(self.value(x)?, weight_value.as_deref(), bias_value.as_deref())?;
        let given = (weight.is_some(), bias.is_some());
        self.record(y, with_optional([x], &[weight, bias]), move |inputs, _, grad| {
            let weight = if given.0 { Some(vector(inputs[1], "weight")?) } else { None };
            Ok(wanted(norm.backward(inputs[0], weight.as_deref(), grad)?, given))
        })
    }

    /// [`LayerNorm::forward`]; `x` ends in `normalized_shape`, which is that of `weight` and `bias`.
    ///
    /// Errors: those of the operator.
    pub fn layer_norm(
        &mut self,
        x: Var,
        weight: Option<Var>,
        bias: Option<Var>,
        norm: LayerNorm,
    ) -> Result<Var, Error> {
        let value = |var: Option<Var>| var.map(|var| self.value(var)).transpose();
        let y = norm.forward(self.value(x)?, value(weight)?, value(bias)?)?;
        let given = (weight.is_some(), bias.is_some());
        self.record(y, with_optional([x], &[weight, bias]), move |inputs, _, grad| {
            let weight = if given.0 { Some(inputs[1]) } else { None };
            Ok(wanted(norm.backward(inputs[0], weight, grad)?, given))
        })
    }

    /// [`RmsNorm::forward`]; `x` ends in `normalized_shape`, which is that of `weight`.
    ///
    /// Errors: those of the operator.
    pub fn rms_norm(&mut self, x: Var, weight: Option<Var>, norm: RmsNorm) -> Result<Var, Error> {
        let weight_value = weight.map(|var| self.value(var)).transpose()?;
        let y = norm.forward(self.value(x)?, weight_value)?;
        let given = (weight.is_some(), false);
        self.record(y, with_optional([x], &[weight]), move |inputs, _, grad| {
            let weight = if given.0 { Some(inputs[1]) } else { None };
            Ok(wanted(norm.backward(inputs[0], weight, grad)?, given))
        })
    }
}

/// The gradients of what was given: the input, perhaps a weight, perhaps a bias.
fn wanted(grads: NormGrads, (weight, bias): (bool, bool)) -> Vec<Tensor> {
    let weight = if weight { Some(grads.weight) } else { None };
    let bias = if bias { Some(grads.bias) } else { None };
    [Some(grads.input), weight, bias].into_iter().flatten().collect()
}
