"""Writes Tests/Fixtures/formats: files of every format made by the real libraries, and files that attack their loaders.

Run with torch 2.15, tensorflow-cpu 2.21, keras 3.15, onnx, skl2onnx, catboost, skops, safetensors, py7zr, statsmodels 0.15, scikit-learn 1.9.1:
    python scripts/make_format_fixtures.py Tests/Fixtures/formats
`expected.json` beside the files says what a scan must answer: format, verdict, and for an attack the rule.
"""

import io
import json
import os
import shutil
import struct
import sys
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

warnings.simplefilter("ignore")
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import numpy as np
import py7zr

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
expected = {}


def expect(name, form, verdict="passed", rule=None, content=None):
    expected[name] = {"format": form, "verdict": verdict, **({"rule": rule} if rule else {})}
    if content is not None:
        (target / name).write_bytes(content)
    return target / name


def torch_files():
    import torch
    from safetensors.torch import save_file
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    torch.save(model.state_dict(), expect("state.pt", "torch_zip"))
    torch.save(model, expect("full.pt", "torch_zip"))
    torch.save(model.state_dict(), expect("legacy.pth", "torch_legacy"), _use_new_zipfile_serialization=False)
    torch.save(model, expect("legacy-full.pth", "torch_legacy"), _use_new_zipfile_serialization=False)
    torch.save(nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 8, batch_first=True), 1), expect("transformer.pt", "torch_zip"))
    torch.save(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.MaxPool2d(2), nn.Flatten(), nn.LSTM(4, 3)), expect("layers.pt", "torch_zip"))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.zeros(2, 4)).sum().backward()
    optimizer.step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, expect("checkpoint.pt", "torch_zip"))
    torch.jit.script(model).save(expect("script.pt", "torchscript"))
    torch.jit.trace(model, torch.zeros(1, 4)).save(expect("trace.pt", "torchscript"))
    torch.export.save(torch.export.export(model, (torch.zeros(1, 4),)), str(expect("export.pt2", "torch_export")))
    torch.onnx.export(model, (torch.zeros(1, 4),), expect("torch.onnx", "onnx"), dynamo=False)
    save_file(model.state_dict(), expect("torch.safetensors", "safetensors"))

    class Evil:
        def __reduce__(self):
            return os.getppid, ()

    torch.save({"model": model.state_dict(), "x": Evil()}, expect("evil-torch.pt", "torch_zip", "failed", "pickle.global.unlisted"))
    torch.save(Evil(), expect("evil-legacy.pth", "torch_legacy", "failed", "pickle.global.unlisted"), _use_new_zipfile_serialization=False)

    def rewritten(source, name, verdict, rule, form, change):
        with zipfile.ZipFile(target / source) as old, zipfile.ZipFile(expect(name, form, verdict, rule), "w") as new:
            for entry in old.infolist():
                data = change(entry.filename, old.read(entry))
                if data is not None:
                    new.writestr(entry.filename, data)

    rewritten("script.pt", "evil-script-file.pt", "failed", "torchscript.operator", "torchscript",
              lambda name, data: data + b"\ndef f(x: str):\n  return torch.from_file(x)\n" if name.endswith(".py") else data)
    rewritten("script.pt", "evil-script-namespace.pt", "failed", "torchscript.namespace", "torchscript",
              lambda name, data: data + b"\ndef f(x: str):\n  return ops.mine.run(x)\n" if name.endswith(".py") else data)
    rewritten("state.pt", "evil-storage-missing.pt", "failed", "torch.storage", "torch_zip", lambda name, data: None if name.endswith("/data/0") else data)
    rewritten("state.pt", "evil-storage-short.pt", "failed", "torch.storage", "torch_zip", lambda name, data: data[:8] if name.endswith("/data/0") else data)


