"""Takes the single-node tests of the operators out of the `onnx` package and packs a selection of small ones.

    python tests/golden/make_onnx.py                 (needs onnx; writes tests/golden/onnx/)
    python tests/golden/make_onnx.py --all FOLDER    (every test, however large; not for the repository)

The selection takes the smallest tests first, and each further one only if it shows something new of its operator: an
attribute, a value of it, another number of inputs, axes or outputs, another operator set. Erf and Mish have a single
test of thousands of numbers, of which the first ones are taken. The tests are the work of the ONNX project under the
Apache License 2.0; see tests/golden/onnx/NOTICE.
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
from npy_conformance import Suite
from onnx import numpy_helper
from onnx.backend.test import loader

OPERATORS = """
    AffineGrid Attention AveragePool BatchNormalization CausalConvWithState Celu CenterCropPad Col2Im Conv ConvTranspose
    DeformConv DepthToSpace Elu Erf FlexAttention Gelu Gemm GlobalAveragePool GlobalMaxPool GridSample
    GroupNormalization HardSigmoid HardSwish InstanceNormalization LRN LayerNormalization LeakyRelu LinearAttention
    LogSoftmax LpNormalization LpPool MatMul MaxPool MaxUnpool MeanVarianceNormalization Mish NegativeLogLikelihoodLoss
    PRelu Pad RMSNormalization Relu Resize RoiAlign RotaryEmbedding Selu Sigmoid Softmax SoftmaxCrossEntropyLoss
    Softplus Softsign SpaceToDepth SwiGLU Swish Tanh TensorScatter Upsample
""".split()

# The ONNX reference and ONNX Runtime give different numbers.
DISPUTED = [
    "resize_downsample_scales_linear_align_corners",
    "resize_downsample_scales_cubic_align_corners",
    "maxunpool_export_with_output_shape",
    "attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal",
    "attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal",
]

DTYPES = {"float32", "int64", "int32", "bool"}
LARGEST = 5_000  # bytes of one test, unless its operator has no smaller one
CUT = {"onnx.Erf": 400, "onnx.Mish": 400}  # numbers that are taken


def data(test):
    """Inputs and outputs of a test, by position."""
    if test.data_sets:
        return test.data_sets[0]
    folder = pathlib.Path(test.model_dir) / "test_data_set_0"

    def read(kind):
        files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda file: int(file.stem.split("_")[1]))
        return [numpy_helper.to_array(onnx.TensorProto.FromString(file.read_bytes())) for file in files]

    return read("input"), read("output")


def plain(value):
    """An attribute as JSON has it."""
    if isinstance(value, bytes):
        return value.decode()
    return list(value) if isinstance(value, (list, tuple)) else value


def cases():
    """Every test of one node: id, operator, operator set, attributes, inputs, outputs, where it is from."""
    for source in ["node", "pytorch-converted", "pytorch-operator", "simple"]:
        for test in loader.load_model_tests(kind=source):
            model = test.model or onnx.load(pathlib.Path(test.model_dir) / "model.onnx")
            nodes = [node for node in model.graph.node if node.op_type != "Constant"]
            if len(nodes) != 1 or nodes[0].op_type not in OPERATORS:
                continue
            node = nodes[0]
            name = test.name.removeprefix("test_")
            if source != "node":
                name = f"{source.replace('-', '_')}_{name}"
            if any(
                attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.TENSOR)
                for attribute in node.attribute
            ):
                continue
            inputs, outputs = data(test)
            known = {value.name: numpy_helper.to_array(value) for value in model.graph.initializer}
            fed = [
                value.name
                for value in model.graph.input
                if value.name not in known or len(inputs) == len(model.graph.input)
            ]
            known.update(zip(fed, inputs))
            for constant in model.graph.node:
                if constant.op_type == "Constant":
                    known[constant.output[0]] = numpy_helper.to_array(constant.attribute[0].t)
            made = dict(zip((value.name for value in model.graph.output), outputs))
            attributes = {a.name: plain(onnx.helper.get_attribute_value(a)) for a in node.attribute}
            yield dict(
                id=name,
                op=f"onnx.{node.op_type}",
                opset=model.opset_import[0].version,
                attrs=attributes,
                inputs=[(name, known.get(name)) if name else None for name in node.input],
                outputs=[(name, made.get(name)) if name in made else None for name in node.output],
                source="onnx.backend.test.case.node" if source == "node" else source,
            )


def is_plain(case):
    """Whether all arrays are of the number types of the format."""
    arrays = [array for entry in case["inputs"] + case["outputs"] if entry for array in entry[1:]]
    return all(isinstance(array, (np.ndarray, np.generic)) and array.dtype.name in DTYPES for array in arrays)


def size(case):
    """Bytes that a case takes, about."""
    arrays = [entry[1] for entry in case["inputs"] + case["outputs"] if entry]
    return 250 + sum(array.nbytes + 250 for array in arrays)


def shows(case):
    """What a case shows of its operator."""
    arrays = case["inputs"] + case["outputs"]
    yield "opset", case["opset"] < 7, case["opset"] < 13
    yield "arrays", tuple(None if entry is None else entry[1].ndim for entry in arrays)
    yield "types", tuple(None if entry is None else entry[1].dtype.name for entry in arrays)
    (_, x), (_, y) = case["inputs"][0], case["outputs"][0]
    words = tuple(value for value in case["attrs"].values() if isinstance(value, str))
    yield "words", words, np.sign(y.size - x.size)
    for name, value in case["attrs"].items():
        if isinstance(value, list):
            # a list of equal numbers shows less than one of different ones
            yield name, len(value), len(set(value)) > 1, max(value, default=0) > 1
        else:
            yield name, value


def selection(found):
    kept = []
    for operator in OPERATORS:
        seen = set()
        for case in sorted((case for case in found if case["op"] == f"onnx.{operator}"), key=size):
            if size(case) > LARGEST and seen:
                break
            if not set(shows(case)) <= seen:
                seen.update(shows(case))
                kept.append(cut(case))
    return kept


def cut(case):
    """The first numbers of a long test of a function of one number."""
    count = CUT.get(case["op"])
    if count is None:
        return case
    return {
        **case,
        **{part: [(name, array.reshape(-1)[:count]) for name, array in case[part]] for part in ["inputs", "outputs"]},
    }


def main():
    warnings.simplefilter("ignore")
    suite = Suite("onnx", f"make_onnx.py, onnx {onnx.__version__}, opset {onnx.defs.onnx_opset_version()}")
    found = [case for case in cases() if case["id"] not in DISPUTED and is_plain(case)]
    if sys.argv[1:2] == ["--all"]:
        suite.folder = pathlib.Path(sys.argv[2]) / "onnx"
        suite.folder.parent.mkdir(parents=True, exist_ok=True)
    else:
        found = selection(found)
    for case in found:
        tol = {"rtol": 1e-3, "atol": 1e-6 if case["source"].startswith("onnx") else 1e-5}

        def tolerance(array):
            return tol if array.dtype == np.float32 else None

        entry = {key: case[key] for key in ["id", "op", "attrs"]}
        entry["inputs"] = [value and suite._array(*value) for value in case["inputs"]]
        entry["outputs"] = [value and suite._array(*value, tolerance(value[1])) for value in case["outputs"]]
        entry.update(tags=[], opset=case["opset"], source=case["source"])
        suite.manifest["cases"].append(entry)
        operator = case["op"].removeprefix("onnx.")
        suite.counts[operator] = suite.counts.get(operator, 0) + 1
    suite.write()
    missing = set(OPERATORS) - set(suite.counts)
    assert not missing, missing


main()
