//! Loaded tensors: what they change, and what they take the place of.

use super::params::{self, LOADABLE, MOST_HEADS, MOST_TOKENS, MOST_WIDTH, Params, Source, Unfit};
use crate::stage::lab::{Data, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::value::LARGEST;
use ndarray::IxDyn;

/// Numbers of vectors and matrices that are multiplied several times over stay smaller.
const LARGEST_FACTOR: f32 = 1e4;

/// Largest heads × width of values, as the controls can make them.
const MOST_VALUES: usize = MOST_HEADS * 64;

/// Replaces a tensor; sizes follow, and what was loaded before and no longer fits goes.
pub fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
    let Some(name) = LOADABLE.into_iter().find(|known| *known == name) else {
        return Err(Refusal::UnknownTensor(name.into(), LOADABLE.to_vec()));
    };
    let tensor = whole(name, tensor)?;
    if tensor.iter().any(|v| !v.is_finite()) {
        return Err(Refusal::lab(Unfit::LoadNotFinite));
    }
    let most = if matches!(name, "q" | "k" | "v") { LARGEST } else { LARGEST_FACTOR };
    if tensor.iter().any(|v| v.abs() > most) {
        return Err(Refusal::lab(Unfit::LoadTooLarge(most)));
    }
    let (mut after, mut kept) = (params.clone(), data.clone());
    if after.input == Source::Text {
        kept.retain(|other, _| !LOADABLE.contains(&other.as_str()));
    }
    after.input = Source::Own;
    let axis = |at: usize| tensor.shape().get(at).copied().unwrap_or(1) as i64;
    match name {
        "q" => (after.num_heads, after.d_model) = (axis(1), axis(1) * axis(3)),
        "k" | "v" => {
            if after.num_heads % axis(1) != 0 {
                after.d_model = after.d_k() as i64 * axis(1);
                after.num_heads = axis(1);
            }
            after.num_kv_heads = if after.num_heads == axis(1) { 0 } else { axis(1) };
            if name == "k" {
                after.d_model = after.num_heads * axis(3);
            }
        }
        "x" => {
            after.d_model = axis(2);
            after.num_heads = (1..=after.num_heads.max(1)).rev().find(|h| axis(2) % h == 0).unwrap_or(1);
            after.padding_mask = if after.cross { after.padding_mask } else { 0 };
        }
        _ => {}
    }
    if after.d_model > MOST_WIDTH as i64 {
        return Err(refused(name, &tensor));
    }
    if after.num_kv_heads > 0 {
        let fits = |n: &i64| after.num_heads % n == 0;
        let found = (1..=after.num_kv_heads).rev().find(fits).unwrap_or(1);
        after.num_kv_heads = found;
    }
    after.head = after.head.min(after.num_heads);
    // What is made by the matrix or the vectors just loaded is no longer taken from elsewhere.
    let replaced: &[&str] = match name {
        "x" => &["q", "k", "v"],
        "w_q" => &["q"],
        "w_k" => &["k"],
        "w_v" => &["v"],
        _ => &[],
    };
    kept.retain(|other, _| !replaced.contains(&other.as_str()));
    kept.insert(name.into(), tensor);
    loop {
        let mut unfit = Vec::new();
        params::sizes_or(&after, &kept, &mut |misfit| match misfit.name {
            other if other == name && unfit.is_empty() => Err(misfit.refusal()),
            other => {
                unfit.push(other);
                Ok(())
            }
        })?;
        unfit.retain(|other| *other != name);
        if unfit.is_empty() {
            break;
        }
        kept.retain(|other, _| !unfit.contains(&other.as_str()));
    }
    (*params, *data) = (after, kept);
    Ok(())
}

fn refused(name: &'static str, tensor: &Shared) -> Refusal {
    let axes = match name {
        "x" => "[tokens, d_model]",
        "q" | "k" | "v" => "[1, heads, tokens, width]",
        _ => "[out, in]",
    };
    Refusal::lab(Unfit::LoadShape { name, shape: tensor.shape().to_vec(), axes })
}

/// The tensor in one line with all its axes, or why it has too few or too many, or is too long.
fn whole(name: &'static str, tensor: Shared) -> Result<Shared, Refusal> {
    let wanted = match name {
        "x" => 3,
        "q" | "k" | "v" => 4,
        _ => 2,
    };
    let mut shape = tensor.shape().to_vec();
    while shape.len() < wanted && shape.len() >= 2 {
        shape.insert(0, 1);
    }
    let fits = shape.len() == wanted
        && match shape[..] {
            [1, n, d] => (1..=MOST_TOKENS).contains(&n) && (1..=MOST_WIDTH).contains(&d),
            [1, h, n, w] => {
                let heads = (1..=MOST_HEADS).contains(&h) && (1..=MOST_TOKENS).contains(&n);
                let most = if name == "v" { MOST_VALUES } else { MOST_WIDTH };
                heads && w >= 1 && w.saturating_mul(h) <= most
            }
            [o, i] => o >= 1 && i >= 1,
            _ => false,
        };
    if !fits {
        return Err(refused(name, &tensor));
    }
    let flat = tensor.as_standard_layout().into_owned();
    flat.into_shape_with_order(IxDyn(&shape)).map(|t| t.into_shared()).map_err(|_| refused(name, &tensor))
}
