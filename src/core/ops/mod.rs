//! The operators. Each has a plain definition, its exact gradient and a fast path; tests hold the three together.

mod activation;
mod affine_grid;
mod attention;
mod attention_additive;
mod attention_backward;
mod attention_cache;
mod attention_fast;
mod attention_flex;
mod attention_head;
mod attention_linear;
mod attention_mask;
mod attention_onnx;
mod attention_softmax;
#[cfg(test)]
mod attention_tests;
mod attention_tiled;
mod axes;
mod batch_norm;
mod bce_with_logits;
mod causal_conv;
mod clip;
mod conv;
mod conv_backward;
mod conv_blocks;
mod conv_box;
mod conv_columns;
mod conv_fast;
mod conv_grad_weight;
mod conv_nd;
mod conv_nd_fast;
#[cfg(test)]
mod conv_nd_tests;
mod conv_nine;
mod conv_planes;
mod conv_reads;
#[cfg(test)]
mod conv_tests;
mod conv_transpose;
mod conv_transpose_fast;
mod conv_transpose_nd;
mod conv_transpose_nd_fast;
#[cfg(test)]
mod conv_transpose_tests;
mod conv_winograd;
mod cross_entropy;
mod deform_conv;
mod deform_conv_fast;
#[cfg(test)]
mod deform_conv_tests;
mod elementary;
mod embedding;
mod erf;
mod feed_forward;
mod four;
mod gated;
mod gemm;
mod grid_sample;
mod group_norm;
mod interpolate;
mod lanes;
mod layer_norm;
mod linear;
mod local_response_norm;
mod loss;
mod lp_norm;
mod matmul;
mod multihead;
mod multihead_steps;
#[cfg(test)]
mod multihead_tests;
mod nonlinearity;
mod nonlinearity_fast;
#[cfg(test)]
mod nonlinearity_tests;
#[cfg(test)]
mod norm_tests;
mod number;
mod optimizer;
mod pad;
mod pad_nd;
mod pixel_shuffle;
mod pool;
mod pool_average;
mod pool_fast;
mod pool_lanes;
mod pool_lp;
mod pool_select;
#[cfg(test)]
mod pool_tests;
mod pool_windows;
mod position;
mod position_bias;
#[cfg(test)]
mod position_tests;
mod precision;
mod prelu;
#[cfg(test)]
mod resample_tests;
mod resize;
mod resize_onnx;
mod roi_align;
mod rope;
mod rope_scaling;
mod scaled_matmul;
mod schedule;
mod softmax;
mod standardise;
mod taps;
mod tokens;
mod transformer;
mod transformer_decoder;
mod unfold;
mod windows;

pub use activation::Activation;
pub use affine_grid::{affine_grid, affine_grid_backward};
pub use attention::{Attended, Attention, AttentionGrads, Heads, Score, hardmax};
pub use attention_additive::{AdditiveGrads, AdditiveScore};
pub use attention_cache::{KvCache, TensorScatter};
pub use attention_flex::FlexAttention;
pub use attention_linear::{LinearAttention, LinearAttentionGrads, LinearAttentionInputs};
pub use attention_mask::{Align, Mask, Window, mask_backward, padding_mask};
pub use attention_onnx::{OnnxAttended, OnnxAttention, OnnxAttentionInputs, QkMatmulOutput};
pub use attention_tiled::Tiled;
pub use batch_norm::{BatchNorm, BatchNormOutput, RunningStatistics};
pub use bce_with_logits::BceWithLogits;
pub use causal_conv::{CausalConv1dGrads, causal_conv1d, causal_conv1d_backward, causal_conv1d_plain};
pub use clip::{clip_grad_norm, clip_grad_value, total_norm};
pub use conv::{Conv2d, Conv2dGrads};
pub(crate) use conv_box::{Finish, Rows, SLACK, correlate, pack};
pub use conv_nd::{AutoPad, Conv1d, Conv3d, ConvNd, ConvNdGrads};
pub use conv_transpose::{CellAndTap, ConvTranspose2d, ConvTranspose2dGrads};
pub use conv_transpose_nd::{ConvTranspose1d, ConvTranspose3d, ConvTransposeNd};
pub use cross_entropy::{CrossEntropy, Target};
pub use deform_conv::{DeformConv2d, DeformConv2dGrads};
pub use embedding::Embedding;
pub use erf::{erf, erfc};
pub use feed_forward::{FeedForward, FeedForwardGrads, GatedFeedForward, GatedFeedForwardGrads};
pub use gated::{GatedGrads, gated, gated_backward, glu, glu_backward};
pub use grid_sample::{GridSample, GridSampleGrads, SampleMode, SamplePadding};
pub use group_norm::{GroupNorm, InstanceNorm};
pub use interpolate::{Interpolate, Interpolation, ResizeTo};
pub use layer_norm::{LayerNorm, NormGrads, RmsNorm};
pub use linear::{LinearGrads, linear, linear_backward, linear_backward_plain, linear_plain};
pub use local_response_norm::LocalResponseNorm;
pub use loss::{Distance, ElementwiseLoss, Reduction};
pub use lp_norm::{MeanVarianceNorm, Normalize};
pub use matmul::{matmul, matmul_backward, matmul_plain};
pub use multihead::{MultiheadAttended, MultiheadAttention, MultiheadGrads, MultiheadParameters};
pub use nonlinearity::Nonlinearity;
pub use optimizer::{Adagrad, Adam, Optimizer, RmsProp, Rule, Sgd};
pub use pad::{Padding, PaddingMode, Pads, pad2d, pad2d_backward};
pub use pad_nd::PadNd;
pub use pixel_shuffle::{ChannelOrder, pixel_shuffle, pixel_unshuffle};
pub use pool::{Pool, Pool1d, Pool2d, Pool3d};
pub use pool_average::Divisor;
pub use pool_lp::LpRule;
pub use pool_select::{Selected, max_unpool, max_unpool_backward};
pub use pool_windows::{PoolWindows, Span};
pub use position::{Sinusoidal, SinusoidalLayout, learned_positions, learned_positions_backward};
pub use position_bias::{
    AlibiOrder, T5Buckets, alibi_bias, alibi_row, alibi_slopes, relative_bias, relative_bias_backward,
    swin_indices,
};
pub use precision::Precision;
pub use prelu::{prelu, prelu_backward, prelu_broadcast, prelu_broadcast_backward};
pub use resize::resize_area;
pub use resize_onnx::{AspectRatio, Coordinates, Resize, ResizeAxis, ResizeMode, Rounding};
pub use roi_align::{RoiAlign, RoiMode};
pub use rope::{Rope, RopeLayout, RopeTables};
pub use rope_scaling::{Llama3, LongRope, RopeFrequencies, RopeScaling, Yarn};
pub use scaled_matmul::{Gemm, GemmGrads};
pub use schedule::{OneCycle, Schedule};
pub use softmax::Softmax;
pub use tokens::{NormParameters, Tokens};
pub use transformer::{
    EncoderLayerGrads, EncoderLayerParameters, EncoderLayerSteps, FeedForwardParameters, TransformerLayer,
};
pub use transformer_decoder::{DecoderLayerGrads, DecoderLayerParameters, DecoderLayerSteps};
pub use unfold::Unfold;
