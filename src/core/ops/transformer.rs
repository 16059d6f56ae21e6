//! The layers of the Transformer (Vaswani and others, 2017, section 3.1), as `torch.nn.TransformerEncoderLayer` and
//! `torch.nn.TransformerDecoderLayer` with `batch_first=True` and without dropout.

use ndarray::{Array2, Array3};

use crate::core::ops::activation::Activation;
use crate::core::ops::attention_mask::Mask;
use crate::core::ops::multihead::{MultiheadAttended, MultiheadAttention, MultiheadParameters};
use crate::core::ops::number::Number;
use crate::core::ops::tokens::{
    NormParameters, Tokens, check_linear, layer_norm, layer_norm_backward, linear, linear_backward,
};
use crate::core::tensor::Error;

/// The arguments of an encoder or decoder layer.
///
/// ```text
/// norm_first = false (2017)          norm_first = true (pre-norm)
/// x = norm1(x + attention(x))        x = x + attention(norm1(x))
/// x = norm2(x + feed_forward(x))     x = x + feed_forward(norm2(x))
/// ```
///
/// A decoder layer has a second attention between the two, whose keys and values come from the encoder's output.
/// `feed_forward(x) = activation(x linear1ᵀ) linear2ᵀ`, each token on its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransformerLayer {
    /// The attention of the tokens among each other: heads and rules.
    pub self_attn: MultiheadAttention,
    /// The attention of a decoder layer to the encoder's output.
    pub multihead_attn: MultiheadAttention,
    /// Between the two matrices of the feed-forward part.
    pub activation: Activation,
    /// Whether a part's input is normalised, rather than its sum with its output.
    pub norm_first: bool,
    /// Added to the variance in the layer norms.
    pub layer_norm_eps: f64,
}

impl TransformerLayer {
    /// PyTorch's defaults with this number of heads.
    pub fn new(nhead: usize) -> Self {
        let attention = MultiheadAttention { num_heads: nhead, ..MultiheadAttention::default() };
        TransformerLayer {
            self_attn: attention,
            multihead_attn: attention,
            activation: Activation::Relu,
            norm_first: false,
            layer_norm_eps: 1e-5,
        }
    }
}

/// The parameters of the feed-forward part, or their gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedForwardParameters<T = f32> {
    /// `[dim_feedforward, d_model]`
    pub linear1_weight: Array2<T>,
    /// `[dim_feedforward]`
    pub linear1_bias: Option<Vec<T>>,
    /// `[d_model, dim_feedforward]`
    pub linear2_weight: Array2<T>,
    /// `[d_model]`
    pub linear2_bias: Option<Vec<T>>,
}

impl<T: Clone> FeedForwardParameters<T> {
    /// The same with every number through `f`.
    pub fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> FeedForwardParameters<U> {
        let list = |list: &Option<Vec<T>>| list.as_ref().map(|list| list.iter().map(f).collect());
        FeedForwardParameters {
            linear1_weight: self.linear1_weight.map(f),
            linear1_bias: list(&self.linear1_bias),
            linear2_weight: self.linear2_weight.map(f),
            linear2_bias: list(&self.linear2_bias),
        }
    }
}

/// The parameters of an encoder layer, or their gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderLayerParameters<T = f32> {
    /// Of the attention.
    pub self_attn: MultiheadParameters<T>,
    /// Of the feed-forward part.
    pub feed_forward: FeedForwardParameters<T>,
    /// Of the attention's norm.
    pub norm1: NormParameters<T>,
    /// Of the feed-forward part's norm.
    pub norm2: NormParameters<T>,
}

impl<T: Clone> EncoderLayerParameters<T> {
    /// The same with every number through `f`.
    pub fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> EncoderLayerParameters<U> {
        EncoderLayerParameters {
            self_attn: self.self_attn.map(f),
            feed_forward: self.feed_forward.map(f),
            norm1: self.norm1.map(f),
            norm2: self.norm2.map(f),
        }
    }
}

/// What an encoder layer computes, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderLayerSteps<T = f32> {
    /// The attention.
    pub self_attn: MultiheadAttended<T>,
    /// After the attention with its residual connection and, when it comes last, its norm: `[n, tokens, d_model]`.
    pub attended: Array3<T>,
    /// What the activation gives: `[n, tokens, dim_feedforward]`.
    pub hidden: Array3<T>,
    /// `[n, tokens, d_model]`
    pub output: Array3<T>,
}

/// The gradients of an encoder layer.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderLayerGrads<T = f32> {
    /// Of the input, `[n, tokens, d_model]`.
    pub src: Array3<T>,
    /// Of the parameters.
    pub parameters: EncoderLayerParameters<T>,
}

