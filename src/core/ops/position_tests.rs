//! What holds for position codes, beyond the golden cases.

use ndarray::{Array2, Array3, s};

use crate::core::ops::attention_tests::heads;
use crate::core::ops::{
    AlibiOrder, Attention, Llama3, LongRope, Mask, Rope, RopeLayout, RopeScaling, RopeTables, Sinusoidal,
    SinusoidalLayout, T5Buckets, Yarn, alibi_bias, alibi_row, alibi_slopes, learned_positions,
    learned_positions_backward, relative_bias, relative_bias_backward, swin_indices,
};
use crate::core::tensor::{Error, Map, Random};

fn dot<'a>(a: impl IntoIterator<Item = &'a f32>, b: impl IntoIterator<Item = &'a f32>) -> f64 {
    a.into_iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn a_shift_of_sines_is_a_rotation() {
    // the product of two codes depends only on how far apart they are
    let code = Sinusoidal::new(16);
    let table = code.table(0.0, 40).unwrap();
    let product = |a: usize, b: usize| dot(table.row(a), table.row(b));
    for apart in 0..20 {
        assert!((product(0, apart) - product(17, 17 + apart)).abs() < 1e-5);
    }
    assert_eq!(table.slice(s![5.., ..]), code.table(5.0, 35).unwrap());
    assert!((code.at(code.wavelength(6), 6) - 0.0).abs() < 1e-9);
    let halves = Sinusoidal { layout: SinusoidalLayout::HalfSplit, ..code };
    assert_eq!(code.at(3.0, 5), halves.at(3.0, 10));
    assert_eq!(code.wavelength(5), halves.wavelength(10));
    assert!(matches!(Sinusoidal { base: 0.0, ..code }.table(0.0, 2), Err(Error::NotPositive { .. })));
    assert!(matches!(code.table(0.0, usize::MAX), Err(Error::TooLarge { .. })));
    assert_eq!(Sinusoidal::new(0).table(0.0, 3).unwrap().dim(), (3, 0));
}

#[test]
fn rotary_products_depend_on_the_distance() {
    let mut random = Random::new(51);
    for layout in [RopeLayout::Half, RopeLayout::Interleaved] {
        let rope = Rope { layout, rotary_dim: 6, ..Rope::new(8) };
        let (q, k) = (heads(&mut random, [1, 1, 1, 8]), heads(&mut random, [1, 1, 1, 8]));
        let at = |x, position: f64| rope.tables(&[position], 100).unwrap().rotate(x).unwrap();
        let product = |i, j| dot(&at(&q, i), &at(&k, j));
        assert!((product(3.0, 8.0) - product(53.0, 58.0)).abs() < 1e-5);
        // lengths stay, and so does what is not turned
        let turned = at(&q, 7.0);
        assert!((dot(&turned, &turned) - dot(&q, &q)).abs() < 1e-5);
        assert_eq!(turned.slice(s![.., .., .., 6..]), q.slice(s![.., .., .., 6..]));
    }
}

#[test]
fn rotary_gradients_are_turned_back() {
    let mut random = Random::new(52);
    let yarn = RopeScaling::Yarn(Yarn { factor: 8.0, ..Yarn::default() });
    for (layout, scaling) in [(RopeLayout::Half, RopeScaling::Default), (RopeLayout::Interleaved, yarn)] {
        let rope = Rope { layout, scaling, rotary_dim: 4, base: 100.0 };
        let tables = rope.tables(&[0.0, 2.0, 9.0], 10).unwrap();
        let (x, y) = (heads(&mut random, [2, 3, 3, 5]), heads(&mut random, [2, 3, 3, 5]));
        let (forth, back) = (tables.rotate(&x).unwrap(), tables.rotate_backward(&y).unwrap());
        assert!((dot(&forth, &y) - dot(&x, &back)).abs() < 1e-4);
    }
}

