//! The cone against whole maps, and receptive-field arithmetic against the gradient itself.

use super::*;
use crate::core::analysis::nonzero_box;
use crate::core::ops::*;
use crate::core::tensor::Random;

fn normal(shape: [usize; 4], random: &mut Random) -> Images {
    Images::from_shape_simple_fn(shape, || random.normal())
}

fn conv(shape: [usize; 4], conv: Conv2d, random: &mut Random) -> Layer {
    let bias = Some((0..shape[0]).map(|_| random.normal()).collect());
    Layer::Conv { weight: normal(shape, random), bias, conv }
}

fn agree(net: &Net, x: &Images, unit: Unit) {
    let (fast, plain) = (net.unit_gradient(x, unit).unwrap(), net.unit_gradient_plain(x, unit).unwrap());
    let largest = plain.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    assert_eq!(fast.shape(), plain.shape());
    for (at, (fast, plain)) in fast.iter().zip(&plain).enumerate() {
        assert!((fast - plain).abs() <= 2e-5 * largest, "{unit:?} [{at}]: {fast} {plain} of {largest}");
    }
}

/// Every unit of the last map, and one channel of it.
fn all_agree(net: &Net, x: &Images) {
    let (height, width) = net.output_size((x.dim().2, x.dim().3)).unwrap();
    for row in 0..height {
        for column in 0..width {
            agree(net, x, Unit { row, column, channel: None });
        }
    }
    agree(net, x, Unit { row: height / 2, column: width / 2, channel: Some(0) });
}

#[test]
fn stacks_of_stride_one() {
    let mut random = Random::new(1);
    for channels in [1, 3, 4, 6] {
        let c = channels;
        let wide = Conv2d { pads: Pads { top: 4, bottom: 1, left: 0, right: 3 }, ..Conv2d::default() };
        let dilated = Conv2d { dilation: (2, 1), pads: Pads::all(1), ..Conv2d::default() };
        let layers = vec![
            conv([c, 2, 3, 2], wide, &mut random),
            Layer::Activation(Nonlinearity::Relu),
            conv([c, c, 2, 3], dilated, &mut random),
            Layer::Activation(Nonlinearity::Tanh),
            conv([c, c, 3, 3], Conv2d { pads: Pads::all(1), ..Conv2d::default() }, &mut random),
        ];
        let x = normal([2, 2, 7, 6], &mut random);
        all_agree(&Net { layers: layers.clone() }, &x);
        for end in [Nonlinearity::Sigmoid, Nonlinearity::Relu] {
            all_agree(&Net { layers: [&layers[..], &[Layer::Activation(end)]].concat() }, &x);
        }
    }
}

/// Boxes of every width that one channel is worked through in, 1 to 37 columns.
#[test]
fn one_channel_through_many_layers() {
    let mut random = Random::new(2);
    let same = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
    let layers: Vec<Layer> = (0..18)
        .flat_map(|layer| {
            let function = if layer % 7 == 3 { Nonlinearity::Tanh } else { Nonlinearity::Relu };
            // Of one sign: what cancels out leaves its rounding.
            let weight = Images::from_shape_simple_fn([1, 1, 3, 3], || random.range(0.0, 0.25));
            let bias = Some(vec![random.range(-0.1, 0.1)]);
            [Layer::Conv { weight, bias, conv: same }, Layer::Activation(function)]
        })
        .collect();
    let x = normal([1, 1, 44, 41], &mut random);
    for (row, column) in [(20, 20), (0, 3), (43, 40), (30, 9)] {
        for depth in [1, 2, 3, 5, 9, 18] {
            let net = Net { layers: layers[..2 * depth].to_vec() };
            agree(&net, &x, Unit { row, column, channel: None });
        }
    }
}

#[test]
fn every_kind_of_layer() {
    let mut random = Random::new(2);
    let same = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
    let x = normal([1, 2, 11, 12], &mut random);
    let pool = Pool2d { stride: [2, 2], pads: [(1, 1), (1, 0)], ..Pool2d::new([3, 2]) };
    let with_ceil = Pool2d { ceil_mode: true, ..pool };
    let divisor = Divisor { count_include_pad: false, ..Divisor::default() };
    let linear = Interpolation::Linear { align_corners: false, antialias: false };
    let twice = |mode| Layer::Interpolate(Interpolate { mode, target: ResizeTo::Factor(vec![2.0, 1.5]) });
    let strided = Conv2d { stride: (2, 3), pads: Pads::all(2), ..Conv2d::default() };
    let middle: Vec<Layer> = vec![
        Layer::MaxPool(pool),
        Layer::MaxPool(with_ceil),
        Layer::AveragePool(pool, divisor),
        Layer::AveragePool(with_ceil, Divisor::default()),
        twice(linear),
        twice(Interpolation::Nearest),
        twice(Interpolation::Cubic { align_corners: true, antialias: false }),
        conv([2, 2, 3, 3], strided, &mut random),
        conv([2, 1, 3, 3], Conv2d { groups: 2, ..same }, &mut random),
        conv([2, 2, 3, 3], Conv2d { flip: true, ..same }, &mut random),
        conv([2, 2, 3, 3], Conv2d { mode: PaddingMode::Reflect, ..same }, &mut random),
        conv([2, 2, 3, 3], Conv2d { mode: PaddingMode::Constant(0.5), ..same }, &mut random),
        Layer::Activation(Nonlinearity::Gelu),
        Layer::Residual {
            branch: vec![
                conv([3, 2, 3, 3], Conv2d { stride: (2, 2), ..same }, &mut random),
                Layer::Activation(Nonlinearity::Relu),
                conv([2, 3, 3, 3], same, &mut random),
            ],
            shortcut: vec![conv([2, 2, 1, 1], Conv2d { stride: (2, 2), ..Conv2d::default() }, &mut random)],
        },
        Layer::Residual { branch: vec![conv([2, 2, 3, 3], same, &mut random)], shortcut: vec![] },
        Layer::Residual { branch: vec![], shortcut: vec![] },
    ];
    for layer in middle {
        let layers =
            vec![conv([2, 2, 3, 3], same, &mut random), layer, conv([3, 2, 3, 3], same, &mut random)];
        all_agree(&Net { layers }, &x);
    }
    all_agree(&Net::default(), &x);
}

