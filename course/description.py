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

_IGNORED = ("name", "registered_name", "build_config", "compile_config", "trainable", "input_layers")
"""Keys whose values no output depends on: names, what training reads, and shapes that the graph gives anyway. So are seeds,
where nothing is random but in training."""
_IN_TRAINING = ("_initializer", "_regularizer", "_constraint")


def description_bytes(config: dict[str, Any]) -> int:
    """Bytes of the compressed `description` of a model's configuration, the object of `json.loads(model.to_json())`."""
    return len(zlib.compress(description(config).encode(), 9))


def description(config: dict[str, Any]) -> str:
    """What a model's outputs depend on beside its weights, as text: classes, settings, and which tensor goes where.

    Names are left out, and a tensor is written as the number of layers back to the one that made it; settings that are
    their class's defaults are left out, too. Two models with the same text and the same weights are the same function.
    """
    ignored = _IGNORED if '"training": true' in json.dumps(config) else (*_IGNORED, "seed")
    return _plain(config, {}, 0, ignored)


def _plain(node: Any, places: dict[str, int], here: int, ignored: tuple[str, ...]) -> str:
    if isinstance(node, list):
        if not any(isinstance(item, (dict, list)) for item in node):
            return json.dumps(node, separators=(",", ":"))
        return "[" + ",".join(_plain(item, places, here, ignored) for item in node) + "]"
    if not isinstance(node, dict):
        return json.dumps(node)
    name, inside = node.get("class_name"), node.get("config")
    if name == "__keras_tensor__" and isinstance(inside, dict):
        return _reference(inside.get("keras_history"), places, here)
    if name == "DTypePolicy" and isinstance(inside, dict):
        return str(inside.get("name"))
    if isinstance(inside, dict) and isinstance(inside.get("layers"), list):
        return f"{name}{_layers(inside, ignored)}"
    parts = []
    defaults = _defaults(str(name)) if name is not None else {}
    if name is not None:
        parts.append(str(name) if str(node.get("module")) == "keras.layers" else f"{node.get('module')}.{name}")
    for key, item in inside.items() if name is not None and isinstance(inside, dict) else node.items():
        if key in ignored or key.endswith(_IN_TRAINING) or key == "inbound_nodes":
            continue
        text = _plain(item, places, here, ignored)
        if (key, text) not in defaults:
            parts.append(f"{key}={text}")
    for call in node.get("inbound_nodes", ()) if name is not None else ():
        parts.append(_plain(call, places, here, ignored))
    return "(" + " ".join(parts) + ")"


def _layers(config: dict[str, Any], ignored: tuple[str, ...]) -> str:
    """The layers of a model, line by line, and what comes out."""
    places: dict[str, int] = {}
    lines = []
    for here, layer in enumerate(config["layers"]):
        lines.append(_plain(layer, places, here, ignored))
        if isinstance(layer, dict):
            places[str(layer.get("name", (layer.get("config") or {}).get("name")))] = here
    rest = {key: item for key, item in config.items() if key not in ("layers", "name", "trainable")}
    ends = [
        _reference(end, places, len(lines)) if _is_end(end) else json.dumps(end)
        for end in _ends(rest.pop("output_layers", []))
    ]
    return "\n".join(["", *lines, " ".join(ends), _plain(rest, places, len(lines), ignored)])


def _ends(ends: Any) -> list[Any]:
    return ends if isinstance(ends, list) and ends and isinstance(ends[0], list) else [ends]


def _is_end(end: Any) -> bool:
    return isinstance(end, list) and len(end) == 3 and isinstance(end[0], str)


def _reference(history: Any, places: dict[str, int], here: int) -> str:
    """A tensor by how many layers back it was made; which call and output only where it is not the first."""
    if not isinstance(history, list) or not history:
        return json.dumps(history)
    back = here - places[history[0]] if history[0] in places else history[0]
    rest = "" if history[1:] == [0, 0] else json.dumps(history[1:])
    return f"<{back}{rest}>"


@functools.cache
def _defaults(name: str) -> frozenset[tuple[str, str]]:
    import keras

    kind = getattr(keras.layers, name, None)
    if kind is None:
        return frozenset({("dtype", "float32")})
    found = {("dtype", "float32")}
    for key, parameter in inspect.signature(kind.__init__).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            value = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
            if value is None or isinstance(value, (bool, int, float, str, list)):
                found.add((key, json.dumps(value, separators=(",", ":"))))
    if "activation" in dict(found):
        found.add(("activation", '"linear"'))
    return frozenset(found)
