//! The operator that a convolution case describes.

use super::Case;
use ndarray::{Array1, Ix1};
use receptive::core::ops::{Conv2d, PaddingMode, Pads};

/// The padding mode an attribute names.
pub fn mode(case: &Case, name: &str) -> PaddingMode {
    match case.text(name) {
        "zeros" => PaddingMode::Constant(0.0),
        "constant" => PaddingMode::Constant(case.attrs["value"].as_f64().unwrap() as f32),
        "reflect" => PaddingMode::Reflect,
        "replicate" => PaddingMode::Replicate,
        "circular" => PaddingMode::Circular,
        other => panic!("{}: padding mode {other}", case.id),
    }
}

/// The resolved pads.
pub fn pads(case: &Case) -> Pads {
    let [top, bottom, left, right] = case.integers("pads_tblr")[..] else { panic!("{}: pads", case.id) };
    Pads { top, bottom, left, right }
}

/// The operator of a case.
pub fn conv2d(case: &Case) -> Conv2d {
    Conv2d {
        stride: case.pair("stride"),
        pads: pads(case),
        mode: mode(case, "padding_mode"),
        dilation: case.pair("dilation"),
        groups: case.integers("groups")[0],
        flip: case.attrs["flip"] == true,
    }
}

/// Plain, fast and backward against the numbers of a case.
pub fn check(case: &Case) {
    let conv = conv2d(case);
    let (x, w, dy) = (case.images("x"), case.images("w"), case.images("dy"));
    let bias = case.input("b").map(|bias| bias.into_dimensionality::<Ix1>().unwrap().to_vec());
    case.check("y", &conv.forward_plain(&x, &w, bias.as_deref()).unwrap(), "plain");
    case.check("y", &conv.forward(&x, &w, bias.as_deref()).unwrap(), "fast");
    let grads = conv.backward(&x, &w, &dy).unwrap();
    case.check("d_x", &grads.input, "backward");
    case.check("d_w", &grads.weight, "backward");
    if case.has("d_b") {
        case.check("d_b", &Array1::from(grads.bias), "backward");
    }
}
