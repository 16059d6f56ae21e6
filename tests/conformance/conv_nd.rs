//! Convolution in one and three dimensions, transposed and deformable; unfold and fold.

use ndarray::{Array1, Ix4};
use receptive::core::ops::{
    Activation, AutoPad, Conv2d, ConvNd, ConvNdGrads, ConvTranspose2d, ConvTransposeNd, DeformConv2d,
    PaddingMode, Pads, Unfold, causal_conv1d, causal_conv1d_backward, causal_conv1d_plain,
};
use receptive::core::tensor::{Images, Tensor};

use super::conv2d::mode;
use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.conv1d" => conv::<1>,
        "torch.conv3d" => conv::<3>,
        "torch.conv_transpose1d" => conv_transpose::<1>,
        "torch.conv_transpose2d" => conv_transpose::<2>,
        "torch.conv_transpose3d" => conv_transpose::<3>,
        "torch.deform_conv2d" => deform_conv2d,
        "torch.unfold" => unfold,
        "torch.fold" => fold,
        "torch.depthwise_separable" => depthwise_separable,
        "conv_transpose2d.overlap" => overlap,
        "onnx.Conv" => match case.nth(0).unwrap().ndim() {
            2 => onnx_conv::<0>,
            3 => onnx_conv::<1>,
            4 => onnx_conv::<2>,
            5 => onnx_conv::<3>,
            6 => onnx_conv::<4>,
            _ => too_many_axes,
        },
        "onnx.ConvTranspose" => match case.nth(0).unwrap().ndim() {
            2 => onnx_conv_transpose::<0>,
            3 => onnx_conv_transpose::<1>,
            4 => onnx_conv_transpose::<2>,
            5 => onnx_conv_transpose::<3>,
            6 => onnx_conv_transpose::<4>,
            _ => too_many_axes,
        },
        "onnx.Col2Im" => match case.nth(1).unwrap().len() {
            1 => onnx_col2im::<1>,
            2 => onnx_col2im::<2>,
            3 => onnx_col2im::<3>,
            4 => onnx_col2im::<4>,
            _ => too_many_axes,
        },
        "onnx.DeformConv" if case.nth(0).unwrap().ndim() == 4 => onnx_deform_conv,
        "onnx.DeformConv" => too_many_axes,
        "onnx.CausalConvWithState" | "causal_conv1d" => causal_conv,
        _ => return None,
    };
    Some(check(case))
}

fn too_many_axes(case: &Case) -> Outcome {
    Err(Unsupported(format!("an input of shape {:?}", case.nth(0).unwrap().shape())))
}

/// An attribute with one number for each axis; one number alone stands for all.
fn axes<const D: usize>(case: &Case, name: &str, otherwise: usize) -> [usize; D] {
    if case.attrs[name].is_null() {
        return [otherwise; D];
    }
    match case.integers(name)[..] {
        [all] => [all; D],
        ref each => each.try_into().unwrap(),
    }
}

/// One number for a pair of them.
fn pair(case: &Case, name: &str, otherwise: usize) -> (usize, usize) {
    axes::<2>(case, name, otherwise).into()
}

/// Cells before and after each axis: `pads` has them all before and then all after as ONNX has, `padding` is PyTorch's.
fn pads<const D: usize>(case: &Case) -> [(usize, usize); D] {
    if case.attrs["pads"].is_null() {
        return axes::<D>(case, "padding", 0).map(|cells| (cells, cells));
    }
    let pads = case.integers("pads");
    assert_eq!(pads.len(), 2 * D, "{}: pads", case.id);
    std::array::from_fn(|a| (pads[a], pads[a + D]))
}

fn sides([(top, bottom), (left, right)]: [(usize, usize); 2]) -> Pads {
    Pads { top, bottom, left, right }
}

/// The sizes behind batch and channels.
fn size<const D: usize>(tensor: &Tensor) -> [usize; D] {
    tensor.shape()[2..].try_into().unwrap()
}

fn images(tensor: Tensor) -> Images {
    tensor.into_dimensionality::<Ix4>().unwrap()
}

fn vector(tensor: Option<Tensor>) -> Option<Vec<f32>> {
    tensor.map(|tensor| tensor.into_iter().collect())
}

/// `auto_pad` of ONNX; `None` when the pads are given.
fn auto_pad(case: &Case) -> Option<AutoPad> {
    match case.text("auto_pad") {
        "" | "NOTSET" => None,
        "SAME_UPPER" => Some(AutoPad::SameUpper),
        "SAME_LOWER" => Some(AutoPad::SameLower),
        "VALID" => Some(AutoPad::Valid),
        other => panic!("{}: auto_pad {other}", case.id),
    }
}

