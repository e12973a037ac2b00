"""Fits the estimators that are evaluated in Swift with the library that is installed here, and writes down what they answer.

For each case: NAME.model (joblib or pickle), NAME.skops where skops is installed, NAME.json (columns, outputs) and NAME.bin (numbers, little-endian doubles).
Usage: make_estimator_truth.py FOLDER [NAME ...]
"""

import json
import pickle
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn import datasets

warnings.simplefilter("ignore")
VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
RANDOM = np.random.RandomState(7)
cases = []


def case(name, make, data="iris", rows=None, save="joblib", needs=(0, 0), below=(99, 0)):
    """A model that is fitted on `data`; one that this version does not have is left out."""
    if needs <= VERSION < below:
        cases.append((name, make, data, rows, save))


def probes(matrix, model=None):
    """Training rows, random rows, and rows exactly on the thresholds of trees and one step beside."""
    low, high = np.nanmin(matrix, axis=0), np.nanmax(matrix, axis=0)
    span = high - low
    parts = [matrix[:150], RANDOM.uniform(low - 0.2 * span, high + 0.2 * span, size=(1000, matrix.shape[1]))]
    thresholds = [found for found in find_thresholds(model) if np.isfinite(found[1])][:60]
    if thresholds:
        rows = []
        for feature, threshold in thresholds:
            for value in (threshold, np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf), float(np.float32(threshold)),
                          float(np.nextafter(np.float32(threshold), np.float32(np.inf))), float(np.nextafter(np.float32(threshold), np.float32(-np.inf)))):
                row = matrix[RANDOM.randint(len(matrix))].copy()
                row[feature] = value
                rows.append(row)
        parts.append(np.array(rows))
    return np.vstack(parts)


def find_thresholds(model, depth=0):
    if model is None or depth > 6:
        return
    if hasattr(model, "tree_"):
        tree = model.tree_
        for index in range(tree.node_count):
            if tree.children_left[index] >= 0:
                yield int(tree.feature[index]), float(tree.threshold[index])
    predictors = getattr(model, "_predictors", None)
    for iteration in predictors or []:
        for predictor in iteration:
            for node in predictor.nodes:
                if not node["is_leaf"] and not node["is_categorical"]:
                    yield int(node["feature_idx"]), float(node["num_threshold"])
    for attribute in ("estimators_", "best_estimator_", "estimator_"):
        inner = getattr(model, attribute, None)
        if inner is None or isinstance(inner, str):
            continue
        for each in np.ravel(np.array(inner, dtype=object)) if isinstance(inner, (list, np.ndarray)) else [inner]:
            yield from find_thresholds(each, depth + 1)


# --- data


def iris():
    return datasets.load_iris(return_X_y=True)


def breast():
    return datasets.load_breast_cancer(return_X_y=True)


def diabetes():
    return datasets.load_diabetes(return_X_y=True)


def counts():
    X, y = datasets.load_digits(return_X_y=True)
    return X[:400], y[:400]


def positive():
    X, y = diabetes()
    return np.abs(X) * 10 + 0.1, np.abs(y) / 50


def shares():
    X, y = diabetes()
    return X, y / 400


def two_targets():
    X, y = diabetes()
    return X, np.column_stack([y, -2 * y + X[:, 0] * 100])


def two_labels():
    X, y = iris()
    return X, np.column_stack([y > 0, X[:, 0] > 5.8]).astype(int)


def named():
    X, y = iris()
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


def binary_named():
    X, y = breast()
    return X[:, :8], np.array(["bösartig", "gut"])[y]


def missing():
    X, y = iris()
    X = X.copy()
    X[RANDOM.rand(*X.shape) < 0.15] = np.nan
    return X, y


def missing_regression():
    X, y = diabetes()
    X = X.copy()
    X[RANDOM.rand(*X.shape) < 0.1] = np.nan
    return X, y


def codes():
    X = np.column_stack([RANDOM.randint(0, 6, 400), RANDOM.randint(0, 4, 400), RANDOM.normal(size=400)]).astype(float)
    y = ((X[:, 0] % 3) + (X[:, 1] == 2) + X[:, 2] > 1.5).astype(int)
    return X, y


def one_column():
    X, y = diabetes()
    return X[:, [2]], y


WORDS = "the cat sat on mats naïve café Straße ÉCOLE Σίσυφος ΟΔΟΣ Привет мир こんにちは 世界 ½ x2 foo_bar don't e\u0301cole İstanbul ² 10 a".split()


def texts():
    rows = [" ".join(RANDOM.choice(WORDS, size=RANDOM.randint(3, 14))) + RANDOM.choice(["", "!", "\u00a0?", " \t\n x"]) for _ in range(120)]
    return rows, np.array([len(row) % 3 for row in rows])


def people():
    count = 300
    frame = pd.DataFrame(
        {
            "age": RANDOM.randint(18, 80, count).astype(float),
            "city": RANDOM.choice(["Köln", "Paris", "東京", "Oslo", "Lima", "Bern"], count, p=[0.4, 0.3, 0.1, 0.1, 0.05, 0.05]),
            "income": np.round(RANDOM.lognormal(3, 1, count), 2),
            "plan": RANDOM.choice(["free", "pro", "team"], count),
        }
    )
    return frame, (frame["age"] * 3 + frame["income"] > 180).astype(int).to_numpy()


def people_missing():
    frame, y = people()
    frame.loc[RANDOM.rand(len(frame)) < 0.2, "income"] = np.nan
    frame.loc[RANDOM.rand(len(frame)) < 0.2, "age"] = np.nan
    return frame, y


