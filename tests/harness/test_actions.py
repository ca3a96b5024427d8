import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

from harness.actions import ActionCheck, BadAction


def discrete(actions):
    return ActionCheck(Discrete(3), 2)(actions)


def box(actions):
    return ActionCheck(Box(-1, 1, (2,), np.float32), 2)(actions)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_integers_of_any_width_become_int64(dtype):
    checked = discrete(np.array([0, 2], dtype=dtype))
    assert checked.dtype == np.int64
    assert checked.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("actions", "complaint"),
    [
        (np.zeros(3, int), r"shape \(2,\) \(got \(3,\)\)"),
        (np.zeros((2, 1), int), "shape"),
        (1, "shape"),
        (np.zeros(2), "integers .got dtype float64"),
        (np.array([0.0, np.nan]), "NaN"),
        (np.array([True, False]), "integers"),
        (np.array([0, 3]), r"0 .. 2 \(got 0 .. 3\)"),
        (np.array([-1, 0]), r"\(got -1 .. 0\)"),
        ([[0], [1, 2]], "no array"),
        (np.array(["a", "b"]), "integers"),
    ],
)
def test_bad_discrete_actions_are_named(actions, complaint):
    with pytest.raises(BadAction, match=complaint):
        discrete(actions)


def test_box_actions_are_clipped_to_the_bounds():
    checked = box(np.array([[0.5, -0.5], [3.0, -3.0]]))
    assert checked.dtype == np.float32
    assert checked.tolist() == [[0.5, -0.5], [1.0, -1.0]]


@pytest.mark.parametrize(
    ("actions", "complaint"),
    [
        (np.zeros((2, 2), int), "floats"),
        (np.zeros((2, 3)), "shape"),
        (np.array([[0.0, np.nan], [0, 0]]), "NaN"),
        (np.array([[0.0, np.inf], [0, 0]]), "infinity"),
    ],
)
def test_bad_box_actions_are_named(actions, complaint):
    with pytest.raises(BadAction, match=complaint):
        box(actions)
