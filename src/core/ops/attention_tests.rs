//! What holds for every attention, tried on seeded random ones.

use ndarray::{Array4, ArrayD, IxDyn, s};

use crate::core::ops::{
    AdditiveScore, Align, Attended, Attention, AttentionGrads, FlexAttention, Heads, KvCache,
    LinearAttention, LinearAttentionInputs, Mask, OnnxAttention, OnnxAttentionInputs, Precision,
    QkMatmulOutput, Score, TensorScatter, Window, hardmax, mask_backward, padding_mask,
};
use crate::core::tensor::{Error, Random, Tensor};

/// Any legal attention with its tensors.
struct Case {
    attention: Attention,
    q: Heads,
    k: Heads,
    v: Heads,
    allowed: ArrayD<bool>,
    added: Tensor,
    /// Which of the two masks are used.
    use_masks: (bool, bool),
}

impl Case {
    fn masks(&self) -> Vec<Mask<'_>> {
        let mut masks = Vec::new();
        if self.use_masks.0 {
            masks.push(Mask::Allowed(&self.allowed));
        }
        if self.use_masks.1 {
            masks.push(Mask::Added(&self.added));
        }
        masks
    }

    fn plain(&self) -> Attended {
        self.attention.forward_plain(&self.q, &self.k, &self.v, &self.masks()).unwrap()
    }
}

pub(super) fn heads(random: &mut Random, shape: [usize; 4]) -> Heads {
    Heads::from_shape_simple_fn(shape, || random.range(-1.5, 1.5))
}

fn maybe(random: &mut Random, most: usize) -> Option<usize> {
    (random.below(3) == 0).then(|| random.below(most))
}

fn case(random: &mut Random) -> Case {
    let group = 1 + random.below(3);
    let (n, kv_heads) = (1 + random.below(2), 1 + random.below(2));
    let size = |random: &mut Random| if random.below(5) == 0 { random.below(90) } else { random.below(9) };
    let (queries, keys) = (size(random), size(random));
    let (width, value_width) = (1 + random.below(9), random.below(9));
    let attention = Attention {
        score: [Score::Dot, Score::Dot, Score::Cosine][random.below(3)],
        scale: (random.below(2) == 0).then(|| f64::from(random.range(-2.0, 2.0))),
        softcap: (random.below(3) == 0).then(|| f64::from(random.range(0.3, 3.0))),
        is_causal: random.below(2) == 0,
        window: Window { left: maybe(random, 5), right: maybe(random, 5) },
        align: [Align::TopLeft, Align::BottomRight, Align::At(random.below(9) as i64 - 4)][random.below(3)],
        temperature: f64::from(random.range(0.3, 2.0)),
    };
    // masks of one for all, or of one for each
    let one = |random: &mut Random, size: usize| if random.below(2) == 0 { 1 } else { size };
    let shape = |random: &mut Random| {
        let full = [n, kv_heads * group, queries, keys];
        let shape: Vec<usize> = full.iter().map(|&size| one(random, size)).collect();
        shape[random.below(3)..].to_vec()
    };
    let (allowed, added) = (shape(random), shape(random));
    let added_values = [0.0, -1.0, 0.5, f32::NEG_INFINITY];
    Case {
        attention,
        q: heads(random, [n, kv_heads * group, queries, width]),
        k: heads(random, [n, kv_heads, keys, width]),
        v: heads(random, [n, kv_heads, keys, value_width]),
        allowed: ArrayD::from_shape_simple_fn(IxDyn(&allowed), || random.below(4) > 0),
        added: ArrayD::from_shape_simple_fn(IxDyn(&added), || added_values[random.below(4)]),
        use_masks: (random.below(3) == 0, random.below(3) == 0),
    }
}

/// Asserts that the two are near, measured by the largest number.
fn assert_near(got: &Heads, want: &Heads, what: &str) {
    assert_eq!(got.dim(), want.dim(), "{what}");
    let scale = want.iter().filter(|x| x.is_finite()).fold(1.0f32, |scale, x| scale.max(x.abs()));
    for ((index, got), want) in got.indexed_iter().zip(want) {
        assert!(got == want || (got - want).abs() <= 3e-6 * scale, "{what} at {index:?}: {got}, not {want}");
    }
}

