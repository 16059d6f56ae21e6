//! Linear attention: a state of fixed size instead of a row of scores, updated token by token (ONNX's
//! `LinearAttention`; Katharopoulos and others, "Transformers are RNNs", 2020; gates as in gated linear attention, Yang
//! and others, 2023; the delta rule as in DeltaNet, Schlag and others, 2021).

use ndarray::{Array2, Array4, s};

use crate::core::ops::attention::{Heads, Sizes};
use crate::core::tensor::{Error, checked_elements};

/// Linear attention. Its state, a matrix `[width, value width]` for each key head, takes in a token with key `k` and value
/// `v`, and answers its query `q`:
///
/// ```text
/// state  = exp(decay) * state                     gated: a factor for each row, or for all
/// value  = beta * (v - stateᵀ k)                  delta: what the state already answers to k is taken back; else v
/// state += k valueᵀ
/// output = scale * stateᵀ q
/// ```
///
/// Everything is computed in `f64`.
///
/// ```
/// use ndarray::array;
/// use receptive::core::ops::{LinearAttention, LinearAttentionInputs};
/// let (q, v) = (array![[[[1.0], [1.0]]]], array![[[[3.0], [4.0]]]]);
/// let inputs = LinearAttentionInputs::new(&q, &q, &v);
/// let (output, state) = LinearAttention::default().forward(&inputs)?;
/// assert_eq!(output, array![[[[3.0], [7.0]]]]); // sums of what came
/// assert_eq!(state, array![[[[7.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinearAttention {
    /// The factor of the output; `None` is `1 / sqrt(width)`.
    pub scale: Option<f64>,
}

/// The inputs of linear attention.
#[derive(Clone, Copy, Debug)]
pub struct LinearAttentionInputs<'a> {
    /// `[n, heads, tokens, width]`
    pub q: &'a Heads,
    /// `[n, num_kv_heads, tokens, width]`
    pub k: &'a Heads,
    /// `[n, num_kv_heads, tokens, value width]`
    pub v: &'a Heads,
    /// The state to begin with, `[n, num_kv_heads, width, value width]`; zero without it.
    pub past_state: Option<&'a Heads>,
    /// The logarithm of what is kept, `[n, num_kv_heads, tokens, width]` or, the same for all rows,
    /// `[n, num_kv_heads, tokens, 1]`. With it the rule is gated.
    pub decay: Option<&'a Heads>,
    /// The rate of the delta rule, `[n, num_kv_heads, tokens, 1]` or `[n, 1, tokens, 1]`. With it the rule is the delta
    /// rule.
    pub beta: Option<&'a Heads>,
}

impl<'a> LinearAttentionInputs<'a> {
    /// Neither gated nor with the delta rule, from an empty state.
    pub fn new(q: &'a Heads, k: &'a Heads, v: &'a Heads) -> Self {
        LinearAttentionInputs { q, k, v, past_state: None, decay: None, beta: None }
    }

    /// Errors: shapes that don't fit each other.
    fn sizes(&self) -> Result<Sizes, Error> {
        let sizes = Sizes::new([self.q, self.k, self.v])?;
        let (n, kv_heads) = (sizes.n, self.k.dim().1);
        let (tokens, width) = (sizes.keys, sizes.width);
        let state = [n, kv_heads, width, sizes.value_width];
        let last =
            |tensor: Option<&Heads>, full| tensor.map_or(full, |t| if t.dim().3 == 1 { 1 } else { full });
        let rates = self.beta.map_or(kv_heads, |beta| if beta.dim().1 == 1 { 1 } else { kv_heads });
        for (name, expected, got) in [
            ("q", [n, sizes.heads, tokens, width], Some(self.q)),
            ("past_state", state, self.past_state),
            ("decay", [n, kv_heads, tokens, last(self.decay, width)], self.decay),
            ("beta", [n, rates, tokens, 1], self.beta),
        ] {
            if let Some(got) = got.filter(|got| got.shape() != expected) {
                let got = got.shape().to_vec();
                return Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got });
            }
        }
        checked_elements(&state)?;
        checked_elements(&[tokens, width, sizes.value_width])?;
        Ok(sizes)
    }
}

/// The gradients of linear attention, each of the shape of its input.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearAttentionGrads {
    /// Of the queries.
    pub q: Heads,
    /// Of the keys.
    pub k: Heads,
    /// Of the values.
    pub v: Heads,
    /// Of the state to begin with.
    pub past_state: Heads,
    /// Of the decay, when there is one.
    pub decay: Option<Heads>,
    /// Of the rates, when there are some.
    pub beta: Option<Heads>,
}

