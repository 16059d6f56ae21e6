//! What holds for convolution and transposed convolution along any number of axes, tried on seeded random ones.

use crate::core::ops::windows::join_shape;
use crate::core::ops::{
    AutoPad, Conv1d, Conv2d, Conv3d, ConvNd, ConvNdGrads, ConvTranspose1d, ConvTranspose2d, ConvTransposeNd,
    PaddingMode, Pads, Unfold,
};
use crate::core::tensor::{Axis, Error, Images, Random, Tensor};

fn fill(random: &mut Random, shape: &[usize]) -> Tensor {
    Tensor::from_shape_simple_fn(shape, || random.range(-1.0, 1.0))
}

fn below<const D: usize>(random: &mut Random, least: usize, n: usize) -> [usize; D] {
    std::array::from_fn(|_| least + random.below(n))
}

fn pads<const D: usize>(random: &mut Random) -> [(usize, usize); D] {
    std::array::from_fn(|_| (random.below(3), random.below(3)))
}

/// Any legal convolution with its input, weight and bias.
fn conv<const D: usize>(random: &mut Random) -> (ConvNd<D>, [Tensor; 2], Vec<f32>) {
    loop {
        let groups = 1 + random.below(2);
        let mode = [
            PaddingMode::Constant(0.0),
            PaddingMode::Constant(random.range(-2.0, 2.0)),
            PaddingMode::Reflect,
            PaddingMode::Replicate,
            PaddingMode::Circular,
        ][random.below(5)];
        let conv = ConvNd {
            stride: below(random, 1, 3),
            pads: pads(random),
            mode,
            dilation: below(random, 1, 2),
            groups,
        };
        let (input, kernel_size) = (below(random, 1, 6), below(random, 1, 3));
        if conv.output_size(input, kernel_size).is_err() {
            continue;
        }
        let (c_in, c_out) = (groups * (1 + random.below(2)), groups * (1 + random.below(3)));
        let x = join_shape(1 + random.below(2), c_in, input);
        let weight = join_shape(c_out, c_in / groups, kernel_size);
        let bias = (0..c_out).map(|_| random.range(-1.0, 1.0)).collect();
        return (conv, [fill(random, &x), fill(random, &weight)], bias);
    }
}

/// Any legal transposed convolution with its input, weight and bias.
fn transposed<const D: usize>(random: &mut Random) -> (ConvTransposeNd<D>, [Tensor; 2], Vec<f32>) {
    loop {
        let groups = 1 + random.below(2);
        let conv = ConvTransposeNd {
            stride: below(random, 1, 4),
            pads: pads(random),
            output_padding: below(random, 0, 3),
            dilation: below(random, 1, 4),
            groups,
        };
        let (input, kernel_size) = (below(random, 1, 4), below(random, 1, 5));
        if conv.output_size(input, kernel_size).is_err() {
            continue;
        }
        let (c_in, outputs) = (groups * (1 + random.below(2)), 1 + random.below(3));
        let x = join_shape(1 + random.below(2), c_in, input);
        let weight = join_shape(c_in, outputs, kernel_size);
        let bias = (0..outputs * groups).map(|_| random.range(-1.0, 1.0)).collect();
        return (conv, [fill(random, &x), fill(random, &weight)], bias);
    }
}

fn assert_close(got: &Tensor, want: &Tensor, what: &str) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    let largest = want.iter().fold(1.0, |largest: f32, x| largest.max(x.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= 5e-6 * largest, "{what} [{i}]: {got}, not {want}");
    }
}

fn assert_grads_close(got: &ConvNdGrads, want: &ConvNdGrads, what: &str) {
    assert_close(&got.input, &want.input, what);
    assert_close(&got.weight, &want.weight, what);
    assert_eq!(got.bias, want.bias, "{what}");
}

