//! Codes that tell where a token stands.

use ndarray::{Array, Array1, Array2, Array4, Axis, Dimension, Ix1, Ix2, Ix3, Ix4, arr0, s};
use receptive::core::ops::{
    AlibiOrder, Llama3, LongRope, Rope, RopeLayout, RopeScaling, RopeTables, Sinusoidal, SinusoidalLayout,
    T5Buckets, Yarn, alibi_bias, alibi_row, alibi_slopes, learned_positions, learned_positions_backward,
    relative_bias, relative_bias_backward, swin_indices,
};
use serde_json::Value;

use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "posenc.sinusoidal" => sinusoidal,
        "posenc.learned" => learned,
        "posenc.rope" => rope,
        "posenc.rope_scores" => rope_scores,
        "posenc.alibi" => alibi,
        "posenc.t5_bucket" => t5_bucket,
        "posenc.t5_bias" => t5_bias,
        "posenc.swin_index" => swin_index,
        "posenc.swin_bias" => swin_bias,
        "onnx.RotaryEmbedding" => onnx_rotary,
        _ => return None,
    };
    Some(check(case))
}

fn dim<D: Dimension>(case: &Case, name: &str) -> Array<f32, D> {
    let input = case.input(name).unwrap_or_else(|| panic!("{}: no input {name}", case.id));
    input.into_dimensionality().unwrap()
}

/// The input `name` as whole numbers.
fn whole<D: Dimension>(case: &Case, name: &str) -> Array<i64, D> {
    dim::<D>(case, name).mapv(|x| x as i64)
}

fn floats<D: Dimension>(x: &Array<usize, D>) -> Array<f32, D> {
    x.mapv(|x| x as f32)
}

fn sinusoidal(case: &Case) -> Outcome {
    let (positions, dim) = (case.integers("positions")[0], case.integers("dim")[0]);
    let offset = case.number("offset", 0.0);
    for (name, layout) in
        [("interleaved", SinusoidalLayout::Interleaved), ("half_split", SinusoidalLayout::HalfSplit)]
    {
        let code = Sinusoidal { dim, base: case.number("base", 10000.0), layout };
        if case.has(name) {
            case.check(name, &code.table(offset, positions).unwrap(), "table");
        }
    }
    Ok(())
}

fn learned(case: &Case) -> Outcome {
    let table = dim::<Ix2>(case, "table");
    let positions: Vec<usize> = whole::<Ix1>(case, "position_ids").iter().map(|&p| p as usize).collect();
    let x = dim::<Ix3>(case, "x");
    case.check("y", &(&x + &learned_positions(&table, &positions).unwrap()), "rows");
    let grad = learned_positions_backward(&dim::<Ix3>(case, "dy"), &positions, table.nrows()).unwrap();
    case.check("d_table", &grad, "backward");
    Ok(())
}

/// The scaling that the attributes describe, as `transformers` names it.
fn scaling(case: &Case) -> Result<RopeScaling, Unsupported> {
    let attrs = &case.attrs["scaling"];
    let number = |name: &str| attrs[name].as_f64();
    let longest = case.attrs["max_position_embeddings"].as_u64().unwrap_or_default() as usize;
    let original = attrs["original_max_position_embeddings"].as_u64().map_or(longest, |n| n as usize);
    let list = |name: &str| -> Vec<f64> {
        attrs[name].as_array().map(|list| list.iter().filter_map(Value::as_f64).collect()).unwrap_or_default()
    };
    Ok(match case.text("rope_type") {
        "" | "default" => RopeScaling::Default,
        "linear" => RopeScaling::Linear { factor: number("factor").unwrap() },
        "dynamic" => {
            RopeScaling::Dynamic { factor: number("factor").unwrap(), max_position_embeddings: original }
        }
        "yarn" => {
            let default = Yarn::default();
            RopeScaling::Yarn(Yarn {
                factor: number("factor").unwrap_or(longest as f64 / original as f64),
                original_max_position_embeddings: original,
                beta_fast: number("beta_fast").unwrap_or(default.beta_fast),
                beta_slow: number("beta_slow").unwrap_or(default.beta_slow),
                truncate: attrs["truncate"] != false,
                attention_factor: number("attention_factor"),
                mscale: number("mscale"),
                mscale_all_dim: number("mscale_all_dim"),
            })
        }
        "longrope" => RopeScaling::LongRope(LongRope {
            short_factor: list("short_factor"),
            long_factor: list("long_factor"),
            original_max_position_embeddings: original,
            factor: number("factor").unwrap_or(longest as f64 / original as f64),
            attention_factor: number("attention_factor"),
        }),
        "llama3" => RopeScaling::Llama3(Llama3 {
            factor: number("factor").unwrap(),
            low_freq_factor: number("low_freq_factor").unwrap(),
            high_freq_factor: number("high_freq_factor").unwrap(),
            original_max_position_embeddings: original,
        }),
        other => return Err(Unsupported(format!("rope type {other}"))),
    })
}