def keras_files():
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    entrance = keras.Input((4,))
    inner = keras.layers.BatchNormalization()(keras.layers.Dense(8, activation="relu")(entrance))
    model = keras.Model(entrance, keras.layers.Dense(3, activation="softmax")(inner))
    model.save(expect("functional.keras", "keras"))
    model.save(expect("functional.h5", "keras_h5"))
    layers = [keras.layers.Input((10,)), keras.layers.Embedding(20, 4), keras.layers.LSTM(4), keras.layers.Dropout(0.1), keras.layers.Dense(1)]
    keras.Sequential(layers).save(expect("sequential.keras", "keras"))
    lambdas = keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda value: value * 2)])
    lambdas.save(expect("evil-lambda.keras", "keras", "failed", "keras.lambda"))
    lambdas.save(expect("evil-lambda.h5", "keras_h5", "failed", "keras.lambda"))

    class Mine(keras.layers.Layer):
        def call(self, value):
            return value

    keras.Sequential([keras.layers.Input((4,)), Mine()]).save(expect("evil-custom.keras", "keras", "failed", "keras.custom_object"))
    with zipfile.ZipFile(target / "functional.keras") as old, zipfile.ZipFile(expect("evil-module.keras", "keras", "failed", "keras.custom_object"), "w") as new:
        for entry in old.infolist():  # CVE-2025-8747: a function of Keras's own that downloads
            new.writestr(entry.filename, old.read(entry).replace(b'"module": "keras.layers", "class_name": "Dense"', b'"module": "keras.utils", "class_name": "get_file"'))
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder + "/saved")
        shutil.make_archive(str(target / "saved"), "zip", folder + "/saved")
        shutil.make_archive(str(target / "saved"), "gztar", folder + "/saved")
        expect("saved.zip", "saved_model")
        expect("saved.tar.gz", "saved_model")
        shutil.copy(folder + "/saved/saved_model.pb", expect("saved_model.pb", "saved_model"))

        class Reader(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
            def read(self, path):
                return tf.io.read_file(path)

        tf.saved_model.save(Reader(), folder + "/evil")
        shutil.make_archive(str(target / "evil-read"), "zip", folder + "/evil")
        expect("evil-read.zip", "saved_model", "failed", "tensorflow.operator")
    graph = tf.Graph()
    with graph.as_default():
        tf.matmul(tf.compat.v1.placeholder(tf.float32, [None, 4], name="x"), tf.ones([4, 2]), name="y")
    frozen = graph.as_graph_def()
    expect("frozen.pb", "tensorflow_graph", content=frozen.SerializeToString())
    frozen.node[0].op = "MyOwnOp"
    expect("evil-operator.pb", "tensorflow_graph", "failed", "tensorflow.operator.unknown", content=frozen.SerializeToString())
    lite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    expect("model.tflite", "tflite", content=lite)
    expect("evil-bounds.tflite", "tflite", "failed", "tflite.bounds", content=lite[: len(lite) // 2])


def onnx_files():
    from onnx import TensorProto, helper
    from skl2onnx import to_onnx
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    iris = load_iris()
    sample = iris.data[:1].astype(np.float32)
    model = to_onnx(LogisticRegression(max_iter=500).fit(iris.data, iris.target), sample)
    expect("iris.onnx", "onnx", content=model.SerializeToString())
    expect("forest.onnx", "onnx", content=to_onnx(RandomForestClassifier(3, max_depth=3, random_state=0).fit(iris.data, iris.target), sample).SerializeToString())

    def changed(name, rule, change):
        copy = type(model)()
        copy.CopyFrom(model)
        change(copy)
        expect(name, "onnx", "failed", rule, content=copy.SerializeToString())

    def external(location):
        def change(copy):
            tensor = copy.graph.initializer.add(name="e", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
            tensor.external_data.add(key="location", value=location)

        return change

    for name, location in (("parent", "../../etc/passwd"), ("absolute", "/etc/passwd"), ("drive", "C:\\weights"), ("home", "~/weights")):
        changed(f"evil-external-{name}.onnx", "onnx.external_data", external(location))
    changed("evil-shape.onnx", "graph.shape", lambda copy: copy.graph.initializer.add(name="s", data_type=TensorProto.FLOAT, dims=[1000], raw_data=b"1234"))
    changed("evil-negative.onnx", "graph.shape", lambda copy: copy.graph.initializer.add(name="n", data_type=TensorProto.FLOAT, dims=[-1], raw_data=b"1234"))

    def domain(copy):
        copy.opset_import.add(domain="com.evil", version=1)
        copy.graph.node.append(helper.make_node("Run", [], ["r"], domain="com.evil"))

    changed("evil-domain.onnx", "onnx.domain", domain)

    def deep(copy):
        graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [], [])
        for _ in range(28):
            graph = helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=graph)], "g", [], [])
        copy.graph.node.extend(graph.node)

    changed("evil-deep.onnx", "graph.depth", deep)