#[test]
fn deeper_than_the_padding_is_wide() {
    // units whose cone leaves the map on every side
    let mut random = Random::new(3);
    let same = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
    let layers: Vec<Layer> = (0..6)
        .flat_map(|_| [conv([4, 4, 3, 3], same, &mut random), Layer::Activation(Nonlinearity::Relu)])
        .collect();
    all_agree(&Net { layers }, &normal([1, 4, 9, 5], &mut random));
}

#[test]
fn units_that_see_only_padding() {
    let mut random = Random::new(4);
    let far = Conv2d { pads: Pads::all(5), ..Conv2d::default() };
    let layers = vec![conv([2, 2, 2, 2], far, &mut random), conv([2, 2, 2, 2], far, &mut random)];
    all_agree(&Net { layers }, &normal([1, 2, 3, 3], &mut random));
}

#[test]
fn fields_are_where_the_gradient_is() {
    let ones = |kernel: (usize, usize), conv| Layer::Conv {
        weight: Images::ones((1, 1, kernel.0, kernel.1)),
        bias: None,
        conv,
    };
    let options = Conv2d { stride: (2, 1), dilation: (1, 2), pads: Pads::all(2), ..Conv2d::default() };
    let pool = Pool2d { stride: [2, 3], ..Pool2d::new([3, 2]) };
    let net = Net {
        layers: vec![
            ones((3, 2), options),
            Layer::AveragePool(pool, Divisor::default()),
            Layer::Residual {
                branch: vec![ones((3, 3), Conv2d { pads: Pads::all(1), ..Conv2d::default() })],
                shortcut: vec![],
            },
        ],
    };
    let size = (41, 43);
    let x = Images::ones((1, 1, size.0, size.1));
    let field = net.receptive_fields(size).unwrap()[3];
    let (height, width) = net.output_size(size).unwrap();
    for row in 0..height {
        for column in 0..width {
            let gradient = net.unit_gradient(&x, Unit { row, column, channel: None }).unwrap();
            let map = gradient.index_axis_move(ndarray::Axis(0), 0).index_axis_move(ndarray::Axis(0), 0);
            let support = net.support(size, (row, column)).unwrap();
            let inside = support.on_input(size).unwrap();
            let found = nonzero_box(&map).unwrap().map(|edge| edge as i64);
            assert_eq!(found, [inside.top, inside.bottom, inside.left, inside.right], "{row} {column}");
            assert_eq!((support.size().0 as f64, support.size().1 as f64), field.size);
            assert_eq!(support.top as f64, row as f64 * field.jump.0 - field.padding.0);
            let middle = (support.left + support.right) as f64 / 2.0;
            assert_eq!(middle, field.first_centre.1 + column as f64 * field.jump.1);
        }
    }
    assert!(net.support(size, (height, 0)).is_err());
}

#[test]
fn mistakes() {
    let mut random = Random::new(5);
    let net = Net { layers: vec![conv([2, 3, 3, 3], Conv2d::default(), &mut random)] };
    let unit = Unit { row: 0, column: 0, channel: None };
    let x = Images::ones((1, 3, 5, 5));
    assert!(net.unit_gradient(&x, Unit { row: 3, ..unit }).is_err());
    assert!(net.unit_gradient(&x, Unit { channel: Some(2), ..unit }).is_err());
    for shape in [(1, 2, 5, 5), (1, 3, 2, 5), (1, 3, 0, 5), (0, 3, 5, 5)] {
        let x = Images::ones(shape);
        assert_eq!(
            net.unit_gradient(&x, unit).is_err(),
            net.unit_gradient_plain(&x, unit).is_err(),
            "{shape:?}"
        );
    }
    let uneven = Layer::Residual { branch: net.layers.clone(), shortcut: vec![] };
    assert!(Net { layers: vec![uneven] }.unit_gradient(&x, unit).is_err());
}
