//! The convolution, its padding and what goes with it, against numbers from PyTorch.
//!
//! `CONFORMANCE_DIR`, when set, names a folder whose sub-folder `torch` holds a larger suite of the same format; its
//! cases are then tested too.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "conformance_format/mod.rs"]
mod conformance_format;

use std::path::{Path, PathBuf};

use conformance_format::conv2d::{check, mode, pads};
use conformance_format::{Case, read};
use ndarray::{Array1, Ix1, Ix2};
use receptive::core::analysis::separability;
use receptive::core::ops::{Activation, Conv2d, Padding, PaddingMode, pad2d, pad2d_backward, resize_area};

/// The cases of `op`, of the committed suite and of the larger one when there is one.
fn cases(op: &str) -> Vec<Case> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/conv2d")];
    folders.extend(std::env::var_os("CONFORMANCE_DIR").map(|folder| PathBuf::from(folder).join("torch")));
    let cases: Vec<Case> =
        folders.iter().flat_map(|folder| read(folder)).filter(|case| case.op == op).collect();
    assert!(!cases.is_empty(), "no case of {op}");
    cases
}

#[test]
fn convolution_and_gradients() {
    for case in cases("torch.conv2d") {
        check(&case);
    }
}

#[test]
fn kinds_of_padding() {
    let mut named = 0;
    for case in cases("torch.conv2d") {
        let padding = match case.text("padding") {
            "same" => Padding::Same,
            "same_tf" => Padding::SameTf,
            "valid" => Padding::Valid,
            "full" => Padding::Full,
            _ => Padding::Explicit(pads(&case)),
        };
        named += usize::from(padding != Padding::Explicit(pads(&case)));
        let conv = conv2d(&case);
        let ((_, _, height, width), (_, _, kernel_height, kernel_width)) =
            (case.images("x").dim(), case.images("w").dim());
        let (input, kernel_size) = ((height, width), (kernel_height, kernel_width));
        assert_eq!(
            padding.resolve(input, kernel_size, conv.stride, conv.dilation),
            Ok(conv.pads),
            "{}",
            case.id
        );
        let (_, _, output_height, output_width) = case.images("dy").dim();
        assert_eq!(conv.output_size(input, kernel_size), Ok((output_height, output_width)), "{}", case.id);
    }
    assert!(named > 20);
}

#[test]
fn padding_and_its_gradient() {
    for case in cases("torch.pad") {
        let (pads, mode) = (pads(&case), mode(&case, "mode"));
        let (x, dy) = (case.images("x"), case.images("dy"));
        case.check("y", &pad2d(&x, pads, mode).unwrap(), "pad");
        let (_, _, height, width) = x.dim();
        case.check("d_x", &pad2d_backward(&dy, pads, mode, (height, width)).unwrap(), "backward");
    }
}

#[test]
fn reads_of_the_input() {
    for case in cases("conv2d.reads") {
        let conv = Conv2d {
            stride: case.pair("stride"),
            pads: pads(&case),
            mode: match case.text("padding_mode") {
                "constant" => PaddingMode::Constant(1.0),
                _ => mode(&case, "padding_mode"),
            },
            dilation: case.pair("dilation"),
            ..Conv2d::default()
        };
        let (input, kernel_size) = (case.pair("input"), case.pair("kernel_size"));
        case.check("usage", &conv.usage(input, kernel_size).unwrap(), "usage");
        case.check("padding_share", &conv.padding_share(input, kernel_size).unwrap(), "padding share");
    }
}

#[test]
fn activations() {
    let mut tested = 0;
    for case in cases("torch.activation") {
        let activation = match case.text("name") {
            "none" => Activation::None,
            "relu" => Activation::Relu,
            "leaky_relu" if case.attrs["negative_slope"].is_null() => Activation::LeakyRelu,
            "gelu" => Activation::Gelu,
            "gelu_tanh" => Activation::GeluTanh,
            "silu" => Activation::Silu,
            "sigmoid" => Activation::Sigmoid,
            "tanh" => Activation::Tanh,
            "softplus" => Activation::Softplus,
            "elu" => Activation::Elu,
            "hardswish" => Activation::HardSwish,
            _ => continue, // the larger suite has activations and slopes that no lab offers yet
        };
        tested += 1;
        let x = case.input("x").unwrap();
        case.check("y", &x.mapv(|x| activation.apply(x)), "apply");
        let dy = case.input("dy").unwrap_or_else(|| x.mapv(|_| 1.0));
        case.check("d_x", &(x.mapv(|x| activation.derivative(x)) * dy), "derivative");
    }
    assert!(tested >= Activation::ALL.len());
}

#[test]
fn resizing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/conv2d");
    for case in read(&folder).iter().filter(|case| case.op == "torch.interpolate") {
        let x = case.input("x").unwrap().into_dimensionality::<Ix2>().unwrap();
        case.check("y", &resize_area(&x, case.pair("size")).unwrap(), "resize");
    }
}

#[test]
fn singular_values() {
    for case in cases("numpy.svd") {
        let w = case.input("w").unwrap().into_dimensionality::<Ix2>().unwrap();
        let found = separability(&w);
        assert_eq!(found.rank, case.integers("rank")[0], "{}", case.id);
        case.check("s", &Array1::from(found.singular_values), "svd");
    }
}
