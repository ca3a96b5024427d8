"""Copies of an agent's weights, to compare what training or loading makes of them."""

import torch


def weights(agent, *networks):
    """Copies of all that descent, or a target's move, changes in some networks of an
    agent, by name; no buffers."""
    return {
        f"{network}.{name}": value.detach().clone()
        for network in networks
        for name, value in getattr(agent, network).named_parameters()
    }


def same(one, other):
    """Whether two sets of weights are equal, bit for bit."""
    assert set(one) == set(other)
    return all(torch.equal(one[name], other[name]) for name in one)
