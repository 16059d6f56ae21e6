//! What holds for every convolution, tried on seeded random ones.

use ndarray::Ix4;

use crate::core::ops::{Conv2d, Padding, PaddingMode, Pads};
use crate::core::tensor::{Error, Images, Map, Random};

struct Case {
    conv: Conv2d,
    x: Images,
    weight: Images,
    bias: Vec<f32>,
}

fn images(random: &mut Random, shape: (usize, usize, usize, usize)) -> Images {
    Images::from_shape_simple_fn(shape, || random.range(-1.0, 1.0))
}

fn pair(random: &mut Random, lo: usize, hi: usize) -> (usize, usize) {
    (lo + random.below(hi - lo + 1), lo + random.below(hi - lo + 1))
}

/// Any legal convolution; every fourth kernel is a column times a row.
fn case(random: &mut Random) -> Case {
    loop {
        let groups = [1, 1, 2, 3][random.below(4)];
        let channels = (groups * (1 + random.below(2)), groups * (1 + random.below(6)));
        let kernel_size = if random.below(8) == 0 { pair(random, 1, 15) } else { pair(random, 1, 5) };
        let input = if random.below(4) == 0 { pair(random, 1, 48) } else { pair(random, 1, 12) };
        let mode = [
            PaddingMode::Constant(0.0),
            PaddingMode::Constant(random.range(-2.0, 2.0)),
            PaddingMode::Reflect,
            PaddingMode::Replicate,
            PaddingMode::Circular,
        ][random.below(5)];
        let ((top, bottom), (left, right)) = (pair(random, 0, 4), pair(random, 0, 4));
        let (most_stride, most_dilation) = (1 + random.below(4), 1 + random.below(4));
        let conv = Conv2d {
            stride: pair(random, 1, most_stride),
            pads: Pads { top, bottom, left, right },
            mode,
            dilation: pair(random, 1, most_dilation),
            groups,
            flip: random.below(2) == 0,
        };
        if conv.output_size(input, kernel_size).is_err() {
            continue;
        }
        let n = 1 + random.below(2);
        let x = images(random, (n, channels.0, input.0, input.1));
        let weight = if random.below(4) == 0 {
            let column = images(random, (channels.1, channels.0 / groups, kernel_size.0, 1));
            column * images(random, (channels.1, channels.0 / groups, 1, kernel_size.1))
        } else {
            images(random, (channels.1, channels.0 / groups, kernel_size.0, kernel_size.1))
        };
        let bias = (0..channels.1).map(|_| random.range(-1.0, 1.0)).collect();
        return Case { conv, x, weight, bias };
    }
}

/// `(input, kernel_size)` of a case.
fn sizes(case: &Case) -> ((usize, usize), (usize, usize)) {
    let ((_, _, h, w), (_, _, kh, kw)) = (case.x.dim(), case.weight.dim());
    ((h, w), (kh, kw))
}

