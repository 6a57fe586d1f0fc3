"""The graph of a net: boxes with words, and which box feeds which; from a short description or from a Keras model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from course import private_keras

__all__ = ["Box", "Graph", "from_description", "from_model"]


@dataclass
class Box:
    """label: words, lines parted by a newline; kind: what its colour says, the words' first match in `KINDS`."""

    label: str
    kind: str = ""


@dataclass
class Graph:
    """boxes by name in the order of computation, and edges (from, to) between names."""

    boxes: dict[str, Box] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, label: str, sources: Iterable[str]) -> str:
        self.boxes[name] = Box(label, kind_of(label))
        self.edges += [(source, name) for source in dict.fromkeys(sources)]
        return name

    def sources(self, name: str) -> list[str]:
        return [a for a, b in self.edges if b == name]

    def targets(self, name: str) -> list[str]:
        return [b for a, b in self.edges if a == name]


KINDS = (
    ("join", r"^(add|\+|concat|multiply|average$|sum)"),
    ("pool", r"\bpool"),
    ("conv", r"\bconv|\bdepthwise|\bseparable|\binception|\bbottleneck|\bresidual|\bblock|\bmodule|\bstage"),
    ("dense", r"\bdense|\bfully connected|\bsoftmax"),
)


def kind_of(label: str) -> str:
    """What a box's words say that it does: "join", "pool", "conv", "dense", or "" for all else."""
    first = label.lower().split("\n")[0]
    return next((kind for kind, pattern in KINDS if re.search(pattern, first)), "")


def from_description(spec: Sequence[Any] | Mapping[str, Sequence[str]]) -> Graph:
    """spec: as `diagram` takes it, a list or a mapping.

    Raises ValueError if it is empty, ends in branches that nothing joins, or names a source that is not there; TypeError
    for an item that is neither words nor branches.
    """
    graph = Graph()
    if isinstance(spec, Mapping):
        for name, sources in spec.items():
            unknown = [source for source in sources if source not in graph.boxes]
            if unknown:
                raise ValueError(f"{name!r} takes its input from {unknown[0]!r}, which is not named before it")
            graph.add(name, name, sources)
    else:
        _sequence(graph, spec, [])
    if not graph.boxes:
        raise ValueError("there is no layer to draw")
    return graph


def _sequence(graph: Graph, items: Sequence[Any], sources: list[str]) -> list[str]:
    """Add `items` one after the other; return the boxes that the next one takes its input from."""
    for item in items:
        if isinstance(item, str):
            sources = [graph.add(str(len(graph.boxes)), item, sources)]
        elif isinstance(item, (list, tuple)):
            if not sources:
                raise ValueError("branches need a box before them, from which they leave")
            ends: list[str] = []
            for branch in item:
                ends += _sequence(graph, [branch] if isinstance(branch, str) else branch, list(sources))
            sources = ends
        else:
            raise TypeError(f"a layer is written as words, branches as lists of words, not as {type(item).__name__}")
    return sources


def from_model(
    model: Any, *, shapes: bool = True, parameters: bool = False, fold: bool = True, collapse: Sequence[str] = ()
) -> Graph:
    """The layers of a Keras model as boxes. For the options see `diagram`."""
    layers, sources = _layers(model)
    groups = _groups(layers, sources, fold=fold, collapse=collapse)
    graph = Graph()
    group_of = {name: head for head, names in groups.items() for name in names}
    for head, names in groups.items():
        title = next((prefix for prefix in collapse if head.startswith(prefix)), "")
        lines = [title.strip("_-./ ")] if title else _lines([layers[name] for name in names])
        ends = [name for name in names if not any(name in sources[other] for other in names)]
        if shapes and type(layers[ends[-1]][0]).__name__ != "Dense":  # its words end with its width
            lines.append(_shape(layers[ends[-1]]))
        count = sum(layers[name][0].count_params() for name in names) if parameters else 0
        if count:
            lines.append(f"{count:,} parameters")
        before = [group_of[source] for name in names for source in sources[name] if group_of[source] != head]
        graph.add(head, "\n".join(line for line in lines if line), before)
        graph.boxes[head].kind = "conv" if title else kind_of(lines[0])
    return graph


