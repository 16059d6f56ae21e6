//! Padding, resizing, sampling, moving between channels and space.

use ndarray::{Ix2, Ix3, Ix4};
use receptive::core::ops::{
    AspectRatio, ChannelOrder, Coordinates, GridSample, Interpolate, Interpolation, PadNd, PaddingMode,
    Resize, ResizeAxis, ResizeMode, ResizeTo, Rounding, SampleMode, SamplePadding, affine_grid,
    affine_grid_backward, pad2d, pad2d_backward, pixel_shuffle, pixel_unshuffle, resize_area,
};
use serde_json::Value;

use super::conv2d::{mode, pads};
use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.pad" => pad,
        "torch.interpolate" => interpolate,
        "torch.grid_sample" => grid_sample,
        "torch.affine_grid" => torch_affine_grid,
        "torch.pixel_shuffle" | "torch.pixel_unshuffle" => shuffle,
        "resize_area" => area,
        "onnx.Pad" => onnx_pad,
        "onnx.CenterCropPad" => onnx_center_crop_pad,
        "onnx.Resize" | "onnx.Upsample" => onnx_resize,
        "onnx.DepthToSpace" | "onnx.SpaceToDepth" => onnx_shuffle,
        "onnx.GridSample" => onnx_grid_sample,
        "onnx.AffineGrid" => onnx_affine_grid,
        _ => return None,
    };
    Some(check(case))
}

/// The attribute of this name as whole numbers of either sign; empty when it is absent.
fn signed(case: &Case, name: &str) -> Vec<isize> {
    let list = case.attrs[name].as_array().cloned().unwrap_or_default();
    list.iter().map(|number| number.as_i64().unwrap() as isize).collect()
}

/// The numbers of an input by position, as whole numbers; empty when it is absent.
fn integers_of(case: &Case, position: usize) -> Vec<isize> {
    let input = case.inputs.get(position).and_then(Option::as_ref);
    input.map(|input| input.data.iter().map(|&number| number as isize).collect()).unwrap_or_default()
}

/// Axes counted from either end; all when there are none.
fn axes(list: &[isize], rank: usize) -> Vec<usize> {
    match list {
        [] => (0..rank).collect(),
        list => list.iter().map(|&axis| axis.rem_euclid(rank as isize) as usize).collect(),
    }
}

fn pad(case: &Case) -> Outcome {
    let (x, dy) = (case.input("x").unwrap(), case.input("dy").unwrap());
    let mode = mode(case, "mode");
    // the last axes, first to last, before and after; PyTorch's own order goes from the last axis on
    let given: Vec<isize> = if case.attrs["pads"].is_array() {
        signed(case, "pads").chunks_exact(2).rev().flatten().copied().collect()
    } else {
        signed(case, "pads_tblr")
    };
    let mut all = vec![(0, 0); x.ndim() - given.len() / 2];
    all.extend(given.chunks_exact(2).map(|pair| (pair[0], pair[1])));
    let any = PadNd { pads: all, mode, repeat: false };
    case.check("y", &any.forward(&x).unwrap(), "pad");
    case.check("d_x", &any.backward(&dy, x.shape()).unwrap(), "backward");
    if x.ndim() == 4
        && given.len() == 4
        && given.iter().all(|&pad| pad >= 0)
        && case.attrs["pads_tblr"].is_array()
    {
        let (pads, x) = (pads(case), case.images("x"));
        case.check("y", &pad2d(&x, pads, mode).unwrap(), "pad2d");
        let (_, _, height, width) = x.dim();
        let back = pad2d_backward(&case.images("dy"), pads, mode, (height, width)).unwrap();
        case.check("d_x", &back, "backward of pad2d");
    }
    Ok(())
}

fn interpolate(case: &Case) -> Outcome {
    let (align_corners, antialias) = (case.flag("align_corners"), case.flag("antialias"));
    let mode = match case.text("mode") {
        "nearest" => Interpolation::Nearest,
        "nearest-exact" => Interpolation::NearestExact,
        "area" => Interpolation::Area,
        "linear" | "bilinear" | "trilinear" => Interpolation::Linear { align_corners, antialias },
        "bicubic" => Interpolation::Cubic { align_corners, antialias },
        "lanczos" => Interpolation::Lanczos { align_corners },
        other => return Err(Unsupported(format!("mode {other}"))),
    };
    let x = case.input("x").unwrap();
    let space = x.ndim() - 2;
    let target = match &case.attrs["scale_factor"] {
        Value::Null => ResizeTo::Size(match case.integers("output_size")[..] {
            [all] => vec![all; space],
            ref sizes => sizes.to_vec(),
        }),
        Value::Array(factors) => {
            ResizeTo::Factor(factors.iter().map(|factor| factor.as_f64().unwrap()).collect())
        }
        factor => ResizeTo::Factor(vec![factor.as_f64().unwrap(); space]),
    };
    let mut interpolate = Interpolate { mode, target };
    if case.flag("recompute_scale_factor") {
        interpolate.target = ResizeTo::Size(interpolate.output_size(&x.shape()[2..]).unwrap());
    }
    case.check("y", &interpolate.forward_plain(&x).unwrap(), "plain");
    case.check("y", &interpolate.forward(&x).unwrap(), "by axes");
    let dy = case.input("dy").unwrap();
    case.check("d_x", &interpolate.backward(&dy, x.shape()).unwrap(), "backward");
    Ok(())
}