#[test]
fn rotary_caches() {
    let mut random = Random::new(53);
    let tables = Rope::new(4).tables(&[0.0, 1.0, 2.0, 3.0], 4).unwrap();
    let (cos, sin) = tables.columns();
    let cache = |x: &Array3<f32>| x.slice(s![0, .., ..2]).to_owned();
    let (cos, sin) = (cache(&cos), cache(&sin));
    let ids = ndarray::array![[1, 3], [0, 2]];
    let picked = RopeTables::from_cache(&cos, &sin, &ids, RopeLayout::Half).unwrap();
    let x = heads(&mut random, [2, 1, 2, 4]);
    let turned = picked.rotate(&x).unwrap();
    let alone = Rope::new(4)
        .tables(&[1.0, 3.0], 4)
        .unwrap()
        .rotate(&x.slice(s![..1, .., .., ..]).to_owned())
        .unwrap();
    assert_eq!(turned.slice(s![..1, .., .., ..]), alone);

    let missing = RopeTables::from_cache(&cos, &sin, &ndarray::array![[4]], RopeLayout::Half);
    assert!(matches!(missing, Err(Error::IndexOutOfRange { index: 4, .. })));
    assert!(RopeTables::from_cache(&cos, &sin, &ndarray::array![[-1]], RopeLayout::Half).is_err());
    assert!(RopeTables::from_cache(&cos, &Map::zeros((4, 1)), &ids, RopeLayout::Half).is_err());
    assert!(RopeTables::new(Array3::zeros((1, 2, 2)), Array3::zeros((1, 2, 3)), RopeLayout::Half).is_err());
    for shape in [[2, 1, 3, 4], [3, 1, 2, 4], [2, 1, 2, 3]] {
        assert!(
            matches!(picked.rotate(&heads(&mut random, shape)), Err(Error::ShapeMismatch { .. })),
            "{shape:?}"
        );
    }
}

#[test]
fn scalings_reach_farther() {
    // the slowest pair turns no farther at the end of the longer text than at the end of the trained one
    let (dim, base, trained, factor) = (32, 10000.0, 2048, 4.0);
    let slowest = |scaling: &RopeScaling| {
        let frequencies = scaling.frequencies(dim, base, (f64::from(trained) * factor) as usize).unwrap();
        frequencies.inv_freq[dim / 2 - 1]
    };
    let plain = slowest(&RopeScaling::Default);
    let length = trained as usize;
    for scaling in [
        RopeScaling::Linear { factor },
        RopeScaling::Yarn(Yarn { factor, original_max_position_embeddings: length, ..Yarn::default() }),
        RopeScaling::Llama3(Llama3 { factor, original_max_position_embeddings: length, ..Llama3::default() }),
    ] {
        assert!((slowest(&scaling) * factor - plain).abs() < 1e-12, "{scaling:?}");
    }
    let dynamic = RopeScaling::Dynamic { factor: 1.0, max_position_embeddings: length };
    assert!((slowest(&dynamic) * factor - plain).abs() < 1e-12);
    // and the fastest stays in all but the linear one
    let fastest = |scaling: RopeScaling| scaling.frequencies(dim, base, 8192).unwrap().inv_freq[0];
    assert_eq!(fastest(RopeScaling::Yarn(Yarn::default())), 1.0);
    assert_eq!(fastest(RopeScaling::Llama3(Llama3::default())), 1.0);
}

#[test]
fn scalings_refuse() {
    let refused = |scaling: RopeScaling| scaling.frequencies(8, 10000.0, 10).unwrap_err();
    assert!(matches!(refused(RopeScaling::Linear { factor: 0.0 }), Error::NotPositive { .. }));
    let dynamic = RopeScaling::Dynamic { factor: 2.0, max_position_embeddings: 0 };
    assert!(matches!(refused(dynamic), Error::Zero { .. }));
    let lists = LongRope {
        short_factor: vec![1.0; 4],
        long_factor: vec![1.0; 3],
        original_max_position_embeddings: 5,
        factor: 2.0,
        attention_factor: None,
    };
    assert!(matches!(
        refused(RopeScaling::LongRope(lists.clone())),
        Error::ShapeMismatch { name: "long_factor", .. }
    ));
    let zero = LongRope { long_factor: vec![0.0; 4], ..lists };
    assert!(matches!(refused(RopeScaling::LongRope(zero)), Error::NotPositive { .. }));
    let llama = Llama3 { low_freq_factor: f64::NAN, ..Llama3::default() };
    assert!(matches!(refused(RopeScaling::Llama3(llama)), Error::NotPositive { .. }));
    assert!(matches!(RopeScaling::Default.frequencies(7, 10000.0, 1), Err(Error::NotDivisible { .. })));
    assert!(matches!(RopeScaling::Default.frequencies(8, -1.0, 1), Err(Error::NotPositive { .. })));
    assert!(matches!(Rope::new(1 << 40).frequencies(1), Err(Error::TooLarge { .. })));
    assert!(Rope::new(0).frequencies(1).unwrap().inv_freq.is_empty());
}

#[test]
fn slopes_of_the_paper() {
    let eight = alibi_slopes(8, AlibiOrder::Bloom).unwrap();
    assert_eq!(eight, [1, 2, 3, 4, 5, 6, 7, 8].map(|power| 0.5f32.powi(power)));
    for heads in 1..40 {
        let mut bloom = alibi_slopes(heads, AlibiOrder::Bloom).unwrap();
        let mpt = alibi_slopes(heads, AlibiOrder::Mpt).unwrap();
        assert_eq!((bloom.len(), mpt.len()), (heads, heads));
        bloom.dedup();
        assert_eq!(bloom.len(), heads, "each head has a slope of its own");
    }
    assert_eq!(alibi_slopes(0, AlibiOrder::Mpt).unwrap(), [0.0; 0]);
    assert!(alibi_slopes(usize::MAX, AlibiOrder::Bloom).is_err());
}