fn rope_of(case: &Case) -> Result<Rope, Unsupported> {
    let head_dim = case.attrs["head_dim"].as_u64().unwrap_or_default() as usize;
    let layout = if case.text("layout").starts_with("interleaved") {
        RopeLayout::Interleaved
    } else {
        RopeLayout::Half
    };
    Ok(Rope {
        rotary_dim: (head_dim as f64 * case.number("partial_rotary_factor", 1.0)) as usize,
        base: case.number("theta", 10000.0),
        layout,
        scaling: scaling(case)?,
    })
}

fn rope(case: &Case) -> Outcome {
    let rope = rope_of(case)?;
    let positions: Vec<f64> = dim::<Ix1>(case, "position_ids").iter().map(|&p| f64::from(p)).collect();
    let longest = positions.iter().copied().fold(0.0, f64::max) as usize + 1;
    let seq_len = case.attrs["seq_len"].as_u64().map_or(longest, |n| n as usize);
    let frequencies = rope.frequencies(seq_len).unwrap();
    let tables = rope.tables(&positions, seq_len).unwrap();
    let (cos, sin) = tables.columns();
    let inv_freq: Array1<f32> = frequencies.inv_freq.iter().map(|&x| x as f32).collect();
    let first = |x: &Array<f32, Ix3>| x.index_axis(Axis(0), 0).to_owned();
    let optional = |name: &str, got: ndarray::ArrayD<f32>| {
        if case.has(name) {
            case.check(name, &got, "frequencies");
        }
    };
    optional("inv_freq", inv_freq.into_dyn());
    optional("attention_scaling", arr0(frequencies.attention_scaling as f32).into_dyn());
    optional("cos", first(&cos).into_dyn());
    optional("sin", first(&sin).into_dyn());
    // some lay tokens out before heads
    let tokens_first = case.text("axes") == "batch, seq, head, dim";
    let laid_out = |x: Array4<f32>| if tokens_first { x.permuted_axes([0, 2, 1, 3]) } else { x };
    for name in ["q", "k"] {
        if case.input(name).is_none() {
            continue;
        }
        let x = laid_out(dim::<Ix4>(case, name));
        let turned = tables.rotate(&x).unwrap();
        case.check(&format!("{name}_rot"), &laid_out(turned.clone()), "rotate");
        if case.has(&format!("d_{name}")) {
            let dy = laid_out(dim::<Ix4>(case, &format!("d{name}")));
            case.check(&format!("d_{name}"), &laid_out(tables.rotate_backward(&dy).unwrap()), "backward");
        }
    }
    Ok(())
}

fn rope_scores(case: &Case) -> Outcome {
    let (q, k) = (dim::<Ix1>(case, "q"), dim::<Ix1>(case, "k"));
    let rope = Rope { rotary_dim: q.len(), ..rope_of(case)? };
    let positions = case.outputs[0].as_ref().unwrap().data.shape()[0];
    let everywhere: Vec<f64> = (0..positions).map(|p| p as f64).collect();
    let tables = rope.tables(&everywhere, positions).unwrap();
    let turned = |x: &Array1<f32>| -> Array2<f32> {
        let x = Array4::from_shape_fn((1, 1, positions, x.len()), |(.., c)| x[c]);
        tables.rotate(&x).unwrap().slice(s![0, 0, .., ..]).to_owned()
    };
    case.check("scores", &turned(&q).dot(&turned(&k).t()), "rotate");
    Ok(())
}

