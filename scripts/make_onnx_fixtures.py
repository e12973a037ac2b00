"""Writes Tests/Fixtures/onnx: small ONNX models of every kind of input and output, and what ONNX Runtime answers to some rows.

Run with onnx, skl2onnx, onnxruntime, scikit-learn 1.9.1:
    python scripts/make_onnx_fixtures.py Tests/Fixtures/onnx
`expected.json` has, for each model, rows as a caller sends them and the predictions that the answer must have.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DictionaryType, FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.simplefilter("ignore")
target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
expected = {}
generator = np.random.default_rng(0)
iris = load_iris()


def save(name, model, rows, predictions, **more):
    onnx.checker.check_model(model)
    (target / f"{name}.onnx").write_bytes(model.SerializeToString())
    expected[name] = {"rows": plain(rows), "predictions": plain(predictions), **{key: plain(value) for key, value in more.items()}}


def run(model, inputs):
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, inputs)


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def graph(nodes, inputs, outputs, constants=()):
    values = [helper.make_tensor_value_info(*each) for each in inputs], [helper.make_tensor_value_info(*each) for each in outputs]
    initializers = [numpy_helper.from_array(array, name) for name, array in constants]
    made = helper.make_graph(nodes, "fixture", *values, initializers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def classical():
    rows = iris.data[::40]
    matrix = rows.astype("float32")
    for name, estimator in {"logistic": LogisticRegression(max_iter=500), "forest": RandomForestClassifier(5, random_state=0)}.items():
        fitted = estimator.fit(iris.data, iris.target)
        model = to_onnx(fitted, matrix[:1])
        labels, maps = run(model, {"X": matrix})
        save(name, model, rows, [[each[key] for key in sorted(each)] for each in maps], labels=labels, classes=[0, 1, 2])
    fitted = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    model = to_onnx(fitted, matrix[:1], options={"zipmap": False})
    labels, probabilities = run(model, {"X": matrix})
    save("logistic-tensor", model, rows, probabilities, labels=labels)
    model = to_onnx(LogisticRegression(max_iter=500).fit(iris.data, iris.target_names[iris.target]), matrix[:1])
    labels, maps = run(model, {"X": matrix})
    save("named-classes", model, rows, [[each[key] for key in sorted(each)] for each in maps], labels=labels, classes=sorted(iris.target_names))
    model = to_onnx(LinearRegression().fit(iris.data, iris.target), iris.data[:1])
    save("linear-double", model, rows, run(model, {"X": rows})[0])
    targets = np.column_stack([iris.target, iris.target > 0])
    model = to_onnx(MultiOutputClassifier(LogisticRegression(max_iter=500)).fit(iris.data, targets), matrix[:1], options={"zipmap": False})
    labels, parts = run(model, {"X": matrix})
    save("sequence", model, rows[:1], [{"label": labels[0], "probabilities": [part[0].tolist() for part in parts]}])


def mixed():
    import pandas

    frame = pandas.DataFrame({"age": [20.0, 30, 40, 50, 60, 35], "city": ["bern", "ulm", "bern", "graz", "ulm", "graz"]})
    steps = ColumnTransformer([("scale", StandardScaler(), ["age"]), ("code", OneHotEncoder(handle_unknown="ignore"), ["city"])])
    fitted = make_pipeline(steps, LogisticRegression()).fit(frame, [0, 1, 0, 1, 1, 0])
    model = to_onnx(fitted, initial_types=[("age", FloatTensorType([None, 1])), ("city", StringTensorType([None, 1]))])
    inputs = {"age": np.array([[25], [55], [33]], "float32"), "city": np.array([["bern"], ["ulm"], ["ørsta"]])}
    labels, maps = run(model, inputs)
    rows = [{"age": float(age), "city": str(city)} for age, city in zip(inputs["age"][:, 0], inputs["city"][:, 0])]
    save("mixed", model, rows, [[each[0], each[1]] for each in maps], labels=labels, classes=[0, 1])


def networks():
    weights = generator.normal(size=(3, 1, 3, 3)).astype("float32")
    dense = generator.normal(size=(3, 2)).astype("float32")
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["c"]), helper.make_node("Relu", ["c"], ["r"]), helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]), helper.make_node("MatMul", ["f", "d"], ["y"]),
    ]
    constants = [("w", weights), ("d", dense)]
    for name, batch in {"convolution": "N", "convolution-one": 1, "convolution-four": 4}.items():
        model = graph(nodes, [("image", T.FLOAT, [batch, 1, 5, "width"])], [("y", T.FLOAT, [batch, 2])], constants)
        images = generator.normal(size=(6, 1, 5, 6)).astype("float32").round(3)
        step = batch if isinstance(batch, int) else 6
        padded = np.concatenate([images, images[:2]])
        answers = np.concatenate([run(model, {"image": padded[start : start + step]})[0] for start in range(0, 6, step)])[:6]
        save(name, model, images, answers)
    nodes = [helper.make_node("Gather", ["table", "tokens"], ["e"]), helper.make_node("ReduceMean", ["e"], ["y"], axes=[1], keepdims=0)]
    model = graph(nodes, [("tokens", T.INT64, ["N", "length"])], [("y", T.FLOAT, ["N", 3])], [("table", generator.normal(size=(10, 3)).astype("float32"))])
    tokens = np.array([[1, 2, 3], [7, 8, 9]])
    save("tokens", model, tokens, run(model, {"tokens": tokens})[0], refused=[[1.5, 2, 3]])


def shapes():
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Mul", ["a", "b"], ["product"])]
    model = graph(nodes, [("a", T.FLOAT, ["N", 2, 2]), ("b", T.FLOAT, ["N", 2, 2])], [(name, T.FLOAT, ["N", 2, 2]) for name in ("sum", "product")])
    a, b = np.arange(8, dtype="float32").reshape(2, 2, 2), np.ones((2, 2, 2), "float32")
    summed, product = run(model, {"a": a, "b": b})
    rows = [{"a": one, "b": other} for one, other in zip(a, b)]
    save("two-arrays", model, rows, [{"sum": one, "product": other} for one, other in zip(summed, product)])
    # Names that the wire uses as well, and answers without elements.
    model = graph([helper.make_node("Sub", ["x", "input"], ["values"])], [(name, T.FLOAT, ["N", 1]) for name in ("x", "input")], [("values", T.FLOAT, ["N", 1])])
    save("named-input", model, [{"x": 5, "input": 1}, {"x": 7, "input": 2}], [[4.0], [5.0]])
    limits = [(name, np.array([value], "int64")) for name, value in (("from", 0), ("to", 0), ("axis", 1))]
    model = graph([helper.make_node("Slice", ["x", "from", "to", "axis"], ["y"])], [("x", T.FLOAT, ["N", 3])], [("y", T.FLOAT, ["N", 0])], limits)
    save("nothing", model, [[1, 2, 3], [4, 5, 6]], [[], []])
    nodes = [helper.make_node("ReduceMean", ["x"], ["m"], axes=[0]), helper.make_node("Sub", ["x", "m"], ["y"])]
    model = graph(nodes, [("x", T.FLOAT, ["N", 3])], [("y", T.FLOAT, ["N", 3])])
    save("together", model, [[1, 2, 3]], [[0.0, 0.0, 0.0]])
    model = graph([helper.make_node("Softmax", ["x"], ["y"])], [("x", T.FLOAT, [3])], [("y", T.FLOAT, [3])])
    rows = np.array([[1, 2, 3], [0, 0, 0]], "float32")
    save("no-batch", model, rows, [run(model, {"x": row})[0] for row in rows])
    model = graph([helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)], [("x", T.FLOAT, [3])], [("y", T.FLOAT, [])])
    save("scalar", model, rows, [run(model, {"x": row})[0] for row in rows])
    nodes = [helper.make_node("Not", ["flags"], ["inverse"])]
    model = graph(nodes, [("flags", T.BOOL, ["N", 3])], [("inverse", T.BOOL, ["N", 3])])
    flags = np.array([[True, False, True]])
    save("flags", model, flags, run(model, {"flags": flags})[0])
    model = graph([helper.make_node("Identity", ["words"], ["same"])], [("words", T.STRING, ["N", 2])], [("same", T.STRING, ["N", 2])])
    save("words", model, [["a", "größe"], ["", "日本"]], [["a", "größe"], ["", "日本"]])


def datatypes():
    kinds = {"float16": "e", "double": "d", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q"}
    for name, code in kinds.items():
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(code))
        model = graph([helper.make_node("Identity", ["x"], ["y"])], [("x", kind, ["N", 3])], [("y", kind, ["N", 3])])
        rows = np.array([[0, 1, 100]] if np.dtype(code).kind in "iu" else [[0.1, -2.5, 65504], [6e-8, 1e-5, -0.0]], code)
        if name in ("int64", "uint64"):
            # More than a double holds.
            rows = np.array([[0, 1, 100], [np.iinfo(code).min, 2**53 + 1, np.iinfo(code).max]], code)
        refused = [[0, 1, 2.5]] if np.dtype(code).kind in "iu" else []
        if name in ("int8", "uint8"):
            refused.append([0, 1, 300])
        if name == "uint64":
            refused += [[0, 1, -1], [0, 1, 2**64]]
        save(f"type-{name}", model, rows, run(model, {"x": rows})[0], refused=refused)
    # One row for each run.
    model = graph([helper.make_node("Identity", ["x"], ["y"])], [("x", T.INT64, [1, 100])], [("y", T.INT64, [1, 100])])
    rows = np.arange(200, dtype="int64").reshape(2, 100) + 2**53
    save("whole-vector", model, rows, rows)
    model = graph([helper.make_node("Cast", ["x"], ["y"], to=T.FLOAT)], [("x", T.BFLOAT16, ["N", 2])], [("y", T.FLOAT, ["N", 2])])
    save("type-bfloat16", model, [[1.5, 3.140625]], [[1.5, 3.140625]])


def value(name, kind):
    return helper.make_value_info(name, kind)


def structured(nodes, inputs, outputs, domains=("",)):
    made = helper.make_graph(nodes, "fixture", inputs, [helper.make_tensor_value_info(*each) for each in outputs])
    opsets = [helper.make_opsetid(domain, 17 if domain == "" else 3) for domain in domains]
    return helper.make_model(made, opset_imports=opsets, ir_version=8)


def structures():
    def list_of(kind, shape):
        return helper.make_sequence_type_proto(helper.make_tensor_type_proto(kind, shape))

    def map_of(key, kind):
        return helper.make_map_type_proto(key, helper.make_tensor_type_proto(kind, []))

    def answers(model, rows):
        return [run(model, row)[0] for row in rows]

    join = [helper.make_node("ConcatFromSequence", ["parts"], ["y"], axis=0)]
    model = structured(join, [value("parts", list_of(T.FLOAT, [None]))], [("y", T.FLOAT, [None])])
    parts = [[[1.5, 2], [3], [4, 5, 6]], [[7]]]
    rows = [{"parts": [np.array(part, "float32") for part in row]} for row in parts]
    refused = [{"parts": 7}, {"parts": [1, 2]}, {"parts": [[1, "x"]]}, {"parts": []}]
    # Answers of different lengths cannot come together.
    save("list", model, rows, answers(model, rows), alone=True, refused=refused)
    model = structured(join, [value("parts", list_of(T.INT64, [None, 2]))], [("y", T.INT64, [None, 2])])
    rows = [{"parts": [np.array([[1, 2**53 + 1]], "int64"), np.array([[3, 4], [5, 6]], "int64")]}]
    save("list-of-matrices", model, rows, answers(model, rows), refused=[{"parts": [[[1, 2], [3]]]}, {"parts": [[[1, 2.5]]]}])
    # What no request can hold, and no sample either.
    huge = structured(join, [value("parts", list_of(T.FLOAT, [100_000, 100_000]))], [("y", T.FLOAT, [None, 100_000])])
    (target / "list-too-large.onnx").write_bytes(huge.SerializeToString())
    join = [helper.make_node("ConcatFromSequence", ["parts"], ["y"], axis=0)]
    model = structured(join, [value("parts", list_of(T.BOOL, [None]))], [("y", T.BOOL, [None])])
    rows = [{"parts": [np.array([True, False]), np.array([True])]}]
    save("list-of-flags", model, rows, answers(model, rows))
    at = [helper.make_node("SequenceAt", ["words", "place"], ["word"])]
    inputs = [value("words", list_of(T.STRING, [1])), helper.make_tensor_value_info("place", T.INT64, [])]
    model = structured(at, inputs, [("word", T.STRING, [1])])
    rows = [{"words": ["a", "größe"], "place": 1}, {"words": ["日本"], "place": 0}]
    given = [{"words": [np.array([word]) for word in row["words"]], "place": np.array(row["place"])} for row in rows]
    shown = [{"words": [[word] for word in row["words"]], "place": row["place"]} for row in rows]
    save("list-of-words", model, shown, answers(model, given), refused=[{"words": [[1]], "place": 0}])
    vectorize = [helper.make_node("DictVectorizer", ["counts"], ["y"], domain="ai.onnx.ml", int64_vocabulary=[7, -2, 30])]
    model = structured(vectorize, [value("counts", map_of(T.INT64, T.FLOAT))], [("y", T.FLOAT, [1, 3])], ("", "ai.onnx.ml"))
    rows = [{"counts": {7: 1.5, 30: 2.0}}, {"counts": {-2: 4.0, 99: 1.0}}]
    shown = [{"counts": {str(key): number for key, number in row["counts"].items()}} for row in rows]
    save("map-of-numbers", model, shown, answers(model, rows), refused=[{"counts": {"x": 1}}, {"counts": [1]}, {"counts": {"7": "x"}}])
    seen = [{"colour": 1.0, "size": 2.0}, {"colour": 3.0}, {"weight": 5.0}, {"size": 1.0, "weight": 2.0}]
    pipeline = make_pipeline(DictVectorizer(sparse=False, dtype=np.float32), LogisticRegression()).fit(seen, ["a", "b", "b", "a"])
    model = to_onnx(pipeline, initial_types=[("x", DictionaryType(StringTensorType([1]), FloatTensorType([1])))], target_opset=17)
    rows = [{"x": row} for row in seen]
    found = [run(model, row) for row in rows]
    save("dictionary", model, rows, [[list(each.values()) for each in maps][0] for _, maps in found], labels=[labels[0] for labels, _ in found], classes=["a", "b"])


classical()
mixed()
networks()
shapes()
datatypes()
structures()
(target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
print(len(expected), "models")
