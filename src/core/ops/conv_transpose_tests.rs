//! What holds for the transposed convolution of images alone; the rest is tried in `conv_nd_tests.rs`.

use crate::core::ops::{Conv2d, ConvTranspose2d, Pads};
use crate::core::tensor::{Axis, Error, Images, Random};

fn fill(random: &mut Random, shape: (usize, usize, usize, usize)) -> Images {
    Images::from_shape_simple_fn(shape, || random.range(-1.0, 1.0))
}

fn pair(random: &mut Random, least: usize, n: usize) -> (usize, usize) {
    (least + random.below(n), least + random.below(n))
}

/// Any legal operator with sizes `(input, kernel_size)`; strides, kernels and pads larger than the input among them.
fn conv(random: &mut Random) -> (ConvTranspose2d, (usize, usize), (usize, usize)) {
    loop {
        let ((top, bottom), (left, right)) = (pair(random, 0, 6), pair(random, 0, 6));
        let conv = ConvTranspose2d {
            stride: pair(random, 1, 5),
            pads: Pads { top, bottom, left, right },
            output_padding: pair(random, 0, 4),
            dilation: pair(random, 1, 5),
            groups: 1 + random.below(3),
        };
        let (input, kernel_size) = (pair(random, 1, 9), pair(random, 1, 7));
        if conv.output_size(input, kernel_size).is_ok() {
            return (conv, input, kernel_size);
        }
    }
}

#[test]
fn fast_is_plain() {
    let mut random = Random::new(451);
    for _ in 0..300 {
        let (conv, input, kernel_size) = conv(&mut random);
        let (c_in, outputs) = (conv.groups * (1 + random.below(3)), 1 + random.below(5));
        let n = 1 + random.below(2);
        let x = fill(&mut random, (n, c_in, input.0, input.1));
        let weight = fill(&mut random, (c_in, outputs, kernel_size.0, kernel_size.1));
        let bias: Vec<f32> = (0..outputs * conv.groups).map(|_| random.range(-1.0, 1.0)).collect();
        let bias = (random.below(2) == 0).then_some(&bias[..]);
        let fast = conv.forward(&x, &weight, bias).unwrap();
        let plain = conv.forward_plain(&x, &weight, bias).unwrap();
        let difference = &fast - &plain;
        assert!(difference.iter().all(|d| d.abs() < 2e-5), "{conv:?} {input:?} {kernel_size:?}");
        let grad_output = fill(&mut random, fast.dim());
        let fast = conv.backward(&x, &weight, &grad_output).unwrap();
        let plain = conv.backward_plain(&x, &weight, &grad_output).unwrap();
        assert!((fast.input - plain.input).iter().all(|d| d.abs() < 2e-5), "{conv:?} {input:?}");
        assert!((fast.weight - plain.weight).iter().all(|d| d.abs() < 2e-5), "{conv:?} {input:?}");
        assert_eq!(fast.bias, plain.bias);
    }
}

/// It is the gradient of a convolution with respect to its input.
#[test]
fn it_leads_back_through_a_convolution() {
    let mut random = Random::new(452);
    for _ in 0..100 {
        let (ConvTranspose2d { stride, pads, dilation, groups, .. }, input, kernel_size) = conv(&mut random);
        let conv = Conv2d { stride, pads, dilation, groups, ..Conv2d::default() };
        let Ok(output) = conv.output_size(input, kernel_size) else { continue };
        let x = fill(&mut random, (2, 2 * groups, input.0, input.1));
        let weight = fill(&mut random, (3 * groups, 2, kernel_size.0, kernel_size.1));
        let grad = fill(&mut random, (2, 3 * groups, output.0, output.1));
        // the cells that the last window did not reach
        let output_padding = conv.unread(input, kernel_size).unwrap();
        let back = ConvTranspose2d { stride, pads, output_padding, dilation, groups };
        let led_back = back.forward(&grad, &weight, None).unwrap();
        let want = conv.backward(&x, &weight, &grad).unwrap().input;
        assert!((led_back - want).iter().all(|d| d.abs() < 2e-5), "{conv:?}");
    }
}

#[test]
fn overlap_is_the_output_of_ones() {
    let mut random = Random::new(453);
    for _ in 0..200 {
        let (mut conv, input, kernel_size) = conv(&mut random);
        conv.groups = 1;
        let ones = |(h, w)| Images::ones((1, 1, h, w));
        let y = conv.forward_plain(&ones(input), &ones(kernel_size), None).unwrap();
        let overlap = conv.overlap(input, kernel_size).unwrap();
        assert_eq!(overlap, y.index_axis(ndarray::Axis(0), 0).index_axis(ndarray::Axis(0), 0), "{conv:?}");
        let at = (random.below(overlap.dim().0), random.below(overlap.dim().1));
        let products = conv.products(input, kernel_size, at).unwrap();
        assert_eq!(products.len() as f32, overlap[at], "{conv:?}");
        assert!(products.is_sorted(), "{products:?}");
        for ((i, j), (u, v)) in products {
            assert_eq!(i * conv.stride.0 + u * conv.dilation.0, at.0 + conv.pads.top);
            assert_eq!(j * conv.stride.1 + v * conv.dilation.1, at.1 + conv.pads.left);
        }
    }
}

