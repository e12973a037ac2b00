"""What a fitted model says about its inputs and outputs."""

import numpy


def fitted(model, name):
    """An attribute of the model, or of the first step of a pipeline or the best estimator of a search that has it."""
    try:
        value = getattr(model, name, None)
    except Exception:
        value = None
    if value is not None:
        return value
    for inner in children(model):
        value = fitted(inner, name)
        if value is not None:
            return value
    return None


def children(model):
    if hasattr(model, "best_estimator_"):
        return [model.best_estimator_]
    if hasattr(model, "steps"):
        return [step for _, step in model.steps if step not in (None, "passthrough", "drop")]
    return []


def feature_names(model):
    """Names of the columns, given or made up from their count; None when the model tells neither."""
    if takes_text(model):
        return ["text"]
    names = fitted(model, "feature_names_in_")
    if names is not None:
        return [str(name) for name in names]
    count = fitted(model, "n_features_in_")
    if count is None and hasattr(model, "get_booster"):
        count = model.get_booster().num_features()
    return None if count is None else [f"feature{index + 1}" for index in range(int(count))]


def takes_text(model):
    """Whether the model begins with a vectorizer: its rows are texts, not columns."""
    first = next(walk_leaves(model), model)
    return hasattr(first, "vocabulary_") or type(first).__name__ == "HashingVectorizer"


def needs_frame(model):
    return not takes_text(model) and fitted(model, "feature_names_in_") is not None and pandas() is not None


def pandas():
    try:
        import pandas
    except ImportError:
        return None
    return pandas


def features(model, names):
    if names is None:
        return None
    if takes_text(model):
        return [{"name": "text", "kind": "string", "nullable": False, "examples": ["a few words of text"]}]
    texts, nullable = text_columns(model, names), nullable_columns(model, names)
    return [
        {"name": name, "kind": "string" if name in texts else "number", "nullable": name in nullable, "examples": texts.get(name, [])}
        for name in names
    ]


def column_steps(model):
    """(transformer, columns) of every ColumnTransformer in the model."""
    for transformer in walk(model):
        for _, inner, columns in getattr(transformer, "transformers_", None) or []:
            if not isinstance(inner, str):
                yield inner, columns


def walk(model):
    yield model
    for inner in children(model):
        yield from walk(inner)


def named(columns, names):
    """Columns as names, whatever way they were given: names, positions, a mask, a slice."""
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice):
        return names[columns]
    columns = list(numpy.atleast_1d(numpy.asarray(columns, dtype=object)))
    if columns and all(isinstance(column, (bool, numpy.bool_)) for column in columns):
        return [name for name, chosen in zip(names, columns) if chosen]
    return [column if isinstance(column, str) else names[int(column)] for column in columns]


def text_columns(model, names):
    """Columns that go to an encoder of text categories or to a vectorizer, with a few values that it knows."""
    found = {}
    for transformer, columns in [*column_steps(model), *((step, names) for step in walk(model))]:
        for step in walk(transformer):
            categories = getattr(step, "categories_", None)
            if categories is not None:
                for name, values in zip(named(columns, names), categories):
                    if has_text(values):
                        found[name] = [str(value) for value in values if isinstance(value, str)][:3]
            elif takes_text(step):
                found.update({name: ["a few words of text"] for name in named(columns, names)})
    return found


def has_text(values):
    return any(isinstance(value, str) for value in values)


# Steps after which no value is missing any more.
REMOVES_MISSING = {"SimpleImputer", "KNNImputer", "IterativeImputer", "OneHotEncoder", "MissingIndicator"}


def nullable_columns(model, names):
    """Columns in which a value may be missing: every step that sees it takes it, up to one that fills it in."""
    steps = list(walk_leaves(model))
    if steps and getattr(steps[0], "transformers_", None):
        found = set()
        for transformer, columns in column_steps(steps[0]):
            if survives_missing([*walk_leaves(transformer), *steps[1:]]):
                found.update(named(columns, names))
        return found
    return set(names) if survives_missing(steps) else set()


def survives_missing(steps):
    for step in steps:
        if type(step).__name__ in REMOVES_MISSING:
            return True
        if not allows_nan(step):
            return False
    return True


def walk_leaves(model):
    inner = children(model)
    if not inner:
        yield model
    for child in inner:
        yield from walk_leaves(child)


def allows_nan(estimator):
    try:
        if hasattr(estimator, "__sklearn_tags__"):
            return bool(estimator.__sklearn_tags__().input_tags.allow_nan)
        return bool(estimator._get_tags().get("allow_nan", False))
    except Exception:
        return type(estimator).__module__.split(".")[0] in ("xgboost", "lightgbm", "catboost")


def task(model):
    kind = getattr(model, "_estimator_type", None)
    if kind is None and hasattr(model, "__sklearn_tags__"):
        try:
            kind = model.__sklearn_tags__().estimator_type
        except Exception:
            kind = None
    if kind in ("classifier", "outlier_detector"):
        return "classification"
    if kind == "regressor":
        return "regression"
    if kind in ("clusterer", "DensityEstimator", "density_estimator"):
        return "clustering"
    if hasattr(model, "classes_"):
        return "classification"
    return "regression" if hasattr(model, "predict") else "transformation"


def classes(model):
    try:
        labels = model.classes_
    except Exception:
        return []
    labels = numpy.asarray(labels)
    return labels.tolist() if labels.ndim == 1 else []


# Estimators whose predict is not the most probable class: probabilities come from a second model, or a threshold decides.
OTHERWISE = {"SVC", "NuSVC", "FixedThresholdClassifier", "TunedThresholdClassifierCV", "OneVsOneClassifier"}


def predicts_most_probable(model):
    names = {type(step).__name__ for step in walk(model)}
    return not names & OTHERWISE and type(model).__module__.split(".")[0] == "sklearn"


def frame_of_matrix(matrix, names):
    return pandas().DataFrame(matrix, columns=names)


def frame_of_columns(columns, frame):
    """Mixed columns: numbers as they are, text as objects; a frame when there is pandas, else an array of objects."""
    arrays = {name: numpy.asarray(values, dtype=object if isinstance(values, list) else None).reshape(-1) for name, values in columns.items()}
    if pandas() is not None and frame:
        return pandas().DataFrame({name: pandas().Series(array, dtype=object) if array.dtype == object else array for name, array in arrays.items()})
    return numpy.column_stack([array.astype(object) for array in arrays.values()])
