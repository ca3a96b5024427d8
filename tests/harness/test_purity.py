import random

import numpy as np
from gymnasium.spaces import Discrete

from harness.purity import leaves_no_trace


def draw_everywhere(space):
    import torch

    return (
        random.random(),
        np.random.random(),
        torch.rand(1).item(),
        int(space.sample()),
    )


def seed_everything(space):
    import torch

    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    space.seed(1)


def test_all_generators_are_put_back():
    space = Discrete(1_000_000)
    seed_everything(space)
    expected = [draw_everywhere(space) for _ in range(2)]
    seed_everything(space)
    first = draw_everywhere(space)
    with leaves_no_trace():
        for _ in range(3):
            draw_everywhere(space)
    assert [first, draw_everywhere(space)] == expected


def test_a_space_that_was_never_sampled_stays_unseeded():
    space = Discrete(10)
    with leaves_no_trace():
        space.sample()
    assert space._np_random is None


def test_train_modes_are_put_back_wherever_the_module_lives():
    import torch

    hidden = {"deep": [torch.nn.Sequential(torch.nn.Dropout())]}
    module = hidden["deep"][0]
    frozen = torch.nn.Linear(1, 1).eval()
    with leaves_no_trace():
        module.eval()
        frozen.train()
    assert module.training
    assert module[0].training
    assert not frozen.training


def test_they_are_put_back_after_an_error():
    random.seed(3)
    expected = random.random()
    random.seed(3)
    try:
        with leaves_no_trace():
            random.random()
            raise KeyError
    except KeyError:
        pass
    assert random.random() == expected