DATA = {function.__name__: function for function in (
    iris, breast, diabetes, counts, positive, shares, two_targets, two_labels, named, binary_named, missing, missing_regression, codes, one_column, texts, people,
    people_missing)}


# --- cases


def linear():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
    from sklearn import linear_model as lm
    from sklearn.svm import LinearSVC, LinearSVR

    old = {} if VERSION >= (1, 8) else {"multi_class": "ovr"}
    case("logistic", lambda: lm.LogisticRegression(max_iter=500))
    case("logistic_binary", lambda: lm.LogisticRegression(max_iter=5000), "breast")
    case("logistic_named", lambda: lm.LogisticRegression(max_iter=500), "named", save="pickle")
    case("logistic_ovr", lambda: lm.LogisticRegression(max_iter=500, **old))
    case("logistic_liblinear", lambda: lm.LogisticRegression(solver="liblinear"), "breast")
    case("logistic_multinomial_binary", lambda: lm.LogisticRegression(max_iter=5000, multi_class="multinomial"), "breast", below=(1, 8))
    case("logistic_no_intercept", lambda: lm.LogisticRegression(fit_intercept=False, max_iter=500))
    case("logistic_cv", lambda: lm.LogisticRegressionCV(max_iter=300, cv=3, Cs=3))
    case("sgd_log", lambda: lm.SGDClassifier(loss="log_loss" if VERSION >= (1, 1) else "log", random_state=0))
    case("sgd_hinge", lambda: lm.SGDClassifier(random_state=0))
    case("sgd_huber", lambda: lm.SGDClassifier(loss="modified_huber", random_state=0))
    case("sgd_huber_binary", lambda: lm.SGDClassifier(loss="modified_huber", random_state=0), "binary_named")
    case("perceptron", lambda: lm.Perceptron(random_state=0))
    case("passive_aggressive", lambda: lm.PassiveAggressiveClassifier(random_state=0), below=(1, 8))
    case("linear_svc", lambda: LinearSVC(random_state=0))
    case("linear_svr", lambda: LinearSVR(random_state=0), "diabetes")
    case("ridge_classifier", lambda: lm.RidgeClassifier(), "named")
    case("ridge_classifier_binary", lambda: lm.RidgeClassifierCV(), "binary_named")
    case("lda", LinearDiscriminantAnalysis)
    case("lda_binary", lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), "breast")
    case("qda", QuadraticDiscriminantAnalysis)
    case("qda_binary", lambda: QuadraticDiscriminantAnalysis(reg_param=0.1), "binary_named")
    for name in ("LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV", "Lars", "LassoLars", "BayesianRidge", "HuberRegressor",
                 "OrthogonalMatchingPursuit", "TheilSenRegressor"):
        case(f"regression_{name}", getattr(lm, name), "diabetes")
    case("sgd_regressor", lambda: lm.SGDRegressor(random_state=0), "diabetes")
    case("regression_two_targets", lm.LinearRegression, "two_targets")
    case("ridge_two_targets", lm.Ridge, "two_targets")
    case("multitask_lasso", lm.MultiTaskLasso, "two_targets")
    case("poisson", lambda: lm.PoissonRegressor(), "positive")
    case("gamma", lambda: lm.GammaRegressor(), "positive")
    case("tweedie", lambda: lm.TweedieRegressor(power=1.5), "positive")
    case("tweedie_identity", lambda: lm.TweedieRegressor(power=0), "positive")
    case("ransac", lambda: lm.RANSACRegressor(random_state=0), "diabetes")
    case("quantile_regressor", lambda: lm.QuantileRegressor(alpha=0.1, solver="highs"), "diabetes")


