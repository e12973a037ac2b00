"""`{names}` in requests and shapes, and what they stand for."""

import re
from collections.abc import Mapping

NAME = re.compile(r"\{([a-z][a-z_]*)\}")


class Unprepared(Exception):
    """Nothing was kept under a name."""


def filled(template, names: Mapping[str, str]):
    """The template with every `{name}` in place: a text, or a list or object of such."""
    if isinstance(template, str):
        return NAME.sub(lambda match: known(match[1], names), template)
    if isinstance(template, dict):
        return {filled(name, names): filled(value, names) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, names) for value in template]
    return template


def known(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise Unprepared(f"needs {{{name}}}, which no request before it gave")
    return names[name]