impl TransformerLayer {
    /// An encoder layer; `src` is `[n, tokens, d_model]`. Masks are those of [`MultiheadAttention::forward`].
    ///
    /// Errors: shapes that don't fit each other, and those of the attention.
    pub fn encode(
        &self,
        src: &Tokens,
        parameters: &EncoderLayerParameters,
        masks: &[Mask<'_>],
    ) -> Result<EncoderLayerSteps, Error> {
        self.run_encoder(src, parameters, masks)
    }

    /// The definition of [`TransformerLayer::encode`], in `f64`.
    pub fn encode_plain(
        &self,
        src: &Tokens,
        parameters: &EncoderLayerParameters,
        masks: &[Mask<'_>],
    ) -> Result<EncoderLayerSteps, Error> {
        let steps = self.run_encoder(&src.mapv(f64::from), &parameters.map(|&x| f64::from(x)), masks)?;
        let narrow = |x: Array3<f64>| x.mapv(|x| x as f32);
        Ok(EncoderLayerSteps {
            self_attn: steps.self_attn.map(|&x| x as f32),
            attended: narrow(steps.attended),
            hidden: narrow(steps.hidden),
            output: narrow(steps.output),
        })
    }

    /// The gradients of `sum(output * grad_output)` with respect to the input and every parameter; `grad_output` is
    /// `[n, tokens, d_model]`.
    ///
    /// Errors: those of [`TransformerLayer::encode`], and a `grad_output` of another shape than the output.
    pub fn encode_backward(
        &self,
        src: &Tokens,
        parameters: &EncoderLayerParameters,
        masks: &[Mask<'_>],
        grad_output: &Tokens,
    ) -> Result<EncoderLayerGrads, Error> {
        self.run_encoder_backward(src, parameters, masks, grad_output)
    }

    /// The definition of [`TransformerLayer::encode_backward`], in `f64`.
    pub fn encode_backward_plain(
        &self,
        src: &Tokens,
        parameters: &EncoderLayerParameters,
        masks: &[Mask<'_>],
        grad_output: &Tokens,
    ) -> Result<EncoderLayerGrads, Error> {
        let (src, grad_output) = (src.mapv(f64::from), grad_output.mapv(f64::from));
        let parameters = parameters.map(|&x| f64::from(x));
        let grads = self.run_encoder_backward(&src, &parameters, masks, &grad_output)?;
        Ok(EncoderLayerGrads {
            src: grads.src.mapv(|x| x as f32),
            parameters: grads.parameters.map(|&x| x as f32),
        })
    }

    fn run_encoder<T: Number>(
        &self,
        src: &Array3<T>,
        p: &EncoderLayerParameters<T>,
        masks: &[Mask<'_>],
    ) -> Result<EncoderLayerSteps<T>, Error> {
        let input = self.input_of(src, &p.norm1)?;
        let self_attn = self.self_attn.run([&input; 3], &p.self_attn, masks)?;
        let attended = self.output_of(src, &self_attn.output, &p.norm1)?;
        let input = self.input_of(&attended, &p.norm2)?;
        let (hidden, fed) = self.feed_forward(&input, &p.feed_forward)?;
        let output = self.output_of(&attended, &fed, &p.norm2)?;
        Ok(EncoderLayerSteps { self_attn, attended, hidden, output })
    }

    fn run_encoder_backward<T: Number>(
        &self,
        src: &Array3<T>,
        p: &EncoderLayerParameters<T>,
        masks: &[Mask<'_>],
        grad_output: &Array3<T>,
    ) -> Result<EncoderLayerGrads<T>, Error> {
        let steps = self.run_encoder(src, p, masks)?;
        check_grad(&steps.output, grad_output)?;
        let (grad, feed_forward, norm2) =
            self.feed_forward_backward(&steps.attended, &p.feed_forward, &p.norm2, grad_output)?;
        let (src, self_attn, norm1) =
            self.sublayer_backward(src, &steps.self_attn.output, &p.norm1, &grad, |input, grad| {
                let grads = self.self_attn.run_backward([input; 3], &p.self_attn, masks, grad)?;
                Ok((&grads.query + &grads.key + &grads.value, grads))
            })?;
        let parameters =
            EncoderLayerParameters { self_attn: self_attn.parameters, feed_forward, norm1, norm2 };
        Ok(EncoderLayerGrads { src, parameters })
    }

    /// What a sublayer is given: `x`, or its norm when that comes first.
    pub(super) fn input_of<T: Number>(
        &self,
        x: &Array3<T>,
        norm: &NormParameters<T>,
    ) -> Result<Array3<T>, Error> {
        norm.check(x)?;
        Ok(if self.norm_first { layer_norm(x, norm, self.layer_norm_eps) } else { x.clone() })
    }

    /// What leaves a sublayer: the sum of its input and its output, normalised when the norm comes last.
    pub(super) fn output_of<T: Number>(
        &self,
        x: &Array3<T>,
        y: &Array3<T>,
        norm: &NormParameters<T>,
    ) -> Result<Array3<T>, Error> {
        check_sum(x, y)?;
        let sum = x + y;
        Ok(if self.norm_first { sum } else { layer_norm(&sum, norm, self.layer_norm_eps) })
    }

    /// Back through a sublayer with input `x` that computed `y`. `inner` gives, for the sublayer's input and the gradient of
    /// `y`, the gradient of that input and what else there is. Gives the gradients of `x` and of the norm.
    pub(super) fn sublayer_backward<T: Number, G>(
        &self,
        x: &Array3<T>,
        y: &Array3<T>,
        norm: &NormParameters<T>,
        grad: &Array3<T>,
        inner: impl FnOnce(&Array3<T>, &Array3<T>) -> Result<(Array3<T>, G), Error>,
    ) -> Result<SublayerGrads<T, G>, Error> {
        let eps = self.layer_norm_eps;
        if self.norm_first {
            let (grad_input, rest) = inner(&layer_norm(x, norm, eps), grad)?;
            let (grad_x, grad_norm) = layer_norm_backward(x, norm, eps, &grad_input);
            return Ok((grad_x + grad, rest, grad_norm));
        }
        let (grad_sum, grad_norm) = layer_norm_backward(&(x + y), norm, eps, grad);
        let (grad_input, rest) = inner(x, &grad_sum)?;
        Ok((grad_input + grad_sum, rest, grad_norm))
    }

    /// Back through the feed-forward sublayer with input `x`: the gradients of `x`, of the matrices and of the norm.
    pub(super) fn feed_forward_backward<T: Number>(
        &self,
        x: &Array3<T>,
        p: &FeedForwardParameters<T>,
        norm: &NormParameters<T>,
        grad: &Array3<T>,
    ) -> Result<SublayerGrads<T, FeedForwardParameters<T>>, Error> {
        let (_, fed) = self.feed_forward(&self.input_of(x, norm)?, p)?;
        self.sublayer_backward(x, &fed, norm, grad, |input, grad| Ok(self.feed_backward(input, p, grad)))
    }

    /// The hidden numbers after the activation, and the output.
    pub(super) fn feed_forward<T: Number>(
        &self,
        x: &Array3<T>,
        p: &FeedForwardParameters<T>,
    ) -> Result<(Array3<T>, Array3<T>), Error> {
        let (rows, width) = (p.linear1_weight.nrows(), x.dim().2);
        check_linear("linear1", x, &p.linear1_weight, p.linear1_bias.as_deref(), rows)?;
        let hidden = linear(x, &p.linear1_weight, p.linear1_bias.as_deref());
        let hidden = hidden.mapv(|x| T::of(self.activation.apply(x.narrow())));
        check_linear("linear2", &hidden, &p.linear2_weight, p.linear2_bias.as_deref(), width)?;
        let fed = linear(&hidden, &p.linear2_weight, p.linear2_bias.as_deref());
        Ok((hidden, fed))
    }

    /// The gradients of the feed-forward part: of `x` and of the parameters.
    fn feed_backward<T: Number>(
        &self,
        x: &Array3<T>,
        p: &FeedForwardParameters<T>,
        grad: &Array3<T>,
    ) -> (Array3<T>, FeedForwardParameters<T>) {
        let before = linear(x, &p.linear1_weight, p.linear1_bias.as_deref());
        let hidden = before.mapv(|x| T::of(self.activation.apply(x.narrow())));
        let (mut grad_hidden, linear2_weight, bias2) = linear_backward(&hidden, &p.linear2_weight, grad);
        grad_hidden.zip_mut_with(&before, |grad, x| *grad *= T::of(self.activation.derivative(x.narrow())));
        let (grad_x, linear1_weight, bias1) = linear_backward(x, &p.linear1_weight, &grad_hidden);
        let parameters = FeedForwardParameters {
            linear1_weight,
            linear1_bias: p.linear1_bias.as_ref().map(|_| bias1),
            linear2_weight,
            linear2_bias: p.linear2_bias.as_ref().map(|_| bias2),
        };
        (grad_x, parameters)
    }
}

/// Of the input, of what is inside, of the norm.
type SublayerGrads<T, G> = (Array3<T>, G, NormParameters<T>);

/// Errors: a residual connection between different shapes.
fn check_sum<T>(x: &Array3<T>, y: &Array3<T>) -> Result<(), Error> {
    if x.dim() == y.dim() {
        return Ok(());
    }
    Err(Error::ShapeMismatch {
        name: "the output of the attention",
        expected: x.shape().to_vec(),
        got: y.shape().to_vec(),
    })
}

/// Errors: a gradient of another shape than the output.
pub(super) fn check_grad<T>(output: &Array3<T>, grad_output: &Array3<T>) -> Result<(), Error> {
    if output.dim() == grad_output.dim() {
        return Ok(());
    }
    Err(Error::ShapeMismatch {
        name: "grad_output",
        expected: output.shape().to_vec(),
        got: grad_output.shape().to_vec(),
    })
}
