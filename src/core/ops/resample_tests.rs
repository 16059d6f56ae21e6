//! Tests of interpolation, resizing, sampling, padding and region-of-interest alignment: the two ways against each
//! other, gradients, what is refused.

use ndarray::{Array2, IxDyn};

use crate::core::ops::{
    AspectRatio, Coordinates, GridSample, Interpolate, Interpolation, PadNd, PaddingMode, Pads, Resize,
    ResizeAxis, ResizeMode, ResizeTo, RoiAlign, RoiMode, Rounding, SampleMode, SamplePadding, affine_grid,
    affine_grid_backward, pad2d,
};
use crate::core::tensor::{Error, Images, Random, Tensor};

fn draw(random: &mut Random, shape: &[usize]) -> Tensor {
    Tensor::from_shape_simple_fn(IxDyn(shape), || random.range(-1.0, 1.0))
}

fn dot(a: &Tensor, b: &Tensor) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn assert_close(a: &Tensor, b: &Tensor, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= 2e-6 * (1.0 + b.abs()), "{what}: {a} {b}");
    }
}

fn any_interpolation(random: &mut Random) -> Interpolation {
    let (align_corners, antialias) = (random.below(2) == 1, random.below(2) == 1);
    [
        Interpolation::Nearest,
        Interpolation::NearestExact,
        Interpolation::Area,
        Interpolation::Linear { align_corners, antialias },
        Interpolation::Cubic { align_corners, antialias },
        Interpolation::Lanczos { align_corners },
    ][random.below(6)]
}

#[test]
fn interpolation_by_axes_is_plain_and_backward_its_adjoint() {
    let mut random = Random::new(1001);
    for _ in 0..300 {
        let axes = 1 + random.below(3);
        let mut sizes = |high: usize| -> Vec<usize> { (0..axes).map(|_| 1 + random.below(high)).collect() };
        let (input, output) = (sizes(7), sizes(9));
        let target = if random.below(3) == 0 {
            ResizeTo::Factor(input.iter().map(|&n| f64::from(random.range(1.0, 3.0)) / n as f64).collect())
        } else {
            ResizeTo::Size(output)
        };
        let interpolate = Interpolate { mode: any_interpolation(&mut random), target };
        let shape = [&[2, 1], &input[..]].concat();
        let x = draw(&mut random, &shape);
        let plain = interpolate.forward_plain(&x).unwrap();
        assert_close(&interpolate.forward(&x).unwrap(), &plain, &format!("{interpolate:?}"));
        let y = draw(&mut random, plain.shape());
        let back = interpolate.backward(&y, &shape).unwrap();
        assert!((dot(&plain, &y) - dot(&x, &back)).abs() < 1e-4, "{interpolate:?} {input:?}");
        // weights sum to 1: what is constant stays so
        let flat = interpolate.forward(&x.mapv(|_| 0.75)).unwrap();
        assert!(flat.iter().all(|y| (y - 0.75).abs() < 1e-6), "{interpolate:?} {flat}");
    }
}

#[test]
fn the_same_size_changes_nothing() {
    let mut random = Random::new(1002);
    let x = draw(&mut random, &[1, 2, 3, 5]);
    for align_corners in [false, true] {
        for mode in [
            Interpolation::Nearest,
            Interpolation::NearestExact,
            Interpolation::Area,
            Interpolation::Linear { align_corners, antialias: false },
            Interpolation::Cubic { align_corners, antialias: align_corners },
        ] {
            let same = Interpolate { mode, target: ResizeTo::Size(vec![3, 5]) };
            assert_eq!(same.forward(&x).unwrap(), x, "{mode:?}");
        }
    }
}

