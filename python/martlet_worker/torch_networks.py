"""Modules, TorchScript and exported programs of PyTorch as networks."""

import io

import numpy

from .networks import OPERATOR_SET, Input, Network, flat


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
        try:
            with torch.inference_mode():
                torch.onnx.export(
                    model, tuple(torch.from_numpy(example) for example in examples), buffer, input_names=names, output_names=outputs,
                    dynamic_axes={name: extents for name, extents in open_extents.items() if extents}, opset_version=OPERATOR_SET,
                    training=torch.onnx.TrainingMode.PRESERVE, dynamo=False)
        finally:
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