/// What a token did to the state of one head.
struct Step {
    /// Before the token.
    past: Array2<f64>,
    /// After the decay.
    kept: Array2<f64>,
    /// What the state lacks, `v - stateᵀ k`, with the delta rule; else `v`.
    missing: Vec<f64>,
    /// What is written at the key.
    value: Vec<f64>,
    /// After the token.
    state: Array2<f64>,
}

impl LinearAttentionInputs<'_> {
    /// The state of a head before the first token.
    fn first(&self, n: usize, g: usize, sizes: &Sizes) -> Array2<f64> {
        let state = |(c, m)| self.past_state.map_or(0.0, |past| f64::from(past[[n, g, c, m]]));
        Array2::from_shape_fn((sizes.width, sizes.value_width), state)
    }

    /// What is kept of row `c`.
    fn kept(&self, [n, g, t]: [usize; 3], c: usize) -> f64 {
        self.decay.map_or(1.0, |decay| f64::from(decay[[n, g, t, c.min(decay.dim().3 - 1)]]).exp())
    }

    /// The rate of the delta rule, if there is one.
    fn rate(&self, [n, g, t]: [usize; 3]) -> Option<f64> {
        self.beta.map(|beta| f64::from(beta[[n, g.min(beta.dim().1 - 1), t, 0]]))
    }

    fn step(&self, at: [usize; 3], past: Array2<f64>) -> Step {
        let [n, g, t] = at;
        let (width, value_width) = past.dim();
        let k = |c: usize| f64::from(self.k[[n, g, t, c]]);
        let kept = Array2::from_shape_fn(past.dim(), |(c, m)| self.kept(at, c) * past[[c, m]]);
        let rate = self.rate(at);
        let missing = |m: usize| {
            let answered = if rate.is_some() { (0..width).map(|c| kept[[c, m]] * k(c)).sum() } else { 0.0 };
            f64::from(self.v[[n, g, t, m]]) - answered
        };
        let missing: Vec<f64> = (0..value_width).map(missing).collect();
        let value: Vec<f64> = missing.iter().map(|missing| rate.unwrap_or(1.0) * missing).collect();
        let state = Array2::from_shape_fn(past.dim(), |(c, m)| kept[[c, m]] + k(c) * value[m]);
        Step { past, kept, missing, value, state }
    }
}

impl LinearAttention {
    fn factor(&self, sizes: &Sizes) -> f64 {
        self.scale.unwrap_or(1.0 / (sizes.width as f64).sqrt())
    }