fn dot(a: &Tensor, b: &Tensor) -> f64 {
    assert_eq!(a.shape(), b.shape());
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// A linear function changes by its gradient for a step of one.
fn assert_slopes(
    random: &mut Random,
    [x, weight]: &[Tensor; 2],
    grads: &ConvNdGrads,
    loss: impl Fn(&Tensor, &Tensor) -> f64,
) {
    let step = |tensor: &Tensor, i: usize, by: f32| {
        let mut moved = tensor.clone();
        *moved.iter_mut().nth(i).unwrap() += by;
        moved
    };
    for _ in 0..3 {
        let i = random.below(x.len());
        let slope = (loss(&step(x, i, 1.0), weight) - loss(&step(x, i, -1.0), weight)) / 2.0;
        assert!((slope - f64::from(*grads.input.iter().nth(i).unwrap())).abs() < 1e-4);
        let i = random.below(weight.len());
        let slope = (loss(x, &step(weight, i, 1.0)) - loss(x, &step(weight, i, -1.0))) / 2.0;
        assert!((slope - f64::from(*grads.weight.iter().nth(i).unwrap())).abs() < 1e-4);
    }
}

fn check_conv<const D: usize>(random: &mut Random) {
    for _ in 0..60 {
        let (conv, [x, weight], bias) = conv::<D>(random);
        let bias = (random.below(3) > 0).then_some(&bias[..]);
        let what = format!("{conv:?} {:?} {:?}", x.shape(), weight.shape());
        let y = conv.forward_plain(&x, &weight, bias).unwrap();
        assert_close(&conv.forward(&x, &weight, bias).unwrap(), &y, &what);
        let grad_output = fill(random, y.shape());
        let plain = conv.backward_plain(&x, &weight, &grad_output).unwrap();
        assert_grads_close(&conv.backward(&x, &weight, &grad_output).unwrap(), &plain, &what);
        assert_slopes(random, &[x, weight], &plain, |x, weight| {
            dot(&conv.forward_plain(x, weight, None).unwrap(), &grad_output)
        });
    }
}

#[test]
fn convolution() {
    let mut random = Random::new(441);
    check_conv::<0>(&mut random);
    check_conv::<1>(&mut random);
    check_conv::<2>(&mut random);
    check_conv::<3>(&mut random);
    check_conv::<4>(&mut random);
}

fn check_transposed<const D: usize>(random: &mut Random) {
    for _ in 0..60 {
        let (conv, [x, weight], bias) = transposed::<D>(random);
        let bias = (random.below(3) > 0).then_some(&bias[..]);
        let what = format!("{conv:?} {:?} {:?}", x.shape(), weight.shape());
        let y = conv.forward_plain(&x, &weight, bias).unwrap();
        assert_close(&conv.forward(&x, &weight, bias).unwrap(), &y, &what);
        let grad_output = fill(random, y.shape());
        let plain = conv.backward_plain(&x, &weight, &grad_output).unwrap();
        assert_grads_close(&conv.backward(&x, &weight, &grad_output).unwrap(), &plain, &what);
        assert_slopes(random, &[x, weight], &plain, |x, weight| {
            dot(&conv.forward_plain(x, weight, None).unwrap(), &grad_output)
        });
    }
}

#[test]
fn transposed_convolution() {
    let mut random = Random::new(442);
    check_transposed::<0>(&mut random);
    check_transposed::<1>(&mut random);
    check_transposed::<2>(&mut random);
    check_transposed::<3>(&mut random);
    check_transposed::<4>(&mut random);
}

/// `<conv(x), y> = <x, conv_transpose(y)>` with the same weight.
#[test]
fn one_is_the_adjoint_of_the_other() {
    fn check<const D: usize>(random: &mut Random) {
        for _ in 0..60 {
            let (conv, [x, weight], _) = conv::<D>(random);
            let conv = ConvNd { mode: PaddingMode::Constant(0.0), ..conv };
            let y = fill(random, conv.forward(&x, &weight, None).unwrap().shape());
            let size = |tensor: &Tensor| <[usize; D]>::try_from(&tensor.shape()[2..]).unwrap();
            let ConvNd { stride, pads, dilation, groups, .. } = conv;
            let back = ConvTransposeNd { stride, pads, dilation, groups, ..ConvTransposeNd::default() };
            let back = back.with_output_size(size(&x), size(&y), size(&weight)).unwrap();
            let there = dot(&conv.forward(&x, &weight, None).unwrap(), &y);
            let and_back = dot(&x, &back.forward(&y, &weight, None).unwrap());
            assert!((there - and_back).abs() < 1e-4, "{conv:?}: {there} {and_back}");
        }
    }
    let mut random = Random::new(443);
    check::<1>(&mut random);
    check::<2>(&mut random);
    check::<3>(&mut random);
}

/// Along two axes it is the operator for images, to the last bit where both are plain.
#[test]
fn two_axes_are_images() {
    let mut random = Random::new(444);
    let images = |tensor: &Tensor| tensor.clone().into_dimensionality::<ndarray::Ix4>().unwrap();
    let sides = |[(top, bottom), (left, right)]: [(usize, usize); 2]| Pads { top, bottom, left, right };
    for _ in 0..60 {
        let (conv, [x, weight], bias) = conv::<2>(&mut random);
        let ConvNd { stride, pads, mode, dilation, groups } = conv;
        let pads = sides(pads);
        let conv2d = Conv2d {
            stride: stride.into(),
            pads,
            mode,
            dilation: dilation.into(),
            groups,
            ..Conv2d::default()
        };
        let y = conv2d.forward_plain(&images(&x), &images(&weight), Some(&bias)).unwrap();
        assert_eq!(conv.forward_plain(&x, &weight, Some(&bias)).unwrap(), y.into_dyn());
    }
    for _ in 0..60 {
        let (conv, [x, weight], bias) = transposed::<2>(&mut random);
        let ConvTransposeNd { stride, pads, output_padding, dilation, groups } = conv;
        let conv2d = ConvTranspose2d {
            stride: stride.into(),
            pads: sides(pads),
            output_padding: output_padding.into(),
            dilation: dilation.into(),
            groups,
        };
        let y = conv2d.forward_plain(&images(&x), &images(&weight), Some(&bias)).unwrap();
        let grads = conv2d.backward_plain(&images(&x), &images(&weight), &y).unwrap();
        let y = y.into_dyn();
        assert_eq!(conv.forward_plain(&x, &weight, Some(&bias)).unwrap(), y);
        let nd = conv.backward_plain(&x, &weight, &y).unwrap();
        assert_close(&nd.input, &grads.input.into_dyn(), "input");
        assert_close(&nd.weight, &grads.weight.into_dyn(), "weight");
    }
}

/// Where the planes of all depth taps are too large for one tensor, the loops do it.
#[test]
fn too_large_stacks_are_left_to_the_loops() {
    let conv = ConvTransposeNd {
        pads: [(32, 32), (0, 0), (0, 0)],
        dilation: [1, 1023, 1023],
        ..ConvTransposeNd::default()
    };
    let (x, weight) = (Tensor::ones(vec![1, 1, 1, 1, 1]), fill(&mut Random::new(446), &[1, 1, 65, 2, 2]));
    let y = conv.forward(&x, &weight, None).unwrap();
    assert_eq!(y.shape(), [1, 1, 1, 1024, 1024]);
    let corners: f32 = y.sum();
    assert!((corners - weight.slice(ndarray::s![.., .., 32, .., ..]).sum()).abs() < 1e-5);
    let grads = conv.backward(&x, &weight, &y.mapv(|_| 1.0)).unwrap();
    assert!((grads.input.sum() - corners).abs() < 1e-5);
    assert_eq!(grads.weight.sum(), 4.0);
}

#[test]
fn refusals() {
    let shaped = |shape: &[usize]| Tensor::zeros(shape);
    let run = |conv: Conv1d, x: &[usize], w: &[usize]| conv.forward(&shaped(x), &shaped(w), None);
    let conv = Conv1d::default();
    let axis = Axis::Length;
    assert!(run(conv, &[1, 2, 5], &[3, 2, 5]).is_ok());
    assert!(matches!(run(conv, &[1, 2], &[3, 2, 5]), Err(Error::WrongRank { name: "input", .. })));
    assert!(matches!(run(conv, &[1, 2, 5], &[3, 2, 5, 1]), Err(Error::WrongRank { name: "weight", .. })));
    assert!(matches!(run(conv, &[1, 2, 5], &[3, 1, 5]), Err(Error::ShapeMismatch { name: "weight", .. })));
    assert_eq!(
        run(conv, &[1, 2, 5], &[3, 2, 6]),
        Err(Error::KernelLargerThanInput { axis, kernel: 6, kernel_size: 6, dilation: 1, input: 5 })
    );
    assert_eq!(run(conv, &[1, 2, 0], &[3, 2, 1]), Err(Error::EmptyInput { axis }));
    assert_eq!(run(conv, &[1, 2, 5], &[3, 2, 0]), Err(Error::Zero { name: "kernel_size" }));
    let zero = Conv1d { groups: 0, ..conv };
    assert_eq!(run(zero, &[1, 2, 5], &[3, 2, 1]), Err(Error::Zero { name: "groups" }));
    let split = Conv1d { groups: 2, ..conv };
    assert!(matches!(
        run(split, &[1, 2, 5], &[3, 1, 1]),
        Err(Error::ChannelsNotDivisible { name: "out_channels", .. })
    ));
    let reflect = Conv1d { mode: PaddingMode::Reflect, pads: [(5, 0)], ..conv };
    assert_eq!(
        run(reflect, &[1, 2, 5], &[3, 2, 1]),
        Err(Error::ReflectPadTooLarge { axis, padding: 5, input: 5 })
    );
    let huge = Conv1d { pads: [(usize::MAX, usize::MAX)], ..conv };
    assert!(matches!(run(huge, &[1, 2, 5], &[3, 2, 1]), Err(Error::TooLarge { .. })));
    let far = Conv1d { stride: [usize::MAX], dilation: [usize::MAX], ..conv };
    assert_eq!(run(far, &[1, 2, 5], &[3, 2, 1]), Ok(shaped(&[1, 3, 1])));
    let grad = conv.backward(&shaped(&[1, 2, 5]), &shaped(&[3, 2, 5]), &shaped(&[1, 3, 2]));
    assert!(matches!(grad, Err(Error::ShapeMismatch { name: "grad_output", .. })));
    let bias = conv.forward(&shaped(&[1, 2, 5]), &shaped(&[3, 2, 5]), Some(&[0.0]));
    assert!(matches!(bias, Err(Error::ShapeMismatch { name: "bias", .. })));
}

/// Batches without images, inputs without channels, outputs without channels.
#[test]
fn nothing_is_no_panic() {
    for [n, c_in, c_out] in [[0, 2, 2], [1, 0, 2], [1, 2, 0], [0, 0, 0]] {
        let x = Tensor::zeros(vec![n, c_in, 3, 4, 5]);
        let weight = Tensor::zeros(vec![c_out, c_in, 2, 2, 2]);
        let conv = Conv3d::default();
        let y = conv.forward(&x, &weight, Some(&vec![1.0; c_out])).unwrap();
        assert_eq!(y, Tensor::ones(vec![n, c_out, 2, 3, 4]));
        assert_eq!(conv.backward(&x, &weight, &y).unwrap().input, x);
        let weight = Tensor::zeros(vec![c_in, c_out, 2, 2, 2]);
        let conv = ConvTransposeNd::<3>::default();
        let y = conv.forward(&x, &weight, Some(&vec![1.0; c_out])).unwrap();
        assert_eq!(y, Tensor::ones(vec![n, c_out, 4, 5, 6]));
        assert_eq!(conv.backward(&x, &weight, &y).unwrap().weight, weight);
    }
}

#[test]
fn pads_from_sizes() {
    assert_eq!(AutoPad::SameUpper.resolve([5], [4], [2], [1]), Ok([(1, 2)]));
    assert_eq!(AutoPad::SameLower.resolve([5], [4], [2], [1]), Ok([(2, 1)]));
    assert_eq!(AutoPad::SameLower.resolve([5], [1], [3], [1]), Ok([(0, 0)]));
    assert_eq!(AutoPad::Full.resolve([5, 5], [3, 2], [2, 2], [2, 1]), Ok([(4, 4), (1, 1)]));
    assert_eq!(AutoPad::Valid.resolve([5], [3], [2], [2]), Ok([(0, 0)]));
    assert_eq!(
        AutoPad::Same.resolve([5, 5], [3, 2], [1, 2], [1, 1]),
        Err(Error::SameNeedsStrideOne { stride: (2, 2) })
    );
    let far = AutoPad::Full.resolve([5], [3], [1], [usize::MAX]);
    assert!(matches!(far, Err(Error::TooLarge { .. })));
}

#[test]
fn output_sizes_of_the_transposed() {
    let conv = ConvTranspose1d { stride: [3], dilation: [2], ..ConvTranspose1d::default() };
    assert_eq!(conv.output_size([4], [3]), Ok([14]));
    let sized = conv.with_output_size([16], [4], [3]).unwrap();
    assert_eq!((sized.output_padding, sized.output_size([4], [3])), ([2], Ok([16])));
    let error = conv.with_output_size([17], [4], [3]);
    assert_eq!(error, Err(Error::OutOfRange { name: "output_size", value: 17.0, min: 14.0, max: 16.0 }));
    for (length, pads, output_padding) in [(14, (0, 0), 0), (11, (2, 1), 0), (16, (0, 0), 2)] {
        let shaped = conv.with_output_shape([length], [4], [3], AutoPad::SameLower).unwrap();
        assert_eq!((shaped.pads, shaped.output_padding), ([pads], [output_padding]));
        assert_eq!(shaped.output_size([4], [3]), Ok([length]));
    }
    let axis = Axis::Length;
    assert_eq!(
        conv.with_output_shape([17], [4], [3], AutoPad::SameUpper),
        Err(Error::OutputPaddingTooLarge { axis, output_padding: 3, limit: 3 })
    );
    assert_eq!(
        conv.with_output_shape([0], [4], [3], AutoPad::SameUpper),
        Err(Error::Zero { name: "output_shape" })
    );
    let far = ConvTranspose1d { stride: [usize::MAX], ..conv };
    assert!(matches!(far.output_size([2], [3]), Err(Error::TooLarge { .. })));
    assert_eq!(far.output_size([1], [3]), Ok([5]));
    assert!(far.with_output_size([6], [1], [3]).is_ok());
    let y = far.forward(&Tensor::ones(vec![1, 1, 1]), &Tensor::ones(vec![1, 1, 3]), None).unwrap();
    assert_eq!(y.iter().copied().collect::<Vec<f32>>(), [1.0, 0.0, 1.0, 0.0, 1.0]);
}

/// The largest whole numbers stay exact on every path.
#[test]
fn whole_numbers_are_exact() {
    let mut random = Random::new(445);
    let whole = |tensor: &Images| tensor.mapv(|x| (x * 9.0).round());
    for _ in 0..60 {
        let (conv, [x, weight], _) = transposed::<2>(&mut random);
        let [x, weight] = [x, weight].map(|t| whole(&t.into_dimensionality().unwrap()).into_dyn());
        let y = conv.forward(&x, &weight, None).unwrap();
        assert_eq!(y, conv.forward_plain(&x, &weight, None).unwrap(), "{conv:?}");
        let (fast, plain) = (conv.backward(&x, &weight, &y), conv.backward_plain(&x, &weight, &y));
        assert_eq!(fast, plain, "{conv:?}");
    }
}

/// Whatever sizes and arguments come, there is an answer or a refusal, the same on both paths.
#[test]
fn no_panic_on_any_shape() {
    fn number(random: &mut Random) -> usize {
        let far = usize::MAX;
        [0, 1, 1, 1, 2, 3, 5, 17, 1 << 26, 1 << 31, far / 2, far - 1, far][random.below(13)]
    }
    fn check<const D: usize>(random: &mut Random) {
        let mut answers = 0;
        for _ in 0..4000 {
            // most numbers are harmless, so that the others are met one by one
            let any = |random: &mut Random, else_| if random.below(8) == 0 { number(random) } else { else_ };
            let mut each = |else_: usize| -> [usize; D] { std::array::from_fn(|_| any(random, else_)) };
            let (stride, dilation, before, after) = (each(1), each(1), each(0), each(1));
            let (output_padding, output_size) = (each(0), each(4));
            let pads = std::array::from_fn(|a| (before[a], after[a]));
            let groups = any(random, 1);
            let small = |random: &mut Random| if random.below(12) == 0 { 0 } else { 1 + random.below(4) };
            let input: [usize; D] = std::array::from_fn(|_| small(random));
            let kernel_size: [usize; D] = std::array::from_fn(|_| small(random));
            let x = Tensor::ones(join_shape(small(random), small(random), input));
            let weight = Tensor::ones(join_shape(small(random), small(random), kernel_size));
            let mode =
                [PaddingMode::Constant(0.0), PaddingMode::Reflect, PaddingMode::Circular][random.below(3)];
            let conv = ConvNd { stride, pads, mode, dilation, groups };
            let y = conv.forward(&x, &weight, None);
            assert_eq!(y, conv.forward_plain(&x, &weight, None), "{conv:?}");
            if let Ok(y) = y {
                assert!(conv.backward(&x, &weight, &y).is_ok());
                answers += 1;
            }
            let transposed = ConvTransposeNd { stride, pads, output_padding, dilation, groups };
            let y = transposed.forward(&x, &weight, None);
            assert_eq!(y, transposed.forward_plain(&x, &weight, None), "{transposed:?}");
            if let Ok(y) = y {
                assert!(transposed.backward(&x, &weight, &y).is_ok());
                answers += 1;
            }
            let _ = transposed.with_output_size(output_size, input, kernel_size);
            let _ = transposed.with_output_shape(output_size, input, kernel_size, AutoPad::SameLower);
            for auto in [AutoPad::Same, AutoPad::SameUpper, AutoPad::Full, AutoPad::Valid] {
                let _ = auto.resolve(input, kernel_size, stride, dilation);
            }
            let unfold = Unfold { kernel_size: dilation, stride, pads, dilation: kernel_size };
            let columns = unfold.unfold(&x);
            assert_eq!(columns, unfold.unfold_plain(&x), "{unfold:?}");
            if let Ok(columns) = columns {
                assert!(unfold.fold(&columns, input).is_ok());
            }
        }
        assert!(answers > 150, "{answers}");
    }
    let mut random = Random::new(447);
    check::<1>(&mut random);
    check::<2>(&mut random);
    check::<3>(&mut random);
}
