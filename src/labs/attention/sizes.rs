//! The sizes that follow from the controls, the text and loaded tensors, and whether they agree.

use super::params::{LOADABLE, MOST_TOKENS, Params, Source};
use super::tokens;
use super::unfit::Unfit;
use crate::core::tensor::Error;
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;

/// The sizes of a state: tokens of queries and keys, heads and widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Queries.
    pub n: usize,
    /// Keys.
    pub m: usize,
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of keys and values.
    pub kv: usize,
    /// Width of a token.
    pub d: usize,
    /// Width of queries and keys in a head.
    pub dk: usize,
    /// Width of a value.
    pub dv: usize,
}

/// The sizes of these parameters with this data, or why there are none.
pub fn sizes(params: &Params, data: &Data) -> Result<Sizes, Refusal> {
    sizes_or(params, data, &mut |misfit| Err(misfit.refusal()))
}

/// The same; `misfit` says what is done about a loaded tensor that does not fit.
pub fn sizes_or(
    params: &Params,
    data: &Data,
    misfit: &mut dyn FnMut(Misfit) -> Result<(), Refusal>,
) -> Result<Sizes, Refusal> {
    let own = |name: &str| (params.input == Source::Own).then(|| data.get(name)).flatten();
    if params.input == Source::Own && !LOADABLE.iter().any(|name| data.contains_key(*name)) {
        return Err(Refusal::lab(Unfit::NoOwn));
    }
    let (heads, kv, d) = (params.num_heads(), params.kv_heads(), params.d_model());
    if !d.is_multiple_of(heads) {
        let (name, by) = ("d_model", "num_heads");
        return Err(Error::NotDivisible { name, value: d, by, divisor: heads }.into());
    }
    if kv == 0 || !heads.is_multiple_of(kv) {
        let (name, by) = ("num_heads", "num_kv_heads");
        return Err(Error::NotDivisible { name, value: heads, by, divisor: kv }.into());
    }
    let count = |text: &str| tokens::split(text, params.tokens, MOST_TOKENS).list.len();
    let pads = params.padding();
    let own_rows = |name: &str, axis: usize| own(name).map(|t| t.shape().get(axis).copied().unwrap_or(0));
    let text = own_rows("x", 1).unwrap_or_else(|| count(&params.text));
    let padded = |tokens: usize| (tokens + pads).min(MOST_TOKENS);
    let second = if params.cross { count(&params.context) } else { text };
    let n = own_rows("q", 2).unwrap_or(if params.cross { text } else { padded(text) });
    let m = own_rows("k", 2).or(own_rows("v", 2)).unwrap_or_else(|| padded(second));
    if n == 0 || (text == 0 && own("q").is_none()) {
        return Err(Refusal::lab(Unfit::NoText));
    }
    if m == 0 || second == 0 && (own("k").is_none() || own("v").is_none()) {
        return Err(Refusal::lab(Unfit::NoContext));
    }
    let dk = params.d_k();
    let dv = own_rows("v", 3).unwrap_or(params.d_v());
    let sizes = Sizes { n, m, heads, kv, d, dk, dv };
    for (name, needs) in [
        ("x", vec![1, text, d]),
        ("q", vec![1, heads, n, dk]),
        ("k", vec![1, kv, m, dk]),
        ("v", vec![1, kv, m, dv]),
        ("w_q", vec![heads * dk, d]),
        ("w_k", vec![kv * dk, d]),
        ("w_v", vec![kv * dv, d]),
        ("w_o", vec![d, heads * dv]),
    ] {
        if let Some(tensor) = own(name)
            && tensor.shape() != needs
        {
            misfit(Misfit { name, shape: tensor.shape().to_vec(), needs })?;
        }
    }
    Ok(sizes)
}

/// A loaded tensor of a shape that does not go with the controls.
#[derive(Clone, Debug)]
pub struct Misfit {
    /// Which.
    pub name: &'static str,
    shape: Vec<usize>,
    needs: Vec<usize>,
}

impl Misfit {
    /// Why it can't be used.
    pub fn refusal(self) -> Refusal {
        Refusal::lab(Unfit::OwnShape { name: self.name, shape: self.shape, needs: self.needs })
    }
}