def trees():
    from sklearn import ensemble as en
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
    from sklearn.linear_model import LinearRegression, LogisticRegression

    if VERSION < (1, 0):
        from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401
    case("tree", lambda: DecisionTreeClassifier(random_state=0), "named")
    case("tree_weighted", lambda: DecisionTreeClassifier(max_depth=3, class_weight={0: 1, 1: 3}, random_state=0), "breast")
    case("tree_regressor", lambda: DecisionTreeRegressor(max_depth=6, random_state=0), "diabetes")
    case("tree_two_targets", lambda: DecisionTreeRegressor(max_depth=6, random_state=0), "two_targets")
    case("tree_best_first", lambda: DecisionTreeClassifier(max_leaf_nodes=9, random_state=0), "breast")
    case("extra_tree", lambda: ExtraTreeClassifier(random_state=0))
    case("tree_missing", lambda: DecisionTreeClassifier(random_state=0), "missing", needs=(1, 3))
    case("forest", lambda: en.RandomForestClassifier(20, random_state=0), "iris")
    case("forest_binary", lambda: en.RandomForestClassifier(20, random_state=0), "binary_named", save="pickle")
    case("forest_balanced", lambda: en.RandomForestClassifier(10, class_weight="balanced", max_depth=4, random_state=0), "breast")
    case("forest_missing", lambda: en.RandomForestClassifier(20, random_state=0), "missing", needs=(1, 4))
    case("forest_regressor", lambda: en.RandomForestRegressor(20, random_state=0), "diabetes")
    case("forest_regressor_missing", lambda: en.RandomForestRegressor(10, random_state=0), "missing_regression", needs=(1, 4))
    case("forest_two_targets", lambda: en.RandomForestRegressor(10, random_state=0), "two_targets")
    case("extra_trees", lambda: en.ExtraTreesClassifier(20, random_state=0))
    case("extra_trees_regressor", lambda: en.ExtraTreesRegressor(20, random_state=0), "diabetes")
    case("extra_trees_missing", lambda: en.ExtraTreesClassifier(20, random_state=0), "missing", needs=(1, 6))
    case("gradient_boosting", lambda: en.GradientBoostingClassifier(n_estimators=15, random_state=0))
    case("gradient_boosting_binary", lambda: en.GradientBoostingClassifier(n_estimators=15, random_state=0), "binary_named")
    case("gradient_boosting_exponential", lambda: en.GradientBoostingClassifier(n_estimators=15, loss="exponential", random_state=0), "breast")
    case("gradient_boosting_zero", lambda: en.GradientBoostingClassifier(n_estimators=15, init="zero", random_state=0))
    case("gradient_boosting_init", lambda: en.GradientBoostingClassifier(n_estimators=5, init=LogisticRegression(max_iter=500), random_state=0), "binary_named",
         needs=(1, 2), below=(1, 8))
    case("gradient_boosting_regressor", lambda: en.GradientBoostingRegressor(n_estimators=15, random_state=0), "diabetes")
    case("gradient_boosting_huber", lambda: en.GradientBoostingRegressor(n_estimators=15, loss="huber", random_state=0), "diabetes")
    case("gradient_boosting_quantile", lambda: en.GradientBoostingRegressor(n_estimators=15, loss="quantile", alpha=0.9, random_state=0), "diabetes")
    case("hist", lambda: en.HistGradientBoostingClassifier(max_iter=12, random_state=0))
    case("hist_binary", lambda: en.HistGradientBoostingClassifier(max_iter=12, random_state=0), "binary_named")
    case("hist_missing", lambda: en.HistGradientBoostingClassifier(max_iter=12, random_state=0), "missing")
    case("hist_regressor", lambda: en.HistGradientBoostingRegressor(max_iter=12, random_state=0), "missing_regression")
    case("hist_poisson", lambda: en.HistGradientBoostingRegressor(max_iter=12, loss="poisson", random_state=0), "positive")
    case("hist_gamma", lambda: en.HistGradientBoostingRegressor(max_iter=12, loss="gamma", random_state=0), "positive", needs=(1, 3))
    case("hist_categories", lambda: en.HistGradientBoostingClassifier(max_iter=12, categorical_features=[0, 1], random_state=0), "codes", rows=code_rows)
    case("ada", lambda: en.AdaBoostClassifier(n_estimators=10, random_state=0))
    case("ada_binary", lambda: en.AdaBoostClassifier(n_estimators=10, random_state=0), "binary_named")
    case("ada_samme", lambda: en.AdaBoostClassifier(n_estimators=10, algorithm="SAMME", random_state=0), below=(1, 8))
    case("ada_samme_binary", lambda: en.AdaBoostClassifier(n_estimators=10, algorithm="SAMME", random_state=0), "breast", below=(1, 8))
    case("ada_regressor", lambda: en.AdaBoostRegressor(n_estimators=10, random_state=0), "diabetes")
    case("bagging", lambda: en.BaggingClassifier(n_estimators=6, max_features=0.7, random_state=0), "named")
    case("bagging_votes", lambda: en.BaggingClassifier(sgd(), n_estimators=6, random_state=0))
    case("bagging_regressor", lambda: en.BaggingRegressor(n_estimators=6, max_features=0.5, random_state=0), "diabetes")
    case("bagging_linear", lambda: en.BaggingRegressor(LinearRegression(), n_estimators=4, random_state=0), "diabetes")
    case("isolation", lambda: en.IsolationForest(n_estimators=20, random_state=0))
    case("isolation_features", lambda: en.IsolationForest(n_estimators=20, max_features=0.5, contamination=0.1, random_state=0), "breast")


def sgd():
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(random_state=0)


def code_rows(X):
    rows = np.vstack([X[:150], np.column_stack([RANDOM.randint(-2, 12, 400), RANDOM.randint(0, 9, 400), RANDOM.normal(size=400)])]).astype(float)
    rows[RANDOM.rand(*rows.shape) < 0.1] = np.nan
    return rows


