//! Linear layers, products, softmax, embedding, attention and the loss of classification on the tape.

use ndarray::{ArrayD, Ix2, Ix4};

use crate::core::ops::{
    Attention, CrossEntropy, Embedding, Mask, Softmax, Target, linear, linear_backward, mask_backward,
    matmul, matmul_backward,
};
use crate::core::tape::{Tape, Var, matrix, of_rank, tensor, with_optional};
use crate::core::tensor::{Error, Tensor};

const HEADS: &str = "[n, heads, tokens, width]";

/// A [`Mask`] that the tape keeps.
enum Kept {
    Allowed(ArrayD<bool>),
    Blocked(ArrayD<bool>),
    Added(Tensor),
}

impl Kept {
    fn new(mask: &Mask<'_>) -> Self {
        match *mask {
            Mask::Allowed(mask) => Kept::Allowed(mask.clone()),
            Mask::Blocked(mask) => Kept::Blocked(mask.clone()),
            Mask::Added(mask) => Kept::Added(mask.clone()),
        }
    }

    fn lend(&self) -> Mask<'_> {
        match self {
            Kept::Allowed(mask) => Mask::Allowed(mask),
            Kept::Blocked(mask) => Mask::Blocked(mask),
            Kept::Added(mask) => Mask::Added(mask),
        }
    }
}

impl Tape {
    /// `y[…, o] = bias[o] + sum over i of x[…, i] weight[o, i]`; `weight` is `[out_features, in_features]`.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn linear(&mut self, x: Var, weight: Var, bias: Option<Var>) -> Result<Var, Error> {
        let bias_value = self.vector(bias, "bias")?;
        let weight_value = self.of_rank::<Ix2>(weight, "weight", "[out_features, in_features]")?;
        let y = linear(self.value(x)?, &weight_value, bias_value.as_deref())?;
        let with_bias = bias.is_some();
        self.record(y, with_optional([x, weight], &[bias]), move |inputs, _, grad| {
            let grads = linear_backward(inputs[0], &matrix(inputs[1], "weight")?, grad)?;
            let mut all = vec![grads.input, grads.weight.into_dyn()];
            if with_bias {
                all.push(tensor(&[grads.bias.len()], grads.bias)?);
            }
            Ok(all)
        })
    }

    /// The product of matrices `[…, m, k]` and `[…, k, n]`, batches stretched as `torch.matmul` does.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn matmul(&mut self, a: Var, b: Var) -> Result<Var, Error> {
        let y = matmul(self.value(a)?, self.value(b)?)?;
        self.record(y, vec![a, b], |inputs, _, grad| {
            let (a, b) = matmul_backward(inputs[0], inputs[1], grad)?;
            Ok(vec![a, b])
        })
    }

    /// [`Softmax::forward`].
    ///
    /// Errors: those of the operator.
    pub fn softmax(&mut self, x: Var, softmax: Softmax) -> Result<Var, Error> {
        let y = softmax.forward(self.value(x)?)?;
        self.record(y, vec![x], move |_, y, grad| Ok(vec![softmax.backward(y, grad)?]))
    }

    /// [`Softmax::forward_log`].
    ///
    /// Errors: those of the operator.
    pub fn log_softmax(&mut self, x: Var, softmax: Softmax) -> Result<Var, Error> {
        let y = softmax.forward_log(self.value(x)?)?;
        self.record(y, vec![x], move |_, y, grad| Ok(vec![softmax.backward_log(y, grad)?]))
    }

    /// [`CrossEntropy::forward`] against classes `[n, …]`; `logits` is `[n, classes, …]`.
    ///
    /// Errors: those of the operator.
    pub fn cross_entropy(
        &mut self,
        logits: Var,
        classes: &ArrayD<i64>,
        loss: CrossEntropy<'_>,
    ) -> Result<Var, Error> {
        let y = loss.forward(self.value(logits)?, Target::Classes(classes))?;
        let (classes, weight) = (classes.clone(), loss.weight.map(<[f32]>::to_vec));
        let CrossEntropy { ignore_index, label_smoothing, reduction, .. } = loss;
        self.record(y, vec![logits], move |inputs, _, grad| {
            let weight = weight.as_deref();
            let loss = CrossEntropy { weight, ignore_index, label_smoothing, reduction };
            Ok(vec![loss.backward(inputs[0], Target::Classes(&classes), grad)?])
        })
    }

    /// [`Embedding::forward`]: rows of `weight` `[num_embeddings, embedding_dim]`.
    ///
    /// Errors: those of the operator.
    pub fn embedding(
        &mut self,
        indices: &ArrayD<i64>,
        weight: Var,
        embedding: Embedding,
    ) -> Result<Var, Error> {
        let weight_value = self.of_rank::<Ix2>(weight, "weight", "[num_embeddings, embedding_dim]")?;
        let y = embedding.forward(indices, &weight_value)?;
        let (indices, rows) = (indices.clone(), weight_value.nrows());
        self.record(y, vec![weight], move |_, _, grad| {
            Ok(vec![embedding.backward(&indices, rows, grad)?.into_dyn()])
        })
    }

    /// [`Attention::forward`], its output. `q`, `k` and `v` are `[n, heads, tokens, width]`; `masks` are constants,
    /// while `bias` is added to the scores and may be learned.
    ///
    /// Errors: those of the operator, and values of another rank.
    pub fn attention(
        &mut self,
        [q, k, v]: [Var; 3],
        bias: Option<Var>,
        masks: &[Mask<'_>],
        attention: Attention,
    ) -> Result<Var, Error> {
        let heads = |var, name| self.of_rank::<Ix4>(var, name, HEADS);
        let (q_value, k_value, v_value) = (heads(q, "query")?, heads(k, "key")?, heads(v, "value")?);
        let bias_value = bias.map(|bias| self.value(bias)).transpose()?;
        let all: Vec<Mask<'_>> = masks.iter().copied().chain(bias_value.map(Mask::Added)).collect();
        let (output, _) = attention.attend(&q_value, &k_value, &v_value, &all)?;
        let kept: Vec<Kept> = masks.iter().map(Kept::new).collect();
        self.record(output.into_dyn(), with_optional([q, k, v], &[bias]), move |inputs, _, grad| {
            let heads = |value, name| of_rank::<Ix4>(value, name, HEADS);
            let (q, k, v) =
                (heads(inputs[0], "query")?, heads(inputs[1], "key")?, heads(inputs[2], "value")?);
            let bias = inputs.get(3).copied();
            let masks: Vec<Mask<'_>> = kept.iter().map(Kept::lend).chain(bias.map(Mask::Added)).collect();
            let grads = attention.backward(&q, &k, &v, &masks, &heads(grad, "grad_output")?)?;
            let mut all = vec![grads.q.into_dyn(), grads.k.into_dyn(), grads.v.into_dyn()];
            if let Some(bias) = bias {
                all.push(mask_backward(&grads.scores, bias.shape())?);
            }
            Ok(all)
        })
    }
}
