//! Published networks: every layer, what it costs, and what it sees.
//!
//! Each network is a table of steps in a file of its own, by the names and sizes of a known implementation, and
//! [`Network::summary`] works out the rest for an input of any size.

mod alexnet;
mod convnext;
mod densenet;
mod efficientnet;
mod googlenet;
mod inception_v3;
mod mobilenet;
mod record;
mod resnet;
mod squeezenet;
mod step;
#[cfg(test)]
mod tests;
mod text_form;
mod vgg;
mod walk;

pub use record::{LayerRecord, Op, Summary};

use crate::core::tensor::Error;
use step::Step;

/// A published network.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// The name in links: torchvision's, `resnet50`; `resnet50_tf` and `mobilenet_v1` are TF-Slim's.
    pub key: &'static str,
    /// The name in print.
    pub name: &'static str,
    /// Who published it, and where.
    pub source: &'static str,
    /// Whose graph it is, where several differ.
    pub implementation: &'static str,
    /// Rows and columns of the picture it was made for.
    pub input: usize,
    steps: &'static [Step],
}

const TORCHVISION: &str = "torchvision";
const SLIM: &str = "TF-Slim";
const VGG: &str =
    "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015";
const RESNET: &str = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016";

/// All networks, the oldest first.
#[rustfmt::skip]
pub const NETWORKS: &[Network] = &[
    torch("alexnet", "AlexNet", "Krizhevsky: One weird trick for parallelizing convolutional neural networks, 2014", alexnet::STEPS),
    torch("vgg11", "VGG-11", VGG, vgg::VGG11),
    torch("vgg13", "VGG-13", VGG, vgg::VGG13),
    torch("vgg16", "VGG-16", VGG, vgg::VGG16),
    torch("vgg19", "VGG-19", VGG, vgg::VGG19),
    torch("googlenet", "GoogLeNet", "Szegedy et al.: Going Deeper with Convolutions, CVPR 2015", googlenet::STEPS),
    torch("resnet18", "ResNet-18", RESNET, resnet::RESNET18),
    torch("resnet34", "ResNet-34", RESNET, resnet::RESNET34),
    torch("resnet50", "ResNet-50", RESNET, resnet::RESNET50),
    torch("resnet101", "ResNet-101", RESNET, resnet::RESNET101),
    torch("resnet152", "ResNet-152", RESNET, resnet::RESNET152),
    slim("resnet50_tf", "ResNet-50", RESNET, resnet::RESNET50_TF),
    slim("resnet101_tf", "ResNet-101", RESNET, resnet::RESNET101_TF),
    slim("resnet152_tf", "ResNet-152", RESNET, resnet::RESNET152_TF),
    Network { input: 299, ..torch("inception_v3", "Inception v3", "Szegedy et al.: Rethinking the Inception Architecture for Computer Vision, CVPR 2016", inception_v3::STEPS) },
    torch("squeezenet1_0", "SqueezeNet 1.0", "Iandola et al.: SqueezeNet, 2016", squeezenet::V1_0),
    torch("densenet121", "DenseNet-121", "Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, CVPR 2017", densenet::DENSENET121),
    slim("mobilenet_v1", "MobileNet v1", "Howard et al.: MobileNets, 2017", mobilenet::V1),
    torch("mobilenet_v2", "MobileNet v2", "Sandler et al.: MobileNetV2, Inverted Residuals and Linear Bottlenecks, CVPR 2018", mobilenet::V2),
    torch("efficientnet_b0", "EfficientNet-B0", "Tan, Le: EfficientNet, Rethinking Model Scaling for Convolutional Neural Networks, ICML 2019", efficientnet::B0),
    torch("convnext_tiny", "ConvNeXt-T", "Liu et al.: A ConvNet for the 2020s, CVPR 2022", convnext::TINY),
];

const fn torch(
    key: &'static str,
    name: &'static str,
    source: &'static str,
    steps: &'static [Step],
) -> Network {
    Network { key, name, source, implementation: TORCHVISION, input: 224, steps }
}

const fn slim(
    key: &'static str,
    name: &'static str,
    source: &'static str,
    steps: &'static [Step],
) -> Network {
    Network { implementation: SLIM, ..torch(key, name, source, steps) }
}

/// The network of this key; `None` when there is none.
///
/// ```
/// use receptive::core::nets::networks::network;
/// let sees = |key| Some(network(key)?.summary((224, 224)).ok()?.field.size.0);
/// assert_eq!(sees("resnet50"), Some(427.0));
/// assert_eq!(sees("resnet50_tf"), Some(483.0)); // the stride stands in the last unit of a block
/// assert_eq!(sees("resnet51"), None);
/// ```
pub fn network(key: &str) -> Option<&'static Network> {
    NETWORKS.iter().find(|network| network.key == key)
}

impl Network {
    /// Every layer and the sums, over an input of this size, `(height, width)`, of three channels.
    ///
    /// Multiply-adds are those of convolutions and linear layers. The receptive field is that of the last map before
    /// the global pool, the union over branches and shortcuts (Araujo, Norris and Sim, "Computing Receptive Fields of
    /// Convolutional Neural Networks", Distill, 2019); squeeze-and-excitation, which sees all of its map, is left out.
    ///
    /// Errors: the input is so small that a map has no cell left, or so large that its cells can't be counted.
    pub fn summary(&self, input: (usize, usize)) -> Result<Summary, Error> {
        walk::summary(self.steps, input)
    }
}