fn check_grads(case: &Case, grads: ConvNdGrads, how: &str) {
    case.check("d_x", &grads.input, how);
    case.check("d_w", &grads.weight, how);
    if case.has("d_b") {
        case.check("d_b", &Array1::from(grads.bias), how);
    }
}

fn conv<const D: usize>(case: &Case) -> Outcome {
    let (x, w, dy) = (case.input("x").unwrap(), case.input("w").unwrap(), case.input("dy").unwrap());
    let bias = vector(case.input("b"));
    let (stride, dilation) = (axes(case, "stride", 1), axes(case, "dilation", 1));
    let resolve = |auto: AutoPad| auto.resolve(size::<D>(&x), size(&w), stride, dilation).unwrap();
    let pads = match case.text("padding") {
        "same" => resolve(AutoPad::Same),
        "valid" => resolve(AutoPad::Valid),
        "full" => resolve(AutoPad::Full),
        "same_tf" => resolve(AutoPad::SameUpper),
        _ => pads(case),
    };
    let mode = match case.text("padding_mode") {
        "" => PaddingMode::Constant(0.0),
        _ => mode(case, "padding_mode"),
    };
    let [groups] = axes(case, "groups", 1);
    let conv = ConvNd { stride, pads, mode, dilation, groups };
    assert_eq!(conv.output_size(size(&x), size(&w)), Ok(size(&dy)), "size of the output");
    case.check("y", &conv.forward_plain(&x, &w, bias.as_deref()).unwrap(), "plain");
    case.check("y", &conv.forward(&x, &w, bias.as_deref()).unwrap(), "fast");
    check_grads(case, conv.backward_plain(&x, &w, &dy).unwrap(), "plain");
    check_grads(case, conv.backward(&x, &w, &dy).unwrap(), "fast");
    Ok(())
}

fn conv_transpose<const D: usize>(case: &Case) -> Outcome {
    let (x, w, dy) = (case.input("x").unwrap(), case.input("w").unwrap(), case.input("dy").unwrap());
    let bias = vector(case.input("b"));
    let [groups] = axes(case, "groups", 1);
    let conv = ConvTransposeNd {
        stride: axes(case, "stride", 1),
        pads: pads(case),
        output_padding: axes(case, "output_padding", 0),
        dilation: axes(case, "dilation", 1),
        groups,
    };
    let output = axes(case, "output_size", 0);
    assert_eq!(conv.output_size(size::<D>(&x), size(&w)), Ok(output), "size of the output");
    assert_eq!(conv.with_output_size(output, size(&x), size(&w)), Ok(conv), "output_padding");
    case.check("y", &conv.forward_plain(&x, &w, bias.as_deref()).unwrap(), "plain");
    case.check("y", &conv.forward(&x, &w, bias.as_deref()).unwrap(), "fast");
    check_grads(case, conv.backward_plain(&x, &w, &dy).unwrap(), "plain");
    check_grads(case, conv.backward(&x, &w, &dy).unwrap(), "fast");
    if D == 2 {
        let conv = ConvTranspose2d {
            stride: pair(case, "stride", 1),
            pads: sides(pads(case)),
            output_padding: pair(case, "output_padding", 0),
            dilation: pair(case, "dilation", 1),
            groups,
        };
        let (x, w, dy) = (images(x), images(w), images(dy));
        case.check("y", &conv.forward_plain(&x, &w, bias.as_deref()).unwrap(), "plain");
        case.check("y", &conv.forward(&x, &w, bias.as_deref()).unwrap(), "fast");
        for grads in [conv.backward_plain(&x, &w, &dy).unwrap(), conv.backward(&x, &w, &dy).unwrap()] {
            let (input, weight) = (grads.input.into_dyn(), grads.weight.into_dyn());
            check_grads(case, ConvNdGrads { input, weight, bias: grads.bias }, "for images");
        }
    }
    Ok(())
}

/// How many kernels write into each cell.
fn overlap(case: &Case) -> Outcome {
    let conv = ConvTranspose2d {
        stride: pair(case, "stride", 1),
        pads: sides(pads(case)),
        output_padding: pair(case, "output_padding", 0),
        dilation: pair(case, "dilation", 1),
        groups: 1,
    };
    let got = conv.overlap(case.pair("input"), case.pair("kernel_size")).unwrap();
    case.check("overlap", &got, "overlap");
    Ok(())
}

