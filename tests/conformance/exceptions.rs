//! The cases that are not expected to agree, each by name and with its reason. Nothing else is skipped.

/// Operators and cases that the core leaves out on purpose: `(operator or case, why)`.
pub const LEFT_OUT: &[(&str, &str)] = &[];

/// Cases on which the references themselves disagree: `(case, why)`.
pub const DISPUTED: &[(&str, &str)] = &[
    (
        "resize_downsample_scales_linear_align_corners",
        "the ONNX reference divides by the unrounded length 2.4 - 1, ONNX Runtime by the rounded one",
    ),
    (
        "resize_downsample_scales_cubic_align_corners",
        "the ONNX reference divides by the unrounded length 2.4 - 1, ONNX Runtime by the rounded one",
    ),
    ("maxunpool_export_with_output_shape", "the references read the indices by different conventions"),
    (
        "attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal",
        "the output agrees; the scores given out for inspection hold -inf in one reference, a finite minimum in another",
    ),
    (
        "attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal",
        "the output agrees; the scores given out for inspection hold -inf in one reference, a finite minimum in another",
    ),
];

/// Why a case is skipped; `None` when it is not.
pub fn reason(op: &str, id: &str) -> Option<&'static str> {
    let listed = |list: &'static [(&str, &'static str)]| {
        list.iter().find(|(name, _)| *name == op || *name == id).map(|&(_, why)| why)
    };
    listed(DISPUTED).or_else(|| listed(LEFT_OUT))
}
