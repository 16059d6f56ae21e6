//! Named tensors as JavaScript values, for messages between the page and its worker.

use crate::stage::lab::Shared;
use js_sys::{Array, Float32Array};
use ndarray::{ArrayD, IxDyn};
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};

/// `[[name, shape, numbers], …]`
pub fn pack(tensors: &BTreeMap<String, Shared>) -> JsValue {
    let one = |(name, tensor): (&String, &Shared)| {
        let shape: Array = tensor.shape().iter().map(|n| JsValue::from_f64(*n as f64)).collect();
        let numbers: Vec<f32> = tensor.iter().copied().collect();
        Array::of3(&name.into(), &shape, &Float32Array::from(&numbers[..]))
    };
    tensors.iter().map(one).collect::<Array>().into()
}

/// What [`pack`] made; `None` when it is something else.
pub fn unpack(value: &JsValue) -> Option<BTreeMap<String, Shared>> {
    let list = value.dyn_ref::<Array>()?;
    list.iter()
        .map(|one| {
            let one = one.dyn_into::<Array>().ok()?;
            let shape: Vec<usize> = Array::from(&one.get(1))
                .iter()
                .map(|n| n.as_f64().map(|n| n as usize))
                .collect::<Option<_>>()?;
            let numbers = one.get(2).dyn_into::<Float32Array>().ok()?.to_vec();
            let tensor = ArrayD::from_shape_vec(IxDyn(&shape), numbers).ok()?;
            Some((one.get(0).as_string()?, tensor.into_shared()))
        })
        .collect()
}