fn deform_conv2d(case: &Case) -> Outcome {
    let (x, offset, w, dy) = (case.images("x"), case.images("offset"), case.images("w"), case.images("dy"));
    let (mask, bias) = (case.input("mask").map(images), vector(case.input("b")));
    let ([groups], [offset_groups]) = (axes(case, "groups", 1), axes(case, "offset_groups", 1));
    let conv = DeformConv2d {
        stride: pair(case, "stride", 1),
        pads: sides(pads(case)),
        dilation: pair(case, "dilation", 1),
        groups,
        offset_groups,
    };
    let (mask, bias) = (mask.as_ref(), bias.as_deref());
    case.check("y", &conv.forward_plain(&x, &offset, mask, &w, bias).unwrap(), "plain");
    case.check("y", &conv.forward(&x, &offset, mask, &w, bias).unwrap(), "fast");
    let grads = conv.backward(&x, &offset, mask, &w, &dy).unwrap();
    case.check("d_x", &grads.input, "backward");
    case.check("d_offset", &grads.offset, "backward");
    case.check("d_w", &grads.weight, "backward");
    if case.has("d_b") {
        case.check("d_b", &Array1::from(grads.bias), "backward");
    }
    if case.has("d_mask") {
        case.check("d_mask", &grads.mask.unwrap(), "backward");
    }
    Ok(())
}

/// The arguments of unfold and fold of a PyTorch case.
fn window(case: &Case) -> Unfold<2> {
    let name = if case.attrs["kernel"].is_null() { "kernel_size" } else { "kernel" };
    Unfold {
        kernel_size: axes(case, name, 1),
        stride: axes(case, "stride", 1),
        pads: pads(case),
        dilation: axes(case, "dilation", 1),
    }
}

fn unfold(case: &Case) -> Outcome {
    let (unfold, x, dy) = (window(case), case.input("x").unwrap(), case.input("dy").unwrap());
    case.check("y", &unfold.unfold_plain(&x).unwrap(), "plain");
    case.check("y", &unfold.unfold(&x).unwrap(), "fast");
    case.check("d_x", &unfold.fold_plain(&dy, size(&x)).unwrap(), "plain");
    case.check("d_x", &unfold.unfold_backward(&dy, size(&x)).unwrap(), "fast");
    Ok(())
}

fn fold(case: &Case) -> Outcome {
    let (fold, x, dy) = (window(case), case.input("x").unwrap(), case.input("dy").unwrap());
    let output = axes(case, "output_size", 1);
    case.check("y", &fold.fold_plain(&x, output).unwrap(), "plain");
    case.check("y", &fold.fold(&x, output).unwrap(), "fast");
    case.check("d_x", &fold.unfold_plain(&dy).unwrap(), "plain");
    case.check("d_x", &fold.fold_backward(&dy).unwrap(), "fast");
    Ok(())
}

/// A kernel for each channel, then a mixture of the channels for each cell.
fn depthwise_separable(case: &Case) -> Outcome {
    let (x, depthwise, pointwise, dy) =
        (case.images("x"), case.images("wd"), case.images("wp"), case.images("dy"));
    let each = Conv2d {
        stride: pair(case, "stride", 1),
        pads: sides(pads(case)),
        dilation: pair(case, "dilation", 1),
        groups: x.dim().1,
        ..Conv2d::default()
    };
    let mix = Conv2d::default();
    let between = each.forward(&x, &depthwise, None).unwrap();
    case.check("y", &mix.forward(&between, &pointwise, None).unwrap(), "fast");
    let plain = each.forward_plain(&x, &depthwise, None).unwrap();
    case.check("y", &mix.forward_plain(&plain, &pointwise, None).unwrap(), "plain");
    let of_mix = mix.backward(&between, &pointwise, &dy).unwrap();
    let of_each = each.backward(&x, &depthwise, &of_mix.input).unwrap();
    case.check("d_wp", &of_mix.weight, "backward");
    case.check("d_wd", &of_each.weight, "backward");
    case.check("d_x", &of_each.input, "backward");
    Ok(())
}

/// ONNX says the size of the kernel twice.
fn check_kernel_shape(case: &Case, weight: &Tensor) {
    if !case.attrs["kernel_shape"].is_null() {
        assert_eq!(case.integers("kernel_shape"), weight.shape()[2..], "{}: kernel_shape", case.id);
    }
}

fn onnx_conv<const D: usize>(case: &Case) -> Outcome {
    let (x, w, bias) = (case.nth(0).unwrap(), case.nth(1).unwrap(), vector(case.nth(2)));
    check_kernel_shape(case, &w);
    let (stride, dilation) = (axes(case, "strides", 1), axes(case, "dilations", 1));
    let pads = match auto_pad(case) {
        Some(auto) => auto.resolve(size::<D>(&x), size(&w), stride, dilation).unwrap(),
        None => pads(case),
    };
    let [groups] = axes(case, "group", 1);
    let conv = ConvNd { stride, pads, dilation, groups, ..ConvNd::default() };
    case.check_nth(0, &conv.forward_plain(&x, &w, bias.as_deref()).unwrap(), "plain");
    case.check_nth(0, &conv.forward(&x, &w, bias.as_deref()).unwrap(), "fast");
    Ok(())
}