def others():
    from sklearn import naive_bayes as nb
    from sklearn import neighbors as ne
    from sklearn import svm
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.decomposition import NMF, PCA, FastICA, IncrementalPCA, TruncatedSVD
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.isotonic import IsotonicRegression
    from sklearn.mixture import GaussianMixture
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    case("gaussian_nb", nb.GaussianNB)
    case("gaussian_nb_binary", nb.GaussianNB, "binary_named")
    for name in ("MultinomialNB", "ComplementNB", "BernoulliNB"):
        case(f"bayes_{name}", getattr(nb, name), "counts")
    case("bernoulli_threshold", lambda: nb.BernoulliNB(binarize=7.5), "counts")
    case("neighbors", lambda: ne.KNeighborsClassifier(algorithm="brute"), "named")
    case("neighbors_tree", lambda: ne.KNeighborsClassifier(), "iris")
    case("neighbors_distance", lambda: ne.KNeighborsClassifier(weights="distance", algorithm="kd_tree"))
    case("neighbors_manhattan", lambda: ne.KNeighborsClassifier(metric="manhattan", algorithm="brute"), "breast")
    case("neighbors_minkowski", lambda: ne.KNeighborsClassifier(p=3, algorithm="brute"))
    case("neighbors_regressor", lambda: ne.KNeighborsRegressor(algorithm="brute"), "diabetes")
    case("neighbors_regressor_distance", lambda: ne.KNeighborsRegressor(weights="distance"), "two_targets")
    case("centroid", lambda: ne.NearestCentroid(), "named")
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        case(f"svc_{kernel}", lambda kernel=kernel: svm.SVC(kernel=kernel, probability=True, random_state=0))
        case(f"svr_{kernel}", lambda kernel=kernel: svm.SVR(kernel=kernel), "diabetes")
    case("svc_binary", lambda: svm.SVC(probability=True, random_state=0), "binary_named")
    case("svc_plain", lambda: svm.SVC(decision_function_shape="ovo"), "counts")
    case("svc_ties", lambda: svm.SVC(break_ties=True), "counts")
    case("nu_svc", lambda: svm.NuSVC(nu=0.3))
    case("nu_svr", svm.NuSVR, "diabetes")
    case("one_class", lambda: svm.OneClassSVM(nu=0.2))
    for activation in ("relu", "tanh", "logistic", "identity"):
        case(f"mlp_{activation}", lambda activation=activation: MLPClassifier((8, 5), activation=activation, max_iter=60, random_state=0))
    case("mlp_binary", lambda: MLPClassifier((8,), max_iter=60, random_state=0), "binary_named")
    case("mlp_regressor", lambda: MLPRegressor(hidden_layer_sizes=(8,), max_iter=60, random_state=0), "diabetes")
    case("mlp_two_targets", lambda: MLPRegressor(hidden_layer_sizes=(8,), max_iter=60, random_state=0), "two_targets")
    case("kmeans", lambda: KMeans(4, n_init=2, random_state=0))
    case("minibatch_kmeans", lambda: MiniBatchKMeans(4, n_init=2, random_state=0))
    for kind in ("full", "tied", "diag", "spherical"):
        case(f"mixture_{kind}", lambda kind=kind: GaussianMixture(3, covariance_type=kind, random_state=0))
    case("pca", lambda: PCA(2))
    case("pca_whiten", lambda: PCA(3, whiten=True))
    case("incremental_pca", lambda: IncrementalPCA(2))
    case("fast_ica", lambda: FastICA(2, random_state=0, whiten="unit-variance" if VERSION >= (1, 1) else True))
    case("svd", lambda: TruncatedSVD(3, random_state=0), "counts")
    case("nmf", lambda: NMF(3, random_state=0, max_iter=1000), "positive")
    case("nmf_counts", lambda: NMF(8, init="nndsvda", random_state=0), "counts")
    case("nmf_penalties", lambda: NMF(4, alpha_W=0.002, l1_ratio=0.4, random_state=0), "positive")
    case("nmf_few_steps", lambda: NMF(5, init="nndsvd", max_iter=7, tol=1e-9), "counts")
    case("dummy_prior", lambda: DummyClassifier(), "named")
    case("dummy_frequent", lambda: DummyClassifier(strategy="most_frequent"))
    case("dummy_constant", lambda: DummyClassifier(strategy="constant", constant=1))
    case("dummy_regressor", lambda: DummyRegressor(strategy="median"), "diabetes")
    case("isotonic", lambda: IsotonicRegression(out_of_bounds="clip"), "one_column")


def preprocessing():
    from sklearn import feature_selection as fs
    from sklearn import preprocessing as pp
    from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline

    for name in ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"):
        case(f"scale_{name}", getattr(pp, name))
        case(f"scale_{name}_missing", getattr(pp, name), "missing")
    case("scale_clip", lambda: pp.MinMaxScaler((-1, 3), clip=True))
    case("scale_mean_only", lambda: pp.StandardScaler(with_std=False))
    for norm in ("l1", "l2", "max"):
        case(f"normalizer_{norm}", lambda norm=norm: pp.Normalizer(norm))
    case("binarizer", lambda: pp.Binarizer(threshold=1.5))
    case("power", lambda: pp.PowerTransformer())
    case("power_box_cox", lambda: pp.PowerTransformer("box-cox"), "positive", rows=lambda X: np.vstack([X, X * 1.5]))
    case("quantile_uniform", lambda: pp.QuantileTransformer(n_quantiles=50))
    case("quantile_normal", lambda: pp.QuantileTransformer(n_quantiles=50, output_distribution="normal"), "breast")
    for encode in ("ordinal", "onehot", "onehot-dense"):
        case(f"bins_{encode}", lambda encode=encode: pp.KBinsDiscretizer(4, encode=encode, strategy="quantile"))
    case("polynomial", lambda: pp.PolynomialFeatures(3))
    case("polynomial_interaction", lambda: pp.PolynomialFeatures(3, interaction_only=True, include_bias=False))
    case("polynomial_range", lambda: pp.PolynomialFeatures((2, 3)))
    case("function_log1p", lambda: pp.FunctionTransformer(np.log1p), "positive")
    case("function_sqrt", lambda: pp.FunctionTransformer(np.sqrt), "positive")
    case("function_none", lambda: pp.FunctionTransformer())
    case("impute_neighbors", lambda: KNNImputer(n_neighbors=3), "missing")
    case("impute_neighbors_indicator", lambda: KNNImputer(add_indicator=True), "missing")
    case("spline", lambda: pp.SplineTransformer())
    case("spline_linear", lambda: pp.SplineTransformer(degree=2, extrapolation="linear", include_bias=False, knots="quantile"))
    case("spline_continue", lambda: pp.SplineTransformer(n_knots=4, extrapolation="continue"))
    case("spline_periodic", lambda: pp.SplineTransformer(n_knots=6, extrapolation="periodic"))
    case("spline_regression", lambda: make_pipeline(pp.SplineTransformer(degree=1, n_knots=7), Ridge()), "diabetes")
    case("impute_mean", lambda: SimpleImputer(), "missing")
    case("impute_median_indicator", lambda: SimpleImputer(strategy="median", add_indicator=True), "missing")
    case("impute_constant", lambda: SimpleImputer(strategy="constant", fill_value=-7), "missing")
    case("impute_number", lambda: SimpleImputer(missing_values=0, strategy="most_frequent"), "counts")
    case("missing_indicator", lambda: MissingIndicator(), "missing")
    case("onehot_numbers", lambda: pp.OneHotEncoder(handle_unknown="ignore"), "codes", rows=lambda X: np.vstack([X[:150], X[:50] + 3]))
    case("select_variance", lambda: fs.VarianceThreshold(0.2))
    case("select_best", lambda: fs.SelectKBest(k=2))
    case("select_percentile", lambda: fs.SelectPercentile(percentile=30), "breast")
    case("select_fpr", lambda: fs.SelectFpr(alpha=0.01), "breast")
    case("select_fwe", lambda: fs.SelectFwe(alpha=0.01), "breast")
    case("select_model", lambda: fs.SelectFromModel(LogisticRegression(max_iter=500)))
    from sklearn import ensemble, tree

    case("select_tree", lambda: fs.SelectFromModel(tree.DecisionTreeClassifier(max_depth=4, random_state=0)), "breast")
    case("select_forest", lambda: fs.SelectFromModel(ensemble.RandomForestClassifier(20, random_state=0), threshold="1.25*mean"), "breast")
    case("select_extra", lambda: fs.SelectFromModel(ensemble.ExtraTreesRegressor(20, random_state=0), max_features=4), "diabetes")
    case("select_boosting", lambda: make_pipeline(fs.SelectFromModel(ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0)), LogisticRegression(max_iter=5000)), "breast")
    case("select_model_median", lambda: fs.SelectFromModel(LogisticRegression(max_iter=5000), threshold="median"), "breast")
    case("rfe", lambda: fs.RFE(LogisticRegression(max_iter=500), n_features_to_select=2))
    case("target_encoder", lambda: make_pipeline(pp.TargetEncoder(random_state=0), LogisticRegression()), "codes", needs=(1, 3))