fn grid_sample(case: &Case) -> Outcome {
    let sampler = sampler(case)?;
    let (x, grid, dy) = (case.input("x").unwrap(), case.input("grid").unwrap(), case.input("dy").unwrap());
    case.check("y", &sampler.forward(&x, &grid).unwrap(), "grid sample");
    let grads = sampler.backward(&x, &grid, &dy).unwrap();
    case.check("d_x", &grads.input, "backward");
    case.check("d_grid", &grads.grid, "backward");
    Ok(())
}

/// The sampler that the attributes describe, with PyTorch's and ONNX's names.
fn sampler(case: &Case) -> Result<GridSample, Unsupported> {
    let mode = match case.text("mode") {
        "" | "bilinear" | "linear" => SampleMode::Linear,
        "nearest" => SampleMode::Nearest,
        "bicubic" | "cubic" => SampleMode::Cubic,
        other => return Err(Unsupported(format!("mode {other}"))),
    };
    let padding_mode = match case.text("padding_mode") {
        "" | "zeros" => SamplePadding::Zeros,
        "border" => SamplePadding::Border,
        "reflection" => SamplePadding::Reflection,
        other => return Err(Unsupported(format!("padding mode {other}"))),
    };
    Ok(GridSample { mode, padding_mode, align_corners: case.flag("align_corners") })
}

fn torch_affine_grid(case: &Case) -> Outcome {
    let theta = case.input("theta").unwrap().into_dimensionality::<Ix3>().unwrap();
    let align_corners = case.flag("align_corners");
    case.check("y", &affine_grid(&theta, &case.integers("size")[2..], align_corners).unwrap(), "affine grid");
    let back = affine_grid_backward(&case.input("dy").unwrap(), align_corners).unwrap();
    case.check("d_theta", &back, "backward");
    Ok(())
}

fn shuffle(case: &Case) -> Outcome {
    let (x, dy, order) = (case.images("x"), case.images("dy"), ChannelOrder::Crd);
    let factor = |name| case.integers(name)[0];
    let (y, back) = match case.op.as_str() {
        "torch.pixel_shuffle" => {
            let factor = factor("upscale_factor");
            (pixel_shuffle(&x, factor, order), pixel_unshuffle(&dy, factor, order))
        }
        _ => {
            let factor = factor("downscale_factor");
            (pixel_unshuffle(&x, factor, order), pixel_shuffle(&dy, factor, order))
        }
    };
    case.check("y", &y.unwrap(), "shuffle");
    case.check("d_x", &back.unwrap(), "backward");
    Ok(())
}

fn area(case: &Case) -> Outcome {
    let x = case.input("x").unwrap().into_dimensionality::<Ix2>().unwrap();
    case.check("y", &resize_area(&x, case.pair("size")).unwrap(), "resize");
    Ok(())
}

// ---- ONNX: inputs and outputs by position, defaults by the operator's standard

fn onnx_pad(case: &Case) -> Outcome {
    let x = case.nth(0).unwrap();
    // pads were attributes up to opset 10, and once called paddings
    let attribute = if case.attrs["pads"].is_array() { "pads" } else { "paddings" };
    let given = if case.attrs[attribute].is_array() { signed(case, attribute) } else { integers_of(case, 1) };
    let value = match case.nth(2) {
        Some(value) => value.first().copied().unwrap_or(0.0),
        None => case.number("value", 0.0) as f32,
    };
    let mode = match case.text("mode") {
        "" | "constant" => PaddingMode::Constant(value),
        "reflect" => PaddingMode::Reflect,
        "edge" => PaddingMode::Replicate,
        "wrap" => PaddingMode::Circular,
        other => return Err(Unsupported(format!("mode {other}"))),
    };
    let axes = axes(&integers_of(case, 3), x.ndim());
    let mut pads = vec![(0, 0); x.ndim()];
    for (i, axis) in axes.iter().enumerate() {
        pads[*axis] = (given[i], given[i + axes.len()]);
    }
    case.check_nth(0, &PadNd { pads, mode, repeat: true }.forward(&x).unwrap(), "pad");
    Ok(())
}

fn onnx_center_crop_pad(case: &Case) -> Outcome {
    let x = case.nth(0).unwrap();
    let mut size = x.shape().to_vec();
    for (axis, to) in axes(&signed(case, "axes"), x.ndim()).into_iter().zip(integers_of(case, 1)) {
        size[axis] = to as usize;
    }
    let pad = PadNd::centered(x.shape(), &size).unwrap();
    case.check_nth(0, &pad.forward(&x).unwrap(), "center crop pad");
    Ok(())
}

