//! Tests of pooling as a whole: where windows lie, fast against plain, gradients, what is refused.

use ndarray::{Array, Dimension, IxDyn};

use crate::core::ops::max_unpool_backward;
use crate::core::ops::{Divisor, LpRule, PaddingMode, Pool, Pool1d, Pool2d, PoolWindows, max_unpool};
use crate::core::tensor::{Axis, Error, Random, Tensor};

fn draw(random: &mut Random, shape: &[usize]) -> Tensor {
    Tensor::from_shape_simple_fn(IxDyn(shape), || random.range(-1.0, 1.0))
}

/// Any windows over any planes, legal ones only.
fn any<const D: usize>(random: &mut Random) -> (Pool<D>, PoolWindows<D>) {
    loop {
        let mut list = |low: usize, high: usize| -> [usize; D] {
            std::array::from_fn(|_| low + random.below(high - low + 1))
        };
        let (kernel_size, before, after) = (list(1, 5), list(0, 2), list(0, 2));
        let (stride, dilation, input) = (list(1, 4), list(1, 3), list(1, 24 / D));
        let pool = Pool {
            kernel_size,
            stride,
            pads: std::array::from_fn(|a| (before[a], after[a])),
            dilation,
            ceil_mode: random.below(2) == 1,
            free_pads: random.below(3) == 0,
        };
        if let Ok(windows) = pool.windows(input) {
            return (pool, windows);
        }
    }
}

fn shape<const D: usize>(space: [usize; D]) -> Vec<usize> {
    [2, 1].into_iter().chain(space).collect()
}