def text():
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction import text as tx
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline, make_union

    case("text_count", lambda: tx.CountVectorizer(), "texts")
    case("text_count_binary", lambda: tx.CountVectorizer(binary=True, ngram_range=(1, 2), lowercase=False), "texts")
    case("text_stop", lambda: tx.CountVectorizer(stop_words="english"), "texts")
    case("text_tfidf", lambda: make_pipeline(tx.TfidfVectorizer(), LogisticRegression()), "texts")
    case("text_sublinear", lambda: tx.TfidfVectorizer(sublinear_tf=True, norm="l1", ngram_range=(1, 3)), "texts")
    case("text_char", lambda: tx.TfidfVectorizer(analyzer="char", ngram_range=(2, 3)), "texts")
    case("text_char_wb", lambda: make_pipeline(tx.CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)), MultinomialNB()), "texts")
    case("text_hashing", lambda: make_pipeline(tx.HashingVectorizer(n_features=64), LogisticRegression()), "texts")
    case("text_transformer", lambda: make_pipeline(tx.CountVectorizer(), tx.TfidfTransformer(), TruncatedSVD(4, random_state=0), LogisticRegression()), "texts")
    case("text_union", lambda: make_pipeline(make_union(tx.TfidfVectorizer(), tx.CountVectorizer(analyzer="char", ngram_range=(1, 2))), LogisticRegression()), "texts")