fn dot(a: &Heads, b: &Heads) -> f64 {
    assert_eq!(a.dim(), b.dim());
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn fast_is_plain() {
    let mut random = Random::new(11);
    for number in 0..300 {
        let case = case(&mut random);
        let (masks, plain) = (case.masks(), case.plain());
        let fast = case.attention.forward(&case.q, &case.k, &case.v, &masks).unwrap();
        assert_near(&fast.scores, &plain.scores, &format!("{number} scores"));
        assert_near(&fast.weights, &plain.weights, &format!("{number} weights"));
        assert_near(&fast.output, &plain.output, &format!("{number} output"));
        let (output, weights) = case.attention.attend(&case.q, &case.k, &case.v, &masks).unwrap();
        assert_eq!((output, weights), (fast.output, fast.weights));

        let grad = heads(&mut random, plain.output.dim().into());
        let plain = case.attention.backward_plain(&case.q, &case.k, &case.v, &masks, &grad).unwrap();
        let fast = case.attention.backward(&case.q, &case.k, &case.v, &masks, &grad).unwrap();
        assert_near(&fast.q, &plain.q, &format!("{number} d_q"));
        assert_near(&fast.k, &plain.k, &format!("{number} d_k"));
        assert_near(&fast.v, &plain.v, &format!("{number} d_v"));
        assert_near(&fast.scores, &plain.scores, &format!("{number} d_scores"));
    }
}

#[test]
fn tiles_give_the_same_numbers() {
    let mut random = Random::new(12);
    for _ in 0..200 {
        let case = case(&mut random);
        let plain = case.plain();
        let tile = 1 + random.below(7);
        let tiled = case.attention.forward_tiled(&case.q, &case.k, &case.v, &case.masks(), tile).unwrap();
        assert_near(&tiled.output, &plain.output, "output");
        // the last maximum and sum give the weights again
        let Some(last) = tiled.maxima.dim().3.checked_sub(1) else { continue };
        for ((n, h, i, j), &weight) in plain.weights.indexed_iter() {
            let (maximum, sum) = (tiled.maxima[[n, h, i, last]], tiled.sums[[n, h, i, last]]);
            let score = plain.scores[[n, h, i, j]];
            let power = (f64::from(score - maximum) / case.attention.temperature).exp();
            let again = if score == f32::NEG_INFINITY { 0.0 } else { power / f64::from(sum) };
            assert!((again - f64::from(weight)).abs() < 1e-5, "{again}, not {weight}");
        }
    }
}

#[test]
fn weights_are_shares() {
    let mut random = Random::new(13);
    for _ in 0..100 {
        let attended = case(&mut random).plain();
        for (scores, weights) in attended.scores.rows().into_iter().zip(attended.weights.rows()) {
            let hidden = scores.iter().all(|&score| score == f32::NEG_INFINITY);
            let sum: f32 = weights.iter().sum();
            assert!((sum - if hidden { 0.0 } else { 1.0 }).abs() < 1e-5);
            for (&score, &weight) in scores.iter().zip(weights) {
                assert!(weight >= 0.0 && (score > f32::NEG_INFINITY || weight == 0.0));
            }
        }
    }
}

#[test]
fn values_go_through_a_matrix_and_back() {
    // output = weights v: linear in v, so the gradient of v is the adjoint
    let mut random = Random::new(14);
    for _ in 0..100 {
        let case = case(&mut random);
        let output = case.plain().output;
        let grad = heads(&mut random, output.dim().into());
        let grads = case.attention.backward(&case.q, &case.k, &case.v, &case.masks(), &grad).unwrap();
        let (forth, back) = (dot(&output, &grad), dot(&case.v, &grads.v));
        assert!((forth - back).abs() <= 1e-4 * (1.0 + forth.abs()), "{forth} {back}");
    }
}

/// The slope of `sum(forward * grad)` along a random direction of one input, by finite differences.
fn slope(x: &Heads, direction: &Heads, loss: impl Fn(&Heads) -> f64) -> f64 {
    let step = 1e-3f32;
    let at = |by: f32| loss(&(x + &direction.mapv(|d| d * by)));
    (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * f64::from(step))
}

/// Asserts that the gradient is the slope along a random direction.
fn assert_slope(random: &mut Random, x: &Heads, grad: &Heads, what: &str, loss: impl Fn(&Heads) -> f64) {
    let direction = heads(random, x.dim().into());
    let (measured, exact) = (slope(x, &direction, loss), dot(grad, &direction));
    assert!((measured - exact).abs() <= 2e-3 * (1.0 + exact.abs()), "{what}: {measured}, not {exact}");
}

#[test]
fn gradients_are_slopes() {
    let mut random = Random::new(15);
    for _ in 0..60 {
        let case = case(&mut random);
        let masks = case.masks();
        let grad = heads(&mut random, case.plain().output.dim().into());
        let AttentionGrads { q, k, v, .. } =
            case.attention.backward_plain(&case.q, &case.k, &case.v, &masks, &grad).unwrap();
        let loss = |q: &Heads, k: &Heads, v: &Heads| {
            dot(&case.attention.forward_plain(q, k, v, &masks).unwrap().output, &grad)
        };
        assert_slope(&mut random, &case.q, &q, "q", |x| loss(x, &case.k, &case.v));
        assert_slope(&mut random, &case.k, &k, "k", |x| loss(&case.q, x, &case.v));
        assert_slope(&mut random, &case.v, &v, "v", |x| loss(&case.q, &case.k, x));
    }
}

#[test]
fn gradient_of_an_added_mask() {
    let mut random = Random::new(16);
    let (q, k) = (heads(&mut random, [2, 2, 3, 4]), heads(&mut random, [2, 2, 5, 4]));
    for shape in [vec![5], vec![3, 1], vec![2, 1, 5], vec![2, 1, 3, 5], vec![1, 2, 3, 5], vec![]] {
        let mask = ArrayD::from_shape_simple_fn(IxDyn(&shape), || random.range(-1.0, 1.0));
        let grad = heads(&mut random, [2, 2, 3, 4]);
        let attention = Attention { temperature: 0.7, softcap: Some(2.0), ..Attention::default() };
        let grads = attention.backward(&q, &k, &k, &[Mask::Added(&mask)], &grad).unwrap();
        let grad_mask = mask_backward(&grads.scores, &shape).unwrap();
        let loss = |mask: &Tensor| {
            dot(&attention.forward_plain(&q, &k, &k, &[Mask::Added(mask)]).unwrap().output, &grad)
        };
        for (index, &exact) in grad_mask.indexed_iter() {
            let at = |by: f32| {
                let mut moved = mask.clone();
                moved[&index] += by;
                loss(&moved)
            };
            let measured = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!(
                (measured - f64::from(exact)).abs() < 1e-3,
                "{shape:?} {index:?}: {measured}, not {exact}"
            );
        }
    }
    assert!(mask_backward(&heads(&mut random, [1, 1, 2, 3]), &[2]).is_err());
    assert!(mask_backward(&heads(&mut random, [1, 1, 2, 3]), &[1, 1, 1, 1, 1]).is_err());
}

#[test]
fn a_fully_masked_row_is_zero() {
    let mut random = Random::new(17);
    let x = heads(&mut random, [1, 1, 3, 2]);
    let mask = ndarray::array![[true, true, true], [false, false, false], [true, false, true]].into_dyn();
    let (attention, masks) = (Attention::default(), [Mask::Allowed(&mask)]);
    for attended in [attention.forward_plain(&x, &x, &x, &masks), attention.forward(&x, &x, &x, &masks)] {
        let attended = attended.unwrap();
        assert!(attended.weights.slice(s![0, 0, 1, ..]).iter().all(|&weight| weight == 0.0));
        assert!(attended.output.slice(s![0, 0, 1, ..]).iter().all(|&output| output == 0.0));
        assert!(attended.scores.slice(s![0, 0, 1, ..]).iter().all(|&score| score == f32::NEG_INFINITY));
    }
    let grads = attention.backward(&x, &x, &x, &masks, &x).unwrap();
    assert!(grads.q.slice(s![0, 0, 1, ..]).iter().all(|&grad| grad == 0.0));
    // a causal query before all keys, and attention to nothing
    let early = Attention { is_causal: true, align: Align::At(-1), ..attention };
    assert!(early.forward(&x, &x, &x, &[]).unwrap().output.slice(s![0, 0, 0, ..]).iter().all(|&x| x == 0.0));
    let nothing = Heads::zeros((1, 1, 0, 2));
    assert_eq!(attention.forward(&x, &nothing, &nothing, &[]).unwrap().output, Heads::zeros((1, 1, 3, 2)));
}

#[test]
fn padding_changes_nothing() {
    // a padded batch gives each sample what it gets alone
    let mut random = Random::new(18);
    let (q, k, v) = (
        heads(&mut random, [2, 2, 3, 4]),
        heads(&mut random, [2, 2, 5, 4]),
        heads(&mut random, [2, 2, 5, 3]),
    );
    let padding = padding_mask(&[5, 2], 5).unwrap();
    let attention = Attention::default();
    let batch = attention.forward(&q, &k, &v, &[Mask::Allowed(&padding)]).unwrap();
    for (n, length) in [(0, 5), (1, 2)] {
        let one = |x: &Heads, tokens: usize| x.slice(s![n..=n, .., ..tokens, ..]).to_owned();
        let alone = attention.forward(&one(&q, 3), &one(&k, length), &one(&v, length), &[]).unwrap();
        assert_near(&one(&batch.output, 3), &alone.output, "output");
    }
}

#[test]
fn masks_of_all_kinds_agree() {
    let mut random = Random::new(19);
    for _ in 0..40 {
        let case = case(&mut random);
        let (n, heads, queries, _) = case.q.dim();
        let shape = [n, heads, queries, case.k.dim().2];
        // truth values either way round, and all rules as one added mask
        let blocked = case.allowed.mapv(|allowed| !allowed);
        let run = |attention: &Attention, masks: &[Mask<'_>]| {
            attention.forward(&case.q, &case.k, &case.v, masks).unwrap()
        };
        let allowed = run(&case.attention, &[Mask::Allowed(&case.allowed)]);
        assert_eq!(allowed, run(&case.attention, &[Mask::Blocked(&blocked)]));
        let all = case.attention.combined_mask(shape, &[Mask::Allowed(&case.allowed)]).unwrap().into_dyn();
        let open = Attention { is_causal: false, window: Window::default(), ..case.attention };
        assert_near(&run(&open, &[Mask::Added(&all)]).output, &allowed.output, "output");
        // the range of visible keys is the rule, key by key
        for i in 0..queries {
            let visible = case.attention.visible(i, queries, shape[3]);
            for j in 0..shape[3] {
                let place = i as i64
                    + match case.attention.align {
                        Align::TopLeft => 0,
                        Align::BottomRight => shape[3] as i64 - queries as i64,
                        Align::At(first) => first,
                    };
                let apart = j as i64 - place;
                let seen = (!case.attention.is_causal || apart <= 0)
                    && case.attention.window.left.is_none_or(|left| apart >= -(left as i64))
                    && case.attention.window.right.is_none_or(|right| apart <= right as i64);
                assert_eq!(visible.contains(&j), seen);
            }
        }
    }
}

#[test]
fn a_cold_softmax_is_hard() {
    let mut random = Random::new(20);
    let (q, k) = (heads(&mut random, [1, 2, 4, 3]), heads(&mut random, [1, 2, 6, 3]));
    let cold = Attention { temperature: 1e-6, ..Attention::default() }.forward(&q, &k, &k, &[]).unwrap();
    assert_near(&cold.weights, &hardmax(&cold.scores), "weights");
    let warm = Attention { temperature: 1e9, ..Attention::default() }.forward(&q, &k, &k, &[]).unwrap();
    assert_near(&warm.weights, &Heads::from_elem((1, 2, 4, 6), 1.0 / 6.0), "weights");
}

#[test]
fn a_cosine_forgets_lengths() {
    let mut random = Random::new(21);
    let (q, k) = (heads(&mut random, [1, 1, 3, 4]), heads(&mut random, [1, 1, 5, 4]));
    let cosine = Attention { score: Score::Cosine, ..Attention::default() };
    let attended = cosine.forward(&q, &k, &k, &[]).unwrap();
    assert!(attended.scores.iter().all(|score| score.abs() <= 1.0 + 1e-6));
    let longer = cosine.forward(&q.mapv(|x| 3.0 * x), &k, &k, &[]).unwrap();
    assert_near(&longer.weights, &attended.weights, "weights");
    // and the gradient does not point along the query
    let grads = cosine.backward(&q, &k, &k, &[], &heads(&mut random, [1, 1, 3, 4])).unwrap();
    for (q, grad) in q.rows().into_iter().zip(grads.q.rows()) {
        assert!(q.dot(&grad).abs() < 1e-5);
    }
    let zero = cosine.forward(&Heads::zeros((1, 1, 1, 4)), &k, &k, &[]).unwrap();
    assert!(zero.scores.iter().all(|&score| score == 0.0));
}

#[test]
fn token_by_token_is_all_at_once() {
    let mut random = Random::new(22);
    let (q, k, v) = (
        heads(&mut random, [2, 4, 7, 3]),
        heads(&mut random, [2, 2, 7, 3]),
        heads(&mut random, [2, 2, 7, 5]),
    );
    let causal =
        Attention { is_causal: true, window: Window { left: Some(3), right: None }, ..Attention::default() };
    let full = causal.forward(&q, &k, &v, &[]).unwrap();
    let mut cache = KvCache::default();
    for (from, to) in [(0, 1), (1, 3), (3, 3), (3, 7)] {
        let part = |x: &Heads| x.slice(s![.., .., from..to, ..]).to_owned();
        let step = cache.attend(&causal, &part(&q), &part(&k), &part(&v), &[]).unwrap();
        assert_near(&step.output, &part(&full.output), "output");
    }
    assert_eq!((cache.tokens(), cache.bytes()), (7, 4 * (2 * 2 * 7 * 8)));
    let before = cache.clone();
    assert!(cache.attend(&causal, &part_of(&q, 9), &k, &v, &[]).is_err());
    assert!(cache.append(&heads(&mut random, [2, 2, 1, 4]), &heads(&mut random, [2, 2, 1, 5])).is_err());
    assert!(cache.append(&heads(&mut random, [2, 2, 1, 3]), &heads(&mut random, [2, 2, 2, 5])).is_err());
    assert_eq!(cache, before);
}

/// Queries of another width.
fn part_of(q: &Heads, width: usize) -> Heads {
    let (n, heads, tokens, _) = q.dim();
    Heads::zeros((n, heads, tokens, width))
}

#[test]
fn scatter_goes_back() {
    let mut random = Random::new(23);
    for (axis, circular, indices) in
        [(-2, true, vec![3, 1]), (2, false, vec![0, 2]), (1, true, vec![-1, 7]), (3, false, vec![0, 0])]
    {
        let scatter = TensorScatter { axis, circular };
        let past = heads(&mut random, [2, 4, 4, 4]).into_dyn();
        let mut shape = past.shape().to_vec();
        shape[if axis < 0 { 2 } else { axis as usize }] = 2;
        let update = heads(&mut random, [shape[0], shape[1], shape[2], shape[3]]).into_dyn();
        let present = scatter.forward(&past, &update, Some(&indices)).unwrap();
        let grad = heads(&mut random, [2, 4, 4, 4]).into_dyn();
        let (grad_past, grad_update) = scatter.backward(&grad, update.shape(), Some(&indices)).unwrap();
        let product =
            |a: &Tensor, b: &Tensor| -> f64 { a.iter().zip(b).map(|(&a, &b)| f64::from(a * b)).sum() };
        let (forth, back) =
            (product(&present, &grad), product(&past, &grad_past) + product(&update, &grad_update));
        assert!((forth - back).abs() < 1e-4);
    }
    let past = Tensor::zeros(IxDyn(&[2, 3, 1]));
    let update = |tokens: usize| Tensor::zeros(IxDyn(&[2, tokens, 1]));
    let straight = TensorScatter::default();
    assert!(matches!(straight.forward(&past, &update(2), Some(&[2, 0])), Err(Error::IndexOutOfRange { .. })));
    assert!(matches!(
        straight.forward(&past, &update(2), Some(&[-1, 0])),
        Err(Error::IndexOutOfRange { .. })
    ));
    assert!(matches!(straight.forward(&past, &update(4), None), Err(Error::ShapeMismatch { .. })));
    assert!(matches!(straight.forward(&past, &update(1), Some(&[0])), Err(Error::ShapeMismatch { .. })));
    assert!(
        straight.forward(&past, &past.clone().into_shape_with_order(IxDyn(&[6])).unwrap(), None).is_err()
    );
    for axis in [0, 3, -3, isize::MIN] {
        let scatter = TensorScatter { axis, circular: true };
        assert!(
            matches!(scatter.forward(&past, &update(1), None), Err(Error::IndexOutOfRange { .. })),
            "{axis}"
        );
    }
    let ring = TensorScatter { circular: true, ..straight };
    assert!(ring.forward(&past, &update(3), Some(&[i64::MAX, i64::MIN])).is_ok());
    assert!(ring.forward(&Tensor::zeros(IxDyn(&[1, 0, 2])), &Tensor::zeros(IxDyn(&[1, 0, 2])), None).is_ok());
}

#[test]
fn additive_gradients_are_slopes() {
    let mut random = Random::new(24);
    let (q, k, v) = (
        heads(&mut random, [2, 2, 3, 4]),
        heads(&mut random, [2, 1, 5, 3]),
        heads(&mut random, [2, 1, 5, 2]),
    );
    let mut matrix = |rows, columns| {
        heads(&mut random, [1, 1, rows, columns]).into_shape_with_order((rows, columns)).unwrap()
    };
    let score =
        AdditiveScore { w_query: matrix(6, 4), w_key: matrix(6, 3), v: matrix(1, 6).into_iter().collect() };
    let attention =
        Attention { scale: Some(1.5), is_causal: true, align: Align::BottomRight, ..Attention::default() };
    let grad = heads(&mut random, [2, 2, 3, 2]);
    let grads = score.backward(&attention, &q, &k, &v, &[], &grad).unwrap();
    let loss = |score: &AdditiveScore, q: &Heads, k: &Heads, v: &Heads| {
        dot(&score.forward(&attention, q, k, v, &[]).unwrap().output, &grad)
    };
    assert_slope(&mut random, &q, &grads.q, "q", |x| loss(&score, x, &k, &v));
    assert_slope(&mut random, &k, &grads.k, "k", |x| loss(&score, &q, x, &v));
    assert_slope(&mut random, &v, &grads.v, "v", |x| loss(&score, &q, &k, x));
    let as_heads =
        |x: &ndarray::Array2<f32>| x.clone().insert_axis(ndarray::Axis(0)).insert_axis(ndarray::Axis(0));
    let as_map = |x: &Heads| x.slice(s![0, 0, .., ..]).to_owned();
    assert_slope(&mut random, &as_heads(&score.w_query), &as_heads(&grads.score.w_query), "w_query", |w| {
        loss(&AdditiveScore { w_query: as_map(w), ..score.clone() }, &q, &k, &v)
    });
    assert_slope(&mut random, &as_heads(&score.w_key), &as_heads(&grads.score.w_key), "w_key", |w| {
        loss(&AdditiveScore { w_key: as_map(w), ..score.clone() }, &q, &k, &v)
    });
    let wrong = AdditiveScore { v: vec![1.0; 5], ..score.clone() };
    assert!(matches!(wrong.forward(&attention, &q, &k, &v, &[]), Err(Error::ShapeMismatch { .. })));
    assert!(score.forward(&attention, &k, &q, &v, &[]).is_err());
}

#[test]
fn flexible_attention_is_attention() {
    let mut random = Random::new(25);
    let (q, k) = (heads(&mut random, [1, 4, 5, 3]), heads(&mut random, [1, 2, 5, 3]));
    let flex = FlexAttention::default();
    let causal = |score: f64, [_, _, i, j]: [usize; 4]| if j > i { f64::NEG_INFINITY } else { score };
    let modified = flex.forward(&q, &k, &k, causal, |weight, _| weight).unwrap();
    let usual = Attention { is_causal: true, ..Attention::default() }.forward_plain(&q, &k, &k, &[]).unwrap();
    assert_eq!(modified, usual);
    let doubled = flex.forward(&q, &k, &k, causal, |weight, _| 2.0 * weight).unwrap();
    assert_near(&doubled.output, &usual.output.mapv(|x| 2.0 * x), "output");
    let short = FlexAttention { softmax_precision: Precision::BFloat16, ..flex };
    let rough = short.forward(&q, &k, &k, causal, |weight, _| weight).unwrap();
    assert!((&rough.output - &usual.output).iter().all(|difference| difference.abs() < 0.05));
    assert_ne!(rough.output, usual.output);
}

#[test]
fn linear_attention_gradients_are_slopes() {
    let mut random = Random::new(26);
    let (q, k, v) = (
        heads(&mut random, [2, 4, 3, 2]),
        heads(&mut random, [2, 2, 3, 2]),
        heads(&mut random, [2, 2, 3, 3]),
    );
    let past = heads(&mut random, [2, 2, 2, 3]);
    let (decay, beta) = (heads(&mut random, [2, 2, 3, 1]), heads(&mut random, [2, 2, 3, 1]));
    let (grad, grad_state) = (heads(&mut random, [2, 4, 3, 3]), heads(&mut random, [2, 2, 2, 3]));
    let attention = LinearAttention::default();
    let loss = |k: &Heads, v: &Heads, decay: &Heads, beta: &Heads| {
        let (past_state, decay, beta) = (Some(&past), Some(decay), Some(beta));
        let inputs = LinearAttentionInputs { q: &q, k, v, past_state, decay, beta };
        let (output, state) = attention.forward(&inputs).unwrap();
        dot(&output, &grad) + dot(&state, &grad_state)
    };
    let inputs = LinearAttentionInputs {
        q: &q,
        k: &k,
        v: &v,
        past_state: Some(&past),
        decay: Some(&decay),
        beta: Some(&beta),
    };
    let grads = attention.backward(&inputs, &grad, Some(&grad_state)).unwrap();
    assert_slope(&mut random, &k, &grads.k, "k", |k| loss(k, &v, &decay, &beta));
    assert_slope(&mut random, &v, &grads.v, "v", |v| loss(&k, v, &decay, &beta));
    assert_slope(&mut random, &decay, &grads.decay.unwrap(), "decay", |decay| loss(&k, &v, decay, &beta));
    assert_slope(&mut random, &beta, &grads.beta.unwrap(), "beta", |beta| loss(&k, &v, &decay, beta));
    assert!(attention.forward(&LinearAttentionInputs { beta: Some(&v), ..inputs }).is_err());
    assert!(attention.backward(&inputs, &grad_state, None).is_err());
}

#[test]
fn errors_say_what_is_wrong() {
    let x = |shape: [usize; 4]| Heads::zeros(shape);
    let attention = Attention::default();
    let error = |q: [usize; 4], k: [usize; 4], v: [usize; 4]| {
        attention.forward(&x(q), &x(k), &x(v), &[]).unwrap_err()
    };
    let usual = [1, 2, 3, 4];
    assert!(matches!(error(usual, [1, 2, 3, 5], usual), Error::ShapeMismatch { name: "k", .. }));
    assert!(matches!(error(usual, [2, 2, 3, 4], usual), Error::ShapeMismatch { name: "k", .. }));
    assert!(matches!(error(usual, usual, [1, 2, 4, 4]), Error::ShapeMismatch { name: "v", .. }));
    assert!(matches!(error(usual, usual, [1, 1, 3, 4]), Error::ShapeMismatch { name: "v", .. }));
    assert!(matches!(error([1, 3, 3, 4], usual, usual), Error::NotDivisible { .. }));
    assert!(matches!(error(usual, [1, 0, 3, 4], [1, 0, 3, 4]), Error::Zero { name: "num_kv_heads" }));
    assert!(matches!(error([1, 2, 3, 0], [1, 2, 3, 0], usual), Error::Zero { name: "head_dim" }));
    let long = [1, 1, 10_000, 1];
    assert!(matches!(error(long, long, long), Error::TooLarge { .. }));

    let x = x(usual);
    for attention in [
        Attention { temperature: 0.0, ..attention },
        Attention { temperature: f64::NAN, ..attention },
        Attention { temperature: f64::INFINITY, ..attention },
        Attention { softcap: Some(-1.0), ..attention },
        Attention { softcap: Some(f64::INFINITY), ..attention },
    ] {
        let refused = |error: Error| matches!(error, Error::NotPositive { .. } | Error::OutOfRange { .. });
        assert!(refused(attention.forward(&x, &x, &x, &[]).unwrap_err()));
        assert!(refused(attention.forward_plain(&x, &x, &x, &[]).unwrap_err()));
        assert!(refused(attention.forward_tiled(&x, &x, &x, &[], 2).unwrap_err()));
        assert!(refused(attention.backward(&x, &x, &x, &[], &x).unwrap_err()));
    }
    for shape in [vec![2], vec![4, 3], vec![2, 2, 3, 3], vec![1, 1, 1, 1, 1]] {
        let mask = ArrayD::from_elem(IxDyn(&shape), true);
        let error = attention.forward(&x, &x, &x, &[Mask::Allowed(&mask)]).unwrap_err();
        assert!(matches!(error, Error::ShapeMismatch { name: "attn_mask", .. }), "{shape:?}");
    }
    assert!(matches!(attention.forward_tiled(&x, &x, &x, &[], 0), Err(Error::Zero { name: "tile" })));
    let grad = Array4::zeros((1, 2, 3, 5));
    assert!(matches!(attention.backward(&x, &x, &x, &[], &grad), Err(Error::ShapeMismatch { .. })));
    assert!(matches!(attention.backward_plain(&x, &x, &x, &[], &grad), Err(Error::ShapeMismatch { .. })));
}

#[test]
fn strange_numbers_do_not_panic() {
    let mut random = Random::new(27);
    let strange = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, 0.0, 1.0];
    for _ in 0..100 {
        let mut case = case(&mut random);
        let mut spoil = |x: &mut Heads| x.iter_mut().for_each(|x| *x = strange[random.below(7)]);
        spoil(&mut case.q);
        spoil(&mut case.k);
        spoil(&mut case.v);
        case.attention.align = Align::At([i64::MIN, i64::MAX, 0][random.below(3)]);
        case.attention.window = Window { left: Some(usize::MAX), right: Some(usize::MAX) };
        let masks = case.masks();
        let output = case.attention.forward(&case.q, &case.k, &case.v, &masks).unwrap().output;
        case.attention.backward(&case.q, &case.k, &case.v, &masks, &output).unwrap();
        case.attention.backward_plain(&case.q, &case.k, &case.v, &masks, &output).unwrap();
        case.attention.forward_tiled(&case.q, &case.k, &case.v, &masks, 2).unwrap();
    }
}

