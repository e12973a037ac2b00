"""What networks of all libraries have in common: arrays in, arrays out, and a conversion to ONNX."""

import warnings
from importlib.metadata import version

import numpy

from . import tensors

LARGEST_VECTOR = 4096  # elements of an input that are shown as columns
OPERATOR_SET = 17  # of ONNX, that networks are converted to


class InvalidInput(ValueError):
    """Rows that the network does not take."""


class Input:
    """One input: `extents` are those of a row, None where one is open."""

    def __init__(self, name, dtype, extents):
        self.name, self.dtype, self.extents = name, dtype, tuple(extents)

    @property
    def is_vector(self):
        return len(self.extents) == 1 and self.extents[0] is not None and 1 <= self.extents[0] <= LARGEST_VECTOR

    def feature(self):
        kind = "string" if self.dtype == "string" else "number"
        shape = None if all(extent == 1 for extent in self.extents) else list(self.extents)
        return {"name": self.name, "kind": kind, "nullable": False, "datatype": self.dtype, **({"shape": shape} if shape else {})}


class Network:
    """What all libraries have in common; `run` takes and gives arrays whose first extent counts rows.

    `inputs` is None when the file does not tell them: then a row is any array, or arrays by name.
    """

    def __init__(self, run, inputs, outputs, class_name, export, batched=True):
        self.run, self.inputs, self.outputs, self.class_name, self.export, self.batched = run, inputs, outputs, class_name, export, batched
        self.named = False
        # Whether the server sends all columns side by side: each is a single number that a double holds.
        self.takes_matrix = all(
            each["kind"] == "number" and not each.get("shape") and each["datatype"] not in ("int64", "uint64") for each in self.features() or [])

    @property
    def is_one_vector(self):
        """Whether the columns of a row are the elements of the only input."""
        return len(self.inputs) == 1 and self.inputs[0].is_vector and self.inputs[0].dtype != "string"

    def features(self):
        if self.inputs is None:
            return None
        if self.is_one_vector:
            return [{**self.inputs[0].feature(), "name": f"feature{index + 1}", "shape": None} for index in range(self.inputs[0].extents[0])]
        return [each.feature() for each in self.inputs]

    def convert(self):
        """The network as the bytes of an ONNX model, and the versions of the tools; its inputs and outputs have the names of ours."""
        if self.inputs is None:
            raise TypeError("the file does not tell the shapes of its inputs")
        if any(each.dtype == "string" for each in self.inputs):
            raise TypeError("inputs of text")
        examples = [numpy.zeros((1, *[extent or 8 for extent in each.extents]), each.dtype) for each in self.inputs]
        count = len(self.run(examples))
        names = self.outputs if len(self.outputs) == count else [f"output_{index}" for index in range(count)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, tools = self.export(self, examples)
        return renamed(model, [each.name for each in self.inputs], names), {name: version(name) for name in ("onnx", *tools)}

    def describe(self):
        return {"features": self.features(), "task": "transformation", "classes": [], "probabilities": False, "class_name": self.class_name}

    def arrays(self, given):
        """The input arrays of a request, in the order of the inputs."""
        if self.inputs is None:
            return untold_arrays(given["rows"])
        if self.takes_matrix:
            matrix = given["input"]
            if len(self.inputs) == 1:
                return [cast(matrix.reshape((len(matrix), *self.row_extents(0))), self.inputs[0])]
            return [cast(matrix[:, index].reshape((len(matrix), *self.row_extents(index))), each) for index, each in enumerate(self.inputs)]
        if self.is_one_vector:
            return [cast(numpy.stack([given[each["name"]] for each in self.features()], 1), self.inputs[0])]
        return [cast(column(given[each.name], self.row_extents(index)), each) for index, each in enumerate(self.inputs)]

    def row_extents(self, index):
        extents = self.inputs[index].extents
        return extents if all(extent is not None for extent in extents) else (-1,)

    def predict(self, given):
        arrays = self.arrays(given)
        if self.batched:
            outputs = self.run(arrays)
        else:
            count = len(next(iter(arrays.values())) if isinstance(arrays, dict) else arrays[0])
            rows = [self.run(one_row(arrays, index)) for index in range(count)]
            outputs = [numpy.concatenate(parts) for parts in zip(*rows)]
        self.named = len(outputs) > 1
        names = self.outputs if len(self.outputs) == len(outputs) else [f"output_{index}" for index in range(len(outputs))]
        return [tensors.encode(name if self.named else "values", output) for name, output in zip(names, outputs)]


def renamed(model, inputs, outputs):
    """The bytes of the model with other names of its inputs and outputs, joined to the old ones by nodes that do nothing."""
    from onnx import helper

    graph = model.graph
    taken = {name for node in graph.node for name in [*node.input, *node.output]}
    for values, names, is_input in ((graph.input, inputs, True), (graph.output, outputs, False)):
        for value, name in zip(values, names):
            if value.name == name:
                continue
            if name in taken:
                raise TypeError(f"the name '{name}' is taken inside of the network")
            source, target = (name, value.name) if is_input else (value.name, name)
            graph.node.insert(0 if is_input else len(graph.node), helper.make_node("Identity", [source], [target]))
            value.name = name
    return model.SerializeToString()


def one_row(arrays, index):
    if isinstance(arrays, dict):
        return {name: array[index : index + 1] for name, array in arrays.items()}
    return [array[index : index + 1] for array in arrays]


def column(values, extents):
    if isinstance(values, list):
        return numpy.array(values, object).reshape((-1, *extents))
    return values.reshape((len(values), *extents)) if values.ndim == 1 else values


def cast(array, given):
    if given.dtype == "string":
        return array
    with numpy.errstate(invalid="ignore"):
        result = numpy.ascontiguousarray(array, given.dtype)
    if result.dtype.kind in "iu" and (result != array).any():
        raise InvalidInput(f"input '{given.name}' takes {given.dtype}, found other numbers")
    return result


def untold_arrays(rows):
    """Rows of JSON: arrays of one shape, or arrays by the names of the inputs."""
    if isinstance(rows[0], dict):
        return {name: numpy.array([row[name] for row in rows], "f4") for name in rows[0]}
    return [numpy.array(rows, "f4")]


def flat(answer):
    if isinstance(answer, dict):
        return [each for value in answer.values() for each in flat(value)]
    if isinstance(answer, (list, tuple)):
        return [each for value in answer for each in flat(value)]
    return [answer]
