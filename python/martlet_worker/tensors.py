"""Tensors between the wire and numpy."""

import json
import math
import struct

import numpy


def decode(header, payload):
    """Tensors of a request, by name: numpy arrays, lists of text (None: missing) or of any JSON value."""
    tensors, place = {}, 0
    for description in header["inputs"]:
        size = description["size"]
        raw = payload[place : place + size]
        place += size
        shape = description["shape"]
        if description["datatype"] == "FP64":
            tensors[description["name"]] = numpy.frombuffer(raw, dtype="<f8").reshape(shape)
        elif description["datatype"] in ("INT64", "UINT64"):
            tensors[description["name"]] = numpy.frombuffer(raw, dtype="<i8" if description["datatype"] == "INT64" else "<u8").reshape(shape)
        elif description["datatype"] == "BYTES":
            tensors[description["name"]] = decode_texts(raw, shape[0])
        else:
            tensors[description["name"]] = [json.loads(text) for text in decode_texts(raw, shape[0])]
    return tensors


def decode_texts(raw, count):
    """Each text is a u32 length and UTF-8 bytes; the length 0xffffffff marks a missing one."""
    texts, place = [], 0
    for _ in range(count):
        (length,) = struct.unpack_from("<I", raw, place)
        place += 4
        if length == 0xFFFFFFFF:
            texts.append(None)
            continue
        texts.append(bytes(raw[place : place + length]).decode())
        place += length
    return texts


def encode_texts(texts):
    parts = []
    for text in texts:
        data = text.encode()
        parts.append(struct.pack("<I", len(data)))
        parts.append(data)
    return b"".join(parts)


def encode(name, array):
    """The description and the bytes of one output; what is no plain array becomes JSON, one text a row."""
    array = numpy.asarray(array)
    kind = array.dtype.kind
    if kind == "b":
        return describe(name, "BOOL", array.shape, array.astype("u1").tobytes())
    if array.dtype == numpy.uint64:
        return describe(name, "UINT64", array.shape, array.astype("<u8").tobytes())
    if kind in "iu":
        return describe(name, "INT64", array.shape, array.astype("<i8").tobytes())
    if kind == "f":
        return describe(name, "FP64", array.shape, array.astype("<f8").tobytes())
    if kind in "US" and array.ndim == 1:
        return describe(name, "BYTES", array.shape, encode_texts([str(text) for text in array]))
    return encode_json(name, array.tolist())


def encode_json(name, rows):
    rows = plain(rows)
    try:
        texts, finite = [json.dumps(row, allow_nan=False) for row in rows], True
    except ValueError:
        texts, finite = [json.dumps(nulled(row), allow_nan=False) for row in rows], False
    description, data = describe(name, "JSON", (len(rows),), encode_texts(texts))
    return ({**description, "non_finite": not finite}, data)


def describe(name, datatype, shape, data):
    return {"name": name, "datatype": datatype, "shape": [int(extent) for extent in shape], "size": len(data)}, data


def plain(value):
    """A value of the types that JSON has; NaN and infinity are still in it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return plain(value.to_dict("records"))
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def nulled(value):
    """A plain value with null for NaN and infinity."""
    if isinstance(value, dict):
        return {key: nulled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [nulled(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
