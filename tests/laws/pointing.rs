//! Law 7, the part that needs no browser: what is drawn can be pointed at, edited, loaded and read aloud.

use crate::{explains, look, runs, some_cell, told};
use ndarray::{ArrayD, IxDyn};
use receptive::core::tensor::Random;
use receptive::labs::LABS;
use receptive::stage::control::Values;
use receptive::stage::lab::{Data, Focus, Look, Shared};
use receptive::stage::link::Setup;
use receptive::stage::scene::{Mark, hit, table};
use receptive::stage::text::{Lang, number};
use receptive::stage::work::Finds;

/// A point in the middle of a cell is that cell, and every tensor's cells can be found where they are drawn.
#[test]
fn a_cell_is_found_where_it_is_drawn() {
    for (at, (lab, setup, run)) in runs(20, 300).into_iter().enumerate() {
        let (width, font) = [(330.0, 12.0), (760.0, 12.0), (1000.0, 20.0)][at % 3];
        for figure in run.draw(&look(Lang::ALL[at % 2], width, font)) {
            let what = format!("{} {} {width}", told(lab, &setup), figure.id);
            let mut foci: Vec<Focus> = Vec::new();
            for mark in &figure.scene.marks {
                match mark {
                    Mark::Cell { origin, .. } => {
                        foci.push(Focus { tensor: origin.tensor, index: origin.index.clone() })
                    }
                    Mark::Plane { tensor, name, rows, cols, .. } => {
                        let mut index = vec![0; tensor.ndim()];
                        let n = index.len();
                        for (r, c) in [
                            (rows.0, cols.0),
                            (rows.1 - 1, cols.1 - 1),
                            ((rows.0 + rows.1) / 2, (cols.0 + cols.1) / 2),
                        ] {
                            (index[n - 2], index[n - 1]) = (r, c);
                            foci.push(Focus { tensor: name, index: index.clone() });
                        }
                    }
                    _ => {}
                }
            }
            for focus in &foci {
                let place = hit::place(&figure.scene, focus).unwrap_or_else(|| panic!("{what}: {focus:?}"));
                let (x, y) = place.center();
                assert_eq!(hit::at(&figure.scene, x, y).as_ref(), Some(focus), "{what}");
                assert!(hit::tensors(&figure.scene).contains(&focus.tensor), "{what}: {focus:?}");
            }
        }
    }
}

/// The table of a figure says what its cells say.
#[test]
fn tables_hold_the_cells() {
    for (at, (lab, setup, run)) in runs(21, 100).into_iter().enumerate() {
        for figure in run.draw(&look(Lang::ALL[at % 2], 760.0, 12.0)) {
            let tables = table::tables(&figure.scene);
            for mark in &figure.scene.marks {
                let Mark::Cell { origin, value, hidden: false, .. } = mark else { continue };
                let what = format!("{} {} {origin:?}", told(lab, &setup), figure.id);
                let [ref lead @ .., r, c] = origin.index[..] else { panic!("{what}") };
                let of = |t: &&table::Table| t.name == origin.tensor && t.lead == lead;
                let table = tables.iter().find(of).unwrap_or_else(|| panic!("{what}"));
                let row = table.rows.iter().position(|n| *n == r).unwrap();
                let col = table.cols.iter().position(|n| *n == c).unwrap();
                assert_eq!(table.cells[row][col], number(f64::from(*value), 4), "{what}");
            }
        }
    }
}

/// A control that stands on a figure stands on one that is always there.
#[test]
fn controls_stand_on_figures_that_exist() {
    for (lab, setup, run) in runs(22, 100) {
        let ids: Vec<_> = run.draw(&look(Lang::En, 760.0, 12.0)).iter().map(|f| f.id).collect();
        let default = crate::run(lab, &Setup::defaults(lab.controls())).unwrap();
        let first: Vec<_> = default.draw(&look(Lang::En, 330.0, 12.0)).iter().map(|f| f.id).collect();
        // Further ones may follow.
        assert!(
            ids.starts_with(&first),
            "{}: the page keeps one place for each figure: {ids:?}",
            told(lab, &setup)
        );
        assert!(ids.contains(&"main") && (1..ids.len()).all(|i| !ids[..i].contains(&ids[i])), "{ids:?}");
        for control in lab.controls() {
            let stands = lab.stands_on(control.key);
            assert!(stands.is_none_or(|id| ids.contains(&id)), "{} stands on {stands:?}", control.key);
            lab.relevant(&setup.values, control.key);
        }
    }
}

