"""Writes Tests/Fixtures: small honest models made by the real libraries, and files that attack a loader.

Run with scikit-learn 1.5.2, numpy 2, pandas, lz4, xgboost 2.0.3 and lightgbm 4.6.0:
    python scripts/make_fixtures.py Tests/Fixtures
The attacks call `os.getppid` or print: they prove a point and do no harm. Nothing here is ever loaded by the tests.
"""

import bz2
import io
import json
import pickle
import sys
from pathlib import Path

import joblib
import numpy as np
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)


class Calls:
    """An object whose unpickling calls a function."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def honest():
    iris = load_iris()
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    joblib.dump(model, target / "iris.joblib")
    for name in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        joblib.dump(model, target / f"iris-{name}.joblib", compress=(name, 3))
    for protocol in range(6):
        (target / f"iris-protocol{protocol}.pkl").write_bytes(pickle.dumps(model, protocol))
    named = LogisticRegression(max_iter=500).fit(iris.data, np.array(["setosa", "versicolor", "virginica"])[iris.target])
    joblib.dump(named, target / "iris-names.joblib")

    frame = load_breast_cancer(as_frame=True)
    pipeline = Pipeline([("scale", StandardScaler()), ("forest", RandomForestClassifier(3, max_depth=3, random_state=0))])
    pipeline.fit(frame.data, frame.target)
    (target / "breast-cancer.pkl").write_bytes(pickle.dumps(pipeline))

    import pandas as pd

    table = pd.DataFrame({"age": [20.0, 30, None, 50] * 5, "city": ["Rome", "Oslo", "Rome", "Bonn"] * 5})
    columns = ColumnTransformer([("n", SimpleImputer(), ["age"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["city"])])
    mixed = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(table, [0, 1, 1, 0] * 5)
    joblib.dump(mixed, target / "mixed.joblib")

    churn = np.random.default_rng(0).uniform(size=(200, 3))
    leaves = churn @ [2, -1, 1] > 1
    (target / "churn.pkl").write_bytes(pickle.dumps(LogisticRegression().fit(churn, leaves.astype(int)), 4))

    diabetes = load_diabetes()
    joblib.dump(Ridge().fit(diabetes.data, diabetes.target), target / "ridge.joblib")

    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 1000)), columns=[f"f{column}" for column in range(1000)])
    joblib.dump(Ridge().fit(wide, np.arange(20.0)), target / "wide.joblib", compress=3)

    import lightgbm
    import xgboost

    booster = xgboost.XGBClassifier(n_estimators=3, max_depth=2).fit(iris.data, iris.target)
    booster.save_model(target / "iris-xgboost.json")
    booster.save_model(target / "iris-xgboost.ubj")
    (target / "iris-xgboost.pkl").write_bytes(pickle.dumps(booster))
    light = lightgbm.LGBMClassifier(n_estimators=3, max_depth=2, verbose=-1).fit(iris.data, iris.target)
    light.booster_.save_model(target / "iris-lightgbm.txt")


def hostile():
    import os

    call = pickle.dumps(Calls(os.getppid), 4)
    (target / "evil-call.pkl").write_bytes(call)
    (target / "evil-second.pkl").write_bytes(pickle.dumps({"model": 1}) + call)
    joblib.dump(Calls(os.getppid), target / "evil-zlib.joblib", compress=("zlib", 3))
    (target / "evil-bz2.joblib").write_bytes(bz2.compress(call))
    joblib.dump({"a": np.array([Calls(os.getppid)], dtype=object)}, target / "evil-object-array.joblib")
    joblib.dump({"a": np.arange(500.0), "b": Calls(os.getppid)}, target / "evil-after-array.joblib")
    (target / "evil-before-error.pkl").write_bytes(call[:-1] + b"\xff")
    # STACK_GLOBAL whose name is made of a memo entry that is no string
    (target / "evil-computed.pkl").write_bytes(b"\x80\x04\x8c\x02os\x94N\x93)R.")
    (target / "evil-getattr.pkl").write_bytes(pickle.dumps(Calls(getattr, 1, "real"), 4))
    (target / "evil-dotted.pkl").write_bytes(b"\x80\x04\x8c\x05mypkg\x8c\x09os.system\x93\x8c\x02id\x85R.")
    (target / "evil-inst.pkl").write_bytes(b"(S'id'\nios\nsystem\n.")
    (target / "evil-escaped.pkl").write_bytes(b"\x80\x04V\\u006fs\nS'sys\\x74em'\n\x93(V'id'\ntR.")
    (target / "evil-ext.pkl").write_bytes(b"\x80\x02\x82\x01.")
    (target / "evil-persid.pkl").write_bytes(b"\x80\x04\x8c\x01xQ.")
    (target / "unknown-package.pkl").write_bytes(b"\x80\x04\x8c\x05mypkg\x8c\x05Model\x93)\x81.")
    (target / "truncated.pkl").write_bytes(pickle.dumps(list(range(1000)))[:-200])
    (target / "empty.pkl").write_bytes(b"")


def wrapper(state, frame=b""):
    """The opcodes of joblib's array wrapper, with the given items of its state."""
    return b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(" + state + b"u" + frame + b"b"


def array_tricks():
    """Files in which joblib and a careless scanner see the payload in different places. Each really runs in joblib."""
    call = b"cposix\ngetppid\n)R"
    kind = b"cnumpy\ndtype\n(V%s\nI00\nI01\ntR(I3\nV%s\nNNNI-1\nI-1\nI%d\ntb"
    plain, objects = kind % (b"f8", b"<", 0), kind % (b"O8", b"|", 63)
    head = b"\x80\x04"
    shape = b"Vsubclass\ncnumpy\nndarray\nVorder\nVC\nVallow_mmap\nI00\nVshape\n(I%d\nt"
    nested = b"\x80\x02" + call + b"."

    def write(name, content):
        (target / name).write_bytes(content)

    # The dtype is given twice, and the last one counts: joblib reads a pickle where raw bytes seem to stand.
    write("evil-array-twice.joblib", head + wrapper(shape % (len(nested) // 8 + 1) + b"Vdtype\n" + plain + b"Vdtype\n" + objects) + nested.ljust(len(nested) // 8 * 8 + 8, b".") + b".")
    # A float by name whose flags say that it holds objects.
    write("evil-array-flags.joblib", head + wrapper(shape % (len(nested) // 8 + 1) + b"Vdtype\n" + kind % (b"f8", b"<", 1)) + nested.ljust(len(nested) // 8 * 8 + 8, b".") + b".")
    # The size in the state counts for text and void only: eight bytes are read where the state says one.
    write("evil-array-size.joblib", head + wrapper(shape % 1 + b"Vdtype\ncnumpy\ndtype\n(Vf8\nI00\nI01\ntR(I3\nV<\nNNNI1\nI1\nI0\ntb") + b"C\x06xxxxxx" + b"0" + call + b".")
    # Opcodes behind BUILD but in its frame run before the array's bytes are read.
    body = wrapper(shape % 4 + b"Vdtype\n" + plain) + b"0" + call.ljust(31, b"N")
    write("evil-array-frame.joblib", head + b"\x95" + len(body).to_bytes(8, "little") + body + b"\x00" * 32 + b".")
    # An instance made through copyreg is a wrapper as well: what seems to be a string is raw bytes and then a call.
    made = b"ccopyreg\n_reconstructor\n(cjoblib.numpy_pickle\nNumpyArrayWrapper\ncbuiltins\nobject\nNtR}(" + shape % 1 + b"Vdtype\n" + plain + b"ub"
    write("evil-array-copyreg.joblib", head + made + b"B" + (len(call) + 3).to_bytes(4, "little") + b"xxx" + call + b".")
    # Loaded as a plain pickle (joblib's module is written in escapes), the raw bytes are opcodes.
    hidden = b"Vjoblib.numpy_\\u0070ickle\nVNumpyArrayWrapper\n\x93)\x81}(" + shape % 4 + b"Vdtype\n" + plain + b"ub"
    write("evil-array-hidden.pkl", head + hidden + (b"0" + call).ljust(31, b"N") + b"." + b"I1\n.")


def truth():
    iris = load_iris()
    model = joblib.load(target / "iris.joblib")
    (target / "truth.json").write_text(
        json.dumps({"sklearn": sklearn.__version__, "iris": {"row": iris.data[100].tolist(), "proba": model.predict_proba(iris.data[100:101])[0].tolist()}})
    )


honest()
hostile()
array_tricks()
truth()
