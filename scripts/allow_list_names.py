"""Prints, one per line, the names of the libraries installed here that a pickle may refer to: `module name`.

Run once per library version by `scripts/generate-allow-list.sh`, which merges the answers. A class is listed when it
is an estimator or one of the plain data types that estimators hold; a function only when REASONS names it.
Of statsmodels the models, results and families are listed; a formula in a state is judged by `ModelFormula`, since loading runs it.
"""

import importlib
import inspect
import pkgutil
import re
import warnings

warnings.simplefilter("ignore")

SKIPPED = re.compile(
    r"(\.tests?(\.|$)|\.conftest$|\._?plot|_plotting|\.externals|\.datasets|\.experimental|\._build_utils|\.__check_build"
    r"|_testing|_mocking|\._test_|\.setup$|\.testing(\.|$)|\.dask|\.spark|\.plotting|\.cli|__main__|\.f2py|\.distutils)"
)

# Modules whose classes are data (trees, losses, distances, kernels, splitters), not estimators.
DATA_MODULES = re.compile(
    r"^(sklearn\.(tree\._tree|tree\._splitter|tree\._criterion|_loss\.|_isotonic|linear_model\._sgd_fast|neighbors\._(kd|ball)_tree"
    r"|metrics\._dist_metrics|gaussian_process\.kernels|ensemble\._(gb_losses|hist_gradient_boosting)|calibration$|_config"
    r"|model_selection\._split|utils\._bunch|utils\._metadata_requests|linear_model\._glm|linear_model\._linear_loss|compose\._column"
    r"|cluster\._(birch|bisect)|ensemble\._gradient_boosting|metrics\._scorer|utils\._mask|svm\._libsvm|neural_network\._stochastic_optimizers)"
    r"|scipy\.sparse\._(csr|csc|coo|bsr|dia|dok|lil|matrix|arrays|base|data|compressed)|scipy\.interpolate\._(bsplines|interpolate|cubic)"
    r"|(xgboost|lightgbm)\.sklearn$|statsmodels\.genmod\.families\.varfuncs$)"
)

# What classes of statsmodels that a model file holds derive from; its class `Formula` and the managers of formulas are none of them.
STATSMODELS_BASES = (
    "statsmodels.base.model.Model", "statsmodels.base.model.Results", "statsmodels.base.wrapper.ResultsWrapper", "statsmodels.base.data.ModelData",
    "statsmodels.genmod.families.family.Family", "statsmodels.genmod.families.links.Link", "statsmodels.genmod.families.varfuncs.VarianceFunction",
    "statsmodels.robust.norms.RobustNorm", "statsmodels.robust.scale.HuberScale", "statsmodels.tools.tools.Bunch",
)
STATSMODELS_MODULES = ("base", "regression", "discrete", "genmod", "robust", "tools.tools")

# Functions a model file needs, each with the reason why calling it is harmless.
REASONS = {
    r"sklearn\..*\.__pyx_unpickle_\w+": "Cython's constructor of one fixed extension type from plain values",
    r"sklearn\.(neighbors\._(kd|ball)_tree|metrics\._dist_metrics)\.newObj\w*": "allocates one fixed extension type",
    r"sklearn\.feature_selection\._(univariate_selection|mutual_info)\.(f_|chi2|r_|mutual_)\w+": "scores arrays",
    r"sklearn\.metrics\.(_classification|_regression|_ranking)\.\w+_(score|loss|error|coef)": "scores arrays",
}


def modules(package):
    yield package
    if not hasattr(package, "__path__"):
        return
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".", onerror=lambda name: None):
        if SKIPPED.search(info.name):
            continue
        try:
            yield importlib.import_module(info.name)
        except BaseException:
            continue


def allowed(module, name, value, base):
    if inspect.isclass(value):
        if value.__module__ != module.__name__ or issubclass(value, BaseException):
            return False
        if module.__name__.startswith("statsmodels."):
            known = any(f"{parent.__module__}.{parent.__qualname__}" in STATSMODELS_BASES for parent in value.__mro__)
            return known or bool(DATA_MODULES.match(module.__name__))
        if module.__name__ in ("xgboost.core", "lightgbm.basic"):
            return name == "Booster"
        if module.__name__ == "catboost.core":
            return name in ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")
        return (base is not None and issubclass(value, base)) or bool(DATA_MODULES.match(module.__name__))
    path = f"{module.__name__}.{name}"
    return callable(value) and any(re.fullmatch(pattern, path) for pattern in REASONS)


def main():
    found = set()
    try:
        from sklearn.base import BaseEstimator
    except ImportError:
        BaseEstimator = None
    for library in ("sklearn", "scipy.sparse", "scipy.interpolate", "xgboost", "lightgbm", "catboost", "imblearn", "category_encoders",
                    *(f"statsmodels.{name}" for name in STATSMODELS_MODULES)):
        try:
            package = importlib.import_module(library)
        except BaseException:
            continue
        for module in modules(package):
            for name, value in list(vars(module).items()):
                if name.startswith("__") and not name.startswith("__pyx_unpickle_"):
                    continue
                if allowed(module, name, value, BaseEstimator):
                    found.add(f"{module.__name__} {name}")
    print("\n".join(sorted(found)))


main()
