"""Hyperbolic space as the Poincare ball: the way into it, and a layer of hyperplanes.

Source: Ganea et al. 2018, "Hyperbolic Neural Networks" (arXiv:1805.09112). Curvature is
-1. All is computed in float32 (float64 where the input is), also under autocast: near
the border half precision knows no distances. Held equal to geoopt in
tests/baselines/test_hyperbolic.py.
"""

import math

import torch
from torch import Tensor, nn

BORDER = 1 - 4e-3
"""Points keep to this norm, where float32 still resolves 1 - |x|^2 (as geoopt)."""
TINY = 1e-15
"""Norms that are divided by are at least this."""


def to_ball(tangent: Tensor) -> Tensor:
    """The exponential map at the origin: [..., n] to points of a norm below 1.

    Tangents longer than artanh(BORDER), 3.1, all end at the border: there only their
    direction has a gradient.
    """
    norm = _lengths(tangent).unsqueeze(-1)
    return tangent * (norm.tanh().clamp_max(BORDER) / norm)


def onto_ball(x: Tensor) -> Tensor:
    """[..., n], those beyond the border pulled back to it."""
    return x * (BORDER / _lengths(x).unsqueeze(-1)).clamp_max(1)


def plane_distances(x: Tensor, points: Tensor, normals: Tensor) -> Tensor:
    """Signed hyperbolic distances [B, planes] of x to hyperplanes.

    Args:
        x: [B, n] on the ball.
        points: [planes, n] on the ball; each lies on its plane.
        normals: [planes, n], not zero; each points to its plane's positive side.

    Source: Ganea et al. 2018, section 3.1, theorem 5. With the Moebius sum -p + x
    written out its denominator cancels, and two matrix products remain.
    """
    x_square = x.square().sum(1, keepdim=True)  # [B, 1]
    p_square = points.square().sum(1)  # [planes]
    along = (points * normals).sum(1)  # [planes]
    px, ax = x @ points.T, x @ normals.T  # [B, planes]
    height = (1 - p_square) * ax - (1 - 2 * px + x_square) * along
    room = (1 - p_square) * (1 - x_square) * _lengths(normals)
    distances: Tensor = torch.asinh(2 * height / room)
    return distances


def _lengths(vectors: Tensor) -> Tensor:
    """[..., n] -> [...]"""
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=-1)
    return lengths.clamp_min(TINY)


class Gyroplanes(nn.Module):
    """The hyperbolic counterpart of a linear layer: an output is the signed distance to
    a hyperplane times the length of its normal, about 2 <x - p, a> near the origin.

    Inputs are tangents at the origin; they are divided by sqrt(inputs), so that their
    length does not depend on how many they are, and mapped to the ball. `points` lie
    there too: train them with RiemannianAdam.
    """

    def __init__(self, inputs: int, outputs: int, generator: torch.Generator) -> None:
        """Args:
        generator: draws the normals, of standard deviation 1; all planes go through
            the origin.
        """
        super().__init__()
        self.normals = nn.Parameter(torch.randn(outputs, inputs, generator=generator))
        self.points = nn.Parameter(torch.zeros(outputs, inputs))
        self._scale = 1 / math.sqrt(inputs)

    def forward(self, latents: Tensor) -> Tensor:
        """[B, inputs] -> [B, outputs], float32."""
        with torch.autocast(latents.device.type, enabled=False):
            x = to_ball(latents.to(self.normals.dtype) * self._scale)
            distances = plane_distances(x, self.points, self.normals)
            return distances * _lengths(self.normals)