def composition():
    from sklearn import ensemble as en
    from sklearn import linear_model as lm
    from sklearn import multiclass, multioutput
    from sklearn import preprocessing as pp
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.decomposition import PCA
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import GridSearchCV
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
    from sklearn.svm import SVC, LinearSVC
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    logistic = lambda: lm.LogisticRegression(max_iter=1000)
    case("pipeline", lambda: make_pipeline(pp.StandardScaler(), PCA(2), logistic()), "named")
    case("pipeline_passthrough", lambda: Pipeline([("a", "passthrough"), ("b", pp.StandardScaler()), ("c", logistic())]))
    case("pipeline_kmeans", lambda: make_pipeline(pp.StandardScaler(), __import__("sklearn.cluster").cluster.KMeans(3, n_init=2, random_state=0)))
    case("union", lambda: make_pipeline(FeatureUnion([("p", PCA(2)), ("s", pp.StandardScaler())]), logistic()))
    sparse = "sparse_output" if VERSION >= (1, 2) else "sparse"
    columns = lambda **options: ColumnTransformer(
        [("numbers", pp.StandardScaler(), ["age", "income"]), ("words", pp.OneHotEncoder(handle_unknown="ignore"), ["city", "plan"])], **options)
    case("columns", lambda: make_pipeline(columns(), logistic()), "people", rows=people_rows)
    case("columns_forest", lambda: make_pipeline(columns(), en.RandomForestClassifier(10, random_state=0)), "people", rows=people_rows)
    case("columns_drop", lambda: make_pipeline(ColumnTransformer([("words", pp.OneHotEncoder(drop="first"), [1, 3])], remainder="passthrough"), logistic()), "people")
    case("columns_if_binary", lambda: ColumnTransformer([("words", pp.OneHotEncoder(drop="if_binary", **{sparse: False}), ["city"])], remainder="drop"), "people")
    case("columns_infrequent", lambda: make_pipeline(ColumnTransformer(
        [("words", pp.OneHotEncoder(min_frequency=40, handle_unknown="infrequent_if_exist"), ["city"]), ("numbers", "passthrough", ["age"])]), logistic()),
        "people", rows=people_rows, needs=(1, 1))
    case("columns_ordinal", lambda: make_pipeline(ColumnTransformer(
        [("words", pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["city", "plan"])], remainder="passthrough"),
        en.RandomForestClassifier(10, random_state=0)), "people", rows=people_rows)
    case("columns_mask", lambda: make_pipeline(ColumnTransformer([("a", pp.MinMaxScaler(), [True, False, True, False])], remainder="drop"), logistic()), "people")
    case("columns_slice", lambda: ColumnTransformer([("a", pp.StandardScaler(), slice(1, 3)), ("b", pp.MinMaxScaler(), [-1])], remainder="passthrough"))
    case("columns_weights", lambda: ColumnTransformer([("a", pp.StandardScaler(), [0, 1]), ("b", "passthrough", [2])], transformer_weights={"a": 3.0}))
    case("columns_missing", lambda: make_pipeline(ColumnTransformer(
        [("n", make_pipeline(SimpleImputer(strategy="median"), pp.StandardScaler()), ["age", "income"]), ("w", pp.OneHotEncoder(handle_unknown="ignore"), ["city", "plan"])]),
        logistic()), "people_missing", rows=people_rows)
    case("columns_fill", lambda: make_pipeline(ColumnTransformer(
        [("w", make_pipeline(SimpleImputer(strategy="most_frequent"), pp.OneHotEncoder(handle_unknown="ignore")), ["city", "plan"]), ("n", SimpleImputer(), ["age", "income"])]),
        logistic()), "people_missing", rows=people_rows)
    case("columns_text", lambda: make_pipeline(ColumnTransformer([("t", CountVectorizer(analyzer="char"), "city"), ("n", "passthrough", ["age"])]), logistic()), "people")
    case("columns_hist", lambda: make_pipeline(ColumnTransformer(
        [("w", pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan), ["city", "plan"])], remainder="passthrough"),
        en.HistGradientBoostingClassifier(max_iter=10, categorical_features=[0, 1], random_state=0)), "people", rows=people_rows)
    members = lambda: [("l", logistic()), ("t", DecisionTreeClassifier(max_depth=3, random_state=0)), ("g", GaussianNB())]
    case("voting_soft", lambda: en.VotingClassifier(members(), voting="soft", weights=[1, 2, 3]), "named")
    case("voting_hard", lambda: en.VotingClassifier(members()), "named")
    case("voting_regressor", lambda: en.VotingRegressor([("l", lm.LinearRegression()), ("t", DecisionTreeRegressor(max_depth=3, random_state=0))], weights=[1, 2]), "diabetes")
    case("stacking", lambda: en.StackingClassifier(members(), logistic(), cv=3), "named")
    case("stacking_binary", lambda: en.StackingClassifier([*members(), ("s", LinearSVC(random_state=0))], logistic(), cv=3, passthrough=True), "binary_named")
    case("stacking_regressor", lambda: en.StackingRegressor([("l", lm.Ridge()), ("t", DecisionTreeRegressor(max_depth=3, random_state=0))], cv=3), "diabetes")
    case("multioutput_regressor", lambda: multioutput.MultiOutputRegressor(lm.Ridge()), "two_targets")
    case("tree_two_labels", lambda: DecisionTreeClassifier(max_depth=4, random_state=0), "two_labels")
    case("forest_two_labels", lambda: en.RandomForestClassifier(15, max_depth=5, random_state=0), "two_labels")
    case("multioutput_classifier", lambda: multioutput.MultiOutputClassifier(logistic()), "two_labels")
    case("classifier_chain", lambda: multioutput.ClassifierChain(logistic(), order=[1, 0]), "two_labels")
    case("regressor_chain", lambda: multioutput.RegressorChain(lm.Ridge(), order=[1, 0]), "two_targets")
    case("ovr", lambda: multiclass.OneVsRestClassifier(logistic()), "named")
    case("ovr_svc", lambda: multiclass.OneVsRestClassifier(LinearSVC(random_state=0)))
    case("ovr_binary", lambda: multiclass.OneVsRestClassifier(GaussianNB()), "binary_named")
    case("ovo", lambda: multiclass.OneVsOneClassifier(logistic()), "named")
    case("ovo_trees", lambda: multiclass.OneVsOneClassifier(DecisionTreeClassifier(max_depth=3, random_state=0)))
    case("calibrated_sigmoid", lambda: CalibratedClassifierCV(LinearSVC(random_state=0), cv=3), "named")
    case("calibrated_isotonic", lambda: CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=3))
    case("calibrated_binary", lambda: CalibratedClassifierCV(en.RandomForestClassifier(5, random_state=0), cv=3, ensemble=False), "binary_named")
    case("transformed_target", lambda: TransformedTargetRegressor(lm.Ridge(), func=np.log1p, inverse_func=np.expm1), "positive")
    case("transformed_target_scaler", lambda: TransformedTargetRegressor(lm.Ridge(), transformer=pp.StandardScaler()), "diabetes")
    case("grid", lambda: GridSearchCV(make_pipeline(pp.StandardScaler(), SVC(random_state=0)), {"svc__C": [0.1, 1]}, cv=3))
    if VERSION >= (1, 5):
        from sklearn.model_selection import FixedThresholdClassifier

        case("fixed_threshold", lambda: FixedThresholdClassifier(logistic(), threshold=0.8), "binary_named")
        case("fixed_threshold_label", lambda: FixedThresholdClassifier(logistic(), threshold=0.2, pos_label="bösartig"), "binary_named")
    if VERSION >= (1, 6):
        from sklearn.frozen import FrozenEstimator

        case("frozen", lambda: FrozenEstimator(logistic().fit(*iris())))