fn assert_close<S: Dimension>(a: &Array<f32, S>, b: &Array<f32, S>, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    for (a, b) in a.iter().zip(b) {
        let same = a == b || (a.is_nan() && b.is_nan());
        assert!(same || (a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{what}: {a} {b}");
    }
}

/// Spans against the taps one by one.
#[test]
fn spans() {
    let mut random = Random::new(901);
    for _ in 0..500 {
        let (pool, windows) = any::<1>(&mut random);
        let (input, [(before, after)]) = (windows.input()[0] as isize, pool.pads);
        for index in 0..windows.output()[0] {
            let span = windows.span(0, index).unwrap();
            let start = (index * pool.stride[0]) as isize - before as isize;
            let taps: Vec<isize> =
                (0..pool.kernel_size[0]).map(|tap| start + (tap * pool.dilation[0]) as isize).collect();
            assert_eq!(span.positions().collect::<Vec<_>>(), taps);
            let cells: Vec<isize> = taps.iter().copied().filter(|tap| (0..input).contains(tap)).collect();
            assert_eq!(span.cells().map(|cell| cell as isize).collect::<Vec<_>>(), cells);
            let beyond = taps.iter().filter(|&&tap| tap >= input + after as isize).count();
            assert_eq!((span.beyond, span.padding), (beyond, taps.len() - beyond - cells.len()));
            assert!(pool.ceil_mode || span.beyond == 0);
            assert!(start < input || pool.free_pads, "begins behind the input");
        }
        // the next window would not fit, or would begin too late
        let next = windows.output()[0] * pool.stride[0];
        let end = next + (pool.kernel_size[0] - 1) * pool.dilation[0] + 1;
        let padded = input as usize + before + after;
        if pool.ceil_mode {
            assert!(next >= input as usize + before || end >= padded + pool.stride[0]);
        } else {
            assert!(end > padded);
        }
    }
}

#[test]
fn adaptive_windows_cover_everything() {
    let mut random = Random::new(902);
    for _ in 0..200 {
        let (input, output) = (1 + random.below(20), 1 + random.below(20));
        let windows = PoolWindows::adaptive([input], [output]).unwrap();
        assert!(windows.reads(0).iter().all(|&reads| reads > 0));
        let sizes: Vec<usize> = (0..output).map(|i| windows.span(0, i).unwrap().count).collect();
        assert!(sizes.iter().all(|&size| size > 0 && size <= input.div_ceil(output) + 1), "{sizes:?}");
    }
    assert_eq!(PoolWindows::global([3, 4]).unwrap().window([0, 0]).unwrap()[1].count, 4);
    assert_eq!(PoolWindows::global([3, 4]).unwrap().window([0, 1]), None);
    assert_eq!(PoolWindows::adaptive([3], [0]).unwrap().output(), [0]);
    assert_eq!(PoolWindows::adaptive([0], [1]), Err(Error::EmptyInput { axis: Axis::Length }));
}

fn fast_is_plain<const D: usize>(seed: u64) {
    let mut random = Random::new(seed);
    for round in 0..300 {
        let (pool, windows) = any::<D>(&mut random);
        let mut x = draw(&mut random, &shape(windows.input()));
        if round % 3 == 0 {
            let at = random.below(x.len());
            let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0][random.below(4)];
            x.as_slice_mut().unwrap()[at] = odd;
        }
        let what = format!("{pool:?} {:?}", windows.input());
        assert_close(&windows.max_values(&x).unwrap(), &windows.max(&x).unwrap().values, &what);
        assert_close(&windows.min_values(&x).unwrap(), &windows.min(&x).unwrap().values, &what);
        let divisor = Divisor {
            count_include_pad: random.below(2) == 1,
            divisor_override: (random.below(4) == 0).then_some(-3),
        };
        assert_close(
            &windows.average(&x, divisor).unwrap(),
            &windows.average_plain(&x, divisor).unwrap(),
            &what,
        );
    }
}

#[test]
fn fast_is_plain_in_one_two_and_three_dimensions() {
    fast_is_plain::<1>(911);
    fast_is_plain::<2>(912);
    fast_is_plain::<3>(913);
}

/// The loop for squares, over sizes that leave every rest.
#[test]
fn squares() {
    let mut random = Random::new(914);
    let pool = Pool2d::default();
    for (height, width) in (2..9).flat_map(|height| (2..24).map(move |width| (height, width))) {
        let mut x = draw(&mut random, &[1, 3, height, width]);
        if random.below(2) == 0 {
            let at = random.below(x.len());
            x.as_slice_mut().unwrap()[at] = f32::NAN;
        }
        let windows = pool.windows([height, width]).unwrap();
        assert_close(&windows.max_values(&x).unwrap(), &windows.max(&x).unwrap().values, "max");
        let average = windows.average(&x, Divisor::default()).unwrap();
        assert_close(&average, &windows.average_plain(&x, Divisor::default()).unwrap(), "average");
    }
}

/// `<average(x), y> = <x, backward(y)>`
#[test]
fn average_backward_is_the_adjoint() {
    fn check<const D: usize>(random: &mut Random, windows: &PoolWindows<D>, divisor: Divisor) {
        let x = draw(random, &shape(windows.input()));
        let y = draw(random, &shape(windows.output()));
        let there = &windows.average_plain(&x, divisor).unwrap() * &y;
        let back = &windows.average_backward(&y, divisor).unwrap() * &x;
        // a window of nothing has no mean, and no cell that could tell
        let there = there.iter().filter(|there| !there.is_nan()).sum::<f32>();
        assert!((there - back.sum()).abs() < 1e-4, "{windows:?} {there} {}", back.sum());
    }
    let mut random = Random::new(921);
    for _ in 0..200 {
        let divisor = Divisor {
            count_include_pad: random.below(2) == 1,
            divisor_override: (random.below(3) == 0).then_some(5),
        };
        let (one, two, three) = (any::<1>(&mut random).1, any::<2>(&mut random).1, any::<3>(&mut random).1);
        check(&mut random, &one, divisor);
        check(&mut random, &two, divisor);
        check(&mut random, &three, divisor);
        let sizes: [usize; 4] = std::array::from_fn(|_| 1 + random.below(8));
        let adaptive = PoolWindows::adaptive([sizes[0], sizes[1]], [sizes[2], sizes[3]]).unwrap();
        check(&mut random, &adaptive, divisor);
    }
}

/// The gradient goes to the chosen cells: `<values, y> = <x, backward(y)>`, because each value is one of `x`.
#[test]
fn chosen_cells_get_the_gradient() {
    let mut random = Random::new(922);
    for _ in 0..200 {
        let (pool, windows) = any::<2>(&mut random);
        let x = draw(&mut random, &shape(windows.input()));
        let median = pool.median(&x, PaddingMode::Replicate);
        let padded = Pool { free_pads: true, ..pool }.windows(windows.input()).unwrap();
        let chosen = [windows.max(&x), windows.min(&x), padded.max(&x), median];
        for chosen in chosen.into_iter().flatten() {
            let y = draw(&mut random, chosen.values.shape());
            let finite = chosen.values.mapv(|value| if value.is_finite() { value } else { 0.0 });
            let (there, back) = ((&finite * &y).sum(), (&chosen.backward(&y).unwrap() * &x).sum());
            assert!((there - back).abs() < 1e-4, "{pool:?} {there} {back}");
        }
    }
}

#[test]
fn ties_nan_and_nothing() {
    let windows = Pool1d::new([4]).windows([4]).unwrap();
    let index = |x: [f32; 4]| {
        let x = ndarray::arr3(&[[x]]);
        (windows.max(&x).unwrap().indices[[0, 0, 0]], windows.min(&x).unwrap().indices[[0, 0, 0]])
    };
    assert_eq!(index([2.0, 3.0, 3.0, 2.0]), (1, 0));
    assert_eq!(index([1.0, f32::NAN, f32::NAN, 5.0]), (2, 2));
    assert_eq!(index([f32::NEG_INFINITY; 4]), (0, 0));
    assert_eq!(index([f32::INFINITY; 4]), (0, 0));
    // a window in the padding alone
    let pool = Pool1d { pads: [(3, 0)], stride: [1], free_pads: true, ..Pool1d::new([2]) };
    let windows = pool.windows([2]).unwrap();
    let max = windows.max(&ndarray::array![[[1.0, 2.0]]]).unwrap();
    assert_eq!(max.values, ndarray::array![[[f32::NEG_INFINITY, f32::NEG_INFINITY, 1.0, 2.0]]]);
    assert_eq!(max.indices, ndarray::array![[[-1, -1, 0, 1]]]);
    assert_eq!(
        max.backward(&ndarray::array![[[1.0, 1.0, 1.0, 1.0]]]).unwrap(),
        ndarray::array![[[1.0, 1.0]]]
    );
}

#[test]
fn medians() {
    let median = |x: [f32; 4], kernel_size| {
        let pool = Pool1d { stride: [1], ..Pool1d::new([kernel_size]) };
        let median = pool.median(&ndarray::arr3(&[[x]]), PaddingMode::Constant(0.0)).unwrap();
        (median.values[[0, 0, 0]], median.indices[[0, 0, 0]])
    };
    assert_eq!(median([4.0, 1.0, 3.0, 2.0], 4), (2.0, 3)); // the lower one of 2 and 3
    assert_eq!(median([4.0, 1.0, 4.0, 4.0], 3), (4.0, 0)); // the first of equals
    assert_eq!(median([4.0, f32::NAN, 1.0, 0.0], 3).1, 1);
    let wide = Pool1d { pads: [(9, 0)], ..Pool1d::new([3]) };
    let x = ndarray::array![[[1.0, 2.0]]];
    assert!(matches!(wide.median(&x, PaddingMode::Reflect), Err(Error::OutOfRange { name: "pads", .. })));
    assert!(wide.median(&x, PaddingMode::Replicate).is_ok());
}

/// Slopes of the p-norm against differences of its values.
#[test]
fn lp_backward_is_the_slope() {
    let mut random = Random::new(931);
    for round in 0..120 {
        let (pool, windows) = any::<2>(&mut random);
        let (p, rule) =
            [(2.0, LpRule::Torch), (3.0, LpRule::Norm), (1.5, LpRule::Norm), (3.0, LpRule::Torch)][round % 4];
        let mut x = draw(&mut random, &shape(windows.input()));
        x.mapv_inplace(|x| if rule == LpRule::Torch { 0.3 + x.abs() } else { x.signum() * (0.3 + x.abs()) });
        let y = draw(&mut random, &shape(windows.output()));
        let grad = windows.lp_backward(&x, &y, p, rule).unwrap();
        let direction = draw(&mut random, x.shape());
        let step = 1e-3;
        let value = |sign: f32| {
            let moved = &x + &(&direction * (sign * step));
            let lp = windows.lp(&moved, p, rule).unwrap();
            (&lp * &y).iter().filter(|value| value.is_finite()).map(|&value| f64::from(value)).sum::<f64>()
        };
        let slope = (value(1.0) - value(-1.0)) / (2.0 * f64::from(step));
        let expected: f64 = (&grad * &direction).iter().map(|&value| f64::from(value)).sum();
        assert!((slope - expected).abs() < 2e-2 * (1.0 + expected.abs()), "{pool:?} {p}: {slope} {expected}");
    }
    let windows = Pool1d::new([2]).windows([4]).unwrap();
    let (x, ones) = (ndarray::array![[[0.0, 0.0, 0.0, 3.0]]], ndarray::array![[[1.0, 1.0]]]);
    for rule in [LpRule::Torch, LpRule::Norm] {
        let grad = windows.lp_backward(&x, &ones, 2.0, rule).unwrap();
        assert_eq!(grad, ndarray::array![[[0.0, 0.0, 0.0, 1.0]]]);
    }
    assert_eq!(windows.lp(&x, 0.0, LpRule::Norm), Err(Error::Zero { name: "norm_type" }));
}

#[test]
fn unpooling_undoes_pooling() {
    let mut random = Random::new(941);
    let pool = Pool2d { stride: [2, 3], ..Pool2d::new([2, 3]) };
    let x = draw(&mut random, &[2, 2, 4, 9]);
    let max = pool.windows([4, 9]).unwrap().max(&x).unwrap();
    assert_eq!(pool.unpooled_size([2, 3]), Ok([4, 9]));
    let back = max_unpool(&max.values, &max.indices, &[4, 9]).unwrap();
    assert_eq!(
        pool.windows([4, 9]).unwrap().max(&back.mapv(|x| if x == 0.0 { -2.0 } else { x })).unwrap(),
        max
    );
    assert_eq!(max_unpool_backward(&x, &max.indices).unwrap(), max.values);
    let far = max.indices.mapv(|_| 36);
    assert_eq!(
        max_unpool(&max.values, &far, &[4, 9]),
        Err(Error::IndexOutOfRange { name: "indices", index: 36, size: 36 })
    );
    assert!(max_unpool(&max.values, &max.indices, &[36]).is_err());
    assert!(max_unpool(&max.values, &max.indices, &[usize::MAX, 9]).is_err());
    assert!(Pool2d { pads: [(4, 4), (0, 0)], ..pool }.unpooled_size([2, 3]).is_err());
}

#[test]
fn refusals() {
    let pool = Pool2d::new([3, 3]);
    let size = |pool: Pool2d| pool.output_size([4, 2]);
    let axis = Axis::Width;
    assert_eq!(
        size(pool),
        Err(Error::KernelLargerThanInput { axis, kernel: 3, kernel_size: 3, dilation: 1, input: 2 })
    );
    assert_eq!(size(Pool2d { ceil_mode: true, ..pool }), Ok([2, 1]));
    assert_eq!(
        size(Pool2d { pads: [(0, 0), (0, 2)], ..pool }),
        Err(Error::PoolPadTooLarge { axis, padding: 2, kernel_size: 3 })
    );
    assert_eq!(size(Pool2d { pads: [(0, 0), (0, 2)], free_pads: true, ..pool }), Ok([1, 1]));
    for (name, broken) in [
        ("kernel_size", Pool2d { kernel_size: [0, 1], ..pool }),
        ("stride", Pool2d { stride: [1, 0], ..pool }),
        ("dilation", Pool2d { dilation: [0, 1], ..pool }),
    ] {
        assert_eq!(size(broken), Err(Error::Zero { name }));
    }
    let all = usize::MAX;
    let huge = Pool2d { kernel_size: [all, all], stride: [all, all], ceil_mode: true, ..pool };
    assert_eq!(size(huge), Ok([1, 1]));
    let x = ndarray::Array4::<f32>::ones((1, 1, 4, 2));
    assert_eq!(huge.windows([4, 2]).unwrap().max_values(&x).unwrap().sum(), 1.0);
    assert!(matches!(
        size(Pool2d { pads: [(all, all), (0, 0)], free_pads: true, ..pool }),
        Err(Error::TooLarge { .. })
    ));
    assert!(size(Pool2d { dilation: [all, all], ..pool }).is_err());
    let windows = Pool2d::default().windows([4, 2]).unwrap();
    assert!(matches!(
        windows.max(&x.clone().into_shape_with_order((1, 4, 2)).unwrap()),
        Err(Error::WrongRank { .. })
    ));
    assert!(matches!(windows.max(&x.slice(ndarray::s![.., .., ..3, ..])), Err(Error::ShapeMismatch { .. })));
    assert_eq!(
        windows.average(&x, Divisor { divisor_override: Some(0), ..Divisor::default() }),
        Err(Error::Zero { name: "divisor_override" })
    );
    let none = ndarray::Array4::<f32>::zeros((0, 3, 4, 2));
    assert_eq!(windows.max_values(&none).unwrap().dim(), (0, 3, 2, 1));
    assert_eq!(
        windows.average_backward(&none.slice(ndarray::s![.., .., ..2, ..1]), Divisor::default()).unwrap(),
        none
    );
}
