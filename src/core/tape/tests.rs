//! Every operation of the tape against finite differences.

use ndarray::{ArrayD, IxDyn, arr1, arr2};

use super::{Gradients, Tape, Var};
use crate::core::ops::*;
use crate::core::tensor::{Error, Random, Tensor};

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut random = Random::new(seed);
    Tensor::from_shape_simple_fn(IxDyn(shape), || random.normal())
}

/// Compares the gradients of `sum(f(parameters) * weights)` with differences. The weights are random, so that no
/// error cancels.
fn check(shapes: &[&[usize]], f: impl Fn(&mut Tape, &[Var]) -> Result<Var, Error>) {
    let values: Vec<Tensor> = shapes.iter().zip(1..).map(|(shape, seed)| random(shape, seed)).collect();
    let run = |values: &[Tensor]| {
        let mut tape = Tape::new();
        let vars: Vec<Var> = values.iter().map(|value| tape.parameter(value.clone())).collect();
        let y = f(&mut tape, &vars).unwrap();
        (tape, vars, y)
    };
    let (tape, vars, y) = run(&values);
    let weights = random(tape.value(y).unwrap().shape(), 99);
    let grads: Gradients = tape.backward_from(y, weights.clone()).unwrap();
    let total = |values: &[Tensor]| -> f64 {
        let (tape, _, y) = run(values);
        let y = tape.value(y).unwrap();
        y.iter().zip(&weights).map(|(&y, &weight)| f64::from(y) * f64::from(weight)).sum()
    };
    const STEP: f32 = 1.0 / 128.0;
    for (which, var) in vars.iter().enumerate() {
        let grad = grads.of(*var).unwrap();
        assert_eq!(grad.shape(), values[which].shape());
        for (at, &grad) in grad.iter().enumerate() {
            let moved = |step: f32| {
                let mut values = values.clone();
                *values[which].iter_mut().nth(at).unwrap() += step;
                total(&values)
            };
            let difference = (moved(STEP) - moved(-STEP)) / (2.0 * f64::from(STEP));
            let error = (difference - f64::from(grad)).abs();
            assert!(error < 4e-3 * (1.0 + difference.abs()), "parameter {which}[{at}]: {grad} {difference}");
        }
    }
}

#[test]
fn convolutions() {
    let conv =
        Conv2d { stride: (2, 1), pads: Pads::all(1), dilation: (1, 2), groups: 2, ..Conv2d::default() };
    check(&[&[2, 4, 5, 6], &[2, 2, 3, 2], &[2]], |tape, v| tape.conv2d(v[0], v[1], Some(v[2]), conv));
    check(&[&[1, 1, 3, 3], &[1, 1, 2, 2]], |tape, v| tape.conv2d(v[0], v[1], None, Conv2d::default()));
    let conv = ConvTranspose2d { stride: (2, 2), pads: Pads::all(1), ..ConvTranspose2d::default() };
    check(&[&[1, 2, 3, 3], &[2, 3, 3, 3], &[3]], |tape, v| {
        tape.conv_transpose2d(v[0], v[1], Some(v[2]), conv)
    });
}

#[test]
fn pooling() {
    let pool = Pool2d { stride: [2, 1], pads: [(1, 0), (1, 1)], ..Pool2d::new([3, 2]) };
    check(&[&[1, 2, 5, 4]], |tape, v| tape.max_pool2d(v[0], pool));
    let divisor = Divisor { count_include_pad: false, ..Divisor::default() };
    check(&[&[1, 2, 5, 4]], |tape, v| tape.avg_pool2d(v[0], pool, divisor));
    check(&[&[2, 2, 2, 3]], |tape, v| tape.global_avg_pool2d(v[0]));
    check(&[&[2, 2, 2, 3]], |tape, v| tape.global_max_pool2d(v[0]));
}