#[test]
fn interpolations_refused() {
    let x = Tensor::zeros(IxDyn(&[1, 1, 2, 3]));
    let to =
        |target| Interpolate { mode: Interpolation::Nearest, target }.forward(&x).map(|y| y.shape().to_vec());
    assert_eq!(to(ResizeTo::Factor(vec![1.6, 0.4])), Ok(vec![1, 1, 3, 1]));
    assert_eq!(to(ResizeTo::Factor(vec![0.4, 1.0])), Err(Error::Zero { name: "size" }));
    assert_eq!(to(ResizeTo::Size(vec![0, 1])), Err(Error::Zero { name: "size" }));
    assert!(matches!(to(ResizeTo::Size(vec![1])), Err(Error::ShapeMismatch { name: "size", .. })));
    assert!(matches!(to(ResizeTo::Size(vec![usize::MAX, 1])), Err(Error::TooLarge { .. })));
    for value in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert!(matches!(to(ResizeTo::Factor(vec![value, 1.0])), Err(Error::NotPositive { .. })));
    }
    assert!(matches!(to(ResizeTo::Factor(vec![1e300, 1.0])), Err(Error::TooLarge { .. })));
    let flat = Interpolate { mode: Interpolation::Area, target: ResizeTo::Size(vec![]) };
    assert!(matches!(flat.forward(&Array2::zeros((2, 3))), Err(Error::WrongRank { .. })));
    let none = Interpolate { mode: Interpolation::Area, target: ResizeTo::Size(vec![4]) };
    assert_eq!(none.forward(&Tensor::zeros(IxDyn(&[0, 3, 2]))).unwrap().shape(), [0, 3, 4]);
    assert!(none.backward(&Tensor::zeros(IxDyn(&[1, 1, 3])), &[1, 1, 2]).is_err());
    assert!(none.backward(&Tensor::zeros(IxDyn(&[1, 4])), &[1, 1, 2]).is_err());
}

#[test]
fn resizing_by_axes_is_plain_and_backward_its_adjoint() {
    let mut random = Random::new(1003);
    let modes = [
        ResizeMode::Nearest(Rounding::RoundPreferFloor),
        ResizeMode::Nearest(Rounding::RoundPreferCeil),
        ResizeMode::Nearest(Rounding::Floor),
        ResizeMode::Nearest(Rounding::Ceil),
        ResizeMode::Linear,
        ResizeMode::Cubic { a: -0.6 },
    ];
    let coordinates = [
        Coordinates::HalfPixel,
        Coordinates::HalfPixelSymmetric,
        Coordinates::PytorchHalfPixel,
        Coordinates::AlignCorners,
        Coordinates::Asymmetric,
        Coordinates::TfHalfPixelForNn,
        Coordinates::TfCropAndResize,
    ];
    for _ in 0..300 {
        let shape: Vec<usize> = (0..3).map(|_| 1 + random.below(6)).collect();
        let sizes = [1 + random.below(9), 1 + random.below(9)];
        let policy = [AspectRatio::Stretch, AspectRatio::NotLarger, AspectRatio::NotSmaller][random.below(3)];
        let mut axes = ResizeAxis::by_sizes(&shape, &[2, 0], &sizes, policy).unwrap();
        axes[0].roi = (f64::from(random.range(-0.3, 0.6)), f64::from(random.range(0.4, 1.3)));
        axes.iter_mut().for_each(|axis| axis.size = axis.size.max(1));
        let resize = Resize {
            mode: modes[random.below(6)],
            coordinates: coordinates[random.below(7)],
            antialias: random.below(2) == 1,
            exclude_outside: random.below(2) == 1,
            ..Resize::new(axes)
        };
        let x = draw(&mut random, &shape);
        let plain = resize.forward_plain(&x).unwrap();
        assert_close(&resize.forward(&x).unwrap(), &plain, &format!("{resize:?}"));
        let y = draw(&mut random, plain.shape());
        let back = resize.backward(&y, &shape).unwrap();
        assert!((dot(&plain, &y) - dot(&x, &back)).abs() < 1e-4, "{resize:?} {shape:?}");
        let flat = resize.forward(&x.mapv(|_| 0.75)).unwrap();
        // where nothing lies within reach there is nothing to sum
        let outside = resize.coordinates == Coordinates::TfCropAndResize || policy != AspectRatio::Stretch;
        assert!(flat.iter().all(|&y| (y - 0.75).abs() < 1e-6 || outside && y == 0.0), "{resize:?} {flat}");
    }
}

