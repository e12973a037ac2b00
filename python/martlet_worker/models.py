"""Loads a model and predicts with it: scikit-learn and its kin, XGBoost, LightGBM, networks, and models with a custom_api.py."""

import json
import os
import pickle
import sys
import types
import warnings

import numpy

from . import schema, tensorflow_networks, tensors, torch_networks


def load(format, descriptor, custom_descriptor=None):
    """Reads the model from open descriptors; nothing else of the file system is visible in here."""
    with os.fdopen(descriptor, "rb") as file:
        model = READERS[format](file)
    if custom_descriptor is None:
        return wrap(model)
    with os.fdopen(custom_descriptor, "rb") as file:
        return Custom(model, custom_module(file.read()))


def read_pickle(file):
    return pickle.load(file)


def read_joblib(file):
    import joblib

    return joblib.load(file)


def read_xgboost(file):
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(bytearray(file.read()))
    return booster


def read_lightgbm(file):
    import lightgbm

    return lightgbm.Booster(model_str=file.read().decode())


def read_skops(file):
    """The scan has judged every type in the file, and this is the sandbox."""
    import skops.io

    data = file.read()
    return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


def read_catboost(file):
    import catboost

    model = catboost.CatBoost()
    model.load_model(blob=file.read())
    return model


def read_onnx(file):
    """Only with a custom_api.py: without one the native worker runs the model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(file.read(), options, providers=["CPUExecutionProvider"])


READERS = {
    "pickle": read_pickle,
    "joblib": read_joblib,
    "xgboost_json": read_xgboost,
    "xgboost_ubj": read_xgboost,
    "lightgbm_text": read_lightgbm,
    "skops": read_skops,
    "catboost": read_catboost,
    "onnx": read_onnx,
    "torchscript": torch_networks.read_torchscript,
    "torch_zip": torch_networks.read_torch,
    "torch_legacy": torch_networks.read_torch,
    "torch_export": torch_networks.read_torch_export,
    "keras": tensorflow_networks.read_keras(".keras"),
    "keras_h5": tensorflow_networks.read_keras(".h5"),
    "saved_model": tensorflow_networks.read_saved_model,
}


def wrap(model):
    name = type(model).__module__.split(".")[0] + "." + type(model).__name__
    if name == "xgboost.Booster":
        return XGBoostBooster(model)
    if name == "lightgbm.Booster":
        return LightGBMBooster(model)
    if name == "catboost.CatBoost":
        return CatBoostModel(model)
    library = network_library(model)
    if library == "torch":
        return torch_networks.torch_network(model)
    if library == "keras":
        return tensorflow_networks.keras_network(model)
    if library == "tensorflow":
        return tensorflow_networks.saved_model_network(model)
    if not hasattr(model, "predict") and not hasattr(model, "transform"):
        raise TypeError(f"a {type(model).__qualname__} has no predict and no transform; add a custom_api.py with custom_predict(model, input_data)")
    return Estimator(model)


def network_library(model):
    """The library whose network the model is; None for other models."""
    if "torch" in sys.modules:
        import torch

        if isinstance(model, (torch.nn.Module, torch.export.ExportedProgram)):
            return "torch"
        if isinstance(model, dict) and any(isinstance(value, torch.Tensor) for value in model.values()):
            raise TypeError("a state dict has weights but no network; save it with torch.jit.script or torch.export, export it to ONNX, or add a custom_api.py")
    if "keras" in sys.modules:
        import keras

        if isinstance(model, keras.Model):
            return "keras"
    return "tensorflow" if hasattr(model, "signatures") else None


class Estimator:
    """A model with scikit-learn's interface."""

    def __init__(self, model):
        self.model = model
        set_single_thread(model)
        self.names = schema.feature_names(model)
        self.frame = schema.needs_frame(model)
        self.text = schema.takes_text(model)
        self.task = schema.task(model)
        self.classes = schema.classes(model) if self.task == "classification" else []
        self.has_probabilities = self.task == "classification" and callable(getattr(model, "predict_proba", None)) and bool(self.classes)

    def describe(self):
        return {
            "features": schema.features(self.model, self.names),
            "task": self.task,
            "classes": tensors.plain(self.classes),
            "probabilities": self.has_probabilities,
            "class_name": type(self.model).__module__ + "." + type(self.model).__qualname__,
        }

    def rows(self, inputs):
        if "input" in inputs and isinstance(inputs["input"], numpy.ndarray):
            matrix = inputs["input"]
            return schema.frame_of_matrix(matrix, self.names) if self.frame else matrix
        if "rows" in inputs:
            return inputs["rows"]
        if self.text:
            return inputs["text"]
        return schema.frame_of_columns(inputs, self.frame)

    def predict(self, inputs):
        rows = self.rows(inputs)
        if self.has_probabilities:
            probabilities = numpy.asarray(self.model.predict_proba(rows))
            return [tensors.encode("probabilities", probabilities), tensors.encode("labels", self.labels(rows, probabilities))]
        if self.task == "transformation":
            values = self.model.transform(rows)
            return [tensors.encode("values", values.toarray() if hasattr(values, "toarray") else values)]
        answer = numpy.asarray(self.model.predict(rows))
        return [tensors.encode("labels" if self.task == "classification" else "values", answer)]

    def labels(self, rows, probabilities):
        """What predict answers. It is the most probable class, save for the few estimators that decide otherwise."""
        if schema.predicts_most_probable(self.model):
            return numpy.asarray(self.model.classes_)[numpy.argmax(probabilities, axis=1)]
        return numpy.asarray(self.model.predict(rows))


