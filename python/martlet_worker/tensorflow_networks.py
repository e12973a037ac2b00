"""Models of Keras and SavedModels of TensorFlow as networks."""

import os
import tarfile
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, version

from .networks import OPERATOR_SET, Input, Network, flat


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
    except PackageNotFoundError:
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
