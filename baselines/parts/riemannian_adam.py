"""Adam for networks of which some parameters are points on the Poincare ball.

Source: Becigneul and Ganea 2019, "Riemannian Adaptive Optimization Methods"
(arXiv:1810.00760), section 4, with the retraction x + step for the exponential map, as
geoopt has it. Held equal to geoopt's in tests/baselines/test_hyperbolic.py; geoopt's
own goes on from a saved state with other bits.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from baselines.parts.hyperbolic import onto_ball


class RiemannianAdam(torch.optim.Adam):
    """Adam, whose steps for `points` have lengths and means by the ball's metric: all
    coordinates of a point share one scale, and momentum moves along with the point."""

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        points: Sequence[nn.Parameter],
        **settings: Any,
    ) -> None:
        """Args:
        parameters: not on the ball.
        points: [..., n] on the ball.
        settings: of torch.optim.Adam, such as `lr`; weight decay and amsgrad leave
            points alone.
        """
        groups = [{"params": parameters}, {"params": points}]
        super().__init__(groups, **settings)

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step for all parameters that have a gradient."""
        groups = self.param_groups
        try:
            self.param_groups = groups[:1]
            loss: float | None = super().step(closure)
        finally:
            self.param_groups = groups
        for point in groups[1]["params"]:
            if point.grad is not None:
                self._move(point, point.grad, groups[1])
        return loss

    @torch.no_grad()
    def _move(self, point: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[point]
        if not state:
            state["step"] = torch.zeros((), device=point.device)
            state["exp_avg"] = torch.zeros_like(point)
            state["exp_avg_sq"] = torch.zeros_like(point[..., :1])
        count, mean, square = state["step"], state["exp_avg"], state["exp_avg_sq"]
        first, second = group["betas"]
        count += 1

        # The Riemannian gradient, and its squared length by the metric.
        metric = _metric(point)
        gradient = gradient / metric
        mean.lerp_(gradient, 1 - first)
        length = metric * gradient.square().sum(-1, keepdim=True)
        square.lerp_(length, 1 - second)

        unbiased = (square / (1 - second**count)).sqrt() + group["eps"]
        moved = onto_ball(point - group["lr"] / (1 - first**count) * mean / unbiased)
        mean.copy_(_transported(mean, point, moved))
        point.copy_(moved)


def _metric(point: Tensor) -> Tensor:
    """[..., n] -> [..., 1]: what Euclidean squared lengths are multiplied by there."""
    return (2 / (1 - point.square().sum(-1, keepdim=True))).square()


def _transported(vector: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """A tangent at `start`, moved in parallel to `end`; all [..., n].

    Source: Ganea et al. 2018 (arXiv:1805.09112), equation 7: gyr[end, -start] vector,
    written out, times the ratio of the conformal factors.
    """

    def dot(one: Tensor, other: Tensor) -> Tensor:
        return (one * other).sum(-1, keepdim=True)

    back = -start
    uu, vv, uv = dot(end, end), dot(back, back), dot(end, back)
    uw, vw = dot(end, vector), dot(back, vector)
    a = vw + 2 * uv * vw - uw * vv
    b = -uw - vw * uu
    turned = vector + 2 * (a * end + b * back) / (1 + 2 * uv + uu * vv)
    return turned * (1 - uu) / (1 - vv)