class XGBoostBooster:
    """A bare Booster: probabilities for binary and multi-class objectives, values for the others."""

    def __init__(self, model):
        self.model = model
        self.model.set_param({"nthread": 1})
        config = json.loads(model.save_config())["learner"]
        self.objective = config["objective"]["name"]
        self.class_count = int(config["learner_model_param"]["num_class"])
        self.names = model.feature_names or [f"f{index}" for index in range(model.num_features())]

    @property
    def is_classifier(self):
        return self.objective in ("binary:logistic", "multi:softprob")

    def describe(self):
        classes = list(range(max(2, self.class_count))) if self.is_classifier else []
        return {
            "features": [{"name": name, "kind": "number", "nullable": True} for name in self.names],
            "task": "classification" if self.is_classifier else "regression",
            "classes": classes,
            "probabilities": self.is_classifier,
            "class_name": "xgboost.core.Booster",
        }

    def predict(self, inputs):
        import xgboost

        raw = self.model.predict(xgboost.DMatrix(inputs["input"], feature_names=self.model.feature_names, nthread=1))
        if not self.is_classifier:
            return [tensors.encode("values", raw)]
        probabilities = numpy.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw
        return [tensors.encode("probabilities", probabilities), tensors.encode("labels", numpy.argmax(probabilities, axis=1))]


class LightGBMBooster:
    """A bare Booster of LightGBM, read from its text."""

    def __init__(self, model):
        self.model = model
        objective = (getattr(model, "params", None) or {}).get("objective") or model.dump_model(num_iteration=0).get("objective", "")
        self.objective = str(objective).split(" ")[0]

    @property
    def is_classifier(self):
        return self.objective in ("binary", "multiclass", "multiclassova")

    def describe(self):
        classes = list(range(max(2, self.model.num_model_per_iteration()))) if self.is_classifier else []
        return {
            "features": [{"name": name, "kind": "number", "nullable": True} for name in self.model.feature_name()],
            "task": "classification" if self.is_classifier else "regression",
            "classes": classes,
            "probabilities": self.is_classifier,
            "class_name": "lightgbm.basic.Booster",
        }

    def predict(self, inputs):
        raw = numpy.asarray(self.model.predict(inputs["input"], num_threads=1))
        if not self.is_classifier:
            return [tensors.encode("values", raw)]
        probabilities = numpy.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw
        return [tensors.encode("probabilities", probabilities), tensors.encode("labels", numpy.argmax(probabilities, axis=1))]


class CatBoostModel:
    """A model of CatBoost's own file."""

    def __init__(self, model):
        self.model = model
        names = [str(name) for name in model.feature_names_]
        categories = set(model.get_cat_feature_indices()) | set(model.get_text_feature_indices())
        self.features = [
            {"name": name, "kind": "string" if index in categories else "number", "nullable": index not in categories} for index, name in enumerate(names)
        ]
        self.classes = tensors.plain(model.classes_)
        self.is_classifier = bool(self.classes)

    def describe(self):
        return {
            "features": self.features,
            "task": "classification" if self.is_classifier else "regression",
            "classes": self.classes,
            "probabilities": self.is_classifier,
            "class_name": "catboost.core.CatBoost",
        }

    def predict(self, inputs):
        rows = inputs["input"] if "input" in inputs else numpy.array([inputs[each["name"]] for each in self.features], dtype=object).T
        if not self.is_classifier:
            return [tensors.encode("values", self.model.predict(rows, thread_count=1))]
        probabilities = self.model.predict(rows, prediction_type="Probability", thread_count=1)
        return [tensors.encode("probabilities", probabilities), tensors.encode("labels", numpy.asarray(self.classes)[numpy.argmax(probabilities, axis=1)])]


class Custom:
    """A model whose uploader brought `custom_predict(model, input_data)`."""

    def __init__(self, model, module):
        if not callable(getattr(module, "custom_predict", None)):
            raise TypeError("custom_api.py defines no function custom_predict(model, input_data)")
        self.model = model
        self.function = module.custom_predict
        set_single_thread(model)
        self.names = schema.feature_names(model)
        self.frame = schema.needs_frame(model)
        self.text = schema.takes_text(model)

    def describe(self):
        known = self.names is not None and hasattr(self.model, "predict")
        return {
            "features": schema.features(self.model, self.names) if known else None,
            "task": "custom",
            "classes": [],
            "probabilities": False,
            "class_name": type(self.model).__module__ + "." + type(self.model).__qualname__,
        }

    def predict(self, inputs):
        rows = Estimator.rows(self, inputs)
        count = len(rows)
        answer = tensors.plain(self.function(self.model, rows))
        if not isinstance(answer, list) or len(answer) != count:
            if count != 1:
                raise ValueError(f"custom_predict got {count} rows and must return a list of {count} answers")
            answer = [answer]
        return [tensors.encode_json("answers", answer)]


def custom_module(source):
    module = types.ModuleType("custom_api")
    sys.modules["custom_api"] = module
    exec(compile(source, "custom_api.py", "exec"), module.__dict__)
    return module


def set_single_thread(model):
    """One request at a time is computed in here; threads inside it only cost."""
    try:
        parameters = model.get_params(deep=True)
    except Exception:
        return
    changed = {name: 1 for name, value in parameters.items() if name.split("__")[-1] == "n_jobs" and value not in (None, 1)}
    if changed:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.set_params(**changed)
