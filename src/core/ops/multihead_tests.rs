//! What holds for the multi-head module and the layers, beyond the golden cases.

use ndarray::{Array2, Array3, ArrayD, Axis, IxDyn, s};

use crate::core::ops::{
    Activation, Attention, DecoderLayerParameters, EncoderLayerParameters, FeedForwardParameters, Mask,
    MultiheadAttention, MultiheadParameters, NormParameters, Tokens, TransformerLayer,
};
use crate::core::tensor::{Error, Map, Random};

fn tokens(random: &mut Random, shape: (usize, usize, usize)) -> Tokens {
    Tokens::from_shape_simple_fn(shape, || random.range(-1.0, 1.0))
}

fn map(random: &mut Random, rows: usize, columns: usize) -> Map {
    Map::from_shape_simple_fn((rows, columns), || random.range(-0.7, 0.7))
}

fn list(random: &mut Random, length: usize) -> Option<Vec<f32>> {
    (random.below(2) == 0).then(|| (0..length).map(|_| random.range(-0.5, 0.5)).collect())
}

/// Parameters for heads of this width, and of values.
fn parameters(
    random: &mut Random,
    module: &MultiheadAttention,
    (width, value_width): (usize, usize),
    [query, key, value, out]: [usize; 4],
) -> MultiheadParameters {
    let kv_heads = module.num_kv_heads.unwrap_or(module.num_heads);
    let (q_rows, k_rows, v_rows) = (module.num_heads * width, kv_heads * width, kv_heads * value_width);
    let bias = random.below(2) == 0;
    let mut numbers = |length: usize| Some((0..length).map(|_| random.range(-0.5, 0.5)).collect());
    let (bias_k, bias_v) = if bias { (numbers(k_rows), numbers(v_rows)) } else { (None, None) };
    MultiheadParameters {
        q_proj_weight: map(random, q_rows, query),
        k_proj_weight: map(random, k_rows, key),
        v_proj_weight: map(random, v_rows, value),
        q_proj_bias: list(random, q_rows),
        k_proj_bias: list(random, k_rows),
        v_proj_bias: list(random, v_rows),
        bias_k,
        bias_v,
        out_proj_weight: map(random, out, module.num_heads * value_width),
        out_proj_bias: list(random, out),
    }
}

fn assert_near<'a>(
    got: impl IntoIterator<Item = &'a f32>,
    want: impl IntoIterator<Item = &'a f32>,
    what: &str,
) {
    let (got, want): (Vec<&f32>, Vec<&f32>) = (got.into_iter().collect(), want.into_iter().collect());
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().filter(|x| x.is_finite()).fold(1.0f32, |scale, x| scale.max(x.abs()));
    for (index, (got, want)) in got.into_iter().zip(want).enumerate() {
        assert!(got == want || (got - want).abs() <= 5e-6 * scale, "{what} at {index}: {got}, not {want}");
    }
}

fn all(parameters: &MultiheadParameters) -> Vec<f32> {
    let p = parameters;
    let matrices = [&p.q_proj_weight, &p.k_proj_weight, &p.v_proj_weight, &p.out_proj_weight];
    let lists = [&p.q_proj_bias, &p.k_proj_bias, &p.v_proj_bias, &p.bias_k, &p.bias_v, &p.out_proj_bias];
    matrices.into_iter().flatten().chain(lists.into_iter().flatten().flatten()).copied().collect()
}

