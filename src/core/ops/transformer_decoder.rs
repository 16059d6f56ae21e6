//! The decoder layer: its tokens look at each other, then at the encoder's output.

use ndarray::Array3;

use crate::core::ops::attention_mask::Mask;
use crate::core::ops::multihead::{MultiheadAttended, MultiheadParameters};
use crate::core::ops::number::Number;
use crate::core::ops::tokens::{NormParameters, Tokens};
use crate::core::ops::transformer::{FeedForwardParameters, TransformerLayer, check_grad};
use crate::core::tensor::Error;

/// The parameters of a decoder layer, or their gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderLayerParameters<T = f32> {
    /// Of the attention among the tokens.
    pub self_attn: MultiheadParameters<T>,
    /// Of the attention to the encoder's output.
    pub multihead_attn: MultiheadParameters<T>,
    /// Of the feed-forward part.
    pub feed_forward: FeedForwardParameters<T>,
    /// Of the first attention's norm.
    pub norm1: NormParameters<T>,
    /// Of the second attention's norm.
    pub norm2: NormParameters<T>,
    /// Of the feed-forward part's norm.
    pub norm3: NormParameters<T>,
}

impl<T: Clone> DecoderLayerParameters<T> {
    /// The same with every number through `f`.
    pub fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> DecoderLayerParameters<U> {
        DecoderLayerParameters {
            self_attn: self.self_attn.map(f),
            multihead_attn: self.multihead_attn.map(f),
            feed_forward: self.feed_forward.map(f),
            norm1: self.norm1.map(f),
            norm2: self.norm2.map(f),
            norm3: self.norm3.map(f),
        }
    }
}

/// What a decoder layer computes, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderLayerSteps<T = f32> {
    /// The attention among the tokens.
    pub self_attn: MultiheadAttended<T>,
    /// After it, with residual connection and norm: `[n, tokens, d_model]`.
    pub attended: Array3<T>,
    /// The attention to the encoder's output.
    pub multihead_attn: MultiheadAttended<T>,
    /// After it, with residual connection and norm: `[n, tokens, d_model]`.
    pub crossed: Array3<T>,
    /// What the activation gives: `[n, tokens, dim_feedforward]`.
    pub hidden: Array3<T>,
    /// `[n, tokens, d_model]`
    pub output: Array3<T>,
}

/// The gradients of a decoder layer.
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderLayerGrads<T = f32> {
    /// Of the tokens, `[n, tokens, d_model]`.
    pub tgt: Array3<T>,
    /// Of the encoder's output, `[n, memory tokens, d_model]`.
    pub memory: Array3<T>,
    /// Of the parameters.
    pub parameters: DecoderLayerParameters<T>,
}

