"""The Poincare ball against geoopt, and at its extremes."""

from copy import deepcopy

import geoopt
import pytest
import torch

from baselines.parts.hyperbolic import (
    BORDER,
    Gyroplanes,
    plane_distances,
    to_ball,
)
from baselines.parts.riemannian_adam import RiemannianAdam

BALL = geoopt.PoincareBall()
LENGTHS = [0.0, 1e-30, 1e-8, 1e-3, 0.1, 1.0, 3.0, 3.2, 10.0, 60.0, 1e4]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def directions(*shape, seed=0, dtype=torch.float64):
    drawn = torch.randn(shape, generator=generator(seed), dtype=dtype)
    return drawn / drawn.norm(dim=-1, keepdim=True)


def points(count, size, seed=0, longest=0.99):
    length = torch.rand(count, 1, generator=generator(seed + 1), dtype=torch.float64)
    return directions(count, size, seed=seed) * longest * length


def gradients(output, *inputs):
    weights = torch.linspace(-1, 1, output.numel(), dtype=output.dtype)
    return torch.autograd.grad(output.flatten() @ weights, inputs)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_way_into_the_ball_is_geoopts(length):
    tangent = (directions(20, 32).float() * length).requires_grad_()
    ours, theirs = to_ball(tangent), BALL.expmap0(tangent)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-12)
    assert ours.norm(dim=1).max() <= BORDER + 1e-6
    (mine,), (other,) = gradients(ours, tangent), gradients(theirs, tangent)
    largest = other.abs().max().item()
    torch.testing.assert_close(mine, other, rtol=0, atol=1e-5 * max(largest, 1e-2))


def test_distances_to_planes_are_geoopts():
    x, p = points(50, 6), points(9, 6, seed=5)
    a = 3 * directions(9, 6, seed=8)
    ours = plane_distances(*(t.requires_grad_() for t in (x, p, a)))
    theirs = BALL.dist2plane(x[:, None], p, a, signed=True)
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    for mine, other in zip(
        gradients(ours, x, p, a), gradients(theirs, x, p, a), strict=True
    ):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-7)


def test_a_plane_is_as_far_as_its_nearest_point():
    """The distance is a minimum over the plane: found here among many of its points."""
    x, a = torch.tensor([[0.3, 0.4]]), torch.tensor([[0.0, 2.0]])
    distance = plane_distances(x, torch.zeros(1, 2), a)
    on_plane = torch.stack([torch.linspace(-0.99, 0.99, 20_001), torch.zeros(20_001)])
    nearest = geoopt.PoincareBall().dist(x, on_plane.T).min()
    assert distance.item() == pytest.approx(nearest.item(), rel=1e-4)


def layer(inputs=32, outputs=7, spread=0.0):
    made = Gyroplanes(inputs, outputs, generator())
    with torch.no_grad():
        made.points.copy_(points(outputs, inputs, longest=spread))
    return made


def test_the_layer_is_the_papers_as_its_code_scales_it():
    """Half of Ganea's scaled distance, the normal shrunk at the offset."""
    planes = layer(spread=0.9)
    latents = torch.randn(40, 32, generator=generator(3)) * 4
    x = BALL.expmap0(latents / 32**0.5)[:, None]
    room = 1 - planes.points.square().sum(1)
    shrunk = planes.normals * room[:, None]
    theirs = BALL.dist2plane(x, planes.points, shrunk, signed=True, scaled=True)
    theirs = 0.5 * 2 / room * theirs
    torch.testing.assert_close(planes(latents), theirs, rtol=1e-3, atol=1e-3)


