//! Reads suites of golden cases in the packed format `npy-conformance-1`: a `manifest.json` that describes the cases
//! and an `arrays.bin` in which whole `.npy` files stand one after the other.

#[cfg(not(target_arch = "wasm32"))]
use std::{fs, path::Path};

use ndarray::{ArrayD, Dimension, Ix4, IxDyn};
use serde_json::Value;

/// One array of a case. Every number type of the format is read into `f64`, which holds them all exactly
/// (integers up to 2^53).
pub struct Array {
    pub name: String,
    pub data: ArrayD<f64>,
    /// Allowed difference: `atol + rtol * |want|`. Zero for arrays without tolerance.
    pub rtol: f64,
    pub atol: f64,
}

/// One case: an operator, its attributes, and arrays in and out.
pub struct Case {
    pub id: String,
    pub op: String,
    pub attrs: Value,
    /// By position; `None` is an optional ONNX input that is left out.
    pub inputs: Vec<Option<Array>>,
    /// By position; `None` is an optional ONNX output that is left out.
    pub outputs: Vec<Option<Array>>,
    /// The whole entry of the manifest: `opset`, `tags`, `disputed_by` …
    pub entry: Value,
}

/// The cases of a suite in a folder.
#[cfg(not(target_arch = "wasm32"))]
pub fn read(folder: &Path) -> Vec<Case> {
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    parse(&text, &|pack, offset, bytes| slice_of_file(&folder.join(pack), offset, bytes))
}

/// The cases of a manifest; `pack` cuts bytes out of a named pack.
pub fn parse(manifest: &str, pack: &dyn Fn(&str, usize, usize) -> Vec<u8>) -> Vec<Case> {
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    assert_eq!(manifest["format"], "npy-conformance-1");
    let arrays = |list: &Value| -> Vec<Option<Array>> {
        let entries = list.as_array().unwrap().iter();
        entries.map(|entry| (!entry.is_null()).then(|| array(pack, entry))).collect()
    };
    let case = |case: &Value| Case {
        id: case["id"].as_str().unwrap().to_string(),
        op: case["op"].as_str().unwrap().to_string(),
        attrs: case["attrs"].clone(),
        inputs: arrays(&case["inputs"]),
        outputs: arrays(&case["outputs"]),
        entry: case.clone(),
    };
    manifest["cases"].as_array().unwrap().iter().map(case).collect()
}

/// Cuts one array out of its pack.
fn array(pack: &dyn Fn(&str, usize, usize) -> Vec<u8>, entry: &Value) -> Array {
    let number = |key: &str| entry[key].as_u64().unwrap() as usize;
    let bytes = pack(entry["pack"].as_str().unwrap(), number("offset"), number("bytes"));
    let data = npy(&bytes);
    let shape: Vec<usize> =
        entry["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    assert_eq!(data.shape(), shape, "shape of {entry}");
    Array {
        name: entry["name"].as_str().unwrap().to_string(),
        data,
        rtol: entry["tol"]["rtol"].as_f64().unwrap_or(0.0),
        atol: entry["tol"]["atol"].as_f64().unwrap_or(0.0),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn slice_of_file(path: &Path, offset: usize, bytes: usize) -> Vec<u8> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = fs::File::open(path).unwrap();
    file.seek(SeekFrom::Start(offset as u64)).unwrap();
    let mut buffer = vec![0; bytes];
    file.read_exact(&mut buffer).unwrap();
    buffer
}

/// A `.npy` file of version 1.0: magic, length of the header, header (a Python dict as text), numbers.
fn npy(bytes: &[u8]) -> ArrayD<f64> {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
    assert!(header.contains("'fortran_order': False"), "{header}");
    let after = |key: &str| header.split_once(key).unwrap().1.trim_start();
    let dtype = after("'descr':").split('\'').nth(1).unwrap();
    let shape = after("'shape':").trim_start_matches('(').split_once(')').unwrap().0;
    let shape: Vec<usize> = shape
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty())
        .map(|size| size.parse().unwrap())
        .collect();
    let body = &bytes[10 + length..];
    let data: Vec<f64> = match dtype {
        "<f4" => body.as_chunks().0.iter().map(|&b| f64::from(f32::from_le_bytes(b))).collect(),
        "<f8" => body.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect(),
        "<i4" => body.as_chunks().0.iter().map(|&b| f64::from(i32::from_le_bytes(b))).collect(),
        "<i8" => body.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b) as f64).collect(),
        "|u1" | "|b1" => body.iter().map(|&b| f64::from(b)).collect(),
        "|i1" => body.iter().map(|&b| f64::from(b as i8)).collect(),
        _ => panic!("unknown dtype in {header}"),
    };
    ArrayD::from_shape_vec(IxDyn(&shape), data).unwrap()
}

