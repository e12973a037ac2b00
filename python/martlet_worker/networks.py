"""Networks of PyTorch, Keras and TensorFlow: arrays in, arrays out."""

import io
import os
import tarfile
import tempfile
import warnings
import zipfile
from importlib.metadata import version

import numpy

from . import tensors

LARGEST_VECTOR = 4096  # elements of an input that are shown as columns


OPERATOR_SET = 17


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
        # Whether the server sends all columns side by side: each is a single number.
        self.takes_matrix = all(each["kind"] == "number" and not each.get("shape") for each in self.features() or [])

    def features(self):
        if self.inputs is None:
            return None
        if len(self.inputs) == 1 and self.inputs[0].is_vector and self.inputs[0].dtype != "string":
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
        raise ValueError(f"input '{given.name}' takes {given.dtype}, found other numbers")
    return result


def untold_arrays(rows):
    """Rows of JSON: arrays of one shape, or arrays by the names of the inputs."""
    if isinstance(rows[0], dict):
        return {name: numpy.array([row[name] for row in rows], "f4") for name in rows[0]}
    return [numpy.array(rows, "f4")]


# PyTorch


def read_torchscript(file):
    import torch

    return torch.jit.load(io.BytesIO(file.read()), map_location="cpu").eval()


def read_torch(file):
    import torch

    return torch.load(io.BytesIO(file.read()), map_location="cpu", weights_only=False)


def read_torch_export(file):
    import torch

    return torch.export.load(io.BytesIO(file.read()))


def torch_network(model):
    import torch

    if isinstance(model, torch.export.ExportedProgram):
        return exported_program(model)
    model.eval()
    inputs, batched = guess_inputs(model)
    name = getattr(model, "original_name", type(model).__name__)
    return Network(torch_function(model), inputs, [], f"torch.{name}", torch_export(model), batched)


def torch_export(model):
    """Traces the module with the exporter that needs no packages of its own."""
    import torch

    def export(network, examples):
        import onnx

        names = [f"in{index}" for index in range(len(examples))]
        open_extents = {
            name: {place: f"{name}_{place}" for place, extent in enumerate([None if network.batched else 1, *each.extents]) if extent is None}
            for name, each in zip(names, network.inputs)
        }
        if network.batched:
            examples = [numpy.concatenate([example, example]) for example in examples]
        outputs = [f"out{index}" for index in range(len(network.run(examples)))]
        for name in outputs if network.batched else []:
            open_extents[name] = {0: "rows"}
        buffer = io.BytesIO()
        # One operator of its own for whole attention layers, which ONNX does not have.
        torch.backends.mha.set_fastpath_enabled(False)
        with torch.inference_mode():
            torch.onnx.export(
                model, tuple(torch.from_numpy(example) for example in examples), buffer, input_names=names, output_names=outputs,
                dynamic_axes={name: extents for name, extents in open_extents.items() if extents}, opset_version=OPERATOR_SET,
                training=torch.onnx.TrainingMode.PRESERVE, dynamo=False)
        torch.backends.mha.set_fastpath_enabled(True)
        return onnx.load_from_string(buffer.getvalue()), ["torch"]

    return export


def torch_function(model):
    import torch

    def call(arrays, dtype=None):
        def tensor(array):
            return torch.from_numpy(numpy.array(array, dtype))

        if isinstance(arrays, dict):
            return model(**{name: tensor(array) for name, array in arrays.items()})
        return model(*[tensor(array) for array in arrays])

    def run(arrays):
        with torch.inference_mode():
            try:
                answer = call(arrays)
            except RuntimeError as error:
                # Rows whose types nobody told: numbers of tokens are whole.
                values = list(arrays.values()) if isinstance(arrays, dict) else arrays
                if any(array.dtype != numpy.float32 or (array != numpy.floor(array)).any() for array in values):
                    raise
                try:
                    answer = call(arrays, "i8")
                except RuntimeError:
                    raise error from None
        return [each.detach().numpy() for each in flat(answer) if hasattr(each, "detach")]

    return run


def flat(answer):
    if isinstance(answer, dict):
        return [each for value in answer.values() for each in flat(value)]
    if isinstance(answer, (list, tuple)):
        return [each for value in answer for each in flat(value)]
    return [answer]


def exported_program(program):
    """Shapes and datatypes stand in the graph; a symbol is an open extent."""
    names = program.graph_signature.user_inputs
    values = {node.name: node.meta["val"] for node in program.graph.nodes if node.op == "placeholder"}
    shapes = [[extent if isinstance(extent, int) else None for extent in values[name].shape] for name in names]
    first = {shape[0] if shape else 0 for shape in shapes}
    if first not in ({None}, {1}):
        raise TypeError("the exported program has a fixed number of rows; export it with one row, or with torch.export.Dim for the first extent")
    inputs = [Input(name, str(values[name].dtype).replace("torch.", ""), shape[1:]) for name, shape in zip(names, shapes)]
    module = program.module()
    return Network(torch_function(module), inputs, [], "torch.ExportedProgram", torch_export(module), batched=first == {None})