fn dot(a: &Images, b: &Images) -> f64 {
    assert_eq!(a.dim(), b.dim());
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// Asserts that the two differ by at most `1e-6` of `scale`, the sum of the absolute products behind each number.
fn assert_close(got: &Images, want: &Images, scale: &Images, what: &str) {
    assert_eq!(got.dim(), want.dim(), "{what}");
    for ((index, got), (want, scale)) in got.indexed_iter().zip(want.iter().zip(scale)) {
        assert!(
            (got - want).abs() <= 1e-6 * scale + 1e-30,
            "{what} at {index:?}: {got}, not {want} (scale {scale})"
        );
    }
}

fn absolute(x: &Images) -> Images {
    x.mapv(f32::abs)
}

/// The same convolution of absolute numbers: what rounding is measured against.
fn absolute_conv(conv: &Conv2d) -> Conv2d {
    match conv.mode {
        PaddingMode::Constant(value) => Conv2d { mode: PaddingMode::Constant(value.abs()), ..*conv },
        _ => *conv,
    }
}

#[test]
fn fast_is_plain() {
    let mut random = Random::new(11);
    for number in 0..800 {
        let Case { conv, x, weight, bias } = case(&mut random);
        let bias = (random.below(3) > 0).then_some(bias);
        let fast = conv.forward(&x, &weight, bias.as_deref()).unwrap();
        let plain = conv.forward_plain(&x, &weight, bias.as_deref()).unwrap();
        match conv.forward_single(&x, &weight, bias.as_deref()) {
            Ok(single) => assert_eq!(single, fast, "{number}: {conv:?}"),
            Err(error) => assert!(x.dim().1 != 1 || weight.dim().0 != 1, "{number}: {error}"),
        }
        let absolute_bias: Option<Vec<f32>> = bias.map(|bias| bias.iter().map(|b| b.abs()).collect());
        let scale = absolute_conv(&conv)
            .forward_plain(&absolute(&x), &absolute(&weight), absolute_bias.as_deref())
            .unwrap();
        assert_close(&fast, &plain, &scale, &format!("{number}: {conv:?} {:?} {:?}", x.dim(), weight.dim()));
    }
}

/// As [`case`], with many channels or a large image: other ways to the same numbers.
fn large_case(random: &mut Random) -> Case {
    let mut case = case(random);
    let square = random.below(2) == 0;
    let (channels, size) = match random.below(3) {
        0 => ((16 + random.below(20), 14 + random.below(20)), pair(random, 6, 24)),
        1 => ((1 + random.below(30), 6 + random.below(30)), pair(random, 4, 30)),
        _ => ((1 + random.below(2), 1 + random.below(5)), pair(random, 60, 400)),
    };
    if square {
        (case.conv.stride, case.conv.dilation) = ((1, 1), (1, 1));
    }
    let kernel_size = if square { (3, 3) } else { pair(random, 1, 4) };
    let n = 1 + random.below(2);
    case.x = images(random, (n, channels.0 * case.conv.groups, size.0, size.1));
    case.weight = images(random, (channels.1 * case.conv.groups, channels.0, kernel_size.0, kernel_size.1));
    case.bias = (0..channels.1 * case.conv.groups).map(|_| random.range(-1.0, 1.0)).collect();
    let products = size.0 * size.1 * case.weight.len() * n;
    if case.conv.output_size(size, kernel_size).is_ok() && products < 1 << 20 {
        case
    } else {
        large_case(random)
    }
}

#[test]
fn fast_is_plain_when_large() {
    let mut random = Random::new(15);
    for number in 0..40 {
        let Case { conv, x, weight, bias } = large_case(&mut random);
        let fast = conv.forward(&x, &weight, Some(&bias)).unwrap();
        let plain = conv.forward_plain(&x, &weight, Some(&bias)).unwrap();
        let what = format!("{number}: {conv:?} {:?} {:?}", x.dim(), weight.dim());
        // in units of the sum of the absolute products, about: each is 1/4 on average
        let scale = plain.mapv(|_| 1.0 + weight.len() as f32 / weight.dim().0 as f32 / 4.0);
        assert_close(&fast, &plain, &scale, &what);
    }
}

#[test]
fn backward_is_plain_when_large() {
    let mut random = Random::new(23);
    for number in 0..10 {
        let Case { conv, x, weight, .. } = large_case(&mut random);
        let y = conv.forward(&x, &weight, None).unwrap();
        let grad_output = images(&mut random, y.dim());
        let grads = conv.backward(&x, &weight, &grad_output).unwrap();
        let plain = conv.backward_plain(&x, &weight, &grad_output).unwrap();
        let what = format!("{number}: {conv:?} {:?} {:?}", x.dim(), weight.dim());
        let scale = absolute_conv(&conv)
            .backward_plain(&absolute(&x), &absolute(&weight), &absolute(&grad_output))
            .unwrap();
        assert_close(&grads.input, &plain.input, &scale.input, &what);
        assert_close(&grads.weight, &plain.weight, &scale.weight, &what);
    }
}

/// Kernels that are a column times a row, and kernels that nearly are.
#[test]
fn two_passes_are_plain() {
    let mut random = Random::new(12);
    for mode in [PaddingMode::Reflect, PaddingMode::Constant(1.5)] {
        for kernel_size in [(15, 15), (5, 7), (3, 9), (15, 4)] {
            for (stride, width) in
                [((1, 1), 83), ((1, 1), 33 + kernel_size.1 - 8), ((2, 3), 83), ((1, 2), 70)]
            {
                for off in [0.0, 1e-5, 1e-3] {
                    let column = images(&mut random, (1, 1, kernel_size.0, 1));
                    let mut weight = &column * &images(&mut random, (1, 1, 1, kernel_size.1));
                    weight[[0, 0, 1, 1]] *= 1.0 + off;
                    weight[[0, 0, 2, 0]] += off;
                    let x = images(&mut random, (1, 1, 30, width));
                    let conv = Conv2d { stride, pads: Pads::all(3), mode, ..Conv2d::default() };
                    let fast = conv.forward(&x, &weight, Some(&[0.25])).unwrap();
                    let plain = conv.forward_plain(&x, &weight, Some(&[0.25])).unwrap();
                    let scale = conv.forward_plain(&absolute(&x), &absolute(&weight), Some(&[0.25])).unwrap();
                    assert_close(
                        &fast,
                        &plain,
                        &scale,
                        &format!("{mode:?} {kernel_size:?} {stride:?} {off}"),
                    );
                }
            }
        }
    }
}

#[test]
fn whole_numbers_are_exact() {
    let mut random = Random::new(13);
    for _ in 0..200 {
        let Case { conv, x, weight, .. } = case(&mut random);
        let conv = if let PaddingMode::Constant(_) = conv.mode {
            Conv2d { mode: PaddingMode::Constant(2.0), ..conv }
        } else {
            conv
        };
        let (x, weight) = (x.mapv(|x| (x * 9.0).round()), weight.mapv(|w| (w * 9.0).round()));
        assert_eq!(conv.forward(&x, &weight, None), conv.forward_plain(&x, &weight, None), "{conv:?}");
    }
}

/// A window that does not read an infinity must not know of it, though its block of outputs does.
#[test]
fn infinities_stay_where_they_are_read() {
    let mut random = Random::new(14);
    for _ in 0..300 {
        let Case { conv, mut x, weight, .. } = case(&mut random);
        for _ in 0..2 {
            let at = [0, random.below(x.dim().1), random.below(x.dim().2), random.below(x.dim().3)];
            x[at] = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN][random.below(3)];
        }
        let fast = conv.forward(&x, &weight, None).unwrap();
        let plain = conv.forward_plain(&x, &weight, None).unwrap();
        for (fast, plain) in fast.iter().zip(&plain) {
            assert_eq!(fast.is_finite(), plain.is_finite(), "{conv:?}: {fast} {plain}");
        }
    }
}

