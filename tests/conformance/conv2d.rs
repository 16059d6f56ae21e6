//! Two-dimensional convolution with its gradients and everything the convolution lab says about it.

use ndarray::{Array1, Ix1, Ix2};
use receptive::core::analysis::separability;
use receptive::core::ops::{Conv2d, Padding, PaddingMode, Pads};

use super::Outcome;
use super::format::Case;

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) = match case.op.as_str() {
        "torch.conv2d" => |case| {
            check(case);
            check_sizes(case);
        },
        "conv2d.reads" => check_reads,
        "numpy.svd" => check_singular_values,
        _ => return None,
    };
    check(case);
    Some(Ok(()))
}

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

/// The padding resolves to the pads of the case, and the size of the output follows.
fn check_sizes(case: &Case) {
    let padding = match case.text("padding") {
        "same" => Padding::Same,
        "same_tf" => Padding::SameTf,
        "valid" => Padding::Valid,
        "full" => Padding::Full,
        _ => Padding::Explicit(pads(case)),
    };
    let conv = conv2d(case);
    let ((_, _, height, width), (_, _, kernel_height, kernel_width)) =
        (case.images("x").dim(), case.images("w").dim());
    let (input, kernel_size) = ((height, width), (kernel_height, kernel_width));
    assert_eq!(padding.resolve(input, kernel_size, conv.stride, conv.dilation), Ok(conv.pads), "pads");
    let (_, _, output_height, output_width) = case.images("dy").dim();
    assert_eq!(conv.output_size(input, kernel_size), Ok((output_height, output_width)), "size of the output");
}

/// How often each cell of the input is read, and what each output takes from the padding.
fn check_reads(case: &Case) {
    let conv = Conv2d {
        stride: case.pair("stride"),
        pads: pads(case),
        mode: match case.text("padding_mode") {
            "constant" => PaddingMode::Constant(1.0),
            _ => mode(case, "padding_mode"),
        },
        dilation: case.pair("dilation"),
        ..Conv2d::default()
    };
    let (input, kernel_size) = (case.pair("input"), case.pair("kernel_size"));
    case.check("usage", &conv.usage(input, kernel_size).unwrap(), "usage");
    case.check("padding_share", &conv.padding_share(input, kernel_size).unwrap(), "padding share");
}

fn check_singular_values(case: &Case) {
    let w = case.input("w").unwrap().into_dimensionality::<Ix2>().unwrap();
    let found = separability(&w);
    assert_eq!(found.rank, case.integers("rank")[0], "rank");
    case.check("s", &Array1::from(found.singular_values), "svd");
}