#[test]
fn norms() {
    check(&[&[3, 2, 2, 2], &[2], &[2]], |tape, v| tape.batch_norm(v[0], Some(v[1]), Some(v[2]), 1e-2));
    check(&[&[3, 2, 2]], |tape, v| tape.batch_norm(v[0], None, None, 1e-2));
    check(&[&[2, 3, 4], &[3, 4], &[3, 4]], |tape, v| {
        tape.layer_norm(v[0], Some(v[1]), Some(v[2]), LayerNorm::new(vec![3, 4]))
    });
    check(&[&[2, 3, 4], &[4]], |tape, v| tape.layer_norm(v[0], None, Some(v[1]), LayerNorm::new(vec![4])));
    check(&[&[2, 4, 3], &[4], &[4]], |tape, v| {
        tape.group_norm(v[0], Some(v[1]), Some(v[2]), GroupNorm::new(2))
    });
    check(&[&[3, 4], &[4]], |tape, v| tape.rms_norm(v[0], Some(v[1]), RmsNorm::new(vec![4])));
}

#[test]
fn number_by_number() {
    for function in Activation::ALL {
        check(&[&[3, 4]], |tape, v| tape.activation(v[0], function));
    }
    check(&[&[4]], |tape, v| tape.activation(v[0], Nonlinearity::Mish));
    check(&[&[2, 3, 4], &[3, 1]], |tape, v| tape.add(v[0], v[1]));
    check(&[&[1, 4], &[2, 3, 1]], |tape, v| tape.multiply(v[0], v[1]));
    check(&[&[3]], |tape, v| tape.multiply(v[0], v[0])); // both shares come together
    check(&[&[2, 2]], |tape, v| tape.scale(v[0], -3.0));
    check(&[&[2, 3]], |tape, v| tape.sum(v[0]));
    check(&[&[2, 3]], |tape, v| tape.mean(v[0]));
}

#[test]
fn shapes() {
    check(&[&[2, 3, 4]], |tape, v| {
        let permuted = tape.permute(v[0], &[2, 0, 1])?;
        let flat = tape.reshape(permuted, &[8, 3])?;
        tape.narrow(flat, 0, 2, 5)
    });
    check(&[&[2, 1], &[2, 3]], |tape, v| tape.concatenate(&[v[0], v[1], v[0]], 1));
}

#[test]
fn tokens() {
    check(&[&[2, 3, 4], &[5, 4], &[5]], |tape, v| tape.linear(v[0], v[1], Some(v[2])));
    check(&[&[3, 4], &[5, 4]], |tape, v| tape.linear(v[0], v[1], None));
    check(&[&[2, 3, 4], &[4, 2]], |tape, v| tape.matmul(v[0], v[1]));
    let softmax = Softmax { temperature: 2.0, ..Softmax::default() };
    check(&[&[3, 4]], |tape, v| tape.softmax(v[0], softmax));
    check(&[&[3, 4]], |tape, v| tape.log_softmax(v[0], softmax));
    let weight = [1.0, 0.5, 2.0];
    let loss = CrossEntropy { weight: Some(&weight), label_smoothing: 0.1, ..CrossEntropy::default() };
    let classes = arr1(&[2, 0, -100]).into_dyn();
    check(&[&[3, 3]], |tape, v| tape.cross_entropy(v[0], &classes, loss));
    let indices = arr2(&[[0, 2], [2, 2]]).into_dyn();
    check(&[&[3, 4]], |tape, v| tape.embedding(&indices, v[0], Embedding::default()));
}

#[test]
fn attention() {
    let shapes: [&[usize]; 3] = [&[1, 2, 3, 4], &[1, 1, 4, 4], &[1, 1, 4, 2]];
    let causal = Attention { is_causal: true, align: Align::BottomRight, ..Attention::default() };
    check(&shapes, |tape, v| tape.attention([v[0], v[1], v[2]], None, &[], causal));
    let allowed =
        ArrayD::from_shape_vec(vec![3, 4], (0..12).map(|at| at % 5 != 1).collect::<Vec<_>>()).unwrap();
    let added = random(&[4], 7);
    let masks = [Mask::Allowed(&allowed), Mask::Added(&added)];
    let with_bias = [shapes[0], shapes[1], shapes[2], &[2, 1, 4]];
    check(&with_bias, |tape, v| tape.attention([v[0], v[1], v[2]], Some(v[3]), &masks, Attention::default()));
}

