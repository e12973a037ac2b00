"""Writes Tests/Fixtures/networks: small networks of PyTorch and Keras, and what their libraries answer to some rows.

Run with torch 2.13, tensorflow-cpu 2.21, keras 3.15:
    python scripts/make_network_fixtures.py Tests/Fixtures/networks
`expected.json` has, for each file, its declared type, rows as a caller sends them and the predictions that the answer must have.
"""

import json
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
warnings.simplefilter("ignore")

import numpy as np

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
expected = {}
generator = np.random.default_rng(0)


def note(name, kind, rows, predictions, **more):
    expected[name] = {"model_type": kind, "rows": plain(rows), "predictions": plain(predictions), **more}


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def numbers(*shape):
    return generator.normal(size=shape).round(3).astype("float32")


def torch_files():
    import torch
    from torch import nn

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.lstm, self.head = nn.Embedding(20, 4), nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 2)

        def forward(self, tokens):
            steps, _ = self.lstm(self.table(tokens))
            return self.head(steps[:, -1])

    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = nn.Linear(3, 2), nn.Linear(2, 2)

        def forward(self, one, other):
            mixed = self.left(one) + self.right(other)
            return {"sum": mixed, "largest": mixed.max(dim=1).values}

    torch.manual_seed(0)
    dense = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1)).eval()
    convolution = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2)).eval()
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 1).eval()
    rows, images, sequences, tokens = numbers(3, 4), numbers(2, 1, 9, 9), numbers(2, 5, 8), generator.integers(0, 20, (3, 6))
    with torch.inference_mode():
        answers = dense(torch.tensor(rows))
        seen, attended = convolution(torch.tensor(images)), encoder(torch.tensor(sequences))
    torch.jit.script(dense).save(target / "dense.pt")
    note("dense.pt", "pytorch", rows, answers)
    torch.jit.trace(convolution, torch.zeros(1, 1, 9, 9)).save(target / "convolution.pt")
    note("convolution.pt", "pytorch", images, seen)
    torch.save(dense, target / "module.pth")
    note("module.pth", "pytorch", rows, answers)
    torch.save(encoder, target / "encoder.pt")
    # Tracing fixes the length of a sequence inside of the attention: the conversion differs, and Python serves.
    note("encoder.pt", "pytorch", sequences, attended, runtime="python")
    recurrent = Recurrent().eval()
    torch.jit.script(recurrent).save(target / "recurrent.pt")
    note("recurrent.pt", "pytorch", tokens, recurrent(torch.tensor(tokens)).detach())
    torch.export.save(torch.export.export(dense, (torch.zeros(2, 4),), dynamic_shapes=[{0: torch.export.Dim("rows")}]), str(target / "open.pt2"))
    note("open.pt2", "pytorch", rows, answers)
    torch.export.save(torch.export.export(dense, (torch.zeros(1, 4),)), str(target / "one.pt2"))
    note("one.pt2", "pytorch", rows, answers)
    pair = Pair().eval()
    one, other = numbers(2, 3), numbers(2, 2)
    both = pair(torch.tensor(one), torch.tensor(other))
    torch.jit.script(pair).save(target / "pair.pt")
    inputs = [{"one": a, "other": b} for a, b in zip(one, other)]
    outputs = [{"output_0": a.detach(), "output_1": b.item()} for a, b in zip(both["sum"], both["largest"])]
    note("pair.pt", "pytorch", inputs, outputs, sample=plain(inputs[0]), runtime="python")


def keras_files():
    import keras
    import tensorflow

    keras.utils.set_random_seed(0)
    dense = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "relu"), keras.layers.Dense(3, "softmax")])
    rows, images = numbers(3, 4), numbers(2, 6, 6, 1)
    answers = np.asarray(dense(rows))
    dense.save(target / "dense.keras")
    dense.save(target / "dense.h5")
    for name in ("dense.keras", "dense.h5"):
        note(name, "tensorflow", rows, answers)
    convolution = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])
    convolution.save(target / "convolution.keras")
    note("convolution.keras", "tensorflow", images, np.asarray(convolution(images)))
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    joined = keras.layers.Concatenate()([left, right])
    model = keras.Model([left, right], [keras.layers.Dense(2, name="first")(joined), keras.layers.Dense(1, name="second")(joined)])
    model.save(target / "two.keras")
    one, other = numbers(2, 3), numbers(2, 2)
    first, second = model([one, other])
    note("two.keras", "tensorflow", [{"left": a, "right": b} for a, b in zip(one, other)],
         [{"first": a, "second": b} for a, b in zip(np.asarray(first), np.asarray(second))])
    folder = Path(tempfile.mkdtemp())
    dense.export(folder / "saved", verbose=False)
    shutil.make_archive(str(target / "saved"), "zip", folder, "saved")
    shutil.make_archive(str(target / "saved"), "gztar", folder, "saved")
    for name in ("saved.zip", "saved.tar.gz"):
        note(name, "tensorflow", rows, answers)


torch_files()
keras_files()
(target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
print(len(expected), "models")