#[test]
fn outside_of_the_region_is_the_extrapolation_value() {
    let mut axes = ResizeAxis::by_sizes(&[1, 3], &[0, 1], &[1, 5], AspectRatio::Stretch).unwrap();
    axes[1].roi = (-0.5, 1.5); // places -1, 0, 1, 2, 3
    let resize = Resize {
        mode: ResizeMode::Linear,
        coordinates: Coordinates::TfCropAndResize,
        extrapolation_value: 9.0,
        ..Resize::new(axes)
    };
    let (x, y) = (ndarray::array![[1.0, 2.0, 3.0]], ndarray::array![[9.0, 1.0, 2.0, 3.0, 9.0]]);
    assert_eq!(resize.forward(&x).unwrap(), y);
    assert_eq!(resize.forward_plain(&x).unwrap(), y);
    assert_eq!(resize.backward(&y, &[1, 3]).unwrap(), x);
}

#[test]
fn sizes_that_keep_the_aspect_ratio() {
    let sizes = |policy| {
        let axes = ResizeAxis::by_sizes(&[4, 10], &[0, 1], &[8, 15], policy).unwrap();
        (axes[0].size, axes[1].size)
    };
    assert_eq!(sizes(AspectRatio::Stretch), (8, 15));
    assert_eq!(sizes(AspectRatio::NotLarger), (6, 15));
    assert_eq!(sizes(AspectRatio::NotSmaller), (8, 20));
    assert_eq!(ResizeAxis::by_scales(&[10], &[0], &[0.7]).unwrap()[0].size, 7);
}

#[test]
fn resizes_refused() {
    let x = Tensor::zeros(IxDyn(&[2, 3]));
    let axis = ResizeAxis { axis: 1, size: 4, scale: 4.0 / 3.0, roi: (0.0, 1.0) };
    let resize = |axes: Vec<ResizeAxis>| Resize::new(axes).forward(&x).map(|y| y.shape().to_vec());
    assert_eq!(resize(vec![axis]), Ok(vec![2, 4]));
    assert_eq!(resize(vec![]), Ok(vec![2, 3]));
    assert!(matches!(resize(vec![axis, axis]), Err(Error::IndexOutOfRange { name: "axes", .. })));
    assert!(matches!(resize(vec![ResizeAxis { axis: 2, ..axis }]), Err(Error::IndexOutOfRange { .. })));
    assert_eq!(resize(vec![ResizeAxis { size: 0, ..axis }]), Err(Error::Zero { name: "sizes" }));
    assert!(matches!(resize(vec![ResizeAxis { scale: f64::NAN, ..axis }]), Err(Error::NotPositive { .. })));
    assert!(matches!(resize(vec![ResizeAxis { size: usize::MAX, ..axis }]), Err(Error::TooLarge { .. })));
    // a filter stretched over more cells than can be counted
    let tiny = ResizeAxis { scale: 1e-12, ..axis };
    let wide = Resize { mode: ResizeMode::Linear, antialias: true, ..Resize::new(vec![tiny]) };
    assert!(matches!(wide.forward(&x), Err(Error::TooLarge { .. })));
    // places far outside end somewhere
    for coordinates in [Coordinates::HalfPixel, Coordinates::HalfPixelSymmetric, Coordinates::Asymmetric] {
        for exclude_outside in [false, true] {
            for mode in [ResizeMode::Linear, ResizeMode::Nearest(Rounding::Ceil)] {
                for scale in [1e-300, 1e300] {
                    let axes = vec![ResizeAxis { scale, ..axis }];
                    let far = Resize { mode, coordinates, exclude_outside, ..Resize::new(axes) };
                    assert_eq!(far.forward(&x).unwrap().shape(), [2, 4]);
                }
            }
        }
    }
    assert!(ResizeAxis::by_scales(&[2, 3], &[0, 5], &[1.0, 1.0]).is_err());
    assert!(ResizeAxis::by_sizes(&[2, 3], &[0], &[1, 1], AspectRatio::Stretch).is_err());
}

