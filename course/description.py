"""How long a model's description is: all that its function depends on beside its weights, written down and compressed.

Whoever hides a table of numbers in a configuration (in lists, in factors, in the order of axes, in which operation stands
where) makes the description longer by what the table holds: no code of fewer bits tells that many tables apart.
"""

from __future__ import annotations

import functools
import inspect
import json
import zlib
from typing import Any

__all__ = ["description", "description_bytes"]

_IGNORED = frozenset({"name", "registered_name", "build_config", "compile_config", "input_layers", "seed"})
"""Keys whose values no output depends on: names, what training reads, and shapes that the graph gives anyway. A net that is
graded has seeds of the referee's. The inputs of a model are written down where there are several."""
_IN_TRAINING = ("_initializer", "_regularizer", "_constraint")


def description_bytes(config: dict[str, Any]) -> int:
    """Bytes of the compressed `description` of a model's configuration, the object of `json.loads(model.to_json())`."""
    return len(zlib.compress(description(config).encode(), 9))


def description(config: dict[str, Any]) -> str:
    """What a model's outputs depend on beside its weights, as text: classes, settings, and which tensor goes where.

    Names are left out, and a tensor is written as the number of layers back to the one that made it; settings that are
    their class's defaults are left out, too. Two models with the same text and the same weights are the same function.
    """
    return _plain(config, {}, 0)


def _plain(node: Any, places: dict[str, int], here: int) -> str:
    if isinstance(node, list):
        if not any(isinstance(item, (dict, list)) for item in node):
            return json.dumps(node, separators=(",", ":"))
        return "[" + ",".join(_plain(item, places, here) for item in node) + "]"
    if not isinstance(node, dict):
        return json.dumps(node)
    name, inside = node.get("class_name"), node.get("config")
    if name == "__keras_tensor__" and isinstance(inside, dict):
        return _reference(inside.get("keras_history"), places, here)
    if name == "DTypePolicy" and isinstance(inside, dict):
        return str(inside.get("name"))
    calls = [_plain(call, places, here) for call in node.get("inbound_nodes", ())] if name is not None else []
    if isinstance(inside, dict) and isinstance(inside.get("layers"), list):
        return f"{name}{_layers(inside)}{' '.join(calls)}"
    parts = []
    defaults = _defaults(str(name)) if name is not None else {}
    if name is not None:
        parts.append(str(name) if str(node.get("module")) == "keras.layers" else f"{node.get('module')}.{name}")
    for key, item in inside.items() if name is not None and isinstance(inside, dict) else node.items():
        if key in _IGNORED or key.endswith(_IN_TRAINING) or key == "inbound_nodes":
            continue
        text = _plain(item, places, here)
        if (key, text) not in defaults:
            parts.append(f"{key}={text}")
    return "(" + " ".join([*parts, *calls]) + ")"


def _layers(config: dict[str, Any]) -> str:
    """The layers of a model, line by line, what goes in where there is more than one input, and what comes out."""
    places: dict[str, int] = {}
    lines = []
    for here, layer in enumerate(config["layers"]):
        lines.append(_plain(layer, places, here))
        if isinstance(layer, dict):
            places[str(layer.get("name", (layer.get("config") or {}).get("name")))] = here
    said = {"layers": ..., "name": ..., "trainable": True}
    rest = {key: item for key, item in config.items() if said.get(key) not in (..., item)}
    begins = _ends(rest.pop("input_layers", []), places, len(lines))
    ends = _ends(rest.pop("output_layers", []), places, len(lines))
    lines += [" ".join(begins), " ".join(ends)] if len(begins) > 1 else [" ".join(ends)]
    return "\n".join(["", *lines, _plain(rest, places, len(lines))])


def _ends(ends: Any, places: dict[str, int], here: int) -> list[str]:
    """The inputs or the outputs of a model, each as a tensor; dictionaries and lists of them in their order."""
    if _is_end(ends):
        return [_reference(ends, places, here)]
    if isinstance(ends, dict):
        return [one for _, end in sorted(ends.items()) for one in _ends(end, places, here)]
    if isinstance(ends, list):
        return [one for end in ends for one in _ends(end, places, here)]
    return [json.dumps(ends)]


def _is_end(end: Any) -> bool:
    return isinstance(end, list) and len(end) == 3 and isinstance(end[0], str)


def _reference(history: Any, places: dict[str, int], here: int) -> str:
    """A tensor by how many layers back it was made; which call and output only where it is not the first."""
    if not isinstance(history, list) or not history:
        return json.dumps(history)
    back = here - places[history[0]] if history[0] in places else history[0]
    rest = "" if history[1:] == [0, 0] else json.dumps(history[1:])
    return f"<{back}{rest}>"


_ORDINARY = frozenset({("dtype", "float32"), ("trainable", "true")})
"""A batch normalisation that is called as in training learns nothing, and averages differently, where it is not trainable."""


@functools.cache
def _defaults(name: str) -> frozenset[tuple[str, str]]:
    import keras

    kind = getattr(keras.layers, name, None)
    if kind is None:
        return _ORDINARY
    found = set(_ORDINARY)
    for key, parameter in inspect.signature(kind.__init__).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            value = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
            if value is None or isinstance(value, (bool, int, float, str, list)):
                found.add((key, json.dumps(value, separators=(",", ":"))))
    if (
        "activation",
        "null",
    ) in found:  # as Keras writes it down; where another one is the default, this says something
        found.add(("activation", '"linear"'))
    return frozenset(found)