    /// The output `[n, heads, tokens, value width]` and the state after the last token,
    /// `[n, num_kv_heads, width, value width]`.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn forward(&self, inputs: &LinearAttentionInputs<'_>) -> Result<(Heads, Heads), Error> {
        let sizes = inputs.sizes()?;
        let scale = self.factor(&sizes);
        let mut output = Heads::zeros(sizes.output());
        let kv_heads = inputs.k.dim().1;
        let mut states = Heads::zeros((sizes.n, kv_heads, sizes.width, sizes.value_width));
        for (n, g) in (0..sizes.n).flat_map(|n| (0..kv_heads).map(move |g| (n, g))) {
            let mut state = inputs.first(n, g, &sizes);
            for t in 0..sizes.keys {
                state = inputs.step([n, g, t], state).state;
                for h in g * sizes.group..(g + 1) * sizes.group {
                    for m in 0..sizes.value_width {
                        let products =
                            (0..sizes.width).map(|c| f64::from(inputs.q[[n, h, t, c]]) * state[[c, m]]);
                        output[[n, h, t, m]] = (scale * products.sum::<f64>()) as f32;
                    }
                }
            }
            states.slice_mut(s![n, g, .., ..]).assign(&state.mapv(|x| x as f32));
        }
        Ok((output, states))
    }

    /// The gradients of `sum(output * grad_output) + sum(state * grad_state)`, exact: back through the tokens.
    ///
    /// `grad_output` is `[n, heads, tokens, value width]`, `grad_state` `[n, num_kv_heads, width, value width]`.
    ///
    /// Errors: those of [`LinearAttention::forward`], and gradients of other shapes.
    pub fn backward(
        &self,
        inputs: &LinearAttentionInputs<'_>,
        grad_output: &Heads,
        grad_state: Option<&Heads>,
    ) -> Result<LinearAttentionGrads, Error> {
        let sizes = inputs.sizes()?;
        sizes.check_grad(grad_output)?;
        let kv_heads = inputs.k.dim().1;
        let state_shape = [sizes.n, kv_heads, sizes.width, sizes.value_width];
        if let Some(grad) = grad_state.filter(|grad| grad.shape() != state_shape) {
            let (expected, got) = (state_shape.to_vec(), grad.shape().to_vec());
            return Err(Error::ShapeMismatch { name: "grad_state", expected, got });
        }
        let zeros = |like: &Heads| Array4::<f64>::zeros(like.dim());
        let mut grads = Grads {
            q: zeros(inputs.q),
            k: zeros(inputs.k),
            v: zeros(inputs.v),
            past_state: Array4::zeros(state_shape),
            decay: inputs.decay.map(zeros),
            beta: inputs.beta.map(zeros),
        };
        for (n, g) in (0..sizes.n).flat_map(|n| (0..kv_heads).map(move |g| (n, g))) {
            let mut steps = Vec::with_capacity(sizes.keys);
            let mut state = inputs.first(n, g, &sizes);
            for t in 0..sizes.keys {
                let step = inputs.step([n, g, t], state);
                state = step.state.clone();
                steps.push(step);
            }
            let last = |(c, m)| grad_state.map_or(0.0, |grad| f64::from(grad[[n, g, c, m]]));
            let mut grad = Array2::from_shape_fn((sizes.width, sizes.value_width), last);
            for (t, step) in steps.iter().enumerate().rev() {
                for h in g * sizes.group..(g + 1) * sizes.group {
                    for ((c, m), grad) in grad.indexed_iter_mut() {
                        let share = self.factor(&sizes) * f64::from(grad_output[[n, h, t, m]]);
                        grads.q[[n, h, t, c]] += share * step.state[[c, m]];
                        *grad += share * f64::from(inputs.q[[n, h, t, c]]);
                    }
                }
                grads.back(inputs, [n, g, t], step, &mut grad);
            }
            grads.past_state.slice_mut(s![n, g, .., ..]).assign(&grad);
        }
        let narrow = |x: Array4<f64>| x.mapv(|x| x as f32);
        Ok(LinearAttentionGrads {
            q: narrow(grads.q),
            k: narrow(grads.k),
            v: narrow(grads.v),
            past_state: narrow(grads.past_state),
            decay: grads.decay.map(narrow),
            beta: grads.beta.map(narrow),
        })
    }
}

/// [`LinearAttentionGrads`] before rounding.
struct Grads {
    q: Array4<f64>,
    k: Array4<f64>,
    v: Array4<f64>,
    past_state: Array4<f64>,
    decay: Option<Array4<f64>>,
    beta: Option<Array4<f64>>,
}

impl Grads {
    /// From the gradient of the state after a token, in place, to that of the state before it.
    fn back(
        &mut self,
        inputs: &LinearAttentionInputs<'_>,
        at: [usize; 3],
        step: &Step,
        grad: &mut Array2<f64>,
    ) {
        let [n, g, t] = at;
        let (width, value_width) = grad.dim();
        let k = |c: usize| f64::from(inputs.k[[n, g, t, c]]);
        let rate = inputs.rate(at);
        // state = kept + k valueᵀ
        let grad_value: Vec<f64> =
            (0..value_width).map(|m| (0..width).map(|c| grad[[c, m]] * k(c)).sum()).collect();
        for ((c, m), grad) in grad.indexed_iter() {
            self.k[[n, g, t, c]] += grad * step.value[m];
        }
        // value = rate * missing, missing = v - keptᵀ k
        for (m, grad_value) in grad_value.into_iter().enumerate() {
            let grad_missing = rate.unwrap_or(1.0) * grad_value;
            self.v[[n, g, t, m]] += grad_missing;
            if let Some(beta) = &mut self.beta {
                let g = g.min(beta.dim().1 - 1);
                beta[[n, g, t, 0]] += grad_value * step.missing[m];
                for c in 0..width {
                    self.k[[at[0], at[1], t, c]] -= grad_missing * step.kept[[c, m]];
                    grad[[c, m]] -= grad_missing * k(c);
                }
            }
        }
        // kept = exp(decay) * past
        if let Some(decay) = &mut self.decay {
            let last = decay.dim().3 - 1;
            for ((c, m), grad) in grad.indexed_iter_mut() {
                *grad *= inputs.kept(at, c);
                decay[[n, g, t, c.min(last)]] += *grad * step.past[[c, m]];
            }
        }
    }
}