const PADDINGS: [SamplePadding; 3] = [SamplePadding::Zeros, SamplePadding::Border, SamplePadding::Reflection];

/// Gradients of the sampler: the adjoint for the tensor, slopes for the grid.
#[test]
fn grid_sample_backward() {
    let mut random = Random::new(1011);
    for round in 0..180 {
        let sampler = GridSample {
            mode: [SampleMode::Linear, SampleMode::Cubic, SampleMode::Nearest][round % 3],
            padding_mode: PADDINGS[random.below(3)],
            align_corners: random.below(2) == 1,
        };
        let axes = 1 + random.below(3);
        let space: Vec<usize> = (0..axes).map(|_| 2 + random.below(3)).collect();
        let x = draw(&mut random, &[&[2, 2], &space[..]].concat());
        let places = vec![2; axes];
        let grid = draw(&mut random, &[&[2], &places[..], &[axes]].concat()).mapv(|at| 1.5 * at);
        let y = draw(&mut random, &[&[2, 2], &places[..]].concat());
        let grads = sampler.backward(&x, &grid, &y).unwrap();
        let value = |grid: &Tensor| dot(&sampler.forward(&x, grid).unwrap(), &y);
        assert!((value(&grid) - dot(&x, &grads.input)).abs() < 1e-4, "{sampler:?}");
        // cell by cell, but where a kink or a jump lies within the step
        let mut off = 0;
        let step = 1e-3;
        for at in 0..grid.len() {
            let moved = |by: f32| {
                let mut grid = grid.clone();
                grid.as_slice_mut().unwrap()[at] += by;
                value(&grid)
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            let expected = f64::from(grads.grid.as_slice().unwrap()[at]);
            off += usize::from((slope - expected).abs() > 2e-2 * (1.0 + expected.abs()));
        }
        assert!(off <= grid.len() / 10, "{sampler:?}: {off} of {}", grid.len());
    }
}

#[test]
fn the_identity_grid_gives_the_tensor() {
    let mut random = Random::new(1012);
    let x = draw(&mut random, &[1, 2, 3, 4]);
    let theta = ndarray::array![[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]];
    for align_corners in [false, true] {
        let grid = affine_grid(&theta, &[3, 4], align_corners).unwrap();
        for mode in [SampleMode::Linear, SampleMode::Nearest, SampleMode::Cubic] {
            for padding_mode in PADDINGS {
                let sampler = GridSample { mode, padding_mode, align_corners };
                let y = sampler.forward(&x, &grid).unwrap();
                assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < 1e-5), "{sampler:?}");
            }
        }
    }
}

#[test]
fn places_that_are_no_numbers() {
    let x = ndarray::array![[[1.0, 2.0]]];
    for mode in [SampleMode::Linear, SampleMode::Nearest, SampleMode::Cubic] {
        for padding_mode in PADDINGS {
            for align_corners in [false, true] {
                let sampler = GridSample { mode, padding_mode, align_corners };
                let nan = ndarray::array![[[f32::NAN], [f32::INFINITY], [f32::NEG_INFINITY], [3e38]]];
                let y = sampler.forward(&x, &nan).unwrap();
                let least = sampler.forward(&x, &ndarray::array![[[-1.0]]]).unwrap();
                assert_eq!(y[[0, 0, 0]], least[[0, 0, 0]], "{sampler:?}");
                sampler.backward(&x, &nan, &y).unwrap();
            }
        }
    }
    let sampler = GridSample::default();
    assert!(matches!(sampler.forward(&x, &ndarray::array![[[1.0, 2.0]]]), Err(Error::ShapeMismatch { .. })));
    assert!(sampler.forward(&ndarray::Array3::zeros((1, 1, 0)), &ndarray::array![[[0.0]]]).is_err());
    assert!(sampler.forward(&Array2::zeros((1, 1)), &Array2::zeros((1, 1))).is_err());
    assert!(sampler.forward(&x, &ndarray::Array3::zeros((2, 1, 1))).is_err());
}