def xgboost():
    try:
        import xgboost as xg
    except ImportError:
        return
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    case("xgb", lambda: xg.XGBClassifier(n_estimators=8, max_depth=4))
    case("xgb_binary", lambda: xg.XGBClassifier(n_estimators=8, max_depth=4), "breast", save="pickle")
    case("xgb_missing", lambda: xg.XGBClassifier(n_estimators=8, max_depth=4), "missing")
    case("xgb_missing_value", lambda: xg.XGBClassifier(n_estimators=8, max_depth=4, missing=0.0), "counts")
    case("xgb_forest", lambda: xg.XGBRFClassifier(n_estimators=8, max_depth=4))
    case("xgb_parallel", lambda: xg.XGBClassifier(n_estimators=4, num_parallel_tree=3, subsample=0.7, max_depth=3))
    case("xgb_base_score", lambda: xg.XGBClassifier(n_estimators=8, max_depth=4, base_score=0.2), "breast")
    case("xgb_dart", lambda: xg.XGBClassifier(n_estimators=8, max_depth=3, booster="dart", rate_drop=0.3), "breast")
    case("xgb_dart_multi", lambda: xg.XGBClassifier(n_estimators=8, max_depth=3, booster="dart", rate_drop=0.3, one_drop=True))
    case("xgb_pipeline", lambda: make_pipeline(StandardScaler(), xg.XGBClassifier(n_estimators=8, max_depth=3)), "breast")
    case("xgb_categories", lambda: xg.XGBClassifier(n_estimators=8, max_depth=4, tree_method="hist", enable_categorical=True, max_cat_to_onehot=2, feature_types=["c", "c", "q"]),
         "codes", rows=lambda X: code_rows(X)[:150])
    for objective in ("reg:squarederror", "count:poisson", "reg:gamma", "reg:tweedie", "reg:pseudohubererror", "reg:absoluteerror", "reg:squaredlogerror"):
        case("xgb_" + objective.replace(":", "_"), lambda objective=objective: xg.XGBRegressor(n_estimators=8, max_depth=4, objective=objective), "positive")
    case("xgb_logistic_regression", lambda: xg.XGBRegressor(n_estimators=8, max_depth=4, objective="reg:logistic"), "shares")
    case("xgb_two_targets", lambda: xg.XGBRegressor(n_estimators=8, max_depth=4, tree_method="hist"), "two_targets")
    case("xgb_softmax", lambda: NativeXGBoost(xg, "multi:softmax", num_class=3), save="xgboost_json")
    case("xgb_softprob", lambda: NativeXGBoost(xg, "multi:softprob", num_class=3), save="xgboost_ubj")
    case("xgb_json", lambda: NativeXGBoost(xg, "binary:logistic"), "breast", save="xgboost_json")
    case("xgb_hinge", lambda: NativeXGBoost(xg, "binary:hinge"), "breast", save="xgboost_ubj")
    case("xgb_logitraw", lambda: NativeXGBoost(xg, "binary:logitraw"), "breast", save="xgboost_json")


def lightgbm():
    try:
        import lightgbm as lg
    except ImportError:
        return
    quiet = {"verbose": -1, "n_estimators": 8, "num_leaves": 12}
    case("lgbm", lambda: lg.LGBMClassifier(**quiet))
    case("lgbm_named", lambda: lg.LGBMClassifier(**quiet), "named")
    case("lgbm_binary", lambda: lg.LGBMClassifier(**quiet), "binary_named", save="pickle")
    case("lgbm_ova", lambda: lg.LGBMClassifier(objective="multiclassova", **quiet))
    case("lgbm_missing", lambda: lg.LGBMClassifier(**quiet), "missing")
    case("lgbm_zero", lambda: lg.LGBMClassifier(zero_as_missing=True, **quiet), "counts")
    case("lgbm_no_missing", lambda: lg.LGBMClassifier(use_missing=False, **quiet), "missing")
    case("lgbm_forest", lambda: lg.LGBMClassifier(boosting_type="rf", subsample=0.7, subsample_freq=1, **quiet), "breast")
    case("lgbm_dart", lambda: lg.LGBMClassifier(boosting_type="dart", **quiet), "breast")
    for objective in ("regression", "poisson", "gamma", "tweedie", "quantile", "huber", "mape", "fair"):
        case("lgbm_" + objective, lambda objective=objective: lg.LGBMRegressor(objective=objective, **quiet), "positive")
    case("lgbm_sqrt", lambda: lg.LGBMRegressor(reg_sqrt=True, **quiet), "positive")
    case("lgbm_categories", lambda: NativeLightGBM(lg, "binary", categorical_feature=[0, 1]), "codes", rows=lambda X: code_rows(X), save="lightgbm_text")
    case("lgbm_text", lambda: NativeLightGBM(lg, "multiclass", num_class=3), save="lightgbm_text")
    case("lgbm_entropy", lambda: NativeLightGBM(lg, "cross_entropy"), "breast", save="lightgbm_text")