impl Case {
    /// The input of this name, as the core takes it; `None` when it is absent.
    pub fn input(&self, name: &str) -> Option<ArrayD<f32>> {
        let input = self.inputs.iter().flatten().find(|input| input.name == name)?;
        Some(input.data.mapv(|x| x as f32))
    }

    /// The input at this position, as the core takes it; `None` when it is left out.
    pub fn nth(&self, position: usize) -> Option<ArrayD<f32>> {
        let input = self.inputs.get(position)?.as_ref()?;
        Some(input.data.mapv(|x| x as f32))
    }

    /// An input that is a batch of images or a bank of kernels.
    pub fn images(&self, name: &str) -> ndarray::Array4<f32> {
        let input = self.input(name).unwrap_or_else(|| panic!("{}: no input {name}", self.id));
        input.into_dimensionality::<Ix4>().unwrap()
    }

    /// The attribute of this name as whole numbers; a single number is a list of one.
    pub fn integers(&self, name: &str) -> Vec<usize> {
        let integer =
            |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{}: {name}", self.id)) as usize;
        match &self.attrs[name] {
            Value::Array(list) => list.iter().map(integer).collect(),
            value => vec![integer(value)],
        }
    }

    /// The attribute of this name as `(height, width)`.
    pub fn pair(&self, name: &str) -> (usize, usize) {
        match self.integers(name)[..] {
            [both] => (both, both),
            [height, width] => (height, width),
            _ => panic!("{}: {name} is no pair", self.id),
        }
    }

    /// The attribute of this name as a number; `otherwise` when it is absent or null.
    pub fn number(&self, name: &str, otherwise: f64) -> f64 {
        match &self.attrs[name] {
            Value::Null => otherwise,
            value => value.as_f64().unwrap_or_else(|| panic!("{}: {name} is {value}", self.id)),
        }
    }

    /// The attribute of this name as a truth value, also when it is given as 0 or 1; false when it is absent.
    pub fn flag(&self, name: &str) -> bool {
        self.attrs[name] == true || self.attrs[name].as_f64().is_some_and(|number| number != 0.0)
    }

    /// The attribute of this name as text, empty when it is something else.
    pub fn text(&self, name: &str) -> &str {
        self.attrs[name].as_str().unwrap_or_default()
    }

    /// Panics unless `got` is the output `name` within its tolerance. NaN equals NaN, infinities must be the same.
    pub fn check<D: Dimension>(&self, name: &str, got: &ndarray::Array<f32, D>, how: &str) {
        let want = self.outputs.iter().flatten().find(|output| output.name == name);
        let want = want.unwrap_or_else(|| panic!("{}: no output {name}", self.id));
        self.compare(want, got, how);
    }

    /// As [`Case::check`], for the output at a position; one that the case leaves out is not compared.
    pub fn check_nth<D: Dimension>(&self, position: usize, got: &ndarray::Array<f32, D>, how: &str) {
        if let Some(Some(want)) = self.outputs.get(position) {
            self.compare(want, got, how);
        }
    }

    fn compare<D: Dimension>(&self, want: &Array, got: &ndarray::Array<f32, D>, how: &str) {
        let name = &want.name;
        assert_eq!(got.shape(), want.data.shape(), "{} {how}: shape of {name}", self.id);
        for (index, (&got, &expected)) in got.iter().zip(&want.data).enumerate() {
            let got = f64::from(got);
            let same = got == expected || (got.is_nan() && expected.is_nan());
            assert!(
                same || (got - expected).abs() <= want.atol + want.rtol * expected.abs(),
                "{} {how}: {name}[{index}] is {got}, not {expected} (attributes {})",
                self.id,
                self.attrs
            );
        }
    }

    /// Whether the case has an output of this name.
    pub fn has(&self, name: &str) -> bool {
        self.outputs.iter().flatten().any(|output| output.name == name)
    }
}