def _layers(model: Any) -> tuple[dict[str, tuple[Any, Any]], dict[str, list[str]]]:
    """The operations of a model in the order of computation, each with its output tensor, and the names of its sources.

    A layer that is called several times is there once for each call.
    """
    if not getattr(model, "built", False) or not getattr(model, "outputs", None):
        raise ValueError("the model has no shapes yet: start it with keras.Input, or call it once")
    layers: dict[str, tuple[Any, Any]] = {}
    sources: dict[str, list[str]] = {}
    inputs = {id(tensor) for tensor in model.inputs}
    names: dict[tuple[int, int], str] = {}

    def visit(tensor: Any) -> str:
        layer, number, _ = tensor._keras_history
        if (id(layer), number) in names:
            return names[id(layer), number]
        before = [] if id(tensor) in inputs else [visit(t) for t in private_keras.sources(tensor)]
        name = layer.name
        while name in layers:
            name += "'"
        names[id(layer), number] = name
        layers[name], sources[name] = (layer, tensor), before
        return name

    for output in model.outputs:
        visit(output)
    return layers, sources


FOLDED = ("BatchNormalization", "ReLU", "Activation", "LeakyReLU", "Dropout")


def _groups(
    layers: Mapping[str, tuple[Any, Any]],
    sources: Mapping[str, list[str]],
    *,
    fold: bool,
    collapse: Sequence[str],
) -> dict[str, list[str]]:
    """Layers that share a box, by the first of them: those of one prefix, and what only follows a layer with weights."""
    groups: dict[str, list[str]] = {}
    head_of: dict[str, str] = {}
    fan_out: dict[str, int] = {}
    for before in sources.values():
        for source in before:
            fan_out[source] = fan_out.get(source, 0) + 1
    for name, (layer, _) in layers.items():
        prefix = next((prefix for prefix in collapse if name.startswith(prefix)), None)
        head = name
        if prefix is not None:
            head = next((other for other in groups if other.startswith(prefix)), name)
        elif fold and type(layer).__name__ in FOLDED and len(sources[name]) == 1:
            source = sources[name][0]
            alone = fan_out[source] == 1 and not any(source.startswith(prefix) for prefix in collapse)
            first = type(layers[head_of[source]][0]).__name__
            if alone and re.search("Conv|Dense|Add|Concatenate", first):
                head = head_of[source]
        groups.setdefault(head, []).append(name)
        head_of[name] = head
    return groups


def _lines(members: Sequence[tuple[Any, Any]]) -> list[str]:
    """What a layer and those folded into it do: in one line if it is short, else the others in a second."""
    words = [_words(layer) for layer, _ in members]
    line = " · ".join(words)
    return [line] if len(line) <= 20 or len(words) == 1 else [words[0], " · ".join(words[1:])]


def _words(layer: Any) -> str:
    import keras

    kind = type(layer).__name__
    if isinstance(layer, keras.Model):
        return str(layer.name)
    if kind == "InputLayer":
        return "input"
    names = {
        "Conv2D": "conv",
        "DepthwiseConv2D": "depthwise",
        "SeparableConv2D": "separable",
        "MaxPooling2D": "max pool",
        "AveragePooling2D": "average pool",
        "GlobalAveragePooling2D": "global average pool",
        "GlobalMaxPooling2D": "global max pool",
        "BatchNormalization": "batch norm",
        "ReLU": "ReLU",
    }
    words = names.get(kind) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    size = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if kind == "Activation":
        return _activation(layer)
    if size:
        words += " " + "×".join(map(str, size))
    for attribute in ("filters", "units", "rate"):
        if getattr(layer, attribute, None):
            words += f"{',' if size else ''} {getattr(layer, attribute)}"
    strides = getattr(layer, "strides", None)
    if strides and tuple(strides) != (tuple(size) if size and "pool" in words else (1,) * len(strides)):
        same = len(set(strides)) == 1
        words += f", stride {strides[0] if same else '×'.join(map(str, strides))}"
    if hasattr(layer, "kernel") or hasattr(layer, "depthwise_kernel"):
        activation = _activation(layer)
        words += f" · {activation}" if activation else ""
    return words


def _activation(layer: Any) -> str:
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    return {"linear": "", "relu": "ReLU", "tanh": "tanh"}.get(name, name)


def _shape(found: tuple[Any, Any]) -> str:
    return "×".join("?" if side is None else str(side) for side in found[1].shape[1:])
