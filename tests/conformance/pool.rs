//! Pooling.

use ndarray::ArrayD;
use receptive::core::ops::{
    AutoPad, Divisor, LpRule, Pool, PoolWindows, RoiAlign, RoiMode, Selected, max_unpool, max_unpool_backward,
};
use receptive::core::tensor::Tensor;
use serde_json::Value;

use super::Outcome;
use super::format::Case;

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) = match case.op.as_str() {
        "torch.max_pool1d" => max::<1>,
        "torch.max_pool2d" => max::<2>,
        "torch.max_pool3d" => max::<3>,
        "torch.min_pool2d" => min::<2>,
        "torch.avg_pool1d" => average::<1>,
        "torch.avg_pool2d" => average::<2>,
        "torch.avg_pool3d" => average::<3>,
        "torch.lp_pool1d" => lp::<1>,
        "torch.lp_pool2d" => lp::<2>,
        "torch.lp_pool3d" => lp::<3>,
        "torch.median_pool1d" => median::<1>,
        "torch.median_pool2d" => median::<2>,
        "torch.adaptive_avg_pool1d" => |case| check_average(case, &adaptive::<1>(case), Divisor::default()),
        "torch.adaptive_avg_pool2d" => |case| check_average(case, &adaptive::<2>(case), Divisor::default()),
        "torch.adaptive_avg_pool3d" => |case| check_average(case, &adaptive::<3>(case), Divisor::default()),
        "torch.adaptive_max_pool1d" => |case| check_max(case, &adaptive::<1>(case)),
        "torch.adaptive_max_pool2d" => |case| check_max(case, &adaptive::<2>(case)),
        "torch.adaptive_max_pool3d" => |case| check_max(case, &adaptive::<3>(case)),
        "torch.global_lp_pool2d" => global_lp,
        "torch.max_unpool1d" | "torch.max_unpool2d" | "torch.max_unpool3d" => unpool,
        "torchvision.roi_align" => roi_align,
        "onnx.MaxPool" => |case| onnx_by_rank(case, onnx_max::<1>, onnx_max::<2>, onnx_max::<3>),
        "onnx.AveragePool" => {
            |case| onnx_by_rank(case, onnx_average::<1>, onnx_average::<2>, onnx_average::<3>)
        }
        "onnx.LpPool" => |case| onnx_by_rank(case, onnx_lp::<1>, onnx_lp::<2>, onnx_lp::<3>),
        "onnx.GlobalAveragePool" | "onnx.GlobalMaxPool" | "onnx.GlobalLpPool" => {
            |case| onnx_by_rank(case, onnx_global::<1>, onnx_global::<2>, onnx_global::<3>)
        }
        "onnx.MaxUnpool" => |case| onnx_by_rank(case, onnx_unpool::<1>, onnx_unpool::<2>, onnx_unpool::<3>),
        "onnx.RoiAlign" => onnx_roi_align,
        _ => return None,
    };
    check(case);
    Some(Ok(()))
}

/// The attribute of this name, one number for each axis; `otherwise` when it is absent.
fn list<const D: usize>(case: &Case, name: &str, otherwise: [usize; D]) -> [usize; D] {
    match &case.attrs[name] {
        Value::Null => otherwise,
        Value::Number(number) => [number.as_u64().unwrap() as usize; D],
        _ => match case.integers(name)[..] {
            [] => otherwise,
            [all] => [all; D],
            ref list => list.try_into().unwrap(),
        },
    }
}

/// The windows of a PyTorch case.
fn pool<const D: usize>(case: &Case) -> Pool<D> {
    let kernel_size = list(case, "kernel", [2; D]);
    let pads = match case.attrs["pads_tblr"].as_array() {
        Some(_) => {
            let pads = case.integers("pads_tblr");
            std::array::from_fn(|a| (pads[2 * a], pads[2 * a + 1]))
        }
        None => list(case, "padding", [0; D]).map(|padding| (padding, padding)),
    };
    Pool {
        kernel_size,
        stride: list(case, "stride", kernel_size),
        pads,
        dilation: list(case, "dilation", [1; D]),
        ceil_mode: case.flag("ceil_mode"),
        free_pads: false,
    }
}

/// The size of the planes of `x`.
fn space<const D: usize>(x: &Tensor) -> [usize; D] {
    x.shape()[2..].try_into().unwrap()
}

fn windows<const D: usize>(case: &Case) -> PoolWindows<D> {
    pool(case).windows(space(&case.input("x").unwrap())).unwrap()
}

fn max<const D: usize>(case: &Case) {
    check_max(case, &windows::<D>(case));
}

fn check_max<const D: usize>(case: &Case, windows: &PoolWindows<D>) {
    let x = case.input("x").unwrap();
    check_selected(case, &windows.max(&x).unwrap());
    case.check("y", &windows.max_values(&x).unwrap(), "fast");
}