#[test]
fn fast_is_plain() {
    let mut random = Random::new(41);
    for number in 0..60 {
        let kv_heads = 1 + random.below(2);
        let module = MultiheadAttention {
            num_heads: kv_heads * (1 + random.below(2)),
            num_kv_heads: Some(kv_heads),
            add_zero_attn: random.below(2) == 0,
            attention: Attention { is_causal: random.below(2) == 0, ..Attention::default() },
        };
        let widths = [0; 4].map(|_| 1 + random.below(6));
        let per_head = (1 + random.below(4), 1 + random.below(4));
        let p = parameters(&mut random, &module, per_head, widths);
        let (n, queries, keys) = (1 + random.below(2), 1 + random.below(6), 1 + random.below(6));
        let (query, key, value) = (
            tokens(&mut random, (n, queries, widths[0])),
            tokens(&mut random, (n, keys, widths[1])),
            tokens(&mut random, (n, keys, widths[2])),
        );
        let mask = ArrayD::from_shape_simple_fn(IxDyn(&[n, 1, queries, keys]), || random.below(3) == 0);
        let masks = [Mask::Blocked(&mask)];
        let plain = module.forward_plain(&query, &key, &value, &p, &masks).unwrap();
        let fast = module.forward(&query, &key, &value, &p, &masks).unwrap();
        assert_near(&fast.output, &plain.output, &format!("{number} output"));
        assert_near(&fast.weights, &plain.weights, &format!("{number} weights"));
        let grad = tokens(&mut random, plain.output.dim());
        let plain = module.backward_plain(&query, &key, &value, &p, &masks, &grad).unwrap();
        let fast = module.backward(&query, &key, &value, &p, &masks, &grad).unwrap();
        assert_near(&fast.query, &plain.query, &format!("{number} query"));
        assert_near(&fast.key, &plain.key, &format!("{number} key"));
        assert_near(&fast.value, &plain.value, &format!("{number} value"));
        assert_near(&fast.scores, &plain.scores, &format!("{number} scores"));
        assert_near(&all(&fast.parameters), &all(&plain.parameters), &format!("{number} parameters"));

        // every gradient at once: the slope along a random direction of all inputs and parameters
        let direction = [
            tokens(&mut random, query.dim()),
            tokens(&mut random, key.dim()),
            tokens(&mut random, value.dim()),
        ];
        let tilt = p.map(|_| 0.0f32).map(|&x| x);
        let mut towards = tilt.clone();
        let mut fill =
            |matrix: &mut Array2<f32>| matrix.iter_mut().for_each(|x| *x = random.range(-1.0, 1.0));
        fill(&mut towards.q_proj_weight);
        fill(&mut towards.k_proj_weight);
        fill(&mut towards.v_proj_weight);
        fill(&mut towards.out_proj_weight);
        let moved = |by: f32| {
            let mut p = p.clone();
            p.q_proj_weight.scaled_add(by, &towards.q_proj_weight);
            p.k_proj_weight.scaled_add(by, &towards.k_proj_weight);
            p.v_proj_weight.scaled_add(by, &towards.v_proj_weight);
            p.out_proj_weight.scaled_add(by, &towards.out_proj_weight);
            let [query, key, value] =
                [(&query, 0), (&key, 1), (&value, 2)].map(|(x, i)| x + &(&direction[i] * by));
            let output = module.forward_plain(&query, &key, &value, &p, &masks).unwrap().output;
            output.iter().zip(&grad).map(|(&y, &g)| f64::from(y) * f64::from(g)).sum::<f64>()
        };
        let measured = (moved(1e-3) - moved(-1e-3)) / 2e-3;
        let inputs = [&plain.query, &plain.key, &plain.value];
        let exact: f64 = inputs
            .into_iter()
            .zip(&direction)
            .flat_map(|(g, d)| g.iter().zip(d))
            .chain(all(&plain.parameters).iter().zip(&all(&towards)))
            .map(|(&g, &d)| f64::from(g) * f64::from(d))
            .sum();
        assert!((measured - exact).abs() <= 3e-3 * (1.0 + exact.abs()), "{number}: {measured}, not {exact}");
    }
}

#[test]
fn heads_are_modules_of_their_own() {
    // each head sees only its rows of the projections; the output is the sum of what the heads add
    let mut random = Random::new(42);
    let x = tokens(&mut random, (1, 4, 6));
    let [q, k, v, out] = [0; 4].map(|_| map(&mut random, 6, 6));
    let two = MultiheadAttention { num_heads: 2, ..MultiheadAttention::default() };
    let packed = MultiheadParameters::without_bias([q.clone(), k.clone(), v.clone(), out.clone()]);
    let together = two.forward(&x, &x, &x, &packed, &[]).unwrap();
    let mut sum = Array3::zeros((1, 4, 6));
    for head in 0..2 {
        let rows = |w: &Map| w.slice(s![3 * head..3 * head + 3, ..]).to_owned();
        let columns = out.slice(s![.., 3 * head..3 * head + 3]).to_owned();
        let own = MultiheadParameters::without_bias([rows(&q), rows(&k), rows(&v), columns]);
        let one = MultiheadAttention::default().forward(&x, &x, &x, &own, &[]).unwrap();
        assert_near(
            &one.weights.index_axis(Axis(1), 0).to_owned(),
            &together.weights.index_axis(Axis(1), head).to_owned(),
            "weights",
        );
        sum += &one.output;
    }
    assert_near(&sum, &together.output, "output");
    let mean = together.average_weights();
    assert!(mean.sum_axis(Axis(2)).iter().all(|sum| (sum - 1.0).abs() < 1e-6));
}

