//! The operators for the browser benchmark: compiled as the page is, called without the page.
//!
//! The script in the page fills buffers, prepares one piece of work, runs it many times and reads what came out.

// Exported names are the only thing here that the compiler can't check.
#![allow(unsafe_code)]

use std::cell::RefCell;

use receptive::core::nets::{Layer, Net, Unit};
use receptive::core::ops::{Attention, Conv2d, ConvTranspose2d, Nonlinearity, Pads, Pool2d};
use receptive::core::tensor::Images;

/// What a run leaves: its tensors, one after the other.
type Outputs = Vec<Vec<f32>>;

#[derive(Default)]
struct Bench {
    inputs: Vec<Vec<f32>>,
    outputs: Outputs,
    work: Option<Box<dyn Fn() -> Option<Outputs>>>,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::default();
}

fn with<T>(work: impl FnOnce(&mut Bench) -> T) -> T {
    BENCH.with_borrow_mut(work)
}

/// Makes room for `length` more numbers; the script writes them there before it prepares the work.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut f32 {
    with(|bench| bench.inputs.push(vec![0.0; length]));
    with(|bench| bench.inputs.last_mut().map_or(std::ptr::null_mut(), |input| input.as_mut_ptr()))
}

/// The inputs written so far.
fn all_inputs() -> Vec<Vec<f32>> {
    with(|bench| std::mem::take(&mut bench.inputs))
}

/// The inputs written so far, as `N` tensors.
fn inputs<const N: usize>() -> Option<[Vec<f32>; N]> {
    all_inputs().try_into().ok()
}

fn prepare(work: Option<impl Fn() -> Option<Outputs> + 'static>) -> bool {
    let ready = work.is_some();
    with(|bench| {
        bench.outputs.clear();
        bench.work = work.map(|work| Box::new(work) as Box<_>);
    });
    ready
}

/// Does the work once; false when it was refused. The script calls this in its loop.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> bool {
    with(|bench| {
        bench.outputs.clear();
        match bench.work.as_ref().and_then(|work| work()) {
            Some(outputs) => bench.outputs = outputs,
            None => return false,
        }
        true
    })
}

/// Where the numbers of an output of the last run are.
#[unsafe(no_mangle)]
pub extern "C" fn output(number: usize) -> *const f32 {
    with(|bench| bench.outputs.get(number).map_or(std::ptr::null(), |output| output.as_ptr()))
}

/// How many they are.
#[unsafe(no_mangle)]
pub extern "C" fn output_length(number: usize) -> usize {
    with(|bench| bench.outputs.get(number).map_or(0, Vec::len))
}

fn images(shape: (usize, usize, usize, usize), numbers: Vec<f32>) -> Option<Images> {
    Images::from_shape_vec(shape, numbers).ok()
}

fn numbers(tensor: Images) -> Vec<f32> {
    tensor.into_raw_vec_and_offset().0
}

/// A convolution of one image: inputs `x` and `weight`, and `grad_output` when `backward`; outputs `y`, or the
/// gradients of input and weight.
#[unsafe(no_mangle)]
pub extern "C" fn conv2d(
    c_in: usize,
    size: usize,
    c_out: usize,
    kernel_size: usize,
    stride: usize,
    padding: usize,
    groups: usize,
    backward: bool,
) -> bool {
    let conv = Conv2d { stride: (stride, stride), pads: Pads::all(padding), groups, ..Conv2d::default() };
    let x_shape = (1, c_in, size, size);
    let weight_shape = (c_out, c_in / groups.max(1), kernel_size, kernel_size);
    let Ok(output) = conv.output_size((size, size), (kernel_size, kernel_size)) else { return false };
    let y_shape = (1, c_out, output.0, output.1);
    if backward {
        prepare((|| {
            let [x, weight, grad_output] = inputs()?;
            let (x, weight) = (images(x_shape, x)?, images(weight_shape, weight)?);
            let grad_output = images(y_shape, grad_output)?;
            Some(move || {
                let grads = conv.backward(&x, &weight, &grad_output).ok()?;
                Some(vec![numbers(grads.input), numbers(grads.weight)])
            })
        })())
    } else {
        prepare((|| {
            let [x, weight] = inputs()?;
            let (x, weight) = (images(x_shape, x)?, images(weight_shape, weight)?);
            Some(move || Some(vec![numbers(conv.forward(&x, &weight, None).ok()?)]))
        })())
    }
}

/// A transposed convolution of one image: inputs `x` and `weight`.
#[unsafe(no_mangle)]
pub extern "C" fn conv_transpose2d(
    c_in: usize,
    size: usize,
    c_out: usize,
    kernel_size: usize,
    stride: usize,
    padding: usize,
) -> bool {
    let conv =
        ConvTranspose2d { stride: (stride, stride), pads: Pads::all(padding), ..ConvTranspose2d::default() };
    prepare((|| {
        let [x, weight] = inputs()?;
        let x = images((1, c_in, size, size), x)?;
        let weight = images((c_in, c_out, kernel_size, kernel_size), weight)?;
        Some(move || Some(vec![numbers(conv.forward(&x, &weight, None).ok()?)]))
    })())
}

/// Maximum pooling of one image without padding: input `x`.
#[unsafe(no_mangle)]
pub extern "C" fn max_pool2d(channels: usize, size: usize, kernel_size: usize, stride: usize) -> bool {
    let pool = Pool2d { stride: [stride; 2], ..Pool2d::new([kernel_size; 2]) };
    prepare((|| {
        let [x] = inputs()?;
        let x = images((1, channels, size, size), x)?;
        Some(move || Some(vec![numbers(pool.windows([size, size]).ok()?.max_values(&x).ok()?)]))
    })())
}

/// Attention of every token to every token: inputs `q`, `k`, `v`; outputs the result and the maps.
#[unsafe(no_mangle)]
pub extern "C" fn attention(heads: usize, tokens: usize, width: usize) -> bool {
    prepare((|| {
        let [q, k, v] = inputs()?;
        let shape = (1, heads, tokens, width);
        let (q, k, v) = (images(shape, q)?, images(shape, k)?, images(shape, v)?);
        Some(move || {
            let (output, maps) = Attention::default().attend(&q, &k, &v, &[]).ok()?;
            Some(vec![numbers(output), numbers(maps)])
        })
    })())
}

/// The gradient of the middle unit, all channels summed, of 3 × 3 convolutions with ReLU between them: inputs `x` and
/// the weight of each layer.
#[unsafe(no_mangle)]
pub extern "C" fn unit_gradient(channels: usize, size: usize) -> bool {
    let conv = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
    let unit = Unit { row: size / 2, column: size / 2, channel: None };
    prepare((|| {
        let mut inputs = all_inputs().into_iter();
        let x = images((1, channels, size, size), inputs.next()?)?;
        let mut layers = Vec::new();
        for weight in inputs {
            if !layers.is_empty() {
                layers.push(Layer::Activation(Nonlinearity::Relu));
            }
            layers.push(Layer::Conv {
                weight: images((channels, channels, 3, 3), weight)?,
                bias: None,
                conv,
            });
        }
        let net = Net { layers };
        Some(move || Some(vec![numbers(net.unit_gradient(&x, unit).ok()?)]))
    })())
}

/// Nothing happens by itself.
fn main() {}