def array_files():
    np.save(expect("plain.npy", "npy"), np.arange(12.0).reshape(3, 4))
    np.save(expect("structured.npy", "npy"), np.zeros(3, dtype=[("a", "<f8"), ("b", "U5")]))
    np.save(expect("text.npy", "npy"), np.array(["a", "bcd"]))
    np.save(expect("objects.npy", "npy", "warning", "array.objects"), np.array([{"a": 1}], dtype=object))

    class Evil:
        def __reduce__(self):
            return os.getppid, ()

    np.save(expect("evil-objects.npy", "npy", "failed", "pickle.global.unlisted"), np.array([Evil()], dtype=object), allow_pickle=True)
    np.savez(expect("plain.npz", "npz"), x=np.arange(3), y=np.ones((2, 2)))
    np.savez_compressed(expect("compressed.npz", "npz"), x=np.arange(300))
    whole = (target / "plain.npy").read_bytes()
    expect("evil-short.npy", "npy", "failed", "array.size", content=whole[:-8])
    expect("evil-long.npy", "npy", "failed", "array.size", content=whole + b"12345678")

    def tensors(header, data=b"\0" * 16):
        text = json.dumps(header).encode() if isinstance(header, dict) else header
        return struct.pack("<Q", len(text)) + text + data

    def one(begin, end, dtype="F32", shape=(4,)):
        return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}

    for name, header in {
        "overlap": {"a": one(0, 16), "b": one(8, 16, shape=(2,))}, "gap": {"a": one(0, 4, shape=(1,)), "b": one(8, 16, shape=(2,))},
        "beyond": {"a": one(0, 64, shape=(16,))}, "uncovered": {"a": one(0, 8, shape=(2,))}, "size": {"a": one(0, 16, shape=(5,))},
        "dtype": {"a": one(0, 16, dtype="X9")}, "twice": b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
        "overflow": {"a": one(0, 16, shape=(2**40, 2**40))},
    }.items():
        expect(f"evil-{name}.safetensors", "safetensors", "failed", "safetensors.header", content=tensors(header))