fn min<const D: usize>(case: &Case) {
    let (x, windows) = (case.input("x").unwrap(), windows::<D>(case));
    check_selected(case, &windows.min(&x).unwrap());
    case.check("y", &windows.min_values(&x).unwrap(), "fast");
}

fn check_selected(case: &Case, selected: &Selected<ndarray::IxDyn>) {
    case.check("y", &selected.values, "values");
    if case.has("indices") {
        case.check("indices", &selected.indices.mapv(|index| index as f32), "indices");
    }
    if let Some(dy) = case.input("dy") {
        case.check("d_x", &selected.backward(&dy).unwrap(), "backward");
    }
}

fn average<const D: usize>(case: &Case) {
    let divisor = Divisor {
        count_include_pad: case.flag("count_include_pad"),
        divisor_override: case.attrs["divisor_override"].as_i64(),
    };
    check_average(case, &windows::<D>(case), divisor);
}

fn check_average<const D: usize>(case: &Case, windows: &PoolWindows<D>, divisor: Divisor) {
    let x = case.input("x").unwrap();
    case.check("y", &windows.average_plain(&x, divisor).unwrap(), "plain");
    case.check("y", &windows.average(&x, divisor).unwrap(), "fast");
    let dy = case.input("dy").unwrap();
    case.check("d_x", &windows.average_backward(&dy, divisor).unwrap(), "backward");
}

fn lp<const D: usize>(case: &Case) {
    check_lp(case, &windows::<D>(case), LpRule::Torch);
}

fn check_lp<const D: usize>(case: &Case, windows: &PoolWindows<D>, rule: LpRule) {
    let (x, dy, p) = (case.input("x").unwrap(), case.input("dy").unwrap(), case.number("p", 2.0));
    case.check("y", &windows.lp(&x, p, rule).unwrap(), "lp");
    case.check("d_x", &windows.lp_backward(&x, &dy, p, rule).unwrap(), "backward");
}

fn global_lp(case: &Case) {
    let size = space::<2>(&case.input("x").unwrap());
    check_lp(case, &PoolWindows::global(size).unwrap(), LpRule::Norm);
}

fn median<const D: usize>(case: &Case) {
    let mode = super::conv2d::mode(case, "padding_mode");
    check_selected(case, &pool::<D>(case).median(&case.input("x").unwrap(), mode).unwrap());
}

/// The windows of an adaptive pooling; a size that is null stays as it is.
fn adaptive<const D: usize>(case: &Case) -> PoolWindows<D> {
    let input = space::<D>(&case.input("x").unwrap());
    let size = &case.attrs["output_size"];
    let output = std::array::from_fn(|a| {
        let size = if size.is_array() { &size[a] } else { size };
        size.as_u64().map_or(input[a], |size| size as usize)
    });
    PoolWindows::adaptive(input, output).unwrap()
}

fn unpool(case: &Case) {
    let indices = case.inputs.iter().flatten().find(|input| input.name == "indices").unwrap();
    let indices = indices.data.mapv(|index| index as i64);
    let y = max_unpool(&case.input("x").unwrap(), &indices, &case.integers("output_size")).unwrap();
    case.check("y", &y, "unpool");
    case.check("d_x", &max_unpool_backward(&case.input("dy").unwrap(), &indices).unwrap(), "backward");
}

fn roi_align(case: &Case) {
    let (x, rois) = (case.images("x"), case.input("boxes").unwrap());
    // torchvision puts the image's number before the corners
    let images: Vec<i64> = rois.outer_iter().map(|roi| roi[0] as i64).collect();
    let rois = rois.slice(ndarray::s![.., 1..]).into_dimensionality().unwrap().to_owned();
    let align = RoiAlign {
        output_size: case.pair("output_size"),
        spatial_scale: case.number("spatial_scale", 1.0),
        sampling_ratio: case.number("sampling_ratio", -1.0).max(0.0) as usize,
        aligned: case.flag("aligned"),
        mode: RoiMode::Average,
    };
    case.check("y", &align.forward(&x, &rois, &images).unwrap(), "roi align");
    case.check("d_x", &align.backward(&x, &rois, &images, &case.images("dy")).unwrap(), "backward");
}

// ---- ONNX: inputs and outputs by position

fn onnx_by_rank(case: &Case, one: fn(&Case), two: fn(&Case), three: fn(&Case)) {
    match case.nth(0).unwrap().ndim() {
        3 => one(case),
        4 => two(case),
        5 => three(case),
        rank => panic!("{}: rank {rank}", case.id),
    }
}