/// A kernel whose size is a multiple of the stride covers the inside evenly; others show the checkerboard.
#[test]
fn checkerboards() {
    let conv = ConvTranspose2d { stride: (2, 2), ..ConvTranspose2d::default() };
    let inside = |kernel_size| {
        let overlap = conv.overlap((8, 8), (kernel_size, kernel_size)).unwrap();
        let inside: Vec<f32> = overlap.slice(ndarray::s![4..12, 4..12]).iter().copied().collect();
        inside.iter().copied().fold(0.0, f32::max) / inside.iter().copied().fold(f32::MAX, f32::min)
    };
    assert_eq!([2, 3, 4, 5, 6].map(inside), [1.0, 4.0, 1.0, 2.25, 1.0]);
}

/// A cell that no kernel with an infinity reaches must not know of it.
#[test]
fn infinities_stay_where_they_are_written() {
    let mut random = Random::new(454);
    for _ in 0..200 {
        let (conv, input, kernel_size) = conv(&mut random);
        let mut x = fill(&mut random, (1, conv.groups, input.0, input.1));
        let at = [0, random.below(conv.groups), random.below(input.0), random.below(input.1)];
        x[at] = [f32::INFINITY, f32::NAN][random.below(2)];
        let weight = fill(&mut random, (conv.groups, 2, kernel_size.0, kernel_size.1));
        let fast = conv.forward(&x, &weight, None).unwrap();
        let plain = conv.forward_plain(&x, &weight, None).unwrap();
        for (fast, plain) in fast.iter().zip(&plain) {
            assert_eq!(fast.is_finite(), plain.is_finite(), "{conv:?}: {fast} {plain}");
        }
    }
}

#[test]
fn refusals() {
    let conv = ConvTranspose2d::default();
    let (height, width) = (Axis::Height, Axis::Width);
    let strided = ConvTranspose2d { stride: (2, 3), output_padding: (2, 0), ..conv };
    assert_eq!(
        strided.output_size((2, 2), (3, 3)),
        Err(Error::OutputPaddingTooLarge { axis: height, output_padding: 2, limit: 2 })
    );
    let cut = ConvTranspose2d { pads: Pads { left: 3, right: 1, ..Pads::default() }, ..conv };
    assert_eq!(cut.output_size((2, 2), (3, 3)), Err(Error::NothingLeft { axis: width, full: 4, cut: 4 }));
    assert_eq!(conv.output_size((0, 2), (3, 3)), Err(Error::EmptyInput { axis: height }));
    assert_eq!(conv.output_size((2, 2), (3, 0)), Err(Error::Zero { name: "kernel_size" }));
    let zero = ConvTranspose2d { groups: 0, ..conv };
    assert_eq!(zero.output_size((2, 2), (3, 3)), Err(Error::Zero { name: "groups" }));
    let huge = usize::MAX;
    for far in [
        ConvTranspose2d { stride: (huge, 1), ..conv },
        ConvTranspose2d { dilation: (1, huge), ..conv },
        ConvTranspose2d { stride: (huge, 1), pads: Pads::all(huge - 2), ..conv },
    ] {
        assert!(far.output_size((2, 2), (3, 3)).is_err());
        assert!(far.overlap((2, 2), (3, 3)).is_err());
    }
    assert!(matches!(conv.output_size((1 << 14, 1 << 14), (3, 3)), Err(Error::TooLarge { .. })));
    let run = |conv: ConvTranspose2d, x, weight| {
        conv.forward(&Images::zeros(x), &Images::zeros(weight), Some(&[0.0; 4]))
    };
    assert!(run(conv, (1, 2, 3, 3), (2, 4, 2, 2)).is_ok());
    let name = "weight";
    assert_eq!(
        run(conv, (1, 2, 3, 3), (3, 4, 2, 2)),
        Err(Error::ShapeMismatch { name, expected: vec![2, 4, 2, 2], got: vec![3, 4, 2, 2] })
    );
    assert!(matches!(run(conv, (1, 2, 3, 3), (2, 3, 2, 2)), Err(Error::ShapeMismatch { name: "bias", .. })));
    let split = ConvTranspose2d { groups: 3, ..conv };
    assert!(matches!(run(split, (1, 2, 3, 3), (2, 2, 2, 2)), Err(Error::ChannelsNotDivisible { .. })));
    assert!(matches!(
        conv.products((2, 2), (2, 2), (3, 0)),
        Err(Error::IndexOutOfRange { name: "row", index: 3, size: 3 })
    ));
    let grad = conv.backward(
        &Images::zeros((1, 2, 3, 3)),
        &Images::zeros((2, 4, 2, 2)),
        &Images::zeros((1, 4, 4, 3)),
    );
    assert!(matches!(grad, Err(Error::ShapeMismatch { name: "grad_output", .. })));
}
