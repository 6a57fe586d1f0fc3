import time

import numpy as np
import pytest

from course import paced


def seconds(net: paced.Net, images: int) -> float:
    began = time.perf_counter()
    assert net.predict_on_batch(np.zeros((images, 2, 3), "float32")).shape == (images, 1)
    return time.perf_counter() - began


def test_calls_take_the_time_that_they_were_told_and_are_counted_for_each_size_of_batch() -> None:
    net = paced.Net((2, 3), [0.03, 0.0, 0.01])
    assert net.input_shape == (None, 2, 3)
    assert seconds(net, 1) >= 0.03
    assert seconds(net, 2) >= 0.06  # the first call on two images
    assert seconds(net, 1) < 0.03
    assert seconds(net, 1) >= 0.01
    assert seconds(net, 1) >= 0.01  # the last number holds from here on


def test_the_input_is_a_tensor_of_keras() -> None:
    net = paced.Net((2, 3), [0.0])
    assert net.input.shape == net.inputs[0].shape == (None, 2, 3)


@pytest.mark.parametrize("shape", [(2, 3), (4, 3, 2), (0, 2, 3)])
def test_other_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="takes a batch of shape"):
        paced.Net((2, 3), [0.0]).predict_on_batch(np.zeros(shape))


def test_another_call_says_which_one_is_timed() -> None:
    net = paced.Net((2, 3), [0.0])
    for call in (net, net.predict):
        with pytest.raises(TypeError, match="predict_on_batch"):
            call(np.zeros((1, 2, 3)))


def test_a_pace_of_no_call_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        paced.Net((2, 3), [])