/// The windows of an ONNX case.
fn onnx_pool<const D: usize>(case: &Case) -> Pool<D> {
    let kernel_size = list(case, "kernel_shape", [1; D]);
    let (stride, dilation) = (list(case, "strides", [1; D]), list(case, "dilations", [1; D]));
    let input = space::<D>(&case.nth(0).unwrap());
    let explicit = match &case.attrs["pads"] {
        Value::Null => vec![0; 2 * D],
        _ => case.integers("pads"),
    };
    let auto_pad = case.text("auto_pad");
    let auto = match auto_pad {
        "SAME_UPPER" => Some(AutoPad::SameUpper),
        "SAME_LOWER" => Some(AutoPad::SameLower),
        "VALID" => Some(AutoPad::Valid),
        _ => None,
    };
    let pads = match auto {
        Some(auto) => auto.resolve(input, kernel_size, stride, dilation).unwrap(),
        None => std::array::from_fn(|a| (explicit[a], explicit[a + D])),
    };
    let ceil_mode = case.flag("ceil_mode") && !auto_pad.starts_with("SAME");
    Pool { kernel_size, stride, pads, dilation, ceil_mode, free_pads: true }
}

fn onnx_windows<const D: usize>(case: &Case) -> (Tensor, PoolWindows<D>) {
    let x = case.nth(0).unwrap();
    let windows = onnx_pool(case).windows(space(&x)).unwrap();
    (x, windows)
}

fn onnx_max<const D: usize>(case: &Case) {
    let (x, windows) = onnx_windows::<D>(case);
    let max = windows.max(&x).unwrap();
    case.check_nth(0, &max.values, "values");
    case.check_nth(0, &windows.max_values(&x).unwrap(), "fast");
    // ONNX counts over the whole tensor, and with a storage_order of 1 goes down the columns of a plane first
    let (size, outputs) = (windows.input(), windows.output().iter().product::<usize>());
    let plane: usize = size.iter().product();
    let column_major = case.flag("storage_order");
    let counted = max.indices.iter().enumerate().map(|(at, &index)| {
        let index = if column_major { by_columns(index as usize, size) } else { index as usize };
        (at / outputs * plane + index) as f32
    });
    let counted = ArrayD::from_shape_vec(max.indices.raw_dim(), counted.collect()).unwrap();
    case.check_nth(1, &counted, "indices");
}

/// A row-major index, counted with the first axis as the fastest.
fn by_columns<const D: usize>(mut index: usize, size: [usize; D]) -> usize {
    let mut at = [0; D];
    for a in (0..D).rev() {
        at[a] = index % size[a];
        index /= size[a];
    }
    (0..D).rev().fold(0, |index, a| index * size[a] + at[a])
}

fn onnx_average<const D: usize>(case: &Case) {
    let (x, windows) = onnx_windows::<D>(case);
    let divisor = Divisor { count_include_pad: case.flag("count_include_pad"), divisor_override: None };
    case.check_nth(0, &windows.average_plain(&x, divisor).unwrap(), "plain");
    case.check_nth(0, &windows.average(&x, divisor).unwrap(), "fast");
}

fn onnx_lp<const D: usize>(case: &Case) {
    let (x, windows) = onnx_windows::<D>(case);
    case.check_nth(0, &windows.lp(&x, case.number("p", 2.0), LpRule::Norm).unwrap(), "lp");
}

fn onnx_global<const D: usize>(case: &Case) {
    let x = case.nth(0).unwrap();
    let windows = PoolWindows::<D>::global(space(&x)).unwrap();
    let y = match case.op.as_str() {
        "onnx.GlobalAveragePool" => windows.average(&x, Divisor::default()),
        "onnx.GlobalMaxPool" => windows.max_values(&x),
        _ => windows.lp(&x, case.number("p", 2.0), LpRule::Norm),
    };
    case.check_nth(0, &y.unwrap(), "global");
}

fn onnx_unpool<const D: usize>(case: &Case) {
    let x = case.nth(0).unwrap();
    let size = match case.nth(2) {
        Some(shape) => std::array::from_fn(|a| shape[[a + 2]] as usize),
        None => onnx_pool::<D>(case).unpooled_size(space(&x)).unwrap(),
    };
    let plane = size.iter().product::<usize>() as i64;
    let indices = case.inputs[1].as_ref().unwrap().data.mapv(|index| index as i64 % plane);
    case.check_nth(0, &max_unpool(&x, &indices, &size).unwrap(), "unpool");
}

fn onnx_roi_align(case: &Case) {
    let x = case.nth(0).unwrap().into_dimensionality().unwrap();
    let rois = case.nth(1).unwrap().into_dimensionality().unwrap();
    let images: Vec<i64> = case.nth(2).unwrap().iter().map(|&image| image as i64).collect();
    let opset = case.entry["opset"].as_u64().unwrap_or(22);
    let size = |name| case.number(name, 1.0) as usize;
    let align = RoiAlign {
        output_size: (size("output_height"), size("output_width")),
        spatial_scale: case.number("spatial_scale", 1.0),
        sampling_ratio: size_or_zero(case),
        aligned: match case.text("coordinate_transformation_mode") {
            "" => opset >= 16,
            mode => mode == "half_pixel",
        },
        mode: if case.text("mode") == "max" { RoiMode::MaxOfProducts } else { RoiMode::Average },
    };
    case.check_nth(0, &align.forward(&x, &rois, &images).unwrap(), "roi align");
}

fn size_or_zero(case: &Case) -> usize {
    case.number("sampling_ratio", 0.0) as usize
}
