//! What holds for every deformable convolution, tried on seeded random ones.

use crate::core::ops::{Conv2d, DeformConv2d, Pads};
use crate::core::tensor::{Error, Images, Random};

struct Case {
    conv: DeformConv2d,
    x: Images,
    offset: Images,
    mask: Option<Images>,
    weight: Images,
    bias: Vec<f32>,
}

impl Case {
    fn forward(&self) -> Images {
        let bias = Some(&self.bias[..]);
        self.conv.forward(&self.x, &self.offset, self.mask.as_ref(), &self.weight, bias).unwrap()
    }

    fn plain(&self) -> Images {
        let bias = Some(&self.bias[..]);
        self.conv.forward_plain(&self.x, &self.offset, self.mask.as_ref(), &self.weight, bias).unwrap()
    }
}

fn case(random: &mut Random) -> Case {
    fn fill(random: &mut Random, shape: (usize, usize, usize, usize), limit: f32) -> Images {
        Images::from_shape_simple_fn(shape, || random.range(-limit, limit))
    }
    loop {
        let pick = |random: &mut Random, n| (1 + random.below(n), 1 + random.below(n));
        let (groups, offset_groups) = pick(random, 2);
        let conv = DeformConv2d {
            stride: pick(random, 2),
            pads: Pads {
                top: random.below(3),
                bottom: random.below(3),
                left: random.below(3),
                right: random.below(3),
            },
            dilation: pick(random, 2),
            groups,
            offset_groups,
        };
        let ((height, width), (kernel_height, kernel_width)) = (pick(random, 7), pick(random, 3));
        let Ok((oh, ow)) = conv.output_size((height, width), (kernel_height, kernel_width)) else {
            continue;
        };
        let (n, c_in) = (1 + random.below(2), 2 * (1 + random.below(2)));
        let c_out = groups * (1 + random.below(3));
        let taps = offset_groups * kernel_height * kernel_width;
        return Case {
            conv,
            x: fill(random, (n, c_in, height, width), 1.0),
            offset: fill(random, (n, 2 * taps, oh, ow), 3.0),
            mask: (random.below(2) == 0).then(|| fill(random, (n, taps, oh, ow), 1.0)),
            weight: fill(random, (c_out, c_in / groups, kernel_height, kernel_width), 1.0),
            bias: (0..c_out).map(|_| random.range(-1.0, 1.0)).collect(),
        };
    }
}

#[test]
fn fast_is_plain() {
    let mut random = Random::new(421);
    for _ in 0..150 {
        let case = case(&mut random);
        let difference = case.forward() - case.plain();
        assert!(difference.iter().all(|d| d.abs() < 1e-5), "{:?}: {difference}", case.conv);
    }
}

/// Without offsets and with a mask of ones it is the ordinary convolution, and so are its gradients.
#[test]
fn undeformed_is_the_convolution() {
    let mut random = Random::new(422);
    for _ in 0..100 {
        let mut case = case(&mut random);
        case.offset.fill(0.0);
        if let Some(mask) = &mut case.mask {
            mask.fill(1.0);
        }
        let DeformConv2d { stride, pads, dilation, groups, .. } = case.conv;
        let conv = Conv2d { stride, pads, dilation, groups, ..Conv2d::default() };
        let y = conv.forward_plain(&case.x, &case.weight, Some(&case.bias)).unwrap();
        assert!((case.forward() - &y).iter().all(|d| d.abs() < 1e-5));
        let want = conv.backward(&case.x, &case.weight, &y).unwrap();
        let got = case.conv.backward(&case.x, &case.offset, case.mask.as_ref(), &case.weight, &y).unwrap();
        assert!((got.input - want.input).iter().all(|d| d.abs() < 1e-4));
        assert!((got.weight - want.weight).iter().all(|d| d.abs() < 1e-4));
    }
}

