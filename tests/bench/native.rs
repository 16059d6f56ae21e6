//! How long the operators take on this machine: `cargo bench --no-default-features [-- --only TEXT]`.
//!
//! The page is what counts (`cargo xtask bench`). This is for finding out why: profilers work here.

use std::hint::black_box;
use std::time::{Duration, Instant};

use receptive::core::ops::{Conv2d, Pads};
use receptive::core::tensor::{Error, Images, Random};

struct Shape {
    name: &'static str,
    /// Input channels, side of the image, output channels, side of the kernel.
    sizes: (usize, usize, usize, usize),
    stride: usize,
    groups: usize,
}

const SHAPES: [Shape; 6] = [
    Shape { name: "conv 7×7 s2, 224×224×3→64", sizes: (3, 224, 64, 7), stride: 2, groups: 1 },
    Shape { name: "conv 3×3, 56×56×64→64", sizes: (64, 56, 64, 3), stride: 1, groups: 1 },
    Shape { name: "depthwise 3×3, 56×56×128", sizes: (128, 56, 128, 3), stride: 1, groups: 128 },
    Shape { name: "conv 1×1, 28×28×256→256", sizes: (256, 28, 256, 1), stride: 1, groups: 1 },
    Shape { name: "one channel 3×3 on 512×512", sizes: (1, 512, 1, 3), stride: 1, groups: 1 },
    Shape { name: "one channel 15×15 on 512×512", sizes: (1, 512, 1, 15), stride: 1, groups: 1 },
];

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().collect();
    let only = args.windows(2).find(|pair| pair[0] == "--only").map_or("", |pair| pair[1].as_str());
    println!("{:<40}{:>12}{:>12}{:>12}{:>12}", "shape", "forward ms", "GFLOP/s", "backward ms", "GFLOP/s");
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(only)) {
        let (c_in, size, c_out, kernel_size) = shape.sizes;
        let conv = Conv2d {
            stride: (shape.stride, shape.stride),
            pads: Pads::all((kernel_size - 1) / 2),
            groups: shape.groups,
            ..Conv2d::default()
        };
        let mut random = Random::new(1);
        let mut images = |shape| Images::from_shape_simple_fn(shape, || random.range(-1.0, 1.0));
        let x = images((1, c_in, size, size));
        let weight = images((c_out, c_in / shape.groups, kernel_size, kernel_size));
        let y = conv.forward(&x, &weight, None)?;
        let grad_output = images(y.dim());
        let forward = milliseconds(|| black_box(conv.forward(&x, &weight, None)).is_ok());
        let backward = milliseconds(|| black_box(conv.backward(&x, &weight, &grad_output)).is_ok());
        let products = (y.len() * weight.len() / c_out) as f64;
        let rate = |products: f64, milliseconds: f64| 2.0 * products / milliseconds / 1e6;
        println!(
            "{:<40}{forward:>12.3}{:>12.1}{backward:>12.3}{:>12.1}",
            shape.name,
            rate(products, forward),
            rate(2.0 * products, backward)
        );
    }
    Ok(())
}

/// The median of at least seven runs and half a second.
fn milliseconds(work: impl Fn() -> bool) -> f64 {
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 7 || start.elapsed() < Duration::from_millis(500) {
        let begun = Instant::now();
        assert!(work());
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