#[test]
fn both_biases_give_the_same_weights() {
    let mut random = Random::new(54);
    let (q, k) = (heads(&mut random, [1, 4, 6, 3]), heads(&mut random, [1, 4, 6, 3]));
    let slopes = alibi_slopes(4, AlibiOrder::Bloom).unwrap();
    let causal = Attention { is_causal: true, ..Attention::default() };
    let bias = alibi_bias(&slopes, 6, 6, 0, false).unwrap().into_dyn();
    let row = alibi_row(&slopes, 6).unwrap().into_shape_with_order((4, 1, 6)).unwrap().into_dyn();
    let weights = |mask| causal.forward(&q, &k, &k, &[Mask::Added(mask)]).unwrap().weights;
    assert!((weights(&bias) - weights(&row)).iter().all(|difference| difference.abs() < 1e-6));
    assert!(alibi_bias(&slopes, usize::MAX, 2, 0, false).is_err());
    assert!(alibi_bias(&slopes, 2, 2, i64::MAX, true).is_ok());
}

#[test]
fn buckets_of_t5() {
    let causal = T5Buckets { bidirectional: false, ..T5Buckets::default() };
    let starts = [16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113];
    for (bucket, start) in (16..).zip(starts) {
        assert_eq!((causal.bucket(-start), causal.bucket(1 - start)), (bucket, bucket - 1));
    }
    let mut random = Random::new(55);
    for _ in 0..300 {
        let buckets = T5Buckets {
            bidirectional: random.below(2) == 0,
            num_buckets: random.below(40),
            max_distance: random.below(200),
        };
        // a bucket that exists, and none below a nearer one's
        let mut before = 0;
        for distance in (0..300).chain([i64::MAX]) {
            let bucket = buckets.bucket(-distance);
            assert!(bucket < buckets.num_buckets.max(1) && bucket >= before, "{buckets:?} {distance}");
            before = bucket;
            assert!(buckets.bucket(distance) < buckets.num_buckets.max(1));
        }
        buckets.bucket(i64::MIN);
    }
}

#[test]
fn tables_go_back() {
    // reading a table is linear, so its gradient is the adjoint
    let mut random = Random::new(56);
    let mut map = |rows, columns| Map::from_shape_simple_fn((rows, columns), || random.range(-1.0, 1.0));
    let table = map(32, 3);
    let indices = T5Buckets::default().indices(5, 9, 2).unwrap();
    let grad = map(3, 45).into_shape_with_order((3, 5, 9)).unwrap();
    let back = relative_bias_backward(&grad, &indices, 32).unwrap();
    assert!((dot(&relative_bias(&table, &indices).unwrap(), &grad) - dot(&table, &back)).abs() < 1e-4);

    let positions = [3, 0, 3];
    let grad = map(2, 9).into_shape_with_order((2, 3, 3)).unwrap();
    let codes = learned_positions(&table, &positions).unwrap();
    let both = ndarray::stack(ndarray::Axis(0), &[codes.view(), codes.view()]).unwrap();
    let back = learned_positions_backward(&grad, &positions, 32).unwrap();
    assert!((dot(&both, &grad) - dot(&table, &back)).abs() < 1e-4);

    let window = swin_indices((2, 3)).unwrap();
    assert_eq!(window.iter().max(), Some(&(3 * 5 - 1)));
    assert!((0..6).all(|cell| window[[cell, cell]] == 7), "a cell and itself: the middle");
    assert_eq!(swin_indices((0, 3)).unwrap().dim(), (0, 0));
    assert!(swin_indices((usize::MAX, 2)).is_err());

    assert!(matches!(
        relative_bias(&table, &Array2::from_elem((1, 1), 32)),
        Err(Error::IndexOutOfRange { .. })
    ));
    assert!(relative_bias_backward(&Array3::zeros((3, 2, 2)), &indices, 32).is_err());
    assert!(relative_bias_backward(&Array3::zeros((3, 5, 9)), &indices, 8).is_err());
    assert!(matches!(
        learned_positions(&table, &[32]),
        Err(Error::IndexOutOfRange { name: "positions", .. })
    ));
    assert!(learned_positions_backward(&grad, &[0, 1], 32).is_err());
    assert!(learned_positions_backward(&grad, &positions, 3).is_err());
}