def guess_inputs(model):
    """Modules do not tell what they take. The first weights tell how wide it is: a shape that the model answers is its input.

    Returns (inputs, whether several rows may be given at once); inputs are None when no shape was answered.
    """
    weights = next((each for each in model.parameters() if each.dim() >= 2), None)
    run = torch_function(model)
    for dtype, extents, is_open in candidates(None if weights is None else tuple(weights.shape)):
        if not answers(run, dtype, extents):
            continue
        if any(is_open) and answers(run, dtype, [extent + 4 * free for extent, free in zip(extents, is_open)]):
            described = [None if free else extent for extent, free in zip(extents, is_open)]
        else:
            described = extents
        batched = answers(run, dtype, extents, rows=2)
        if len(extents) == 1 and dtype == "float32" and not batched and takes_two(run, extents):
            continue
        return [Input("input", dtype, described)], batched
    return None, False


def answers(run, dtype, extents, rows=1):
    """Whether the model takes rows of the shape, and answers each as if it came alone."""
    generator = numpy.random.default_rng(0)
    batch = generator.integers(0, 2, (rows, *extents)).astype(dtype) if dtype == "int64" else generator.random((rows, *extents), dtype)
    try:
        together = run([batch])
        if rows == 1:
            return all(len(output) == 1 for output in together)
        alone = [run([batch[row : row + 1]]) for row in range(rows)]
        return all(numpy.allclose(output, numpy.concatenate(parts), atol=1e-5) for output, *parts in zip(together, *alone))
    except Exception:
        return False


def takes_two(run, extents):
    try:
        return bool(run([numpy.zeros((2, *extents), "float32")]))
    except Exception:
        return False


def candidates(weights):
    """Datatype, shape of a row and which extents may be open, for the first weights: (out, in) of a linear layer or a table of
    embeddings, (out, in, kernel...) of a convolution."""
    if weights is not None and len(weights) == 2:
        width = weights[1]
        # Rows of a vector come first, unless they look at each other: then they are the steps of a sequence.
        yield from [("float32", (width,), (False,)), ("float32", (8, width), (True, False))]
    elif weights is not None:
        spatial = len(weights) - 2
        for size in (28, 32, 64, 96, 128, 224, 299):
            yield "float32", (weights[1], *[size] * spatial), (False, *[True] * spatial)
    yield "int64", (8,), (True,)


# Keras and TensorFlow


def read_keras(suffix):
    def read(file):
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        import keras

        with tempfile.NamedTemporaryFile(suffix=suffix) as copy:
            copy.write(file.read())
            copy.flush()
            return keras.models.load_model(copy.name, compile=False)

    return read


def keras_network(model):
    import tensorflow

    single_thread(tensorflow)
    inputs = [Input(clean(each.name), dtype_name(each.dtype), each.shape[1:]) for each in model.inputs]
    names = getattr(model, "output_names", None) or [clean(each.name) for each in model.outputs]
    call = tensorflow.function(lambda *arrays: model(list(arrays) if len(arrays) > 1 else arrays[0], training=False), reduce_retracing=True)

    def run(arrays):
        return [each.numpy() for each in flat(call(*[tensorflow.constant(array) for array in arrays]))]

    return Network(run, inputs, list(names), "keras." + type(model).__name__, tensorflow_export(call))


def read_saved_model(file):
    """Unpacks the archive, whose members the scan has judged, and loads the folder that holds saved_model.pb."""
    import tensorflow

    folder = tempfile.mkdtemp()
    if zipfile.is_zipfile(file):
        zipfile.ZipFile(file).extractall(folder)
    else:
        file.seek(0)
        try:
            archive = tarfile.open(fileobj=file)
        except tarfile.ReadError:
            raise TypeError("a saved_model.pb without its variables; upload the whole folder as a zip or tar archive") from None
        with archive:
            archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    root = next(path for path, _, names in os.walk(folder) if "saved_model.pb" in names)
    return tensorflow.saved_model.load(root)


def saved_model_network(model):
    import tensorflow

    single_thread(tensorflow)
    function = model.signatures.get("serving_default") or next(iter(model.signatures.values()), None)
    if function is None:
        raise TypeError("the SavedModel has no signature; save it with tf.saved_model.save(model, folder, signatures=...) or keras.Model.export")
    specs = function.structured_input_signature[1]
    inputs = [Input(name, dtype_name(spec.dtype.name), (spec.shape.as_list() or [None])[1:]) for name, spec in specs.items()]

    def run(arrays):
        answer = function(**{each.name: tensorflow.constant(array, specs[each.name].dtype) for each, array in zip(inputs, arrays)})
        return [answer[name].numpy() for name in sorted(answer)]

    def call(*arrays):
        answer = function(**{each.name: array for each, array in zip(inputs, arrays)})
        return [answer[name] for name in sorted(answer)]

    network = Network(run, inputs, sorted(function.structured_outputs), "tensorflow.SavedModel", tensorflow_export(tensorflow.function(call)))
    network.model = model  # its variables go with it
    return network


def tensorflow_export(function):
    def export(network, examples):
        import tensorflow
        import tf2onnx

        rows = None if network.batched else 1
        signature = [
            tensorflow.TensorSpec((rows, *each.extents), each.dtype, name=f"in{index}") for index, each in enumerate(network.inputs)
        ]
        model, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=OPERATOR_SET)
        return model, ["tensorflow-cpu" if installed("tensorflow-cpu") else "tensorflow", "tf2onnx"]

    return export


def installed(name):
    try:
        return bool(version(name))
    except Exception:
        return False


def single_thread(tensorflow):
    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        pass  # it computed something already


def dtype_name(dtype):
    name = getattr(dtype, "name", str(dtype))
    return {"object": "string", "boolean": "bool"}.get(name, name)


def clean(name):
    return name.split(":")[0]
