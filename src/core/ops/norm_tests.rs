use ndarray::IxDyn;

use super::{
    BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm, MeanVarianceNorm, NormGrads, Normalize,
    RmsNorm, RunningStatistics,
};
use crate::core::tensor::{Error, Random, Tensor};

fn draw(seed: u64, shape: &[usize]) -> Tensor {
    let mut random = Random::new(seed);
    Tensor::from_shape_fn(IxDyn(shape), |_| random.normal())
}

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(IxDyn(shape))
}

fn numbers(x: &Tensor) -> Vec<f32> {
    x.iter().copied().collect()
}

fn total(x: Tensor) -> f64 {
    x.iter().map(|&x| f64::from(x)).sum()
}

#[track_caller]
fn close(a: &Tensor, b: &Tensor) {
    assert_eq!(a.shape(), b.shape());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 2e-6 * (1.0 + b.abs())), "{a}, not {b}");
}

/// The gradient of `sum(f(x) * grad)` along a direction is the slope.
#[track_caller]
fn is_gradient(f: impl Fn(&Tensor) -> Tensor, x: &Tensor, grad: &Tensor, gradient: &Tensor) {
    let direction = draw(99, x.shape());
    let h = 1e-2;
    let (ahead, behind) = (f(&(x + &(&direction * h))), f(&(x - &(&direction * h))));
    let slope = total((ahead - behind) * grad) / f64::from(2.0 * h);
    let along = total(gradient * &direction);
    assert!((slope - along).abs() < 3e-3 * (1.0 + along.abs()), "{along}, slope {slope}");
}

/// All three gradients of a normalisation with weight and bias.
#[track_caller]
fn are_gradients(
    f: impl Fn(&Tensor, &Tensor, &Tensor) -> Tensor,
    (x, weight, bias): (&Tensor, &Tensor, &Tensor),
    grad: &Tensor,
    grads: &NormGrads,
) {
    is_gradient(|x| f(x, weight, bias), x, grad, &grads.input);
    is_gradient(|weight| f(x, weight, bias), weight, grad, &grads.weight);
    is_gradient(|bias| f(x, weight, bias), bias, grad, &grads.bias);
}

#[test]
fn layers() {
    for (shape, normalized) in
        [(&[4, 7][..], &[7][..]), (&[2, 3, 5], &[3, 5]), (&[2, 3, 5], &[2, 3, 5]), (&[3, 40], &[40])]
    {
        let (x, grad) = (draw(1, shape), draw(2, shape));
        let (weight, bias) = (draw(3, normalized), draw(4, normalized));
        let norm = LayerNorm { normalized_shape: normalized.to_vec(), eps: 0.01 };
        let plain = |x: &Tensor, w: &Tensor, b: &Tensor| norm.forward_plain(x, Some(w), Some(b)).unwrap();
        close(&norm.forward(&x, Some(&weight), Some(&bias)).unwrap(), &plain(&x, &weight, &bias));
        close(&norm.forward(&x, None, None).unwrap(), &norm.forward_plain(&x, None, None).unwrap());
        let grads = norm.backward(&x, Some(&weight), &grad).unwrap();
        are_gradients(plain, (&x, &weight, &bias), &grad, &grads);

        let norm = RmsNorm { normalized_shape: normalized.to_vec(), eps: 0.01 };
        let plain = |x: &Tensor, w: &Tensor| norm.forward_plain(x, Some(w)).unwrap();
        close(&norm.forward(&x, Some(&weight)).unwrap(), &plain(&x, &weight));
        let grads = norm.backward(&x, Some(&weight), &grad).unwrap();
        are_gradients(|x, w, b| plain(x, w) + b, (&x, &weight, &bias), &grad, &grads);
    }
    let norm = LayerNorm::new(vec![3]);
    let (mean, inv_std) = norm.statistics(&draw(5, &[2, 4, 3])).unwrap();
    assert_eq!((mean.shape(), inv_std.shape()), (&[2, 4, 1][..], &[2, 4, 1][..]));
}

