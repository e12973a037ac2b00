"""Writes benign model files with the scikit-learn that is installed here: 60 estimators and pipelines, each fitted on real data.

    python scripts/make_scan_corpus.py FOLDER
Every file is written in another container or protocol, so that all of them are covered. Nothing hostile is in it: see make_hostile_corpus.py.
"""

import pickle
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn import (
    calibration, cluster, compose, cross_decomposition, decomposition, discriminant_analysis, dummy, ensemble, feature_extraction, feature_selection,
    gaussian_process, impute, isotonic, kernel_approximation, linear_model, manifold, mixture, model_selection, multiclass, multioutput, naive_bayes,
    neighbors, neural_network, pipeline, preprocessing, random_projection, svm, tree,
)
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

warnings.simplefilter("ignore")
target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
iris, diabetes, cancer = load_iris(), load_diabetes(), load_breast_cancer(as_frame=True)
X, y = iris.data, iris.target
V, v = diabetes.data, diabetes.target
texts = ["a few words", "some other words", "und noch mehr", "naïve café"] * 5

classifiers = [
    linear_model.LogisticRegression(max_iter=300), linear_model.SGDClassifier(), linear_model.Perceptron(), linear_model.RidgeClassifier(),
    linear_model.PassiveAggressiveClassifier(), svm.SVC(probability=True), svm.LinearSVC(), svm.NuSVC(), naive_bayes.GaussianNB(), naive_bayes.MultinomialNB(),
    naive_bayes.BernoulliNB(), naive_bayes.ComplementNB(), neighbors.KNeighborsClassifier(), neighbors.NearestCentroid(), tree.DecisionTreeClassifier(),
    tree.ExtraTreeClassifier(), ensemble.RandomForestClassifier(5), ensemble.ExtraTreesClassifier(5), ensemble.GradientBoostingClassifier(n_estimators=3),
    ensemble.HistGradientBoostingClassifier(max_iter=3), ensemble.AdaBoostClassifier(n_estimators=3), ensemble.BaggingClassifier(n_estimators=3),
    discriminant_analysis.LinearDiscriminantAnalysis(), discriminant_analysis.QuadraticDiscriminantAnalysis(), neural_network.MLPClassifier(hidden_layer_sizes=(5,), max_iter=30),
    gaussian_process.GaussianProcessClassifier(), dummy.DummyClassifier(), calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2),
    multiclass.OneVsRestClassifier(linear_model.LogisticRegression()), multiclass.OneVsOneClassifier(linear_model.LogisticRegression()),
    ensemble.VotingClassifier([("a", naive_bayes.GaussianNB()), ("b", tree.DecisionTreeClassifier())]),
    ensemble.StackingClassifier([("a", naive_bayes.GaussianNB()), ("b", tree.DecisionTreeClassifier())], cv=2),
    model_selection.GridSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2),
    model_selection.RandomizedSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, n_iter=2, cv=2),
    pipeline.make_pipeline(preprocessing.StandardScaler(), svm.SVC()), pipeline.make_pipeline(decomposition.PCA(2), linear_model.LogisticRegression()),
    pipeline.make_pipeline(preprocessing.PolynomialFeatures(2), feature_selection.SelectKBest(k=3), tree.DecisionTreeClassifier()),
]
regressors = [
    linear_model.LinearRegression(), linear_model.Ridge(), linear_model.Lasso(), linear_model.ElasticNet(), linear_model.HuberRegressor(), linear_model.BayesianRidge(),
    linear_model.Lars(), linear_model.TheilSenRegressor(max_subpopulation=50), svm.SVR(), neighbors.KNeighborsRegressor(), tree.DecisionTreeRegressor(),
    ensemble.RandomForestRegressor(3), ensemble.GradientBoostingRegressor(n_estimators=3), ensemble.HistGradientBoostingRegressor(max_iter=3),
    neural_network.MLPRegressor(hidden_layer_sizes=(5,), max_iter=30), cross_decomposition.PLSRegression(2), gaussian_process.GaussianProcessRegressor(),
    compose.TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1), multioutput.MultiOutputRegressor(linear_model.Ridge()),
]
transformers = [
    preprocessing.StandardScaler(), preprocessing.MinMaxScaler(), preprocessing.RobustScaler(), preprocessing.QuantileTransformer(n_quantiles=20),
    preprocessing.PowerTransformer(), preprocessing.KBinsDiscretizer(3), preprocessing.SplineTransformer(), preprocessing.FunctionTransformer(np.log1p),
    decomposition.PCA(2), decomposition.TruncatedSVD(2), decomposition.NMF(2, max_iter=300), decomposition.FastICA(2), impute.SimpleImputer(), impute.KNNImputer(),
    cluster.KMeans(3), cluster.MiniBatchKMeans(3), cluster.DBSCAN(), cluster.Birch(n_clusters=3), mixture.GaussianMixture(2), manifold.Isomap(),
    ensemble.IsolationForest(n_estimators=3), svm.OneClassSVM(), neighbors.LocalOutlierFactor(novelty=True), kernel_approximation.Nystroem(n_components=5),
    random_projection.GaussianRandomProjection(2), feature_selection.VarianceThreshold(), pipeline.make_union(decomposition.PCA(1), preprocessing.StandardScaler()),
]
containers = [None, 0, 1, 2, 3, 4, 5, "joblib", ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3)]
count = 0


def write(model, name):
    global count
    container = containers[count % len(containers)]
    count += 1
    path = target / f"{count:03d}-{name}-{str(container).replace(' ', '')}"
    if container is None or isinstance(container, int):
        path.with_suffix(".pkl").write_bytes(pickle.dumps(model, container if container is not None else pickle.DEFAULT_PROTOCOL))
    else:
        joblib.dump(model, path.with_suffix(".joblib"), compress=0 if container == "joblib" else container)


for model in classifiers:
    write(model.fit(np.abs(X), y), type(model).__name__)
for model in regressors:
    write(model.fit(V, np.abs(v)) if "MultiOutput" not in type(model).__name__ else model.fit(V, np.stack([v, v], 1)), type(model).__name__)
for model in transformers:
    write(model.fit(np.abs(X)), type(model).__name__)
frame = pd.DataFrame({"age": [20.0, 30, None, 50] * 5, "city": ["Rome", "Oslo", "Rome", "Bonn"] * 5, "words": texts})
columns = compose.ColumnTransformer(
    [("n", impute.SimpleImputer(), ["age"]), ("c", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city"]), ("t", feature_extraction.text.TfidfVectorizer(), "words")]
)
write(pipeline.Pipeline([("columns", columns), ("model", linear_model.LogisticRegression())]).fit(frame, [0, 1, 1, 0] * 5), "mixed")
write(pipeline.make_pipeline(feature_extraction.text.CountVectorizer(), naive_bayes.MultinomialNB()).fit(texts, [0, 1, 1, 0] * 5), "text")
write(pipeline.make_pipeline(preprocessing.StandardScaler(), ensemble.RandomForestClassifier(3)).fit(cancer.data, cancer.target), "frame")
write({"model": linear_model.Ridge().fit(V, v), "columns": diabetes.feature_names, "trained": "2026-11-21", "scores": np.arange(3.0)}, "bundle")
write(isotonic.IsotonicRegression().fit(V[:, 0], v), "isotonic")
print(f"scikit-learn {sklearn.__version__}: {count} files")