#[test]
fn onnx_shapes() {
    let mut random = Random::new(28);
    let (q, k) = (heads(&mut random, [1, 4, 3, 2]), heads(&mut random, [1, 2, 5, 2]));
    let flat = |x: &Heads| {
        let (n, heads, tokens, width) = x.dim();
        ArrayD::from_shape_fn(IxDyn(&[n, tokens, heads * width]), |at| {
            x[[at[0], at[2] / width, at[1], at[2] % width]]
        })
    };
    let (q4, k4) = (q.clone().into_dyn(), k.clone().into_dyn());
    let (q3, k3) = (flat(&q), flat(&k));
    let onnx = OnnxAttention { qk_matmul_output_mode: QkMatmulOutput::Weights, ..OnnxAttention::default() };
    let split = OnnxAttention { q_num_heads: Some(4), kv_num_heads: Some(2), ..onnx };
    let inputs =
        |q, k| OnnxAttentionInputs { q, k, v: k, attn_mask: None, past: None, nonpad_kv_seqlen: None };
    let (four, three) = (onnx.forward(&inputs(&q4, &k4)).unwrap(), split.forward(&inputs(&q3, &k3)).unwrap());
    assert_eq!(flat(&four.y.into_dimensionality().unwrap()), three.y);
    assert_eq!(four.qk_matmul_output, three.qk_matmul_output);

    assert!(matches!(onnx.forward(&inputs(&q3, &k3)), Err(Error::Zero { .. })));
    let three = OnnxAttention { q_num_heads: Some(3), ..split };
    assert!(matches!(three.forward(&inputs(&q3, &k3)), Err(Error::NotDivisible { .. })));
    let two = Tensor::zeros(IxDyn(&[2, 2]));
    assert!(matches!(split.forward(&inputs(&two, &k3)), Err(Error::WrongRank { .. })));
    let scalar = ArrayD::from_elem(IxDyn(&[]), true);
    let masked = OnnxAttentionInputs { attn_mask: Some(Mask::Allowed(&scalar)), ..inputs(&q4, &k4) };
    assert!(matches!(onnx.forward(&masked), Err(Error::WrongRank { .. })));
    let lengths = OnnxAttentionInputs { nonpad_kv_seqlen: Some(&[i64::MIN, 1]), ..inputs(&q4, &k4) };
    assert!(matches!(onnx.forward(&lengths), Err(Error::ShapeMismatch { .. })));
    let lengths = OnnxAttentionInputs { nonpad_kv_seqlen: Some(&[i64::MIN]), ..inputs(&q4, &k4) };
    assert!(onnx.forward(&lengths).unwrap().y.iter().all(|&y| y == 0.0));
}