#[test]
fn what_is_given_and_what_depends() {
    let mut tape = Tape::new();
    assert!(tape.is_empty());
    let data = tape.constant(arr1(&[1.0, 2.0]).into_dyn());
    let weight = tape.parameter(arr1(&[3.0, 4.0]).into_dyn());
    let unused = tape.parameter(arr1(&[5.0]).into_dyn());
    let product = tape.multiply(data, weight).unwrap();
    let loss = tape.sum(product).unwrap();
    let later = tape.scale(loss, 2.0).unwrap();
    let mut grads = tape.backward(loss).unwrap();
    assert_eq!(grads.of(data), None);
    assert_eq!(grads.of(unused), None);
    assert_eq!(grads.of(later), None);
    assert_eq!(grads.of(product), Some(&arr1(&[1.0, 1.0]).into_dyn()));
    assert_eq!(grads.take(weight), Some(arr1(&[1.0, 2.0]).into_dyn()));
    assert_eq!(grads.of(weight), None);
    // the same tape, from another end
    assert_eq!(tape.backward(later).unwrap().of(weight), Some(&arr1(&[2.0, 4.0]).into_dyn()));
    // a value that depends on no parameter has no gradient
    assert_eq!(tape.backward_from(data, arr1(&[1.0, 1.0]).into_dyn()).unwrap().of(data), None);
}

#[test]
fn mistakes() {
    let mut tape = Tape::new();
    let pair = tape.parameter(arr1(&[1.0, 2.0]).into_dyn());
    let three = tape.parameter(arr1(&[1.0, 2.0, 3.0]).into_dyn());
    let empty = tape.parameter(Tensor::zeros(IxDyn(&[0])));
    let stranger = Var(100);
    assert!(matches!(tape.value(stranger), Err(Error::IndexOutOfRange { name: "var", .. })));
    assert!(tape.sum(stranger).is_err() && tape.add(pair, stranger).is_err());
    assert!(matches!(tape.backward(pair), Err(Error::ShapeMismatch { name: "loss", .. })));
    assert!(tape.backward_from(pair, Tensor::zeros(IxDyn(&[3]))).is_err());
    assert!(tape.backward(stranger).is_err());
    assert!(matches!(tape.add(pair, three), Err(Error::ShapeMismatch { .. })));
    assert!(tape.reshape(three, &[2, 2]).is_err());
    assert!(tape.reshape(three, &[usize::MAX, 2]).is_err());
    assert!(tape.permute(three, &[1]).is_err() && tape.permute(three, &[]).is_err());
    assert!(tape.concatenate(&[], 0).is_err() && tape.concatenate(&[pair, three], 1).is_err());
    assert!(tape.narrow(three, 0, 2, 2).is_err() && tape.narrow(three, 0, usize::MAX, 2).is_err());
    assert!(tape.conv2d(pair, three, None, Conv2d::default()).is_err());
    assert!(tape.max_pool2d(pair, Pool2d::default()).is_err() && tape.global_avg_pool2d(pair).is_err());
    assert!(tape.linear(pair, three, None).is_err() && tape.matmul(pair, three).is_err());
    assert!(tape.attention([pair, pair, three], None, &[], Attention::default()).is_err());
    // nothing at all is no mistake: its sum is 0, its mean is not defined
    let sum = tape.sum(empty).unwrap();
    assert_eq!(tape.value(sum).unwrap().sum(), 0.0);
    let mean = tape.mean(empty).unwrap();
    assert!(tape.value(mean).unwrap().sum().is_nan());
    assert_eq!(tape.backward(sum).unwrap().of(empty).unwrap().len(), 0);
}