#[test]
fn affine_grid_backward_is_the_adjoint() {
    let mut random = Random::new(1013);
    for _ in 0..50 {
        let axes = 1 + random.below(3);
        let space: Vec<usize> = (0..axes).map(|_| 1 + random.below(4)).collect();
        let theta = ndarray::Array3::from_shape_simple_fn((2, axes, axes + 1), || random.range(-1.0, 1.0));
        let align_corners = random.below(2) == 1;
        let grid = affine_grid(&theta, &space, align_corners).unwrap();
        let y = draw(&mut random, grid.shape());
        let back = affine_grid_backward(&y, align_corners).unwrap();
        assert!((dot(&grid, &y) - dot(&theta.into_dyn(), &back.into_dyn())).abs() < 1e-4);
    }
    let theta = ndarray::Array3::zeros((1, 2, 3));
    assert!(affine_grid(&theta, &[2], true).is_err());
    assert!(matches!(affine_grid(&theta, &[usize::MAX, 2], true), Err(Error::TooLarge { .. })));
    assert!(affine_grid_backward(&Tensor::zeros(IxDyn(&[1, 2, 3])), true).is_err());
    assert!(affine_grid_backward(&Tensor::zeros(IxDyn(&[])), true).is_err());
}

const MODES: [PaddingMode; 4] =
    [PaddingMode::Constant(0.0), PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];

#[test]
fn padding_of_images_and_of_any_axes_agree() {
    let mut random = Random::new(1021);
    for _ in 0..100 {
        let (height, width) = (1 + random.below(5), 1 + random.below(5));
        let mut pad = || random.below(height.min(width));
        let pads = Pads { top: pad(), bottom: pad(), left: pad(), right: pad() };
        let x = Images::from_shape_simple_fn((2, 1, height, width), || random.normal());
        let mode = MODES[random.below(4)];
        let pairs = vec![
            (0, 0),
            (0, 0),
            (pads.top as isize, pads.bottom as isize),
            (pads.left as isize, pads.right as isize),
        ];
        let any = PadNd { pads: pairs, mode, repeat: false };
        assert_eq!(any.forward(&x).unwrap(), pad2d(&x, pads, mode).unwrap());
    }
}

#[test]
fn padding_backward_is_the_adjoint() {
    let mut random = Random::new(1022);
    let mut done = 0;
    while done < 300 {
        let shape: Vec<usize> = (0..random.below(4)).map(|_| random.below(5)).collect();
        let mut pad = || random.below(12) as isize - 5;
        let pads = shape.iter().map(|_| (pad(), pad())).collect();
        let pad = PadNd { pads, mode: MODES[random.below(4)], repeat: random.below(2) == 1 };
        let Ok(output) = pad.output_shape(&shape) else { continue };
        done += 1;
        let (x, y) = (draw(&mut random, &shape), draw(&mut random, &output));
        let padded = pad.forward(&x).unwrap();
        assert_eq!(padded.shape(), output);
        let back = pad.backward(&y, &shape).unwrap();
        assert!((dot(&padded, &y) - dot(&x, &back)).abs() < 1e-4, "{pad:?} {shape:?}");
    }
}