#[test]
fn backward_is_plain() {
    let mut random = Random::new(21);
    for number in 0..300 {
        let Case { conv, x, weight, .. } = case(&mut random);
        let y = conv.forward(&x, &weight, None).unwrap();
        let grad_output = images(&mut random, y.dim());
        let grads = conv.backward(&x, &weight, &grad_output).unwrap();
        let plain = conv.backward_plain(&x, &weight, &grad_output).unwrap();
        let scale = absolute_conv(&conv)
            .backward_plain(&absolute(&x), &absolute(&weight), &absolute(&grad_output))
            .unwrap();
        let what = format!("{number}: {conv:?} {:?} {:?}", x.dim(), weight.dim());
        assert_close(&grads.input, &plain.input, &scale.input, &what);
        assert_close(&grads.weight, &plain.weight, &scale.weight, &what);
        for (o, bias) in grads.bias.iter().enumerate() {
            let sum: f32 = grad_output.index_axis(ndarray::Axis(1), o).sum();
            assert!((bias - sum).abs() < 1e-4, "{what}");
        }
    }
}

/// The forward pass is linear in the input and in the weight, so the change it makes for a step of 1 is the gradient.
#[test]
fn gradients_are_differences() {
    let mut random = Random::new(22);
    for _ in 0..30 {
        let Case { conv, x, weight, .. } = case(&mut random);
        let y = conv.forward_plain(&x, &weight, None).unwrap();
        let grad_output = images(&mut random, y.dim());
        let grads = conv.backward(&x, &weight, &grad_output).unwrap();
        let loss =
            |x: &Images, weight: &Images| dot(&conv.forward_plain(x, weight, None).unwrap(), &grad_output);
        let step = |tensor: &Images, at: [usize; 4], by: f32| {
            let mut moved = tensor.clone();
            moved[at] += by;
            moved
        };
        let anywhere = |random: &mut Random, tensor: &Images| {
            let (a, b, c, d) = tensor.dim();
            [random.below(a), random.below(b), random.below(c), random.below(d)]
        };
        for _ in 0..3 {
            let at = anywhere(&mut random, &x);
            let slope = (loss(&step(&x, at, 1.0), &weight) - loss(&step(&x, at, -1.0), &weight)) / 2.0;
            assert!((slope - f64::from(grads.input[at])).abs() < 1e-4, "{conv:?} input {at:?}: {slope}");
            let at = anywhere(&mut random, &weight);
            let slope = (loss(&x, &step(&weight, at, 1.0)) - loss(&x, &step(&weight, at, -1.0))) / 2.0;
            assert!((slope - f64::from(grads.weight[at])).abs() < 1e-3, "{conv:?} weight {at:?}: {slope}");
        }
    }
}

