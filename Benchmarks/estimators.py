"""Times the evaluators of Swift beside the libraries that fitted the models, on the same rows, in one run.

Usage: estimators.py MARTLET ; prints a table in Markdown: microseconds a call (median) and how many times faster.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import joblib
import lightgbm
import numpy
import sklearn
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

warnings.simplefilter("ignore")
X, y = load_breast_cancer(return_X_y=True)
MODELS = {
    "LogisticRegression": LogisticRegression(max_iter=5000),
    "StandardScaler, LogisticRegression": make_pipeline(StandardScaler(), LogisticRegression()),
    "RandomForest, 100 trees": RandomForestClassifier(100, random_state=0),
    "GradientBoosting, 100 trees": GradientBoostingClassifier(random_state=0),
    "HistGradientBoosting, 100 trees": HistGradientBoostingClassifier(random_state=0),
    "XGBoost, 100 trees": xgboost.XGBClassifier(n_estimators=100, n_jobs=1),
    "LightGBM, 100 trees": lightgbm.LGBMClassifier(n_estimators=100, verbose=-1, n_jobs=1),
    "SVC, RBF kernel": SVC(),
}


def library(model, rows, repeat):
    """What a server would call: the probabilities, and the labels where there are none."""
    call = getattr(model, "predict_proba", model.predict)
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call(rows)
        times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


def main():
    binary = sys.argv[1]
    print(f"scikit-learn {sklearn.__version__}, XGBoost {xgboost.__version__}, LightGBM {lightgbm.__version__}, breast cancer data (30 columns), one thread each.\n")
    print("| model | rows | library, µs | Swift, µs | times faster |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, model in MODELS.items():
            model.fit(X, y)
            path = Path(folder) / "model.joblib"
            joblib.dump(model, path)
            for count, repeat in ((1, 200), (1000, 20)):
                rows = X[numpy.arange(count) % len(X)]
                rows_path = Path(folder) / "rows.json"
                rows_path.write_text(json.dumps(rows.tolist()))
                theirs = library(model, rows, repeat)
                ours = float(subprocess.check_output([binary, "evaluate", str(path), "--rows", str(rows_path), "--repeat", str(repeat * 5)]))
                print(f"| {name} | {count} | {theirs:.0f} | {ours:.1f} | {theirs / ours:.0f} |", flush=True)


main()