#[test]
fn without_a_code_order_does_not_matter() {
    let mut random = Random::new(43);
    let x = tokens(&mut random, (1, 5, 4));
    let p = MultiheadParameters::without_bias([0; 4].map(|_| map(&mut random, 4, 4)));
    let module = MultiheadAttention { num_heads: 2, ..MultiheadAttention::default() };
    let straight = module.forward(&x, &x, &x, &p, &[]).unwrap().output;
    let turned = x.slice(s![.., ..;-1, ..]).to_owned();
    let output = module.forward(&turned, &turned, &turned, &p, &[]).unwrap().output;
    assert_near(&output.slice(s![.., ..;-1, ..]).to_owned(), &straight, "permuted");
}

#[test]
fn layers_do_not_mix_tokens_outside_of_attention() {
    // with a causal mask, no output before a changed token changes
    let mut random = Random::new(44);
    let mut layer = TransformerLayer::new(2);
    layer.self_attn.attention.is_causal = true;
    let norm = NormParameters { weight: vec![1.0; 4], bias: Some(vec![0.1; 4]) };
    let p = EncoderLayerParameters {
        self_attn: MultiheadParameters::without_bias([0; 4].map(|_| map(&mut random, 4, 4))),
        feed_forward: FeedForwardParameters {
            linear1_weight: map(&mut random, 6, 4),
            linear1_bias: list(&mut random, 6),
            linear2_weight: map(&mut random, 4, 6),
            linear2_bias: None,
        },
        norm1: norm.clone(),
        norm2: norm.clone(),
    };
    for (norm_first, activation) in [(false, Activation::Relu), (true, Activation::Gelu)] {
        let layer = TransformerLayer { norm_first, activation, ..layer };
        let x = tokens(&mut random, (1, 5, 4));
        let mut changed = x.clone();
        changed[[0, 3, 1]] += 1.0;
        let (before, after) = (layer.encode(&x, &p, &[]).unwrap(), layer.encode(&changed, &p, &[]).unwrap());
        assert_eq!(before.output.slice(s![.., ..3, ..]), after.output.slice(s![.., ..3, ..]));
        assert_ne!(before.output.slice(s![.., 4.., ..]), after.output.slice(s![.., 4.., ..]));
        let mut grad = Tokens::zeros((1, 5, 4));
        grad[[0, 2, 0]] = 1.0;
        let grads = layer.encode_backward(&x, &p, &[], &grad).unwrap();
        assert!(grads.src.slice(s![.., 3.., ..]).iter().all(|&grad| grad == 0.0));
        assert!(grads.src.slice(s![.., 2, ..]).iter().any(|&grad| grad != 0.0));
    }
    let x = tokens(&mut random, (1, 3, 5));
    assert!(matches!(layer.encode(&x, &p, &[]), Err(Error::ShapeMismatch { .. })));
    let x = tokens(&mut random, (1, 3, 4));
    let short =
        EncoderLayerParameters { norm2: NormParameters { weight: vec![1.0; 3], bias: None }, ..p.clone() };
    assert!(matches!(layer.encode(&x, &short, &[]), Err(Error::ShapeMismatch { name: "norm.weight", .. })));
    let narrow = FeedForwardParameters { linear2_weight: map(&mut random, 3, 6), ..p.feed_forward.clone() };
    let narrow = EncoderLayerParameters { feed_forward: narrow, ..p.clone() };
    assert!(matches!(layer.encode(&x, &narrow, &[]), Err(Error::ShapeMismatch { name: "linear2", .. })));
    assert!(layer.encode_backward(&x, &p, &[], &tokens(&mut random, (1, 2, 4))).is_err());
    let decoder = DecoderLayerParameters {
        self_attn: p.self_attn.clone(),
        multihead_attn: p.self_attn.clone(),
        feed_forward: p.feed_forward.clone(),
        norm1: norm.clone(),
        norm2: norm.clone(),
        norm3: norm,
    };
    let memory = tokens(&mut random, (2, 3, 4));
    assert!(matches!(layer.decode(&x, &memory, &decoder, &[], &[]), Err(Error::ShapeMismatch { .. })));
    let memory = tokens(&mut random, (1, 6, 4));
    assert_eq!(layer.decode(&x, &memory, &decoder, &[], &[]).unwrap().output.dim(), (1, 3, 4));
}