/// `conv(a x + b z) = a conv(x) + b conv(z)`, when the padding adds nothing of its own.
#[test]
fn linear() {
    let mut random = Random::new(23);
    for _ in 0..100 {
        let Case { conv, x, weight, .. } = case(&mut random);
        let conv = if let PaddingMode::Constant(_) = conv.mode {
            Conv2d { mode: PaddingMode::Constant(0.0), ..conv }
        } else {
            conv
        };
        let z = images(&mut random, x.dim());
        let forward = |x: &Images| conv.forward(x, &weight, None).unwrap();
        let mixed = forward(&(&x * 0.5 + &z * 2.0));
        let apart = forward(&x) * 0.5 + forward(&z) * 2.0;
        assert!(mixed.iter().zip(&apart).all(|(a, b)| (a - b).abs() < 2e-4), "{conv:?}");
    }
}

/// `<conv(x), y> = <x, backward(y)>`
#[test]
fn backward_is_the_adjoint() {
    let mut random = Random::new(24);
    for _ in 0..200 {
        let Case { conv, x, weight, .. } = case(&mut random);
        let conv = if let PaddingMode::Constant(_) = conv.mode {
            Conv2d { mode: PaddingMode::Constant(0.0), ..conv }
        } else {
            conv
        };
        let y = conv.forward(&x, &weight, None).unwrap();
        let z = images(&mut random, y.dim());
        let (left, right) = (dot(&y, &z), dot(&x, &conv.backward(&x, &weight, &z).unwrap().input));
        let size = dot(&y, &y).sqrt() * dot(&z, &z).sqrt();
        assert!((left - right).abs() < 1e-5 * size.max(1.0), "{conv:?}: {left} {right}");
    }
}

#[test]
fn reads_are_counted() {
    let mut random = Random::new(31);
    for _ in 0..300 {
        let case = case(&mut random);
        let (input, kernel_size) = sizes(&case);
        let conv = Conv2d { groups: 1, ..case.conv };
        let output = conv.output_size(input, kernel_size).unwrap();
        let padded = conv.pads.padded_size(input).unwrap();
        // brute force, window by window and tap by tap
        let (mut usage, mut reached) = (Map::zeros(input), (0, 0));
        let mut outside = Map::zeros(output);
        for (i, j) in (0..output.0).flat_map(|i| (0..output.1).map(move |j| (i, j))) {
            for (u, v) in (0..kernel_size.0).flat_map(|u| (0..kernel_size.1).map(move |v| (u, v))) {
                let (row, column) =
                    (i * conv.stride.0 + u * conv.dilation.0, j * conv.stride.1 + v * conv.dilation.1);
                reached = (reached.0.max(row + 1), reached.1.max(column + 1));
                let source = (
                    conv.mode.source(row, conv.pads.top, input.0),
                    conv.mode.source(column, conv.pads.left, input.1),
                );
                if let (Some(row), Some(column)) = source {
                    usage[[row, column]] += 1.0;
                }
                let inside = (conv.pads.top..conv.pads.top + input.0).contains(&row)
                    && (conv.pads.left..conv.pads.left + input.1).contains(&column);
                outside[[i, j]] += if inside { 0.0 } else { 1.0 / (kernel_size.0 * kernel_size.1) as f32 };
            }
        }
        assert_eq!(conv.usage(input, kernel_size).unwrap(), usage, "{conv:?}");
        assert_eq!(
            conv.unread(input, kernel_size),
            Ok((padded.0 - reached.0, padded.1 - reached.1)),
            "{conv:?}"
        );
        let share = conv.padding_share(input, kernel_size).unwrap();
        assert!(share.iter().zip(&outside).all(|(a, b)| (a - b).abs() < 1e-5), "{conv:?}");
        // the same through the gradient
        let (x, ones) =
            (Images::zeros((1, 1, input.0, input.1)), Images::ones((1, 1, kernel_size.0, kernel_size.1)));
        let grad = conv.backward(&x, &ones, &Images::ones((1, 1, output.0, output.1))).unwrap().input;
        assert_eq!(grad.into_shape_with_order(input).unwrap(), usage, "{conv:?}");
    }
}