#[test]
fn batches() {
    for shape in [&[5, 3][..], &[4, 2, 3], &[2, 3, 4, 5], &[2, 1, 2, 2, 2]] {
        let channels = shape[1];
        let (x, grad) = (draw(1, shape), draw(2, shape));
        let (weight, bias) = (draw(3, &[channels]), draw(4, &[channels]));
        let running = RunningStatistics {
            mean: numbers(&draw(5, &[channels])),
            var: numbers(&draw(6, &[channels]).mapv(|x| x * x + 0.1)),
        };
        for (training, running) in [(true, Some(&running)), (false, Some(&running)), (false, None)] {
            let norm = BatchNorm { training, eps: 0.01, ..BatchNorm::default() };
            let plain = |x: &Tensor, w: &Tensor, b: &Tensor| {
                norm.forward_plain(x, Some(&numbers(w)), Some(&numbers(b)), running).unwrap()
            };
            let y = norm.forward(&x, Some(&numbers(&weight)), Some(&numbers(&bias)), running).unwrap();
            close(&y.output, &plain(&x, &weight, &bias));
            assert_eq!(y.running.as_ref() == running, !training);
            let grads = norm.backward(&x, Some(&numbers(&weight)), running, &grad).unwrap();
            are_gradients(plain, (&x, &weight, &bias), &grad, &grads);
        }
    }
}

#[test]
fn running_statistics_follow_the_batch() {
    let x = ndarray::arr2(&[[1.0], [2.0], [6.0]]).into_dyn(); // mean 3, variance 14/3, unbiased 7
    let old = RunningStatistics { mean: vec![1.0], var: vec![1.0] };
    for (track_unbiased, var) in [(true, 0.5 + 3.5), (false, 0.5 + 7.0 / 3.0)] {
        let norm = BatchNorm { momentum: 0.5, track_unbiased, ..BatchNorm::default() };
        let new = norm.forward(&x, None, None, Some(&old)).unwrap().running.unwrap();
        assert!((new.mean[0] - 2.0).abs() < 1e-6 && (new.var[0] - var).abs() < 1e-6, "{new:?}");
    }
}

#[test]
fn groups_and_instances() {
    for (shape, num_groups) in [(&[2, 6, 3, 5][..], 2), (&[2, 6, 3], 6), (&[3, 4], 1), (&[1, 2, 40], 2)] {
        let channels = shape[1];
        let (x, grad) = (draw(1, shape), draw(2, shape));
        let (weight, bias) = (draw(3, &[channels]), draw(4, &[channels]));
        let norm = GroupNorm { num_groups, eps: 0.01 };
        let plain = |x: &Tensor, w: &Tensor, b: &Tensor| {
            norm.forward_plain(x, Some(&numbers(w)), Some(&numbers(b))).unwrap()
        };
        let y = norm.forward(&x, Some(&numbers(&weight)), Some(&numbers(&bias))).unwrap();
        close(&y, &plain(&x, &weight, &bias));
        let grads = norm.backward(&x, Some(&numbers(&weight)), &grad).unwrap();
        are_gradients(plain, (&x, &weight, &bias), &grad, &grads);

        if num_groups == channels && shape.len() > 2 {
            let instances = InstanceNorm { eps: 0.01, ..InstanceNorm::default() };
            let own = instances.forward(&x, Some(&numbers(&weight)), Some(&numbers(&bias)), None).unwrap();
            close(&own.output, &y);
            assert_eq!(instances.backward(&x, Some(&numbers(&weight)), None, &grad), Ok(grads));
        }
    }
}

