//! A control at a second value: which one it begins with.

use super::state::Page;
use leptos::prelude::*;

/// Compares with another value of the control at this place, or with nothing.
pub fn choose(page: Page, control: Option<usize>) {
    let value = control.and_then(|i| other_value(page, i).map(|v| (i, v)));
    page.change("", |s| s.compare = value);
}

/// A value of a control that differs from the present one and can be computed, the nearest first.
fn other_value(page: Page, index: usize) -> Option<crate::stage::value::Value> {
    use crate::stage::value::{Matrix, PaddingValue, Value};
    let lab = page.lab_untracked();
    let values = page.setup.with_untracked(|s| s.values.clone());
    let control = lab.controls().get(index)?;
    let present = values.0.get(index)?.clone();
    let tries: Vec<Value> = match &present {
        Value::Pair(h, w) => {
            vec![Value::Pair(h + 1, w + 1), Value::Pair(h.saturating_sub(1), w.saturating_sub(1))]
        }
        Value::Whole(n) => vec![Value::Whole(n + 1), Value::Whole(n - 1)],
        Value::Real(v) => vec![Value::Real(v + 1.0), Value::Real(v - 1.0)],
        Value::Flag(on) => vec![Value::Flag(!on)],
        Value::Choice(i) => {
            (1..64).map(|by| Value::Choice(i + by)).chain((0..*i).map(Value::Choice)).collect()
        }
        Value::Padding(_) => (0..3).map(|n| Value::Padding(PaddingValue::Sides([n; 4]))).collect(),
        Value::Text(_) => Vec::new(),
        Value::Matrix(m) => {
            let (h, w) = m.shape();
            vec![Value::Matrix(Matrix::from_fn(h, w, |r, c| m.at(h - 1 - r, w - 1 - c)))]
        }
    };
    let data = page.data.get_untracked();
    let works = |value: &Value| {
        *value != present
            && control.parse(&control.write(value)).as_ref() == Ok(value)
            && lab.check(&lab.set(&values, index, value.clone(), &data), &data).is_ok()
    };
    tries.into_iter().find(works).or(Some(present.clone()))
}