def test_near_the_origin_the_layer_is_linear():
    planes = layer()
    latents = 1e-3 * torch.randn(10, 32, generator=generator(1))
    expected = 2 * latents / 32**0.5 @ planes.normals.T
    torch.testing.assert_close(planes(latents), expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("spread", [0.0, 0.5, BORDER])
def test_outputs_and_gradients_are_finite_at_every_length(length, spread):
    planes = layer(spread=spread)
    latents = (directions(20, 32).float() * length).requires_grad_()
    output = planes(latents)
    for values in (output, *gradients(output, latents, *planes.parameters())):
        assert values.isfinite().all()


@pytest.mark.parametrize("scale", [0.0, 1e-20, 1e4])
def test_normals_of_any_length_have_finite_gradients(scale):
    planes = layer(spread=0.5)
    with torch.no_grad():
        planes.normals.mul_(scale)
    output = planes(torch.randn(20, 32, generator=generator(1)))
    for values in (output, *gradients(output, *planes.parameters())):
        assert values.isfinite().all()


def test_it_stays_in_float32_under_autocast():
    planes = layer(spread=0.5)
    latents = torch.randn(20, 32, generator=generator(1)) * 10
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under = planes(latents)
        assert (latents @ latents.T).dtype == torch.bfloat16
    assert under.dtype == torch.float32
    assert torch.equal(under, planes(latents))


def optimisers(start, dtype, rate=0.05):
    """Ours and geoopt's, for points with one start."""
    ours = torch.nn.Parameter(start.to(dtype))
    theirs = geoopt.ManifoldParameter(start.to(dtype), manifold=geoopt.PoincareBall())
    settings = {"lr": rate, "eps": 1e-5}
    return (
        (ours, RiemannianAdam([], [ours], **settings)),
        (theirs, geoopt.optim.RiemannianAdam([theirs], lr=rate, eps=1e-5)),
    )


@pytest.mark.parametrize("spread", [0.0, 0.9])
def test_points_are_moved_as_geoopt_moves_them(spread):
    pairs = optimisers(points(7, 5, longest=spread), torch.float64)
    drift = torch.randn(7, 5, generator=generator(1))
    for step in range(60):
        noise = torch.randn(7, 5, generator=generator(step))
        for point, optimiser in pairs:
            point.grad = (drift + noise).double()
            optimiser.step()
    (ours, _), (theirs, _) = pairs
    assert (ours.norm(dim=1) > 0.5).all()
    torch.testing.assert_close(ours.data, theirs.data, rtol=1e-4, atol=1e-5)


def test_points_never_leave_the_ball():
    ((ours, optimiser), _) = optimisers(torch.zeros(7, 5), torch.float32, rate=10.0)
    for step in range(20):
        ours.grad = torch.randn(7, 5, generator=generator(step)) * 10.0 ** (step - 10)
        optimiser.step()
        assert ours.isfinite().all()
        assert ours.norm(dim=1).max() <= BORDER + 1e-6


@pytest.mark.parametrize("fused", [False, True])
def test_elsewhere_the_optimiser_is_adam(fused):
    one, two = (torch.nn.Parameter(torch.ones(4)) for _ in range(2))
    point = torch.nn.Parameter(torch.zeros(1, 3))
    settings = {"lr": 0.1, "eps": 1e-5, "fused": fused}
    ours = RiemannianAdam([one], [point], **settings)
    adam = torch.optim.Adam([two], **settings)
    for step in range(5):
        one.grad = two.grad = torch.randn(4, generator=generator(step))
        ours.step()
        adam.step()
    assert torch.equal(one, two)
    assert torch.equal(point, torch.zeros(1, 3))  # it had no gradient
    assert [len(group["params"]) for group in ours.param_groups] == [1, 1]


def test_the_optimiser_goes_on_from_a_saved_state_to_the_same_bits():
    start = points(7, 5)
    ((one, ours), _), ((two, other), _) = (
        optimisers(start, torch.float32) for _ in range(2)
    )
    for step in range(8):
        if step == 4:
            two.data.copy_(one)
            other.load_state_dict(deepcopy(ours.state_dict()))
        grad = torch.randn(7, 5, generator=generator(step))
        one.grad, two.grad = grad.clone(), grad.clone()
        ours.step()
        if step >= 4:
            other.step()
    assert torch.equal(one, two)