/// Loads a tensor; what came of it can be computed or explained, and after a refusal nothing has changed.
fn load(name: &str, tensor: Shared, what: &str) -> bool {
    let mut loaded = false;
    for lab in LABS {
        let values = Values::defaults(lab.controls());
        let mut data = Data::new();
        match lab.load(name, tensor.clone(), &values, &mut data) {
            Err(reason) => {
                explains(&reason, what);
                assert!(data.is_empty(), "{what}: refused, and kept");
            }
            Ok(values) => {
                loaded = true;
                let allowed = lab.check(&values, &data).is_ok();
                let run = lab.run(&values, None, 0, (&data, &Finds::default()), None);
                assert_eq!(allowed, run.is_ok(), "{what}");
                let Ok(run) = run else { continue };
                let (_, kept) = run.tensors().into_iter().find(|(other, _)| *other == name).unwrap();
                assert!(kept.iter().eq(tensor.iter()), "{what}: {name} became another");
                assert!(run.tensors().iter().all(|(_, t)| t.iter().all(|v| v.is_finite())), "{what}");
                assert!(!run.draw(&look(Lang::Zh, 330.0, 12.0)).is_empty(), "{what}");
            }
        }
    }
    loaded
}

#[test]
fn any_array_loads_or_is_refused() {
    let mut random = Random::new(23);
    let names = ["input", "weight", "output", "", "x", "padded", "输入"];
    let mut loaded = 0;
    for at in 0..600 {
        let sides = [0, 1, 1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 40, 513];
        let axes = [0, 1, 2, 2, 2, 3, 4, 4, 5][random.below(9)];
        let shape: Vec<usize> = (0..axes)
            .map(|axis| if axis + 2 < axes && at % 2 == 0 { 1 } else { sides[random.below(sides.len())] })
            .collect();
        if shape.iter().product::<usize>() > 300_000 {
            continue;
        }
        let bad = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
            -0.0,
            1e9,
            1e10,
        ];
        let spoiled = bad[random.below(bad.len())];
        let spoil = random.below(3) == 0;
        let mut array = ArrayD::from_shape_fn(IxDyn(&shape), |_| random.range(-4.0, 9.0));
        if let (true, Some(cell)) = (spoil, array.iter_mut().last()) {
            *cell = spoiled;
        }
        if at % 5 == 0 {
            array = array.reversed_axes();
        }
        let name = names[if random.below(3) > 0 { random.below(2) } else { random.below(names.len()) }];
        let what = format!("{name} {:?} {}", array.shape(), if spoil { spoiled } else { 0.0 });
        loaded += usize::from(load(name, array.into_shared(), &what));
    }
    assert!(loaded > 30, "{loaded}");
}

/// A cell that is drawn can be edited into a tensor that loads and computes, or says that it can't.
#[test]
fn a_drawn_cell_is_edited_or_not() {
    let (mut edited, mut random) = (0, Random::new(24));
    for (at, (lab, setup, run)) in runs(24, 150).into_iter().enumerate() {
        let tensors = run.tensors();
        let mut foci = vec![some_cell(&tensors, &mut random)];
        for figure in run.draw(&Look { step: 1, ..look(Lang::En, 760.0, 12.0) }) {
            for mark in figure.scene.marks {
                if let Mark::Cell { origin, .. } = mark {
                    foci.push(Focus { tensor: origin.tensor, index: origin.index });
                }
            }
        }
        for (nth, focus) in foci.iter().enumerate() {
            let what = format!("{} {focus:?}", told(lab, &setup));
            let Some((name, changed)) = run.edit(focus, 2.5) else { continue };
            assert_eq!(changed[&focus.index[..]], 2.5, "{what}");
            let (_, before) = tensors.iter().find(|(other, _)| *other == name).unwrap();
            let differ =
                before.iter().zip(changed.iter()).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            assert!(before.shape() == changed.shape() && differ <= 1, "{what}: {differ} cells changed");
            if (nth + at) % 40 == 0 {
                edited += 1;
                let mut data = Data::new();
                let values = lab.load(name, changed.clone(), &setup.values, &mut data);
                let values = values.unwrap_or_else(|e| panic!("{what}: {e:?}"));
                let run = lab.run(&values, None, setup.seed, (&data, &Finds::default()), None);
                let run = run.unwrap_or_else(|e| panic!("{what}: {e:?}"));
                let (_, after) = run.tensors().into_iter().find(|(other, _)| *other == name).unwrap();
                assert!(after == changed, "{what}: loaded as another");
            }
            for wrong in
                [Focus { tensor: focus.tensor, index: vec![] }, Focus { tensor: "none", index: vec![0] }]
            {
                assert!(run.edit(&wrong, 1.0).is_none(), "{what}: {wrong:?}");
            }
        }
    }
    assert!(edited > 20, "{edited}");
}