#[test]
fn padding_beyond_the_other_edge_and_by_less_than_nothing() {
    let row = |before, after, mode, repeat| {
        let pad = PadNd { pads: vec![(before, after)], mode, repeat };
        pad.forward(&ndarray::array![1.0, 2.0, 3.0]).map(|y| y.to_vec())
    };
    let (reflect, circular) = (PaddingMode::Reflect, PaddingMode::Circular);
    assert_eq!(row(5, 0, reflect, true), Ok(vec![2.0, 1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0]));
    assert_eq!(row(0, 4, circular, true), Ok(vec![1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0]));
    assert_eq!(row(2, -1, circular, false), Ok(vec![1.0, 2.0, 1.0, 2.0]));
    assert_eq!(row(-1, 2, reflect, false), Ok(vec![2.0, 3.0, 2.0, 1.0]));
    assert_eq!(row(-3, 2, PaddingMode::Constant(7.0), false), Ok(vec![7.0, 7.0]));
    assert_eq!(row(-3, 0, circular, false), Ok(vec![]));
    let refused = |value, min, max| Err(Error::OutOfRange { name: "pads", value, min, max });
    assert_eq!(row(3, 0, reflect, false), refused(3.0, -3.0, 2.0));
    assert_eq!(row(0, 4, circular, false), refused(4.0, -3.0, 3.0));
    assert_eq!(row(-3, 1, circular, true), refused(1.0, -3.0, 0.0));
    assert_eq!(row(-2, -2, reflect, false), refused(-2.0, -1.0, 2.0));
    let constant = PaddingMode::Constant(0.0);
    assert!(matches!(row(isize::MAX, isize::MAX, constant, false), Err(Error::TooLarge { .. })));
    assert!(matches!(row(isize::MIN, isize::MIN, constant, false), Err(Error::TooLarge { .. })));
    assert!(matches!(row(-5, 1, constant, false), Err(Error::OutOfRange { .. })));
    assert!(row(isize::MIN, isize::MAX, PaddingMode::Replicate, false).is_err());
    assert!(PadNd::centered(&[2], &[3, 4]).is_err());
    assert!(PadNd::centered(&[2, 2], &[usize::MAX, 4]).is_err());
    let pad = PadNd { pads: vec![(1, 0)], mode: PaddingMode::Replicate, repeat: false };
    assert!(pad.forward(&ndarray::Array1::zeros(0)).is_err());
    assert!(pad.forward(&Array2::zeros((1, 1))).is_err());
}

#[test]
fn roi_align_backward_is_the_slope() {
    let mut random = Random::new(1031);
    for round in 0..90 {
        let align = RoiAlign {
            output_size: (1 + random.below(3), 1 + random.below(3)),
            spatial_scale: 0.8,
            sampling_ratio: random.below(3),
            aligned: random.below(2) == 1,
            mode: [RoiMode::Average, RoiMode::Max, RoiMode::MaxOfProducts][round % 3],
        };
        let x = Images::from_shape_simple_fn((2, 2, 4, 5), || random.range(0.1, 1.0));
        let rois = Array2::from_shape_simple_fn((3, 4), || random.range(-2.0, 7.0));
        let images = [0, 1, 1];
        let y = align.forward(&x, &rois, &images).unwrap();
        let dy = y.mapv(|_| random.range(-1.0, 1.0));
        let back = align.backward(&x, &rois, &images, &dy).unwrap();
        // each output is made of cells of x times numbers that don't depend on them
        let (there, back) = ((&y * &dy).sum(), (&back * &x).sum());
        assert!((there - back).abs() < 1e-4, "{align:?} {there} {back}");
    }
}

#[test]
fn boxes_refused() {
    let (x, roi) = (Images::zeros((1, 1, 3, 3)), ndarray::array![[0.0, 0.0, 2.0, 2.0]]);
    let align = RoiAlign::default();
    assert!(align.forward(&x, &roi, &[0]).is_ok());
    for image in [-1, 1, i64::MAX] {
        assert!(matches!(align.forward(&x, &roi, &[image]), Err(Error::IndexOutOfRange { .. })));
    }
    assert!(matches!(align.forward(&x, &roi, &[0, 0]), Err(Error::ShapeMismatch { name: "rois", .. })));
    assert!(align.forward(&Images::zeros((1, 1, 0, 3)), &roi, &[0]).is_err());
    assert!(RoiAlign { output_size: (0, 1), ..align }.forward(&x, &roi, &[0]).is_err());
    let many = RoiAlign { sampling_ratio: usize::MAX, ..align };
    assert!(matches!(many.forward(&x, &roi, &[0]), Err(Error::TooLarge { .. })));
    let huge = ndarray::array![[0.0, 0.0, 1e30, 1e30]];
    assert!(matches!(align.forward(&x, &huge, &[0]), Err(Error::TooLarge { .. })));
    for wrong in [f32::NAN, f32::INFINITY, -1e30] {
        let y = align.forward(&x, &ndarray::array![[0.0, 0.0, wrong, wrong]], &[0]);
        assert!(y.is_err() || y.is_ok_and(|y| y[[0, 0, 0, 0]] == 0.0));
    }
}