#[test]
fn instances_keep_the_mean_over_images() {
    let x = ndarray::arr3(&[[[0.0, 2.0]], [[4.0, 8.0]]]).into_dyn(); // means 1 and 6, unbiased variances 2 and 8
    let old = RunningStatistics { mean: vec![0.0], var: vec![1.0] };
    let norm = InstanceNorm { momentum: 0.5, ..InstanceNorm::default() };
    let new = norm.forward(&x, None, None, Some(&old)).unwrap().running.unwrap();
    assert_eq!((new.mean[0], new.var[0]), (1.75, 3.0));
    let fixed = InstanceNorm { use_input_stats: false, eps: 0.0, ..norm };
    let y = fixed.forward(&x, None, None, Some(&old)).unwrap();
    assert_eq!((y.output, y.running), (x.clone(), Some(old.clone())));
    assert_eq!(fixed.forward_plain(&x, None, None, Some(&old)), Ok(x.clone()));
    assert_eq!(fixed.backward(&x, None, Some(&old), &x).unwrap().input, x);
    assert!(fixed.forward(&x, None, None, None).is_err());
}

#[test]
fn local_responses() {
    let x = draw(1, &[2, 5, 3]);
    for size in [1, 2, 3, 4, 9, usize::MAX] {
        for surplus_after in [false, true] {
            let norm = LocalResponseNorm { size, alpha: 0.5, beta: 0.75, k: 1.5, surplus_after };
            let grad = draw(2, &[2, 5, 3]);
            is_gradient(|x| norm.forward(x).unwrap(), &x, &grad, &norm.backward(&x, &grad).unwrap());
        }
    }
    // size 2: PyTorch looks at the channel before, ONNX at the one after
    let x = ndarray::arr2(&[[3.0, 4.0]]).into_dyn();
    for (surplus_after, want) in [(false, [1.0, 0.8]), (true, [0.6, 1.0])] {
        let norm = LocalResponseNorm { size: 2, alpha: 2.0, beta: 0.5, k: 0.0, surplus_after };
        close(&norm.forward(&x).unwrap(), &ndarray::arr2(&[want]).into_dyn());
    }
    assert_eq!(
        LocalResponseNorm { size: 0, ..LocalResponseNorm::default() }.forward(&x),
        Err(Error::Zero { name: "size" })
    );
}

#[test]
fn norms_along_an_axis_and_over_axes() {
    let grad = draw(2, &[2, 3, 4]);
    // far from 0 and from each other, where the norms have their kinks
    let x =
        Tensor::from_shape_vec(IxDyn(&[2, 3, 4]), (0..24).map(|i| (i * 7 % 24) as f32 / 8.0 - 1.4).collect());
    let x = x.unwrap();
    for dim in [0, 1, -1] {
        for p in [1.0, 2.0, 3.5, f64::INFINITY] {
            let norm = Normalize { p, dim, eps: 1e-12 };
            is_gradient(|x| norm.forward(x).unwrap(), &x, &grad, &norm.backward(&x, &grad).unwrap());
        }
    }
    for axes in [vec![0], vec![1, -1], vec![0, 1, 2], vec![]] {
        let norm = MeanVarianceNorm { axes: axes.clone(), eps: 0.1 };
        if !axes.is_empty() {
            is_gradient(|x| norm.forward(x).unwrap(), &x, &grad, &norm.backward(&x, &grad).unwrap());
        }
        assert_eq!(norm.forward(&x).unwrap().shape(), x.shape());
    }
    let norm = MeanVarianceNorm { axes: vec![1], eps: 0.0 };
    let y = norm.forward(&ndarray::arr3(&[[[1.0], [3.0]], [[5.0], [5.5]]]).into_dyn()).unwrap();
    assert_eq!(numbers(&y), [-1.0, 1.0, -1.0, 1.0]);
    let still = Normalize { eps: 0.0, ..Normalize::default() };
    assert_eq!(still.forward(&zeros(&[2, 3])), Ok(zeros(&[2, 3])));
    assert_eq!(still.backward(&zeros(&[2, 3]), &draw(1, &[2, 3])), Ok(zeros(&[2, 3])));
}

