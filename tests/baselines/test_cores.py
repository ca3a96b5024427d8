"""Recurrent cores against the textbook's equations, one row and one step at a time."""

import pytest
import torch

from baselines.parts.cores import CORES

EACH = pytest.mark.parametrize("kind", CORES)
INPUTS, SIZE, STEPS, ROWS = 3, 5, 12, 4


def made(kind, seed=0):
    core = CORES[kind](INPUTS, SIZE, torch.Generator().manual_seed(seed))
    with torch.no_grad():  # no bias of 0
        for name, weights in core.named_parameters():
            if "bias" in name:
                weights.copy_(torch.linspace(-1, 1, len(weights)))
    return core


def sequence():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(STEPS, ROWS, INPUTS, generator=generator)
    first = torch.rand(STEPS, ROWS, generator=generator) < 0.15
    first[:, 0] = False
    first[0, 1] = first[5, 2] = True
    return x, first


def slow_lstm(core, x, state):
    """One row: [inputs], [2 * size] -> output [size], state."""
    hidden, cell = state[:SIZE], state[SIZE:]
    rnn = core.rnn
    gates = rnn.weight_ih_l0 @ x + rnn.bias_ih_l0
    gates = gates + rnn.weight_hh_l0 @ hidden + rnn.bias_hh_l0
    enter, keep, new, leave = gates.split(SIZE)
    cell = torch.sigmoid(keep) * cell + torch.sigmoid(enter) * torch.tanh(new)
    hidden = torch.sigmoid(leave) * torch.tanh(cell)
    return hidden, torch.cat([hidden, cell])


def slow_gru(core, x, state):
    """One row: [inputs], [size] -> output [size], state."""
    rnn = core.rnn
    x_reset, x_keep, x_new = (rnn.weight_ih_l0 @ x + rnn.bias_ih_l0).split(SIZE)
    h_reset, h_keep, h_new = (rnn.weight_hh_l0 @ state + rnn.bias_hh_l0).split(SIZE)
    reset, keep = torch.sigmoid(x_reset + h_reset), torch.sigmoid(x_keep + h_keep)
    new = torch.tanh(x_new + reset * h_new)
    hidden = (1 - keep) * new + keep * state
    return hidden, hidden


def slow_unroll(core, x, first, state):
    step = {"Lstm": slow_lstm, "Gru": slow_gru}[type(core).__name__]
    y = torch.empty(STEPS, ROWS, SIZE)
    ends = []
    for row in range(ROWS):
        carried = state[row]
        for t in range(STEPS):
            if first[t, row]:
                carried = torch.zeros_like(carried)
            y[t, row], carried = step(core, x[t, row], carried)
        ends.append(carried)
    return y, torch.stack(ends)


@EACH
def test_a_walk_is_the_textbooks_equations(kind):
    core, (x, first) = made(kind), sequence()
    state = torch.randn(ROWS, core.state_size, generator=torch.Generator())
    ours, slow = (
        core.unroll(x, first, state),
        slow_unroll(core, x, first, state),
    )
    torch.testing.assert_close(ours, slow, rtol=0, atol=1e-6)


@EACH
def test_a_walk_is_its_steps_and_has_their_gradients(kind):
    x, first = sequence()
    gradients = []
    for whole in (True, False):
        core = made(kind)
        state = torch.zeros(ROWS, core.state_size)
        if whole:
            y, state = core.unroll(x, first, state)
        else:
            pieces = []
            for t in range(STEPS):
                piece, state = core.step(x[t], first[t], state)
                pieces.append(piece)
            y = torch.stack(pieces)
        (y.square().sum() + state.sum()).backward()
        found = [weights.grad for weights in core.parameters()]
        gradients.append([y.detach(), state.detach(), *found])
    torch.testing.assert_close(*gradients, rtol=0, atol=2e-5)


@EACH
def test_nothing_of_before_a_first_reaches_after_it(kind):
    core, (x, first) = made(kind), sequence()
    x.requires_grad_(True)
    first[:] = False
    first[7] = True
    y, _ = core.unroll(x, first, torch.full((ROWS, core.state_size), 9.0))
    y[7:].sum().backward()
    assert (x.grad[:7] == 0).all()
    assert (x.grad[7:] != 0).any(2).all()


@EACH
def test_weights_are_orthogonal_and_of_the_generator_alone(kind):
    before = torch.get_rng_state()
    one, two = (
        CORES[kind](INPUTS, SIZE, torch.Generator().manual_seed(0)) for _ in range(2)
    )
    assert torch.equal(torch.get_rng_state(), before)
    for ours, theirs in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(ours, theirs)
        if ours.ndim == 2:
            eye = torch.eye(ours.shape[1])
            torch.testing.assert_close(ours.T @ ours, eye, rtol=0, atol=1e-5)


def test_an_lstm_starts_with_open_forget_gates_and_a_gru_with_no_bias():
    lstm, gru = (CORES[kind](INPUTS, SIZE, torch.Generator()) for kind in CORES)
    bias = (lstm.rnn.bias_ih_l0 + lstm.rnn.bias_hh_l0).view(4, SIZE)
    assert bias.tolist() == [[0.0] * SIZE, [1.0] * SIZE, *[[0.0] * SIZE] * 2]
    assert not gru.rnn.bias_ih_l0.any()
    assert not gru.rnn.bias_hh_l0.any()
