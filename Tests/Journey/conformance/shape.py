"""A small language for the shape of an answer.

| shape | fits |
|---|---|
| `str`, `bool`, `int`, `float`, `object` | a text, true or false, a whole number, any number, anything |
| `Text("v\\d+")` | a text that the expression fits from end to end |
| `OneOf("passed", "failed")` | one of the values |
| `Map(int)` | an object that is not empty, whose values all have the shape |
| `[int]` | a list that is not empty, whose elements all have the shape |
| `[float, float]` | a list of exactly these |
| `Any(list)` | a list, empty or not; `Any(dict)` an object |
| `{"name": str, "note?": str}` | an object with `name`, and with `note` as said if it is there; other members do not matter |
| any other value | exactly that value, `{names}` in texts filled in |
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .names import filled

KINDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", object: "anything", list: "a list", dict: "an object"}
ANSWER = "the answer"


@dataclass(frozen=True)
class Text:
    expression: str


class OneOf:
    def __init__(self, *values):
        self.values = values


@dataclass(frozen=True)
class Map:
    values: object


@dataclass(frozen=True)
class Any:
    kind: type


TIME = Text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SHA256 = Text(r"sha256:[0-9a-f]{64}")
SIZE = Text(r"\d+(\.\d+)? (B|KB|MB|GB|TB)")
ERROR = {"error": {"code": str, "message": str, "details?": object, "timestamp": TIME}}


def faults(value, shape, names: Mapping[str, str], place: str = "") -> list[str]:
    """What of a value does not fit; never the value itself, which may differ from run to run."""
    if isinstance(shape, dict):
        return object_faults(value, shape, names, place)
    if isinstance(shape, list) and shape:
        return list_faults(value, shape, names, place)
    if isinstance(shape, Map):
        return map_faults(value, shape, names, place)
    return [] if fits(value, shape, names) else [f"{place or ANSWER}: expected {described(shape)}, found {kind_of(value)}"]


def object_faults(value, shape, names, place):
    if not isinstance(value, dict):
        return [f"{place or ANSWER}: expected an object, found {kind_of(value)}"]
    found = []
    for name, member in shape.items():
        plain = filled(name.removesuffix("?"), names)
        inner = f"{place}.{name.removesuffix('?')}" if place else name.removesuffix("?")
        if plain in value:
            found += faults(value[plain], member, names, inner)
        elif plain == name:
            found.append(f"{inner}: missing")
    return found


def list_faults(value, shape, names, place):
    if not isinstance(value, list):
        return [f"{place}: expected a list, found {kind_of(value)}"]
    shapes = shape * len(value) if len(shape) == 1 else shape
    if not value or len(shapes) != len(value):
        return [f"{place}: expected {'some' if len(shape) == 1 else len(shape)} elements, found {len(value)}"]
    return distinct(fault for element, inner in zip(value, shapes) for fault in faults(element, inner, names, f"{place}[]"))


def map_faults(value, shape, names, place):
    if not isinstance(value, dict) or not value:
        return [f"{place}: expected an object with members, found {kind_of(value)}"]
    return distinct(fault for member in value.values() for fault in faults(member, shape.values, names, f"{place}.*"))


def distinct(found):
    return list(dict.fromkeys(found))


def fits(value, shape, names: Mapping[str, str]) -> bool:
    if isinstance(shape, Any):
        return isinstance(value, shape.kind)
    if isinstance(shape, OneOf):
        return value in shape.values
    if isinstance(shape, Text):
        return isinstance(value, str) and re.fullmatch(filled(shape.expression, names), value) is not None
    if shape in (int, float):
        return isinstance(value, int if shape is int else (int, float)) and not isinstance(value, bool)
    if isinstance(shape, type):
        return isinstance(value, shape)
    return type(value) is type(shape) and value == filled(shape, names)


def described(shape) -> str:
    if isinstance(shape, (type, Any)):
        return KINDS[shape.kind if isinstance(shape, Any) else shape]
    if isinstance(shape, Text):
        return f"a text like {shape.expression}"
    return f"one of {', '.join(shape.values)}" if isinstance(shape, OneOf) else repr(shape)


def kind_of(value) -> str:
    if value is None:
        return "null"
    kind = next(name for kind, name in KINDS.items() if kind is not object and fits(value, kind, {}))
    return f"another {kind.split()[-1]}" if kind == "a text" else kind
