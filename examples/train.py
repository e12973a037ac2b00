"""Trains one of two small real models on data that scikit-learn ships, and writes rows with scikit-learn's own answers.

    python examples/train.py iris OUT      LogisticRegression on arrays            -> OUT/iris.joblib
    python examples/train.py cancer OUT    scaler and forest on a DataFrame        -> OUT/cancer.pkl
"""

import json
import pickle
import sys
from pathlib import Path

import joblib
import sklearn
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def iris(out):
    data = load_iris()
    train, test, labels, _ = train_test_split(data.data, data.target, random_state=0, stratify=data.target)
    model = LogisticRegression(max_iter=500).fit(train, labels)
    joblib.dump(model, out / "iris.joblib", compress=3)
    write(out / "iris.json", model, test[:5], test[:5].tolist())


def cancer(out):
    data = load_breast_cancer(as_frame=True)
    train, test, labels, _ = train_test_split(data.data, data.target, random_state=0, stratify=data.target)
    model = Pipeline([("scale", StandardScaler()), ("forest", RandomForestClassifier(n_estimators=100, random_state=0))]).fit(train, labels)
    (out / "cancer.pkl").write_bytes(pickle.dumps(model))
    write(out / "cancer.json", model, test[:5], test[:5].to_dict("records"))


def write(path, model, rows, data):
    path.write_text(json.dumps({"sklearn": sklearn.__version__, "data": data, "probabilities": model.predict_proba(rows).tolist()}))


out = Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
{"iris": iris, "cancer": cancer}[sys.argv[1]](out)
