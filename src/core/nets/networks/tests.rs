//! The tables against numbers of other origin:
//!
//! - the project's conformance tables: torchvision 0.29.2, counted by forward hooks, fields by back-propagation through
//!   the same modules; and their extracts in `tests/golden/networks`;
//! - the networks those leave out: torchvision 0.29.2, measured in the same way;
//! - TF-Slim's: the table beside Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
//!   Distill, 2019 (google-research/receptive_field), for a resolution where padding depends on it.

use super::step::Width::Is;
use super::step::{Step, concat, conv, conv_bias, max_pool, residual};
use super::{LayerRecord, NETWORKS, Op, Summary, network, walk};
use crate::core::nets::{Layer, Net, Support};
use crate::core::ops::{Conv2d, Pool2d};
use crate::core::tensor::Images;

fn summary(key: &str) -> Summary {
    let network = network(key).unwrap();
    network.summary((network.input, network.input)).unwrap()
}

fn field(layer: &LayerRecord) -> [f64; 3] {
    let field = layer.field.unwrap();
    [field.size.0, field.jump.0, field.padding.0]
}

/// Parameters with and without auxiliary classifiers, multiply-adds, and receptive field, stride, padding.
#[rustfmt::skip]
const TOTALS: [(&str, u64, u64, u64, [f64; 3]); 17] = [
    // models.json
    ("alexnet", 61100840, 61100840, 714188480, [195.0, 32.0, 66.0]),
    ("vgg16", 138357544, 138357544, 15470264320, [212.0, 32.0, 90.0]),
    ("resnet18", 11689512, 11689512, 1814073344, [435.0, 32.0, 217.0]),
    ("resnet50", 25557032, 25557032, 4089184256, [427.0, 32.0, 213.0]),
    ("densenet121", 7978856, 7978856, 2834161664, [2071.0, 32.0, 1021.0]),
    ("googlenet", 13004888, 6624904, 1498376192, [379.0, 32.0, 167.0]),
    ("mobilenet_v2", 3504872, 3504872, 300774272, [491.0, 32.0, 245.0]),
    ("squeezenet1_0", 1248424, 1248424, 818924576, [155.0, 16.0, 60.0]),
    // torchvision 0.29.2, measured
    ("vgg11", 132863336, 132863336, 7609090048, [150.0, 32.0, 59.0]),
    ("vgg13", 133047848, 133047848, 11308466176, [156.0, 32.0, 62.0]),
    ("vgg19", 143667240, 143667240, 19632062464, [268.0, 32.0, 118.0]),
    ("resnet34", 21797672, 21797672, 3663761408, [899.0, 32.0, 449.0]),
    ("resnet101", 44549160, 44549160, 7801405440, [971.0, 32.0, 485.0]),
    ("resnet152", 60192808, 60192808, 11513626624, [1451.0, 32.0, 725.0]),
    ("inception_v3", 27161264, 23834568, 5713216096, [1311.0, 32.0, 618.0]),
    ("efficientnet_b0", 5288548, 5288548, 385814752, [851.0, 32.0, 425.0]),
    ("convnext_tiny", 28589128, 28589128, 4455531264, [1688.0, 32.0, 828.0]),
];

#[test]
fn totals_are_those_of_torchvision() {
    for (key, parameters, without_auxiliary, macs, expected) in TOTALS {
        let summary = summary(key);
        assert_eq!(summary.parameters, without_auxiliary, "{key}");
        assert_eq!(summary.parameters + summary.auxiliary_parameters, parameters, "{key}");
        assert_eq!(summary.macs, macs, "{key}");
        let field = summary.field;
        assert_eq!([field.size.0, field.jump.0, field.padding.0], expected, "{key}");
        assert_eq!([field.size.1, field.jump.1, field.padding.1], expected, "{key}");
        assert!(summary.aligned, "{key}");
    }
}