class NativeXGBoost:
    """A Booster as the worker serves it: probabilities of `binary:logistic` and `multi:softprob`, values of all others."""

    def __init__(self, library, objective, **options):
        self.library, self.parameters = library, {"objective": objective, "max_depth": 4, **options}

    def fit(self, X, y):
        self.model = self.library.train(self.parameters, self.library.DMatrix(X, label=y), num_boost_round=8)
        if self.parameters["objective"] in ("binary:logistic", "multi:softprob"):
            self.predict_proba = self.probabilities

    def predict(self, X):
        raw = self.model.predict(self.library.DMatrix(X))
        return np.argmax(self.probabilities(X), axis=1) if hasattr(self, "predict_proba") else raw

    def probabilities(self, X):
        raw = self.model.predict(self.library.DMatrix(X))
        return np.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw

    def save(self, path, format):
        path.write_bytes(self.model.save_raw(format.split("_")[1]))


class NativeLightGBM:
    """The same for LightGBM."""

    def __init__(self, library, objective, **options):
        self.library, self.parameters = library, {"objective": objective, "verbose": -1, **options}

    def fit(self, X, y):
        self.model = self.library.train(self.parameters, self.library.Dataset(X, label=y), num_boost_round=8)
        if self.parameters["objective"] in ("binary", "multiclass"):
            self.predict_proba = self.probabilities

    def predict(self, X):
        return np.argmax(self.probabilities(X), axis=1) if hasattr(self, "predict_proba") else self.model.predict(X)

    def probabilities(self, X):
        raw = self.model.predict(X)
        return np.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw

    def save(self, path, format):
        path.write_text(self.model.model_to_string())


def people_rows(frame):
    """Known rows, a city that nobody lives in, and ages beyond all."""
    rows = frame.copy()
    rows.loc[rows.index[:40], "city"] = "Nirgendwo"
    rows.loc[rows.index[40:60], "age"] = 130.0
    rows.loc[rows.index[60:70], "city"] = "o\u0308slo"
    return rows


# --- writing


def inputs(X):
    """The rows as a request brings them: one matrix of doubles, columns of doubles and texts, or texts."""
    if isinstance(X, pd.DataFrame):
        return [{"name": name, "kind": "number"} if X[name].dtype.kind == "f" else {"name": name, "kind": "string", "values": [None if pd.isna(v) else str(v) for v in X[name]]}
                for name in X.columns]
    if isinstance(X, list):
        return [{"name": "text", "kind": "string", "values": X}]
    return None


def answers(model, X):
    found = {}
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if method == "transform" and "predict" in found:
            continue
        if not hasattr(model, method):
            continue
        # What a prediction API asks for: labels alone of clusters and of several outputs.
        if method != "predict" and "predict" in found and (found["predict"].ndim == 2 or hasattr(model, "precisions_cholesky_")):
            continue
        # New in LightGBM 4.7, and used by nothing that is evaluated here.
        if method == "decision_function" and type(model).__module__.startswith("lightgbm"):
            continue
        try:
            value = getattr(model, method)(X)
        except (AttributeError, NotImplementedError):
            continue
        if isinstance(value, list):
            continue
        found[method] = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
    return found


def save_skops(model, path):
    """The same model as skops writes it, where skops is installed and knows every part of it."""
    try:
        import skops.io

        skops.io.dump(model, path)
    except ImportError:
        pass
    except Exception:
        path.unlink(missing_ok=True)


def write(folder, name, make, data, rows, save):
    X, y = DATA[data]()
    model = make()
    model.fit(X, y)
    path = folder / f"{name}.model"
    if save in ("joblib", "pickle"):
        with open(path, "wb") as file:
            joblib.dump(model, file) if save == "joblib" else pickle.dump(model, file)
        save_skops(model, folder / f"{name}.skops")
    else:
        model.save(path, save)
    if rows is not None:
        X = rows(X)
    elif isinstance(X, np.ndarray):
        X = probes(X, model if not isinstance(model, sklearn.pipeline.Pipeline) else None)
        if data in ("counts", "positive"):
            X = np.abs(X)
        if data in ("missing", "missing_regression"):
            X[RANDOM.rand(*X.shape) < 0.2] = np.nan
    elif isinstance(X, list):
        X = [*X, "", "Unbekannt und neu", "a\u0301 É é ǅ ẞ ΣΑΣ. ٣٤"]
    description = {"name": name, "format": save, "rows": len(X), "columns": inputs(X), "outputs": []}
    blocks = []
    if isinstance(X, np.ndarray):
        description["width"] = X.shape[1]
        blocks.append(X.astype("<f8").tobytes())
    elif isinstance(X, pd.DataFrame):
        blocks += [X[name].to_numpy().astype("<f8").tobytes() for name in X.columns if X[name].dtype.kind == "f"]
    for method, value in answers(model, X).items():
        output = {"method": method, "shape": list(value.shape), "single": value.dtype == np.float32}
        if value.dtype.kind in "biuf":
            blocks.append(value.astype("<f8").tobytes())
        else:
            output["texts"] = [str(item) for item in np.ravel(value)]
        description["outputs"].append(output)
    (folder / f"{name}.json").write_text(json.dumps(description, ensure_ascii=False))
    (folder / f"{name}.bin").write_bytes(b"".join(blocks))


def main():
    folder = Path(sys.argv[1])
    wanted = set(sys.argv[2:])
    folder.mkdir(parents=True, exist_ok=True)
    for group in (linear, trees, others, preprocessing, text, composition, xgboost, lightgbm):
        group()
    for name, make, data, rows, save in cases:
        if wanted and name not in wanted:
            continue
        try:
            write(folder, name, make, data, rows, save)
        except Exception as error:
            raise SystemExit(f"{name}: {type(error).__name__}: {error}")
    print(f"scikit-learn {sklearn.__version__}: {len(cases)} cases in {folder}")


if __name__ == "__main__":
    main()