fn onnx_conv_transpose<const D: usize>(case: &Case) -> Outcome {
    let (x, w, bias) = (case.nth(0).unwrap(), case.nth(1).unwrap(), vector(case.nth(2)));
    check_kernel_shape(case, &w);
    let [groups] = axes(case, "group", 1);
    let (stride, auto) = (axes::<D>(case, "strides", 1), auto_pad(case));
    let mut conv = ConvTransposeNd {
        stride,
        pads: if auto.is_none() { pads(case) } else { [(0, 0); D] },
        output_padding: axes(case, "output_padding", 0),
        dilation: axes(case, "dilations", 1),
        groups,
    };
    let input = size::<D>(&x);
    let output_shape = if !case.attrs["output_shape"].is_null() {
        Some(axes(case, "output_shape", 0))
    } else {
        let same = matches!(auto, Some(AutoPad::SameUpper | AutoPad::SameLower));
        same.then(|| std::array::from_fn(|a| input[a] * stride[a]))
    };
    if let Some(output_shape) = output_shape {
        // the surplus cell is cut off in front, unless auto_pad says otherwise; up to opset 10 it was the other way round
        let front = (auto != Some(AutoPad::SameUpper))
            == case.entry["opset"].as_u64().is_none_or(|opset| opset >= 11);
        let split = if front { AutoPad::SameLower } else { AutoPad::SameUpper };
        conv = conv.with_output_shape(output_shape, input, size(&w), split).unwrap();
    }
    case.check_nth(0, &conv.forward_plain(&x, &w, bias.as_deref()).unwrap(), "plain");
    case.check_nth(0, &conv.forward(&x, &w, bias.as_deref()).unwrap(), "fast");
    Ok(())
}

fn onnx_deform_conv(case: &Case) -> Outcome {
    let [x, w, offset] = [0, 1, 2].map(|position| case.nth(position).unwrap());
    check_kernel_shape(case, &w);
    let (x, w, offset) = (images(x), images(w), images(offset));
    let (bias, mask) = (vector(case.nth(3)), case.nth(4).map(images));
    let ([groups], [offset_groups]) = (axes(case, "group", 1), axes(case, "offset_group", 1));
    let conv = DeformConv2d {
        stride: pair(case, "strides", 1),
        pads: sides(pads(case)),
        dilation: pair(case, "dilations", 1),
        groups,
        offset_groups,
    };
    let (mask, bias) = (mask.as_ref(), bias.as_deref());
    case.check_nth(0, &conv.forward_plain(&x, &offset, mask, &w, bias).unwrap(), "plain");
    case.check_nth(0, &conv.forward(&x, &offset, mask, &w, bias).unwrap(), "fast");
    Ok(())
}

fn onnx_col2im<const D: usize>(case: &Case) -> Outcome {
    let columns = case.nth(0).unwrap();
    let [image, block] = [1, 2].map(|position| -> [usize; D] {
        let numbers: Vec<usize> = case.nth(position).unwrap().iter().map(|&x| x as usize).collect();
        numbers.try_into().unwrap()
    });
    let fold = Unfold {
        kernel_size: block,
        stride: axes(case, "strides", 1),
        pads: pads(case),
        dilation: axes(case, "dilations", 1),
    };
    case.check_nth(0, &fold.fold_plain(&columns, image).unwrap(), "plain");
    case.check_nth(0, &fold.fold(&columns, image).unwrap(), "fast");
    Ok(())
}

fn causal_conv(case: &Case) -> Outcome {
    let (x, w) = (case.nth(0).unwrap(), case.nth(1).unwrap());
    let (bias, state) = (vector(case.nth(2)), case.nth(3));
    let activation = match case.text("activation") {
        "" | "none" => Activation::None,
        "silu" | "swish" => Activation::Silu,
        other => return Err(Unsupported(format!("activation {other}"))),
    };
    let (bias, state) = (bias.as_deref(), state.as_ref());
    for ((y, next), how) in [
        (causal_conv1d_plain(&x, &w, bias, state).unwrap(), "plain"),
        (causal_conv1d(&x, &w, bias, state).unwrap(), "fast"),
    ] {
        if let (Some(dy), Activation::None) = (case.input("dy"), activation) {
            let grads = causal_conv1d_backward(&x, &w, state, &dy, case.input("d_next").as_ref()).unwrap();
            case.check("d_x", &grads.input, "backward");
            case.check("d_w", &grads.weight, "backward");
            case.check("d_state", &grads.state, "backward");
            case.check("d_b", &Array1::from(grads.bias), "backward");
        }
        case.check_nth(0, &y.mapv(|y| activation.apply(y)), how);
        case.check_nth(1, &next, how);
    }
    Ok(())
}
