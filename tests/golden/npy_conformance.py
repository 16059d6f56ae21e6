"""Writes a suite of golden cases in the packed format `npy-conformance-1`.

A suite is a folder with `manifest.json` and `arrays.bin`. Each array is a whole `.npy` file (version 1.0,
little-endian, C order) that stands in `arrays.bin` at `offset`, `bytes` long.
"""

import io
import json
import pathlib

import numpy as np


class Suite:
    def __init__(self, name, generator):
        self.folder = pathlib.Path(__file__).parent / name
        self.manifest = {"format": "npy-conformance-1", "suite": name, "generator": generator, "cases": []}
        self.arrays = bytearray()
        self.counts = {}

    def _array(self, name, array, tol=None):
        array = np.array(array, order="C")
        file = io.BytesIO()
        np.lib.format.write_array(file, array, version=(1, 0))
        dtype = {"float32": "f32", "float64": "f64", "int64": "i64", "int32": "i32", "bool": "bool"}[array.dtype.name]
        entry = {"name": name, "dtype": dtype, "shape": list(array.shape)}
        if tol is not None:
            entry["tol"] = tol
        entry.update(pack="arrays.bin", offset=len(self.arrays), bytes=len(file.getvalue()))
        self.arrays += file.getvalue()
        return entry

    def case(self, op, attrs, tags, inputs, outputs):
        """`inputs`: name -> array. `outputs`: name -> (expected in f64, the same computed in f32 or None).
        None stands for what an ONNX operator is not given or asked for.

        The tolerance is ten times the error of the f32 computation, and at least 1e-6 of the largest value.
        """
        short = op.split(".")[-1]
        number = self.counts.get(short, 0)
        self.counts[short] = number + 1
        entry = {"id": f"{short}_{number:03}", "op": op, "attrs": attrs, "tags": tags}
        entry["inputs"] = [None if array is None else self._array(name, array) for name, array in inputs.items()]
        entry["outputs"] = []
        for name, expected in outputs.items():
            if expected is None:
                entry["outputs"].append(None)
                continue
            wide, narrow = expected
            wide = np.asarray(wide, dtype=np.float64)
            largest = float(np.abs(wide).max()) if wide.size else 0.0
            error = 0.0 if narrow is None else float(np.abs(np.asarray(narrow, dtype=np.float64) - wide).max())
            tol = {"rtol": 1e-5, "atol": float(f"{max(10 * error, 1e-6 * largest):.3g}")}
            entry["outputs"].append(self._array(name, wide.astype(np.float32), tol))
        self.manifest["cases"].append(entry)

    def write(self):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "arrays.bin").write_bytes(self.arrays)
        cases = self.manifest.pop("cases")
        head = json.dumps(self.manifest)[:-1]
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        (self.folder / "manifest.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')
        print(f"{len(cases)} cases, {len(self.arrays)} bytes of arrays", self.counts)