#[test]
fn packed_parameters() {
    let mut random = Random::new(45);
    let w = map(&mut random, 6, 2);
    let p =
        MultiheadParameters::packed(&w, Some(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), map(&mut random, 2, 2), None)
            .unwrap();
    assert_eq!(p.in_proj_weight(), Some(w.clone()));
    assert_eq!(p.k_proj_bias, Some(vec![3.0, 4.0]));
    assert_eq!(p.in_proj_bias(), Some(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    assert!(
        MultiheadParameters::packed(&map(&mut random, 5, 2), None, map(&mut random, 2, 2), None).is_err()
    );
    assert!(MultiheadParameters::packed(&w, Some(&[1.0]), map(&mut random, 2, 2), None).is_err());
}

#[test]
fn errors_say_what_is_wrong() {
    let mut random = Random::new(46);
    let x = tokens(&mut random, (1, 3, 4));
    let p = MultiheadParameters::without_bias([0; 4].map(|_| map(&mut random, 4, 4)));
    let module = MultiheadAttention { num_heads: 2, ..MultiheadAttention::default() };
    let run = |module: &MultiheadAttention, p: &MultiheadParameters| {
        module.forward(&x, &x, &x, p, &[]).unwrap_err()
    };
    assert!(matches!(
        run(&MultiheadAttention { num_heads: 0, ..module }, &p),
        Error::Zero { name: "num_heads" }
    ));
    assert!(matches!(run(&MultiheadAttention { num_heads: 3, ..module }, &p), Error::NotDivisible { .. }));
    let grouped = MultiheadAttention { num_heads: 4, num_kv_heads: Some(2), ..module };
    assert!(matches!(run(&grouped, &p), Error::ShapeMismatch { name: "k_proj", .. }));
    let mut shapes = |change: fn(&mut MultiheadParameters, &mut Random)| {
        let mut p = p.clone();
        change(&mut p, &mut random);
        run(&module, &p)
    };
    let wrong = [
        shapes(|p, random| p.q_proj_weight = map(random, 4, 3)),
        shapes(|p, random| p.k_proj_weight = map(random, 6, 4)),
        shapes(|p, random| p.v_proj_weight = map(random, 6, 4)),
        shapes(|p, random| p.out_proj_weight = map(random, 4, 5)),
        shapes(|p, _| p.q_proj_bias = Some(vec![0.0; 3])),
        shapes(|p, _| p.out_proj_bias = Some(vec![0.0; 3])),
        shapes(|p, _| p.bias_k = Some(vec![0.0; 4])),
        shapes(|p, _| p.bias_v = Some(vec![0.0; 4])),
        shapes(|p, _| (p.bias_k, p.bias_v) = (Some(vec![0.0; 3]), Some(vec![0.0; 4]))),
    ];
    for error in wrong {
        assert!(matches!(error, Error::ShapeMismatch { .. }), "{error}");
    }
    let other = tokens(&mut random, (2, 3, 4));
    assert!(matches!(
        module.forward(&x, &other, &other, &p, &[]),
        Err(Error::ShapeMismatch { name: "key", .. })
    ));
    assert!(matches!(
        module.forward(&x, &x, &other, &p, &[]),
        Err(Error::ShapeMismatch { name: "value", .. })
    ));
    assert!(matches!(module.backward(&x, &x, &x, &p, &[], &other), Err(Error::ShapeMismatch { .. })));
    let mask = ArrayD::from_elem(IxDyn(&[2]), true);
    assert!(module.forward(&x, &x, &x, &p, &[Mask::Blocked(&mask)]).is_err());
    let empty = Tokens::zeros((0, 3, 4));
    assert_eq!(module.forward(&empty, &empty, &empty, &p, &[]).unwrap().output.dim(), (0, 3, 4));
    let empty = Tokens::zeros((1, 0, 4));
    assert_eq!(module.backward(&empty, &empty, &empty, &p, &[], &empty).unwrap().query.dim(), (1, 0, 4));
}