#[test]
fn refusals() {
    let (x, weight) = (Images::zeros((1, 4, 5, 5)), Images::zeros((6, 2, 3, 3)));
    let conv = Conv2d { groups: 2, ..Conv2d::default() };
    assert!(conv.forward(&x, &weight, None).is_ok());
    let refused = |conv: Conv2d, x: &Images, weight: &Images, bias: Option<&[f32]>| {
        let fast = conv.forward(x, weight, bias).unwrap_err();
        assert_eq!(conv.forward_plain(x, weight, bias), Err(fast.clone()));
        fast
    };
    let three = refused(Conv2d { groups: 3, ..conv }, &x, &weight, None);
    assert_eq!(three, Error::ChannelsNotDivisible { name: "in_channels", channels: 4, groups: 3 });
    let channels = refused(Conv2d { groups: 1, ..conv }, &x, &weight, None);
    assert!(matches!(channels, Error::ShapeMismatch { name: "weight", .. }));
    let bias = refused(conv, &x, &weight, Some(&[0.0; 5]));
    assert_eq!(bias, Error::ShapeMismatch { name: "bias", expected: vec![6], got: vec![5] });
    assert_eq!(refused(Conv2d { stride: (0, 1), ..conv }, &x, &weight, None), Error::Zero { name: "stride" });
    let grad = conv.backward(&x, &weight, &Images::zeros((1, 6, 3, 4)));
    assert!(matches!(grad, Err(Error::ShapeMismatch { name: "grad_output", .. })));
    let same = Padding::Same.resolve((5, 5), (3, 3), (2, 1), (1, 1));
    assert_eq!(same, Err(Error::SameNeedsStrideOne { stride: (2, 1) }));
}

#[test]
fn empty_batches_and_channels() {
    let conv = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
    let weight = Images::ones((2, 1, 3, 3));
    let none = Images::zeros((0, 1, 5, 5));
    assert_eq!(conv.forward(&none, &weight, None).unwrap().dim(), (0, 2, 5, 5));
    let grads = conv.backward(&none, &weight, &Images::zeros((0, 2, 5, 5))).unwrap();
    assert_eq!((grads.input.dim(), grads.bias), ((0, 1, 5, 5), vec![0.0, 0.0]));
    // no channel to read: the bias alone
    let (x, weight) = (Images::zeros((1, 0, 5, 5)), Images::zeros((2, 0, 3, 3)));
    assert_eq!(
        conv.forward(&x, &weight, Some(&[1.0, 2.0])),
        conv.forward_plain(&x, &weight, Some(&[1.0, 2.0]))
    );
    assert!(conv.backward(&x, &weight, &Images::ones((1, 2, 5, 5))).is_ok());
    let (x, weight) = (Images::zeros((1, 1, 5, 5)), Images::zeros((0, 1, 3, 3)));
    assert_eq!(conv.forward(&x, &weight, None).unwrap().dim(), (1, 0, 5, 5));
    assert_eq!(conv.backward(&x, &weight, &Images::zeros((1, 0, 5, 5))).unwrap().input.sum(), 0.0);
}

