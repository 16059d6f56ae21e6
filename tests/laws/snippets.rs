//! Law 5: snippets are true. With `RECEPTIVE_PYTHON` set to a Python that has PyTorch, the `pytorch` snippets of some
//! settings are run there, and must print the tensor that is on the screen.

use crate::{look, runs, told};
use receptive::stage::lab::{Data, Shared};
use receptive::stage::npy;
use receptive::stage::text::Lang;
use receptive::stage::work::Finds;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// Runs every snippet in a folder of its own, with all digits and nothing left out, and keeps what it prints.
const RUNNER: &str = r#"
import contextlib, io, os, sys
import numpy, torch
root = sys.argv[1]
for name in sorted(os.listdir(root)):
    folder = os.path.join(root, name)
    if not os.path.isdir(folder):
        continue
    os.chdir(folder)
    torch.set_printoptions(precision=9, threshold=10**9, linewidth=10**6)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(open("pytorch.py").read(), name, "exec"), {"__name__": "__main__"})
    open("printed.txt", "w").write(printed.getvalue())
"#;

#[test]
fn every_setting_has_code() {
    for (at, (lab, setup, run)) in runs(30, 400).into_iter().enumerate() {
        let insight = run.insight(&look(Lang::ALL[at % 2], 760.0, 12.0));
        let what = told(lab, &setup);
        let code = insight.snippets.iter().find(|s| s.key == "pytorch").unwrap_or_else(|| panic!("{what}"));
        assert!(
            code.code.contains("import torch\n") && code.code.contains("print("),
            "{what}: {}",
            code.code
        );
        for snippet in &insight.snippets {
            assert!(!snippet.name.is_empty() && snippet.code.lines().count() > 3, "{what}: {snippet:?}");
            let bad = ["NaN", "inf,", "−", "\t", "{}"].iter().find(|bad| snippet.code.contains(**bad));
            assert!(bad.is_none() && snippet.code.ends_with('\n'), "{what}: {bad:?} in {}", snippet.code);
        }
    }
}

#[test]
fn pytorch_prints_what_is_shown() {
    let Some(python) = env::var_os("RECEPTIVE_PYTHON") else { return };
    let root = env::temp_dir().join(format!("receptive-snippets-{}", std::process::id()));
    let mut expected: Vec<(String, PathBuf, Shared)> = Vec::new();
    for (at, (lab, setup, run)) in runs(31, 40).into_iter().enumerate() {
        // What is left for the background is done first: before that the screen says only what there is so far.
        let mut finds = Finds::default();
        finds.finish(lab.works(&setup.values, setup.compare.as_ref(), setup.seed, &Data::new()));
        let run = crate::run_with(lab, &setup, &finds).unwrap_or(run);
        let folder = root.join(format!("{at:03}"));
        fs::create_dir_all(&folder).unwrap();
        let insight = run.insight(&look(Lang::ALL[at % 2], 760.0, 12.0));
        let code = insight.snippets.into_iter().find(|s| s.key == "pytorch").unwrap().code;
        fs::write(folder.join("pytorch.py"), code).unwrap();
        let tensors = run.tensors();
        for (name, tensor) in &tensors {
            fs::write(folder.join(format!("{name}.npy")), npy::write(tensor)).unwrap();
        }
        let (_, output) = tensors.into_iter().find(|(name, _)| *name == "output").unwrap();
        expected.push((told(lab, &setup), folder, output));
    }
    fs::write(root.join("runner.py"), RUNNER).unwrap();
    let ended = Command::new(python).arg(root.join("runner.py")).arg(&root).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    for (what, folder, output) in expected {
        let printed = fs::read_to_string(folder.join("printed.txt")).unwrap();
        let (shape, numbers) = printed.split_once('\n').unwrap();
        assert_eq!(shape, format!("torch.Size({:?})", output.shape()), "{what}");
        let numbers: Vec<f32> = numbers
            .split(|c: char| !(c.is_ascii_digit() || "+-.e".contains(c)))
            .filter_map(|word| word.parse().ok())
            .collect();
        assert_eq!(numbers.len(), output.len(), "{what}");
        let largest = output.iter().fold(1.0f32, |m, v| m.max(v.abs()));
        for (theirs, ours) in numbers.iter().zip(output.iter()) {
            assert!(
                (theirs - ours).abs() <= 2e-5 * largest,
                "{what}: PyTorch says {theirs}, the screen {ours}"
            );
        }
    }
    fs::remove_dir_all(&root).unwrap();
}