def archive_files():
    model = (target.parent / "iris.joblib").read_bytes()

    def packed(name, entries, verdict="passed", rule=None, form="archive", method=zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(expect(name, form, verdict, rule), "w", method) as archive:
            for entry, data in entries:
                archive.writestr(entry, data)

    packed("model.zip", [("model.joblib", model), ("README.md", b"A model."), ("requirements.txt", b"scikit-learn==1.5.2\n")])
    packed("stored.zip", [("model.joblib", model)], method=zipfile.ZIP_STORED)
    packed("bzip2.zip", [("model.joblib", model)], method=zipfile.ZIP_BZIP2)
    for name, path in {"parent": "../model.joblib", "absolute": "/tmp/model.joblib", "backslash": "..\\model.joblib", "inner": "a/../../model.joblib"}.items():
        packed(f"evil-{name}.zip", [(path, model)], "failed", "archive.path")
    packed("evil-duplicate.zip", [("model.joblib", model), ("model.joblib", b"other")], "failed", "archive.duplicate")
    packed("evil-case.zip", [("model.joblib", model), ("MODEL.joblib", model)], "failed", "archive.duplicate")
    packed("evil-unicode.zip", [("caf\u00e9.joblib", model), ("cafe\u0301.joblib", model)], "failed", "archive.duplicate")
    packed("evil-pickle.zip", [("model.joblib", model), ("x/hidden.bin", b"\x80\x04cposix\ngetppid\n)R.")], "failed", "pickle.global.unlisted")
    packed("evil-requirements.zip", [("model.joblib", model), ("requirements.txt", b"--index-url http://x\nscikit-learn")], "failed", "requirements.not_plain")
    packed("evil-yaml.zip", [("model.joblib", model), ("config.yaml", b"a: !!python/object/apply:os.system ['id']\n")], "failed", "yaml.tag")
    laughs = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(9))
    packed("evil-aliases.zip", [("model.joblib", model), ("config.yaml", laughs.encode())], "failed", "yaml.aliases")
    packed("evil-python.zip", [("model.joblib", model), ("load.py", b"import subprocess\nsubprocess.run(['id'])\n")], "failed", "python.process")
    packed("empty.zip", [("README.md", b"nothing")], "failed", "archive.no_model")
    nested = model
    for _ in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("inner.zip", nested)
        nested = buffer.getvalue()
    expect("evil-nested.zip", "archive", "failed", "archive.depth", content=nested)
    plain = bytearray((target / "stored.zip").read_bytes())
    data = plain.index(model[:16])

    def patched(name, rule, change):
        copy = bytearray(plain)
        change(copy)
        expect(name, "archive", "failed", rule, content=bytes(copy))

    directory = plain.rindex(b"PK\x01\x02")

    def flip(copy, place):
        copy[place] ^= 0x01

    patched("evil-checksum.zip", "archive.checksum", lambda copy: flip(copy, data + 40))
    patched("evil-local-name.zip", "archive.headers", lambda copy: flip(copy, 30))
    patched("evil-local-size.zip", "archive.headers", lambda copy: flip(copy, 22))
    patched("evil-encrypted.zip", "archive.encrypted", lambda copy: (flip(copy, 6), flip(copy, directory + 8)))
    patched("evil-link.zip", "archive.link", lambda copy: copy.__setitem__(slice(directory + 38, directory + 42), struct.pack("<I", 0o120777 << 16)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.joblib", model)
        archive.writestr("hidden.joblib", model)
    both = buffer.getvalue()
    with zipfile.ZipFile(io.BytesIO(both)) as archive:
        start = archive.start_dir
    second = both.index(b"PK\x01\x02", start + 4)
    end = bytearray(both[both.rindex(b"PK\x05\x06"):])
    end[8:12] = struct.pack("<HH", 1, 1)
    end[12:16] = struct.pack("<I", second - start)
    expect("evil-hidden.zip", "archive", "failed", "archive.hidden", content=both[:second] + bytes(end))
    expect("evil-polyglot.pkl", "joblib", "failed", "file.polyglot", content=b"\x80\x04N." + bytes(plain))
    # Two ends: readers that look for the last mark see another directory than readers that look for the record that fits.
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("b.joblib", b"\x80\x04cposix\ngetppid\n)R.")
    inner = other.getvalue()
    comment = inner[inner.rindex(b"PK\x05\x06"):] + b"xx"
    expect("evil-two-ends.zip", "archive", "failed", "file.unreadable", content=bytes(plain[:-2]) + struct.pack("<H", len(comment)) + comment)
    # A zip64 record that leads elsewhere than the end record does.
    end = len(plain) - 22
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 40, directory - 10)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    expect("evil-two-directories.zip", "archive", "failed", "file.unreadable", content=bytes(plain[:end]) + record + locator + bytes(plain[end:]))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.pkl", b"\x80\x04B\xff\xff\xff\x1f" + b"\0" * (300 << 20))
    expect("evil-bomb.zip", "archive", "failed", "file.limit", content=bomb.getvalue())

    def tarred(name, members, verdict="passed", rule=None, mode="w"):
        with tarfile.open(expect(name, "archive", verdict, rule), mode) as archive:
            for info, content in members:
                if isinstance(info, str):
                    info = tarfile.TarInfo(info)
                info.size = len(content or b"")
                archive.addfile(info, io.BytesIO(content or b""))

    with tarfile.open(expect("evil-global.tar", "archive", "failed", "archive.headers"), "w", format=tarfile.PAX_FORMAT, pax_headers={"path": "../x"}) as archive:
        info = tarfile.TarInfo("a.joblib")
        info.size = len(model)
        archive.addfile(info, io.BytesIO(model))
    link = tarfile.TarInfo("model.joblib")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("device")
    device.type = tarfile.CHRTYPE
    for name, mode in {"model.tar": "w", "model.tar.gz": "w:gz", "model.tar.bz2": "w:bz2", "model.tar.xz": "w:xz"}.items():
        tarred(name, [("model.joblib", model)], mode=mode)
    tarred("long-name.tar", [("folder/" * 30 + "model.joblib", model)])
    tarred("evil-link.tar", [("a.joblib", model), (link, None)], "failed", "archive.link")
    tarred("evil-device.tar", [("a.joblib", model), (device, None)], "failed", "archive.link")
    tarred("evil-path.tar.gz", [("../a.joblib", model)], "failed", "archive.path", mode="w:gz")
    tarred("evil-duplicate.tar", [("a.joblib", model), ("a.joblib", b"x")], "failed", "archive.duplicate")
    whole = bytearray((target / "model.tar").read_bytes())
    whole[-1] = 1
    expect("evil-tail.tar", "archive", "failed", "file.unreadable", content=bytes(whole))
    expect("rar.rar", "archive", "failed", "archive.unsupported", content=b"Rar!\x1a\x07\x01\x00" + b"\0" * 64)

    def seven(name, members, verdict="passed", rule=None, **options):
        with py7zr.SevenZipFile(expect(name, "archive", verdict, rule), "w", **options) as archive:
            for entry, data in members:
                archive.writestr(data, entry)

    evil = b"\x80\x04cposix\ngetppid\n)R."
    seven("model.7z", [("model.joblib", model), ("requirements.txt", b"scikit-learn==1.5.2\n")], filters=[{"id": py7zr.FILTER_LZMA2, "preset": 5}])
    for name, kind in {"lzma": py7zr.FILTER_LZMA, "deflate": py7zr.FILTER_DEFLATE, "bzip2": py7zr.FILTER_BZIP2, "copy": py7zr.FILTER_COPY}.items():
        seven(f"{name}.7z", [("model.joblib", model)], filters=[{"id": kind}])
    # What py7zr writes unless told otherwise: LZMA2 behind a filter for the jumps of x86 code.
    seven("standard.7z", [("model.joblib", model), ("requirements.txt", b"scikit-learn==1.5.2\n")])
    jumps = {"x86": py7zr.FILTER_X86, "arm": py7zr.FILTER_ARM, "delta": py7zr.FILTER_DELTA}
    for name, kind in jumps.items():
        for packer in (py7zr.FILTER_LZMA, py7zr.FILTER_LZMA2):
            seven(f"{name}-{'lzma' if packer == py7zr.FILTER_LZMA else 'lzma2'}.7z", [("model.joblib", model)], filters=[{"id": kind}, {"id": packer}])
    seven("evil-filtered.7z", [("model.joblib", model), ("x.bin", evil)], "failed", "pickle.global.unlisted")
    stored = bytearray((target / "copy.7z").read_bytes())
    place = stored.index(b"LogisticRegression") + 3
    stored[place] ^= 0x20
    expect("evil-checksum.7z", "archive", "failed", "archive.checksum", content=bytes(stored))
    seven("evil-pickle.7z", [("model.joblib", model), ("x.bin", evil)], "failed", "pickle.global.unlisted", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 5}])
    seven("evil-encrypted.7z", [("model.joblib", model)], "failed", "file.unreadable", password="secret")
    seven("evil-duplicate.7z", [("a.joblib", model), ("A.joblib", model)], "failed", "archive.duplicate", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 5}])
    whole = (target / "model.7z").read_bytes()
    expect("evil-tail.7z", "archive", "failed", "file.unreadable", content=whole + b"tail")
    expect("evil-cut.7z", "archive", "failed", "file.unreadable", content=whole[:-30])