/// Between two lines of cells the output is linear in each number of each input, so a small step gives the slope.
#[test]
fn gradients_are_differences() {
    let mut random = Random::new(423);
    for _ in 0..40 {
        let mut case = case(&mut random);
        // away from the kinks
        case.offset.mapv_inplace(|x| x.floor() + 0.2 + 0.6 * (x - x.floor()));
        let grad_output = case.plain().mapv(|_| random.range(-1.0, 1.0));
        let grads = case
            .conv
            .backward(&case.x, &case.offset, case.mask.as_ref(), &case.weight, &grad_output)
            .unwrap();
        let loss = |case: &Case| -> f64 {
            case.plain().iter().zip(&grad_output).map(|(&y, &g)| f64::from(y) * f64::from(g)).sum()
        };
        fn tensor(case: &mut Case, which: usize) -> &mut Images {
            match which {
                0 => &mut case.x,
                1 => &mut case.offset,
                2 => case.mask.as_mut().unwrap(),
                _ => &mut case.weight,
            }
        }
        let all = [Some(&grads.input), Some(&grads.offset), grads.mask.as_ref(), Some(&grads.weight)];
        for (which, grad) in all.into_iter().enumerate() {
            let Some(grad) = grad else { continue };
            for _ in 0..4 {
                let (a, b, c, d) = grad.dim();
                let at = [random.below(a), random.below(b), random.below(c), random.below(d)];
                let mut moved = |by: f32| {
                    tensor(&mut case, which)[at] += by;
                    let loss = loss(&case);
                    tensor(&mut case, which)[at] -= by;
                    loss
                };
                let slope = (moved(0.125) - moved(-0.125)) / 0.25;
                assert!(
                    (slope - f64::from(grad[at])).abs() < 2e-5,
                    "{which} {at:?}: {slope}, not {}",
                    grad[at]
                );
            }
        }
        for (o, bias) in grads.bias.iter().enumerate() {
            let sum: f32 = grad_output.index_axis(ndarray::Axis(1), o).sum();
            assert!((bias - sum).abs() < 1e-5);
        }
    }
}

#[test]
fn offsets_that_lead_nowhere_read_zero() {
    let mut random = Random::new(424);
    for far in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30] {
        let mut case = case(&mut random);
        case.offset.fill(far);
        let y = case.forward();
        assert_eq!(y, case.plain());
        assert!(y.indexed_iter().all(|((_, o, _, _), &y)| y == case.bias[o]));
        let grads = case.conv.backward(&case.x, &case.offset, None, &case.weight, &y).unwrap();
        assert!(grads.input.iter().chain(&grads.offset).all(|&grad| grad == 0.0));
    }
}

#[test]
fn refusals() {
    let run = |conv: DeformConv2d, x, offset, mask, weight| {
        let (x, offset, mask, weight) =
            (Images::zeros(x), Images::zeros(offset), Images::zeros(mask), Images::zeros(weight));
        conv.forward(&x, &offset, Some(&mask), &weight, None)
    };
    let conv = DeformConv2d::default();
    let (x, offset, mask, weight) = ((1, 4, 3, 3), (1, 8, 2, 2), (1, 4, 2, 2), (3, 4, 2, 2));
    assert!(run(conv, x, offset, mask, weight).is_ok());
    let name = "offset";
    assert_eq!(
        run(conv, x, (1, 4, 2, 2), mask, weight),
        Err(Error::ShapeMismatch { name, expected: vec![1, 8, 2, 2], got: vec![1, 4, 2, 2] })
    );
    assert!(matches!(
        run(conv, x, offset, (1, 4, 2, 1), weight),
        Err(Error::ShapeMismatch { name: "mask", .. })
    ));
    let split = DeformConv2d { offset_groups: 3, ..conv };
    assert!(matches!(run(split, x, offset, mask, weight), Err(Error::NotDivisible { divisor: 3, .. })));
    let zero = DeformConv2d { offset_groups: 0, ..conv };
    assert_eq!(run(zero, x, offset, mask, weight), Err(Error::Zero { name: "offset_groups" }));
    let many = DeformConv2d { offset_groups: usize::MAX, ..conv };
    assert!(run(many, x, offset, mask, weight).is_err());
    for (n, c_in, c_out) in [(0, 4, 3), (1, 0, 3), (1, 4, 0)] {
        let (x, weight) = (Images::zeros((n, c_in, 3, 3)), Images::zeros((c_out, c_in, 2, 2)));
        let offset = Images::zeros((n, 8, 2, 2));
        let y = conv.forward(&x, &offset, None, &weight, None).unwrap();
        assert_eq!(y, Images::zeros((n, c_out, 2, 2)));
        assert!(conv.backward(&x, &offset, None, &weight, &y).is_ok());
    }
}