#[test]
fn refuses_what_does_not_fit() {
    let x = zeros(&[2, 3, 4]);
    let layer = |shape: &[usize]| LayerNorm::new(shape.to_vec());
    assert!(layer(&[3]).forward(&x, None, None).is_err());
    assert!(layer(&[1, 2, 3, 4]).forward(&x, None, None).is_err());
    assert!(layer(&[4]).forward(&x, Some(&zeros(&[3])), None).is_err());
    assert!(layer(&[4]).backward(&x, None, &zeros(&[2, 4])).is_err());
    assert!(layer(&[4]).backward(&x, None, &zeros(&[3, 2, 4])).is_err());
    assert!(RmsNorm::new(vec![3]).forward(&x, None).is_err());
    let batch = BatchNorm::default();
    assert!(batch.forward(&zeros(&[3]), None, None, None).is_err());
    assert!(batch.forward(&x, Some(&[1.0; 2]), None, None).is_err());
    let running = RunningStatistics { mean: vec![0.0; 3], var: vec![1.0; 2] };
    assert!(batch.forward(&x, None, None, Some(&running)).is_err());
    assert!(matches!(batch.forward(&zeros(&[1, 3]), None, None, None), Err(Error::OutOfRange { .. })));
    assert!(BatchNorm { training: false, ..batch }.forward(&zeros(&[1, 3]), None, None, None).is_ok());
    assert!(batch.backward(&x, None, None, &zeros(&[2, 3])).is_err());
    assert!(GroupNorm::new(0).forward(&x, None, None).is_err());
    assert!(GroupNorm::new(2).forward(&x, None, None).is_err());
    assert!(GroupNorm::new(3).forward(&x, None, Some(&[0.0])).is_err());
    assert!(InstanceNorm::default().forward(&x, Some(&[0.0]), None, None).is_err());
    assert!(InstanceNorm::default().forward(&zeros(&[2, 3]), None, None, None).is_err());
    assert!(Normalize { p: 0.0, ..Normalize::default() }.forward(&x).is_err());
    assert!(Normalize { dim: 3, ..Normalize::default() }.forward(&x).is_err());
    assert!(MeanVarianceNorm::default().forward(&x).is_err());
}

#[test]
fn nothing_is_normalised_to_nothing() {
    for shape in [&[0, 3, 4][..], &[2, 0, 4], &[2, 3, 0]] {
        let x = zeros(shape);
        let kept = |y: Result<Tensor, Error>| assert_eq!(y, Ok(x.clone()));
        let last = shape[2];
        kept(LayerNorm::new(vec![last]).forward(&x, None, None));
        kept(LayerNorm::new(vec![last]).forward_plain(&x, None, None));
        kept(LayerNorm::new(vec![last]).backward(&x, None, &x).map(|grads| grads.input));
        kept(RmsNorm::new(vec![last]).forward(&x, None));
        kept(BatchNorm::default().forward(&x, None, None, None).map(|y| y.output));
        kept(BatchNorm::default().forward_plain(&x, None, None, None));
        kept(BatchNorm::default().backward(&x, None, None, &x).map(|grads| grads.input));
        kept(GroupNorm::new(1).forward(&x, None, None));
        kept(GroupNorm::new(1).forward_plain(&x, None, None));
        kept(GroupNorm::new(1).backward(&x, None, &x).map(|grads| grads.input));
        kept(InstanceNorm::default().forward(&x, None, None, None).map(|y| y.output));
        kept(InstanceNorm::default().backward(&x, None, None, &x).map(|grads| grads.input));
        kept(LocalResponseNorm::default().forward(&x));
        kept(LocalResponseNorm::default().backward(&x, &x));
        kept(Normalize::default().forward(&x));
        kept(MeanVarianceNorm { axes: vec![2], eps: 1e-9 }.forward(&x));
    }
}