def other_files():
    import skops.io
    from catboost import CatBoostClassifier, CatBoostRegressor
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    iris = load_iris()
    skops.io.dump(LogisticRegression(max_iter=500).fit(iris.data, iris.target), expect("iris.skops", "skops"))
    skops.io.dump(RandomForestClassifier(2, max_depth=2, random_state=0).fit(iris.data, iris.target), expect("forest.skops", "skops"))
    with zipfile.ZipFile(target / "iris.skops") as old, zipfile.ZipFile(expect("evil.skops", "skops", "failed", "pickle.global.unlisted"), "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "schema.json":
                data = json.dumps({**json.loads(data), "__class__": "system", "__module__": "os"}).encode()
            new.writestr(entry.filename, data)
    options = {"iterations": 3, "verbose": 0, "random_seed": 0, "train_dir": tempfile.mkdtemp()}
    CatBoostClassifier(**options).fit(iris.data, iris.target).save_model(str(expect("iris.cbm", "catboost")))
    CatBoostRegressor(**options, grow_policy="Lossguide").fit(iris.data, iris.target).save_model(str(expect("lossguide.cbm", "catboost")))
    rows = [[*row, "abc"[index % 3]] for index, row in enumerate(iris.data)]
    CatBoostRegressor(**options, cat_features=[4]).fit(rows, iris.target).save_model(str(expect("categories.cbm", "catboost")))
    whole = (target / "iris.cbm").read_bytes()
    core = whole[8:]
    root = struct.unpack_from("<I", core, 0)[0]

    def field(table, index):
        description = table - struct.unpack_from("<i", core, table)[0]
        return table + struct.unpack_from("<H", core, description + 4 + 2 * index)[0]

    def follow(place):
        return place + struct.unpack_from("<I", core, place)[0]

    trees = follow(field(root, 1))
    for name, index in (("split", 1), ("size", 2), ("start", 3)):
        changed = bytearray(core)
        struct.pack_into("<i", changed, follow(field(trees, index)) + 4, 9999)
        expect(f"evil-catboost-{name}.cbm", "catboost", "failed", "booster.shape", content=whole[:8] + bytes(changed))
    expect("evil-catboost-tail.cbm", "catboost", "failed", "file.trailing_bytes", content=whole + b"tail")
    expect("evil-catboost-cut.cbm", "catboost", "failed", "file.unreadable", content=whole[:-40])
    expect("engine.engine", "tensorrt", "warning", "tensorrt.unread", content=b"ftrt" + b"\0" * 60)
    booster = json.loads((target.parent / "iris-xgboost.json").read_text())
    tree = booster["learner"]["gradient_booster"]["model"]["trees"][0]
    for name, key, value in (("child", "left_children", 99), ("feature", "split_indices", 77), ("back", "right_children", 0)):
        kept = tree[key][0]
        tree[key][0] = value
        expect(f"evil-xgboost-{name}.json", "xgboost_json", "failed", "booster.shape", content=json.dumps(booster, separators=(",", ":")).encode())
        tree[key][0] = kept
    text = (target.parent / "iris-lightgbm.txt").read_text()
    expect("evil-lightgbm.txt", "lightgbm_text", "failed", "booster.shape", content=text.replace("split_feature=", "split_feature=9", 1).encode())
    expect("cut-lightgbm.txt", "lightgbm_text", "failed", "booster.truncated", content=text[: text.index("end of trees")].encode())


def statsmodels_files():
    import pandas
    import pickle
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    generator = np.random.default_rng(0)
    columns = generator.normal(size=(60, 3))
    target = columns @ [1, 0.2, 0.3] + generator.normal(size=60) * 0.1
    frame = pandas.DataFrame(columns, columns=list("abc")).assign(y=target, g=["u", "v", "w"] * 20, n=generator.poisson(3, 60))

    def save(name, fitted, *expectation):
        expect(f"{name}.pkl", "pickle", *expectation, content=pickle.dumps(fitted))

    save("statsmodels-ols", sm.OLS(target, sm.add_constant(columns)).fit())
    save("statsmodels-ols-frame", sm.OLS(frame.y, sm.add_constant(frame[["a", "b"]])).fit())
    save("statsmodels-ols-formula", smf.ols("y ~ a + np.log(abs(b) + 1) + C(g)", frame).fit())
    save("statsmodels-logit", sm.Logit((target + generator.normal(size=60) > 0) * 1.0, columns[:, :1]).fit(disp=0))
    save("statsmodels-glm", sm.GLM(np.exp(target / 3), columns, family=sm.families.Gamma(sm.families.links.Log())).fit())
    save("statsmodels-glm-formula", smf.glm("n ~ a * b + I(c ** 2)", frame, family=sm.families.Poisson()).fit())
    save("statsmodels-rlm", sm.RLM(target, columns).fit())
    save("statsmodels-poisson", sm.Poisson(frame.n, columns).fit(disp=0))
    save("statsmodels-quantreg", sm.QuantReg(target, columns).fit())
    for name, formula in {"import": "y ~ a + __import__('os').getppid()", "call": "y ~ a + b.to_csv('x')", "lambda": "y ~ a + (lambda: b)()"}.items():
        fitted = smf.ols("y ~ a", frame).fit()
        fitted.model.formula = fitted.model.data.formula = formula
        save(f"evil-statsmodels-{name}", fitted, "failed", "pickle.build.planted")
    # The first protocols write the class as an argument of a reconstructor.
    expect("evil-statsmodels-protocol1.pkl", "pickle", "failed", "pickle.build.planted", content=pickle.dumps(fitted, protocol=1))


array_files()
archive_files()
statsmodels_files()
other_files()
onnx_files()
torch_files()
keras_files()
(target / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
print(len(expected), "files")