/// End points with receptive field, stride and padding at 224 and 321 pixels; and the operations at 224 pixels, in
/// billions: two a multiply-add, one a bias, without the classifier.
type EndPoint = (&'static str, [f64; 3], [f64; 3], f64);

#[rustfmt::skip]
const SLIM: [(&str, &[EndPoint]); 2] = [
    ("resnet50_tf", &[
        ("block1/unit_3", [35.0, 8.0, 15.0], [35.0, 8.0, 17.0], 1.323),
        ("block2/unit_4", [99.0, 16.0, 47.0], [99.0, 16.0, 49.0], 2.974),
        ("block3/unit_6", [291.0, 32.0, 143.0], [291.0, 32.0, 145.0], 5.498),
        ("block4/unit_3", [483.0, 32.0, 239.0], [483.0, 32.0, 241.0], 6.963),
    ]),
    ("mobilenet_v1", &[
        ("Conv2d_0", [3.0, 2.0, 0.0], [3.0, 2.0, 1.0], 0.022),
        ("Conv2d_1_pointwise", [7.0, 2.0, 2.0], [7.0, 2.0, 3.0], 0.082),
        ("Conv2d_2_pointwise", [11.0, 4.0, 2.0], [11.0, 4.0, 5.0], 0.137),
        ("Conv2d_3_pointwise", [19.0, 4.0, 6.0], [19.0, 4.0, 9.0], 0.248),
        ("Conv2d_4_pointwise", [27.0, 8.0, 6.0], [27.0, 8.0, 13.0], 0.302),
        ("Conv2d_5_pointwise", [43.0, 8.0, 14.0], [43.0, 8.0, 21.0], 0.409),
        ("Conv2d_6_pointwise", [59.0, 16.0, 14.0], [59.0, 16.0, 29.0], 0.461),
        ("Conv2d_7_pointwise", [91.0, 16.0, 30.0], [91.0, 16.0, 45.0], 0.566),
        ("Conv2d_11_pointwise", [219.0, 16.0, 94.0], [219.0, 16.0, 109.0], 0.985),
        ("Conv2d_12_pointwise", [251.0, 32.0, 94.0], [251.0, 32.0, 125.0], 1.037),
        ("Conv2d_13_pointwise", [315.0, 32.0, 126.0], [315.0, 32.0, 157.0], 1.140),
    ]),
];

#[test]
fn end_points_are_those_of_slim() {
    for (key, points) in SLIM {
        let [small, large] = [224, 321].map(|size| network(key).unwrap().summary((size, size)).unwrap());
        for &(name, at_224, at_321, operations) in points {
            let at = small.layers.iter().position(|layer| layer.name == name).unwrap();
            assert_eq!(field(&small.layers[at]), at_224, "{key} {name}");
            assert_eq!(field(&large.layers[at]), at_321, "{key} {name}");
            let macs: u64 = small.layers[..=at].iter().map(|layer| layer.macs).sum();
            // theirs count additions and normalisation too
            assert!((2e-9 * macs as f64 / operations - 1.0).abs() < 0.03, "{key} {name}: {macs}");
        }
    }
    // the same weights as torchvision's, at other places
    for key in ["resnet50", "resnet101", "resnet152"] {
        let (ours, slim) = (summary(key), summary(&format!("{key}_tf")));
        assert_eq!(ours.parameters, slim.parameters);
        assert_eq!(ours.field.size.0 + 56.0, slim.field.size.0); // 8 + 16 + 32: see `resnet`
        assert!(ours.macs > slim.macs);
    }
    // Howard et al., table 4: 569 million multiply-adds, 4.2 million parameters
    let v1 = summary("mobilenet_v1");
    assert_eq!((v1.macs / 1_000_000, v1.parameters), (568, 4_231_976));
}

/// VGG-16 at 224 pixels: torchvision's name of the end point, and the numbers as above.
#[rustfmt::skip]
const SLIM_VGG16: [(&str, [f64; 3], f64); 13] = [
    ("features.0", [3.0, 1.0, 1.0], 0.177), ("features.4", [6.0, 2.0, 2.0], 3.882),
    ("features.5", [10.0, 2.0, 4.0], 5.734), ("features.9", [16.0, 4.0, 6.0], 9.436),
    ("features.10", [24.0, 4.0, 10.0], 11.287), ("features.12", [32.0, 4.0, 14.0], 14.987),
    ("features.16", [44.0, 8.0, 18.0], 18.688), ("features.17", [60.0, 8.0, 26.0], 20.538),
    ("features.19", [76.0, 8.0, 34.0], 24.238), ("features.23", [100.0, 16.0, 42.0], 27.938),
    ("features.24", [132.0, 16.0, 58.0], 28.863), ("features.26", [164.0, 16.0, 74.0], 29.788),
    ("features.30", [212.0, 32.0, 90.0], 30.713),
];

/// TF-Slim's AlexNet v2: 64 cells of padding where torchvision's has 66, as its first layer is not padded; and its
/// fourth convolution has 384 channels.
const SLIM_ALEXNET: &[Step] = &[
    conv_bias("conv1", Is(64), 11).stride(4).padding(0),
    max_pool("pool1", 3, 2),
    conv_bias("conv2", Is(192), 5),
    max_pool("pool2", 3, 2),
    conv_bias("conv3", Is(384), 3),
    conv_bias("conv4", Is(384), 3),
    conv_bias("conv5", Is(256), 3),
    max_pool("pool5", 3, 2),
];

const SLIM_ALEXNET_POINTS: [(&str, [f64; 3], f64); 7] = [
    ("conv1", [11.0, 4.0, 0.0], 0.136),
    ("pool1", [19.0, 8.0, 0.0], 0.136),
    ("conv2", [51.0, 8.0, 16.0], 0.552),
    ("conv3", [99.0, 16.0, 32.0], 0.743),
    ("conv4", [131.0, 16.0, 48.0], 1.125),
    ("conv5", [163.0, 16.0, 64.0], 1.380),
    ("pool5", [195.0, 32.0, 64.0], 1.380),
];

#[test]
fn ways_without_branches_are_those_of_slim() {
    let alexnet = walk::summary(SLIM_ALEXNET, (224, 224)).unwrap();
    for (summary, points) in [(summary("vgg16"), &SLIM_VGG16[..]), (alexnet, &SLIM_ALEXNET_POINTS[..])] {
        for &(name, expected, operations) in points {
            let at = summary.layers.iter().position(|layer| layer.name == name).unwrap();
            assert_eq!(field(&summary.layers[at]), expected, "{name}");
            let macs: u64 = summary.layers[..=at].iter().map(|layer| layer.macs).sum();
            assert!((2e-9 * macs as f64 / operations - 1.0).abs() < 0.03, "{name}: {macs}");
        }
    }
}

#[test]
fn fields_are_those_of_the_trails() {
    let mut seen = 0;
    for line in include_str!("../../../../tests/golden/networks/trails.csv").lines().skip(1) {
        let [key, node, numbers @ ..] = &line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let summary = summary(key);
        let layer = summary.layers.iter().find(|layer| layer.name.replace('.', "_") == **node).expect(line);
        let sizes = [layer.kernel_size.0, layer.stride, layer.pads.top, layer.dilation];
        assert_eq!(sizes[..3].iter().map(usize::to_string).collect::<Vec<_>>(), numbers[..3], "{line}");
        assert_eq!(field(layer).map(|number| number.to_string())[..], numbers[3..], "{line}");
        seen += 1;
    }
    assert_eq!(seen, 128);
}

#[test]
fn costs_are_those_of_the_layers() {
    for key in ["alexnet", "vgg16", "resnet18", "squeezenet1_0", "mobilenet_v2"] {
        let golden = include_str!("../../../../tests/golden/networks/layers.csv");
        let expected: Vec<&str> = golden.lines().filter(|line| line.split(',').next() == Some(key)).collect();
        let summary = summary(key);
        let got: Vec<String> = summary
            .layers
            .iter()
            .filter_map(|layer| {
                let op = match layer.op {
                    Op::Conv => "Conv2d",
                    Op::Linear => "Linear",
                    Op::MaxPool => "MaxPool2d",
                    _ => return None,
                };
                let (height, width) = layer.output_size;
                let LayerRecord { name, c_out, groups, parameters, macs, .. } = layer;
                Some(format!("{key},{name},{op},{c_out},{height},{width},{groups},{parameters},{macs}"))
            })
            .collect();
        assert_eq!(got, expected, "{key}");
    }
}

#[test]
fn an_untied_stack_gives_the_same_as_the_nets() {
    // what `Net` works out from weights, for the networks that are one way
    for key in ["alexnet", "vgg16", "mobilenet_v1"] {
        let summary = summary(key);
        let own: Vec<&LayerRecord> = summary
            .layers
            .iter()
            .filter(|layer| layer.field.is_some() && layer.op != Op::AdaptivePool)
            .collect();
        let layers = own.iter().map(|layer| match layer.op {
            Op::Conv => {
                let (height, width) = layer.kernel_size;
                let stride = (layer.stride, layer.stride);
                let conv = Conv2d { stride, pads: layer.pads, ..Conv2d::default() };
                Layer::Conv { weight: Images::zeros((1, 1, height, width)), bias: None, conv }
            }
            _ => {
                let pool = Pool2d {
                    stride: [layer.stride; 2],
                    ..Pool2d::new([layer.kernel_size.0, layer.kernel_size.1])
                };
                Layer::MaxPool(pool)
            }
        });
        let net = Net { layers: layers.collect() };
        let fields = net.receptive_fields((224, 224)).unwrap();
        for (layer, field) in own.iter().zip(&fields[1..]) {
            assert_eq!(layer.field.as_ref(), Some(field), "{key} {}", layer.name);
        }
        let last = own.last().unwrap();
        assert_eq!(last.support((3, 5), (224, 224)), net.support((224, 224), (3, 5)).unwrap(), "{key}");
    }
}

#[test]
fn branches_with_other_centres_are_told() {
    let ends = |steps: &[Step]| {
        let summary = walk::summary(steps, (32, 32)).unwrap();
        let last = summary.layers.last().unwrap().clone();
        (last.aligned, field(&last), last.support((0, 0), (32, 32)))
    };
    const ODD: Step = concat("", &[&[conv("a", Is(4), 3)], &[conv("b", Is(4), 5)]]);
    let region = |top, bottom| Support { top, bottom, left: top, right: bottom };
    assert_eq!(ends(&[ODD]), (true, [5.0, 1.0, 2.0], region(-2, 2)));
    // TensorFlow's SAME pads a stride of 2 behind only, and the shortcut takes the first cell of two: a unit of ResNet
    // needs the explicit padding that TF-Slim gives it
    const UNEVEN: Step =
        residual(&[conv("a", Is(4), 3).stride(2).same_tf()], &[conv("b", Is(4), 1).stride(2)]);
    assert_eq!(ends(&[UNEVEN]), (false, [3.0, 2.0, 0.0], region(0, 2)));
    // a pool of two cells beside a kernel of three
    const POOLED: Step = concat("", &[&[max_pool("a", 2, 2)], &[conv("b", Is(4), 3).stride(2)]]);
    assert_eq!(ends(&[POOLED]), (false, [3.0, 2.0, 1.0], region(-1, 1)));
}

#[test]
fn every_network_says_who_and_what() {
    for (at, network) in NETWORKS.iter().enumerate() {
        assert!(!network.name.is_empty() && network.source.contains(", "), "{}", network.key);
        assert!(NETWORKS[at + 1..].iter().all(|other| other.key != network.key));
        let summary = summary(network.key);
        for (at, layer) in summary.layers.iter().enumerate() {
            assert!(!layer.name.is_empty() && !layer.name.ends_with('.'), "{} {at}", network.key);
            assert!(summary.layers[at + 1..].iter().all(|other| other.name != layer.name), "{}", layer.name);
        }
        assert_eq!(summary.layers.iter().rev().find(|layer| layer.macs > 0).unwrap().c_out, 1000);
    }
}

#[test]
fn an_input_of_any_size_gives_a_summary_or_an_error() {
    for network in NETWORKS {
        for size in [0, 1, 2, 7, 31, 32, 75, 500, usize::MAX / 2, usize::MAX] {
            let _ = network.summary((size, 64));
            if let Ok(summary) = network.summary((size, size)) {
                assert!(summary.layers.iter().all(|layer| layer.output_size.0 > 0));
            }
        }
    }
}

#[test]
fn text_forms_are_those_of_the_lab() {
    let vgg11 = "c3,m2s2,c3,m2s2,c3,c3,m2s2,c3,c3,m2s2,c3,c3,m2s2";
    let v1 = "c3s2,c3,c1,c3s2,c1,c3,c1,c3s2,c1,c3,c1,c3s2,c1";
    assert_eq!(summary("vgg11").text_form(), vgg11);
    assert!(summary("mobilenet_v1").text_form().starts_with(v1));
    assert_eq!(summary("inception_v3").text_form(), "c3s2p0,c3p0,c3,m3s2,c1,c3p0,m3s2");
    assert_eq!(summary("densenet121").text_form(), "c7s2,m3s2p1");
}

#[test]
#[ignore = "a measurement"]
fn time() {
    for key in ["resnet152", "densenet121", "inception_v3"] {
        let start = std::time::Instant::now();
        for _ in 0..100 {
            std::hint::black_box(summary(key));
        }
        println!("{key} {:?}", start.elapsed() / 100);
    }
}