impl TransformerLayer {
    /// A decoder layer; `tgt` is `[n, tokens, d_model]`, `memory` `[n, memory tokens, d_model]`. The first masks are for the
    /// tokens among each other, the second for their look at the memory. PyTorch's layer is not causal by itself: the mask
    /// is given, or `self_attn.attention.is_causal` set.
    ///
    /// Errors: shapes that don't fit each other, and those of the attention.
    pub fn decode(
        &self,
        tgt: &Tokens,
        memory: &Tokens,
        parameters: &DecoderLayerParameters,
        tgt_masks: &[Mask<'_>],
        memory_masks: &[Mask<'_>],
    ) -> Result<DecoderLayerSteps, Error> {
        self.run_decoder([tgt, memory], parameters, [tgt_masks, memory_masks])
    }

    /// The definition of [`TransformerLayer::decode`], in `f64`.
    pub fn decode_plain(
        &self,
        tgt: &Tokens,
        memory: &Tokens,
        parameters: &DecoderLayerParameters,
        tgt_masks: &[Mask<'_>],
        memory_masks: &[Mask<'_>],
    ) -> Result<DecoderLayerSteps, Error> {
        let [tgt, memory] = [tgt, memory].map(|x| x.mapv(f64::from));
        let parameters = parameters.map(|&x| f64::from(x));
        let steps = self.run_decoder([&tgt, &memory], &parameters, [tgt_masks, memory_masks])?;
        let narrow = |x: Array3<f64>| x.mapv(|x| x as f32);
        Ok(DecoderLayerSteps {
            self_attn: steps.self_attn.map(|&x| x as f32),
            attended: narrow(steps.attended),
            multihead_attn: steps.multihead_attn.map(|&x| x as f32),
            crossed: narrow(steps.crossed),
            hidden: narrow(steps.hidden),
            output: narrow(steps.output),
        })
    }

    /// The gradients of `sum(output * grad_output)` with respect to both inputs and every parameter; `grad_output` is
    /// `[n, tokens, d_model]`.
    ///
    /// Errors: those of [`TransformerLayer::decode`], and a `grad_output` of another shape than the output.
    pub fn decode_backward(
        &self,
        tgt: &Tokens,
        memory: &Tokens,
        parameters: &DecoderLayerParameters,
        tgt_masks: &[Mask<'_>],
        memory_masks: &[Mask<'_>],
        grad_output: &Tokens,
    ) -> Result<DecoderLayerGrads, Error> {
        self.run_decoder_backward([tgt, memory], parameters, [tgt_masks, memory_masks], grad_output)
    }

    /// The definition of [`TransformerLayer::decode_backward`], in `f64`.
    pub fn decode_backward_plain(
        &self,
        tgt: &Tokens,
        memory: &Tokens,
        parameters: &DecoderLayerParameters,
        tgt_masks: &[Mask<'_>],
        memory_masks: &[Mask<'_>],
        grad_output: &Tokens,
    ) -> Result<DecoderLayerGrads, Error> {
        let [tgt, memory, grad_output] = [tgt, memory, grad_output].map(|x| x.mapv(f64::from));
        let parameters = parameters.map(|&x| f64::from(x));
        let masks = [tgt_masks, memory_masks];
        let grads = self.run_decoder_backward([&tgt, &memory], &parameters, masks, &grad_output)?;
        Ok(DecoderLayerGrads {
            tgt: grads.tgt.mapv(|x| x as f32),
            memory: grads.memory.mapv(|x| x as f32),
            parameters: grads.parameters.map(|&x| x as f32),
        })
    }

    fn run_decoder<T: Number>(
        &self,
        [tgt, memory]: [&Array3<T>; 2],
        p: &DecoderLayerParameters<T>,
        [tgt_masks, memory_masks]: [&[Mask<'_>]; 2],
    ) -> Result<DecoderLayerSteps<T>, Error> {
        let input = self.input_of(tgt, &p.norm1)?;
        let self_attn = self.self_attn.run([&input; 3], &p.self_attn, tgt_masks)?;
        let attended = self.output_of(tgt, &self_attn.output, &p.norm1)?;
        let input = self.input_of(&attended, &p.norm2)?;
        let multihead_attn =
            self.multihead_attn.run([&input, memory, memory], &p.multihead_attn, memory_masks)?;
        let crossed = self.output_of(&attended, &multihead_attn.output, &p.norm2)?;
        let input = self.input_of(&crossed, &p.norm3)?;
        let (hidden, fed) = self.feed_forward(&input, &p.feed_forward)?;
        let output = self.output_of(&crossed, &fed, &p.norm3)?;
        Ok(DecoderLayerSteps { self_attn, attended, multihead_attn, crossed, hidden, output })
    }

    fn run_decoder_backward<T: Number>(
        &self,
        [tgt, memory]: [&Array3<T>; 2],
        p: &DecoderLayerParameters<T>,
        masks: [&[Mask<'_>]; 2],
        grad_output: &Array3<T>,
    ) -> Result<DecoderLayerGrads<T>, Error> {
        let steps = self.run_decoder([tgt, memory], p, masks)?;
        check_grad(&steps.output, grad_output)?;
        let (grad, feed_forward, norm3) =
            self.feed_forward_backward(&steps.crossed, &p.feed_forward, &p.norm3, grad_output)?;
        let crossing = &steps.multihead_attn.output;
        let (grad, cross, norm2) =
            self.sublayer_backward(&steps.attended, crossing, &p.norm2, &grad, |input, grad| {
                let inputs = [input, memory, memory];
                let grads = self.multihead_attn.run_backward(inputs, &p.multihead_attn, masks[1], grad)?;
                Ok((grads.query.clone(), grads))
            })?;
        let (tgt, own, norm1) =
            self.sublayer_backward(tgt, &steps.self_attn.output, &p.norm1, &grad, |input, grad| {
                let grads = self.self_attn.run_backward([input; 3], &p.self_attn, masks[0], grad)?;
                Ok((&grads.query + &grads.key + &grads.value, grads))
            })?;
        let parameters = DecoderLayerParameters {
            self_attn: own.parameters,
            multihead_attn: cross.parameters,
            feed_forward,
            norm1,
            norm2,
            norm3,
        };
        Ok(DecoderLayerGrads { tgt, memory: cross.key + cross.value, parameters })
    }
}