fn onnx_resize(case: &Case) -> Outcome {
    let x = case.nth(0).unwrap();
    let opset = case.entry["opset"].as_u64().unwrap_or(19);
    // Upsample, and Resize of opset 10, have scales alone, and first corners over each other
    let old = case.op == "onnx.Upsample" || opset < 11;
    let scales = |position| case.nth(position).map(|scales| scales.iter().copied().collect::<Vec<f32>>());
    let scales = match &case.attrs["scales"] {
        Value::Array(list) => Some(list.iter().map(|scale| scale.as_f64().unwrap() as f32).collect()),
        _ => scales(if old { 1 } else { 2 }).filter(|scales| !scales.is_empty()),
    };
    let axes = axes(&signed(case, "axes"), x.ndim());
    let mut resized = match scales {
        Some(scales) => ResizeAxis::by_scales(x.shape(), &axes, &scales),
        None => {
            let sizes: Vec<usize> = integers_of(case, 3).into_iter().map(|size| size as usize).collect();
            let policy = match case.text("keep_aspect_ratio_policy") {
                "not_larger" => AspectRatio::NotLarger,
                "not_smaller" => AspectRatio::NotSmaller,
                _ => AspectRatio::Stretch,
            };
            ResizeAxis::by_sizes(x.shape(), &axes, &sizes, policy)
        }
    }
    .unwrap();
    if !old && let Some(roi) = case.nth(1) {
        let roi: Vec<f64> = roi.iter().map(|&at| f64::from(at)).collect();
        if roi.len() == 2 * axes.len() {
            for (i, axis) in resized.iter_mut().enumerate() {
                axis.roi = (roi[i], roi[i + axes.len()]);
            }
        }
    }
    let shrinks = resized.iter().any(|axis| axis.scale < 1.0);
    let mode = match case.text("mode") {
        "linear" => ResizeMode::Linear,
        "cubic" => ResizeMode::Cubic { a: case.number("cubic_coeff_a", -0.75) },
        "" | "nearest" => ResizeMode::Nearest(match case.text("nearest_mode") {
            _ if old && shrinks => Rounding::Ceil,
            _ if old => Rounding::Floor,
            "" | "round_prefer_floor" => Rounding::RoundPreferFloor,
            "round_prefer_ceil" => Rounding::RoundPreferCeil,
            "floor" => Rounding::Floor,
            "ceil" => Rounding::Ceil,
            other => return Err(Unsupported(format!("nearest mode {other}"))),
        }),
        other => return Err(Unsupported(format!("mode {other}"))),
    };
    let coordinates = match case.text("coordinate_transformation_mode") {
        _ if old => Coordinates::Asymmetric,
        "" | "half_pixel" => Coordinates::HalfPixel,
        "half_pixel_symmetric" => Coordinates::HalfPixelSymmetric,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        "tf_half_pixel_for_nn" => Coordinates::TfHalfPixelForNn,
        "tf_crop_and_resize" => Coordinates::TfCropAndResize,
        other => return Err(Unsupported(format!("coordinates {other}"))),
    };
    let resize = Resize {
        mode,
        coordinates,
        antialias: case.flag("antialias"),
        exclude_outside: case.flag("exclude_outside"),
        extrapolation_value: case.number("extrapolation_value", 0.0) as f32,
        axes: resized,
    };
    case.check_nth(0, &resize.forward_plain(&x).unwrap(), "plain");
    case.check_nth(0, &resize.forward(&x).unwrap(), "by axes");
    Ok(())
}

fn onnx_shuffle(case: &Case) -> Outcome {
    let x = case.nth(0).unwrap().into_dimensionality::<Ix4>().unwrap();
    let order = if case.text("mode") == "CRD" { ChannelOrder::Crd } else { ChannelOrder::Dcr };
    let factor = case.integers("blocksize")[0];
    let y = match case.op.as_str() {
        "onnx.DepthToSpace" => pixel_shuffle(&x, factor, order),
        _ => pixel_unshuffle(&x, factor, order),
    };
    case.check_nth(0, &y.unwrap(), "shuffle");
    Ok(())
}

fn onnx_grid_sample(case: &Case) -> Outcome {
    let (x, grid) = (case.nth(0).unwrap(), case.nth(1).unwrap());
    case.check_nth(0, &sampler(case)?.forward(&x, &grid).unwrap(), "grid sample");
    Ok(())
}

fn onnx_affine_grid(case: &Case) -> Outcome {
    let theta = case.nth(0).unwrap().into_dimensionality::<Ix3>().unwrap();
    let size: Vec<usize> = integers_of(case, 1).into_iter().map(|size| size as usize).collect();
    case.check_nth(0, &affine_grid(&theta, &size[2..], case.flag("align_corners")).unwrap(), "affine grid");
    Ok(())
}
