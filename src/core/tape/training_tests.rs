//! A few steps of training, to see that tape and optimisers fit together.

use ndarray::{ArrayD, IxDyn};

use super::{Tape, Var};
use crate::core::ops::*;
use crate::core::tensor::{Error, Random, Tensor};

/// Loss and gradients of a small network for its parameters.
fn loss_and_grads(
    parameters: &[Tensor],
    net: impl Fn(&mut Tape, &[Var]) -> Result<Var, Error>,
) -> (f32, Vec<Tensor>) {
    let mut tape = Tape::new();
    let vars: Vec<Var> = parameters.iter().map(|value| tape.parameter(value.clone())).collect();
    let loss = net(&mut tape, &vars).unwrap();
    let mut grads = tape.backward(loss).unwrap();
    (tape.value(loss).unwrap().sum(), vars.iter().map(|&var| grads.take(var).unwrap()).collect())
}

#[test]
fn a_network_learns_which_way_a_bar_lies() {
    let mut random = Random::new(4);
    let images = 16;
    let mut x = Tensor::zeros(IxDyn(&[images, 1, 6, 6]));
    let mut classes = ArrayD::zeros(IxDyn(&[images]));
    for n in 0..images {
        let (upright, line) = (n % 2, random.below(6));
        for at in 0..6 {
            let cell = if upright == 1 { [n, 0, at, line] } else { [n, 0, line, at] };
            x[IxDyn(&cell)] = 1.0;
        }
        classes[n] = upright as i64;
    }
    let mut normal = |shape: &[usize]| Tensor::from_shape_simple_fn(IxDyn(shape), || 0.4 * random.normal());
    let mut parameters =
        vec![normal(&[4, 1, 3, 3]), normal(&[4]), normal(&[2, 4]), Tensor::zeros(IxDyn(&[2]))];
    let net = |tape: &mut Tape, v: &[Var]| {
        let x = tape.constant(x.clone());
        let y = tape.conv2d(x, v[0], Some(v[1]), Conv2d { pads: Pads::all(1), ..Conv2d::default() })?;
        let y = tape.activation(y, Activation::Relu)?;
        let y = tape.global_max_pool2d(y)?;
        let y = tape.reshape(y, &[images, 4])?;
        let y = tape.linear(y, v[2], Some(v[3]))?;
        tape.cross_entropy(y, &classes, CrossEntropy::default())
    };
    let mut optimizer = Optimizer::new(Rule::Adam(Adam { lr: 0.05, ..Adam::default() }));
    let mut losses = vec![];
    for _ in 0..60 {
        let (loss, mut grads) = loss_and_grads(&parameters, net);
        losses.push(loss);
        clip_grad_norm(&mut grads, 1.0, 2.0).unwrap();
        optimizer.step(&mut parameters, &grads).unwrap();
    }
    assert!(losses[59] < 0.2 * losses[0], "{losses:?}");
}
