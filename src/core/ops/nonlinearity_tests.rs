use super::nonlinearity::Nonlinearity as N;
use crate::core::tensor::{Error, Random};

/// Every function, those with parameters twice.
const ALL: &[N] = &[
    N::None,
    N::Relu,
    N::ReluSquared,
    N::LEAKY_RELU,
    N::LeakyRelu { negative_slope: -0.3 },
    N::Threshold { threshold: 0.6, value: -2.0 },
    N::ELU,
    N::Elu { alpha: 2.5 },
    N::CELU,
    N::Celu { alpha: 0.4 },
    N::SELU,
    N::Selu { alpha: 2.0, scale: 3.0 },
    N::Gelu,
    N::GeluTanh,
    N::SILU,
    N::QUICK_GELU,
    N::Mish,
    N::Sigmoid,
    N::LogSigmoid,
    N::Tanh,
    N::Tanhshrink,
    N::SOFTPLUS,
    N::Softplus { beta: 2.5, threshold: 3.0 },
    N::Softsign,
    N::SOFTSHRINK,
    N::Softshrink { lambd: 1.2 },
    N::HARDSHRINK,
    N::HARDTANH,
    N::RELU6,
    N::HARDSIGMOID,
    N::HardSigmoid { alpha: 0.2, beta: 0.3 },
    N::HardSwish,
    N::Erf,
];

/// Points of all sizes, both signs, more than a multiple of four.
fn points() -> Vec<f32> {
    let mut random = Random::new(11);
    let mut points =
        vec![0.0, -0.0, 1e-38, -1e-38, 87.0, -87.0, 89.0, -89.0, 1e4, -1e4, 1e30, -1e30, 3e38, -3e38];
    for size in [1e-6, 1e-3, 0.1, 1.0, 5.0, 20.0, 80.0] {
        points.extend((0..1001).map(|_| size * random.range(-1.0, 1.0)));
    }
    points
}

/// `plain` and `fast` differ by less than `tolerance` of the value, at least of the input or of one.
fn close(all: fn(N, &mut [f32]), one: fn(N, f32) -> f32, relative_to_input: bool) {
    let points = points();
    for &function in ALL {
        let mut fast = points.clone();
        all(function, &mut fast);
        for (&x, fast) in points.iter().zip(fast) {
            let plain = one(function, x);
            // a value that is small because x is small is right to as many digits
            let scale =
                if relative_to_input { x.abs().min(1.0).max(plain.abs()) } else { plain.abs().max(1.0) };
            assert!(
                fast == plain || (fast - plain).abs() <= 1e-6 * scale,
                "{function:?} at {x}: {fast}, not {plain} ({})",
                (fast - plain) / scale
            );
        }
    }
}

#[test]
fn fast_agrees_with_plain() {
    close(|function, x| function.apply_all(x), |function, x| function.apply(x), true);
    close(|function, x| function.derivative_all(x), |function, x| function.derivative(x), false);
}

#[test]
fn any_length() {
    for length in 0..9 {
        let x: Vec<f32> = (0..length).map(|i| i as f32 - 4.0).collect();
        let mut y = x.clone();
        N::Tanh.apply_all(&mut y);
        assert!(x.iter().zip(&y).all(|(x, y)| (x.tanh() - y).abs() < 1e-6), "{length}");
    }
}

#[test]
fn derivatives_are_slopes() {
    for &function in ALL {
        for step in -60..=60 {
            let x = step as f32 * 0.1 + 0.037; // no kink within reach
            let h = 1e-3;
            let slope = (f64::from(function.apply(x + h)) - f64::from(function.apply(x - h)))
                / (f64::from(x + h) - f64::from(x - h));
            let derivative = f64::from(function.derivative(x));
            assert!((slope - derivative).abs() < 2e-3, "{function:?} at {x}: {derivative}, slope {slope}");
        }
    }
}

#[test]
fn finite_for_every_finite_input() {
    for &function in ALL {
        for x in [0.0, -0.0, 1e-38, -1e-38, 89.0, -89.0, 1e4, -1e4, 1e15, -1e15] {
            let (mut value, mut slope) = ([x], [x]);
            function.apply_all(&mut value);
            function.derivative_all(&mut slope);
            let all = [function.apply(x), function.derivative(x), value[0], slope[0]];
            assert!(all.iter().all(|y| y.is_finite()), "{function:?} at {x}: {all:?}");
        }
    }
}

#[test]
fn a_not_a_number_stays_one() {
    for &function in ALL {
        let mut all = [f32::NAN; 5];
        function.apply_all(&mut all);
        assert!(function.apply(f32::NAN).is_nan() && all.iter().all(|y| y.is_nan()), "{function:?}");
    }
}

#[test]
fn kinks_as_in_pytorch() {
    for (function, x, derivative) in [
        (N::Relu, 0.0, 0.0),
        (N::LEAKY_RELU, 0.0, 0.01),
        (N::ELU, 0.0, 1.0),
        (N::RELU6, 6.0, 0.0),
        (N::HARDTANH, -1.0, 0.0),
        (N::HARDSIGMOID, 3.0, 0.0),
        (N::HardSwish, -3.0, 0.0),
        (N::HardSwish, 3.0, 1.0),
        (N::SOFTSHRINK, 0.5, 0.0),
        (N::Threshold { threshold: 0.5, value: 1.0 }, 0.5, 0.0),
    ] {
        assert_eq!(function.derivative(x), derivative, "{function:?} at {x}");
    }
}

#[test]
fn tensors_of_any_layout() -> Result<(), Error> {
    let x = ndarray::arr2(&[[-1.0, 2.0, 0.5], [3.0, -4.0, 0.0]]).into_dyn();
    let turned = x.clone().reversed_axes();
    assert_eq!(N::Relu.forward(&turned), N::Relu.forward(&x).reversed_axes());
    let grad = N::LEAKY_RELU.backward(&turned, &turned)?;
    assert_eq!(grad, N::LEAKY_RELU.backward(&x, &x)?.reversed_axes());
    assert!(N::Relu.backward(&x, &turned).is_err());
    Ok(())
}