#[test]
fn views_with_other_strides() {
    let mut random = Random::new(41);
    let x = images(&mut random, (6, 5, 2, 3)).permuted_axes([3, 2, 1, 0]);
    let weight = images(&mut random, (3, 3, 2, 4)).permuted_axes([3, 2, 1, 0]);
    let conv = Conv2d { pads: Pads::all(1), mode: PaddingMode::Circular, ..Conv2d::default() };
    let fast = conv.forward(&x, &weight, None).unwrap();
    let plain = conv.forward_plain(&x, &weight, None).unwrap();
    assert_close(&fast, &plain, &plain.mapv(|_| 20.0), "permuted");
    let standard = |x: &Images| x.as_standard_layout().into_owned().into_dimensionality::<Ix4>().unwrap();
    let grad_output = images(&mut random, (6, 5, 4, 3)).permuted_axes([2, 3, 1, 0]);
    let grad_output = grad_output.slice(ndarray::s![..3, .., .., ..]).to_owned();
    let grad_output =
        Images::from_shape_fn(plain.dim(), |(n, o, i, j)| grad_output[[n % 3, o % 3, i % 5, j % 6]]);
    assert_eq!(
        conv.backward(&x, &weight, &grad_output),
        conv.backward(&standard(&x), &standard(&weight), &grad_output)
    );
}

/// Numbers from a hostile link: none may panic, overflow or ask for memory.
#[test]
fn any_size_is_answered() {
    let mut random = Random::new(51);
    let nasty = [
        0,
        1,
        2,
        3,
        7,
        100,
        1 << 16,
        1 << 26,
        (1 << 26) + 1,
        u32::MAX as usize,
        usize::MAX / 2,
        usize::MAX - 1,
        usize::MAX,
    ];
    let mut answered = 0;
    for _ in 0..200_000 {
        let mut number =
            || nasty[if random.below(9) > 0 { random.below(6) } else { random.below(nasty.len()) }];
        let mut two = || (number(), number());
        let (input, kernel_size, stride, dilation) = (two(), two(), two(), two());
        let ((top, bottom), (left, right)) = (two(), two());
        let groups = number();
        let pads = Pads { top, bottom, left, right };
        let mode =
            [PaddingMode::Constant(1.0), PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular]
                [random.below(4)];
        let conv = Conv2d { stride, pads, mode, dilation, groups, flip: false };
        let output = conv.output_size(input, kernel_size);
        let unread = conv.unread(input, kernel_size);
        assert_eq!(output.is_ok(), unread.is_ok());
        for padding in
            [Padding::Explicit(pads), Padding::Same, Padding::SameTf, Padding::Valid, Padding::Full]
        {
            if let Ok(pads) = padding.resolve(input, kernel_size, stride, dilation) {
                assert!(pads.padded_size(input).is_ok());
            }
        }
        let padded = pads.padded_size(input).map_or(usize::MAX, |(height, width)| height * width);
        if output.is_ok() && padded < 20_000 {
            answered += 1;
            let usage = conv.usage(input, kernel_size).unwrap();
            assert_eq!(usage.dim(), input);
            assert!(
                conv.padding_share(input, kernel_size)
                    .unwrap()
                    .iter()
                    .all(|share| (0.0..=1.0).contains(share))
            );
            if kernel_size.0 * kernel_size.1 < 50 && answered % 2 == 0 {
                let conv = Conv2d { groups: 1, ..conv };
                let (x, weight) = (
                    Images::ones((1, 1, input.0, input.1)),
                    Images::ones((1, 1, kernel_size.0, kernel_size.1)),
                );
                let y = conv.forward(&x, &weight, None).unwrap();
                assert_eq!(Ok((y.dim().2, y.dim().3)), output);
                let grad = conv.backward(&x, &weight, &Images::ones(y.dim())).unwrap().input;
                assert_eq!(grad.into_shape_with_order(input).unwrap(), usage);
            }
        }
    }
    assert!(answered > 1000, "{answered}");
}

#[test]
fn errors_say_what_to_change() {
    let conv = Conv2d { dilation: (3, 1), ..Conv2d::default() };
    let error = conv.output_size((5, 9), (3, 3)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "A kernel of 3 with dilation 3 spans 7 along the height, but the padded input has only 5: use a smaller \
         kernel, less dilation, more padding or a larger input."
    );
    let reflect = Conv2d { pads: Pads::all(5), mode: PaddingMode::Reflect, ..Conv2d::default() };
    let error = reflect.output_size((5, 9), (3, 3)).unwrap_err();
    assert!(error.to_string().contains("Use at most 4"), "{error}");
    let huge = Conv2d { pads: Pads::all(usize::MAX), ..Conv2d::default() };
    assert!(huge.output_size((5, 9), (3, 3)).unwrap_err().to_string().contains("use smaller sizes"));
}