fn alibi(case: &Case) -> Outcome {
    let (heads, length) = (case.integers("heads")[0], case.integers("len")[0]);
    let slopes = alibi_slopes(heads, AlibiOrder::Bloom).unwrap();
    case.check("slopes", &Array1::from(slopes.clone()), "slopes");
    let mpt = alibi_slopes(heads, AlibiOrder::Mpt).unwrap();
    case.check("slopes_mpt_order", &Array1::from(mpt), "slopes");
    if case.has("bloom_bias_row") {
        case.check("bloom_bias_row", &alibi_row(&slopes, length).unwrap(), "row");
    }
    let offset = case.number("offset", 0.0) as i64;
    let queries = case.attrs["queries"].as_u64().map_or(length, |n| n as usize);
    if case.has("causal_bias") {
        case.check("causal_bias", &alibi_bias(&slopes, queries, length, offset, false).unwrap(), "bias");
    }
    if case.has("symmetric_bias") {
        case.check("symmetric_bias", &alibi_bias(&slopes, queries, length, offset, true).unwrap(), "bias");
    }
    Ok(())
}

fn buckets(case: &Case) -> T5Buckets {
    T5Buckets {
        bidirectional: case.flag("bidirectional"),
        num_buckets: case.integers("num_buckets")[0],
        max_distance: case.integers("max_distance")[0],
    }
}

fn t5_bucket(case: &Case) -> Outcome {
    let buckets = buckets(case);
    let got = whole::<ndarray::IxDyn>(case, "rel").mapv(|rel| buckets.bucket(rel) as f32);
    case.check("bucket", &got, "bucket");
    Ok(())
}

fn t5_bias(case: &Case) -> Outcome {
    let table = dim::<Ix2>(case, "table");
    let (queries, keys) = (case.integers("q_len")[0], case.integers("k_len")[0]);
    let offset = case.number("offset", 0.0) as i64;
    check_bias(case, &table, &buckets(case).indices(queries, keys, offset).unwrap());
    Ok(())
}

fn check_bias(case: &Case, table: &Array2<f32>, indices: &Array2<usize>) {
    case.check("bias", &relative_bias(table, indices).unwrap(), "bias");
    if case.has("d_table") {
        let grad = relative_bias_backward(&dim::<Ix3>(case, "dy"), indices, table.nrows()).unwrap();
        case.check("d_table", &grad, "backward");
    }
}

fn swin_index(case: &Case) -> Outcome {
    case.check("index", &floats(&swin_indices(case.pair("window")).unwrap()), "index");
    Ok(())
}

fn swin_bias(case: &Case) -> Outcome {
    check_bias(case, &dim::<Ix2>(case, "table"), &swin_indices(case.pair("window")).unwrap());
    Ok(())
}

fn onnx_rotary(case: &Case) -> Outcome {
    let x = case.nth(0).unwrap();
    let layout = if case.flag("interleaved") { RopeLayout::Interleaved } else { RopeLayout::Half };
    let three = x.ndim() == 3;
    // [n, tokens, heads * width] as [n, heads, tokens, width]
    let x: Array4<f32> = if three {
        let (n, tokens, heads) = (x.shape()[0], x.shape()[1], case.integers("num_heads")[0]);
        let width = x.shape()[2] / heads;
        let x = x.into_shape_with_order((n, tokens, heads, width)).unwrap();
        x.permuted_axes([0, 2, 1, 3])
    } else {
        x.into_dimensionality().unwrap()
    };
    let (cos, sin) = (case.nth(1).unwrap(), case.nth(2).unwrap());
    let tables = match case.nth(3) {
        Some(ids) => {
            let ids: Array2<i64> = ids.mapv(|p| p as i64).into_dimensionality().unwrap();
            let [cos, sin] = [cos, sin].map(|table| table.into_dimensionality::<Ix2>().unwrap());
            RopeTables::from_cache(&cos, &sin, &ids, layout).unwrap()
        }
        None => {
            let [cos, sin] = [cos, sin].map(|table| table.into_dimensionality::<Ix3>().unwrap());
            RopeTables::new(cos, sin, layout).unwrap()
        }
    };
    let rotary = case.number("rotary_embedding_dim", 0.0) as usize;
    assert_eq!(tables.columns().0.dim().2, if rotary == 0 { x.dim().3 } else { rotary });
    let y = tables.rotate(&x).unwrap();
    if three {
        let (n, heads, tokens, width) = y.dim();
        let y = y.permuted_axes([0, 2, 1, 3]).as_standard_layout().into_owned();
        case.check_nth(0, &y.into_shape_with_order((n, tokens, heads * width)).unwrap(), "rotate");
    } else {
        case.check_nth(0, &y, "rotate");
    }
    Ok(())
}
