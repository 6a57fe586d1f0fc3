"""Operations of the functional API that a net may hold beside its layers, and what they may be called with.

Of more than three hundred in `keras.ops` the nets of this course need those that shape, join, average and bend tensors. Left
out are those that cost without bound (decompositions, inverses, transforms), that make tensors of a size read from their
values, that draw or sort, that take a function, and that are layers without their weights (convolutions, lookups).
"""

from __future__ import annotations

from typing import Any

from course import private_keras

__all__ = ["ALLOWED", "MOST_NUMBERS", "refusal"]

_ARITHMETIC = (
    "Absolute Add Subtract Multiply Divide DivideNoNan TrueDivide Negative Power Reciprocal Square Sqrt Rsqrt Exp Expm1 Log "
    "Log1p Maximum Minimum Clip Sign Tanh Erf Matmul Einsum Equal NotEqual Less LessEqual Greater GreaterEqual LogicalAnd "
    "LogicalOr LogicalNot Where"
)
_OVER_AXES = "Mean Average Sum Max Min Amax Amin Prod Std Var Moments Norm Normalize Logsumexp Argmax Argmin"
_SHAPES = (
    "Reshape Ravel Squeeze ExpandDims Transpose Swapaxes Moveaxis Concatenate Stack Hstack Vstack Dstack Split Unstack Pad "
    "GetItem Slice Flip Fliplr Flipud Rot90 Roll Repeat Tile BroadcastTo DepthToSpace SpaceToDepth ZerosLike OnesLike Cast "
    "StopGradient ConvertToTensor Copy"
)
_ACTIVATIONS = (
    "Relu Relu6 Sigmoid SparseSigmoid Softplus Softsign SoftShrink SparsePlus Silu Squareplus LogSigmoid LeakyRelu "
    "HardSigmoid HardSilu Elu Selu Gelu Celu Glu TanhShrink HardTanh HardShrink Threshold Softmax LogSoftmax Sparsemax"
)
_IMAGES = (
    "MaxPool AveragePool AdaptiveMaxPool AdaptiveAveragePool LayerNorm RMSNorm DotProductAttention RGBToGrayscale Resize "
    "PadImages CropImages"
)
ALLOWED = frozenset(" ".join((_ARITHMETIC, _OVER_AXES, _SHAPES, _ACTIVATIONS, _IMAGES)).split())
"""Names of the classes of these operations, as they stand in a model's configuration."""
MOST_NUMBERS = 16
"""Numbers that one call of an operation may hold beside its tensors: a factor, a colour's mean, a shape."""


def refusal(model: Any) -> str | None:
    """Why an operation of `model`, a Keras model, is not what nets are built of; None where all are. Looks into nested models.

    Functions as they stand in `keras.ops` are meant; layers are not looked at.
    """
    import keras

    parts: Any = getattr(model, "operations", None) or getattr(model, "layers", ())
    for operation in parts:
        if hasattr(operation, "operations") or hasattr(operation, "layers"):
            if said := refusal(operation):
                return said
        elif not isinstance(operation, keras.layers.Layer):
            name = type(operation).__name__
            if name not in ALLOWED:
                return not_allowed(name)
            for node in private_keras.calls(operation):
                if _numbers((node.arguments.args, node.arguments.kwargs)) > MOST_NUMBERS:
                    return (
                        f"an operation ({name}) is called with a table of numbers: a table that a net needs is the weights "
                        "of a layer"
                    )
    return None


def not_allowed(name: str) -> str:
    """The sentence for an operation that is not `ALLOWED`."""
    return f"the operation {name[:60]} is none that a net is built of here: use a layer of keras.layers instead"


def _numbers(node: Any) -> int:
    """Numbers in arguments, lists and arrays opened; slices and the tensors of the graph hold none."""
    import keras

    if isinstance(node, (list, tuple)):
        return sum(map(_numbers, node))
    if isinstance(node, dict):
        return sum(map(_numbers, node.values()))
    if node is None or isinstance(node, (str, slice, keras.KerasTensor)):
        return 0
    size = 1
    for side in getattr(node, "shape", ()):
        size *= int(side)
    return size
