"""Local signal mixing (LIX): feature maps move by a random fraction of pixels, so far
that the gradients that come back are smooth, but no farther.

Source: Cetin et al. 2022, "Stabilizing Off-Policy Deep Reinforcement Learning from
Pixels" (arXiv:2207.00986); numbers from Aladoro/Stabilizing-Off-Policy-RL.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def mix(features: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Maps as seen some pixels off: bilinear between pixels, edges repeated.

    Args:
        features: [B, C, H, W], fastest with channels last.
        down, right: [] offsets of the whole batch; 0 changes nothing.
    """

    def weights(side: int, offset: Tensor) -> Tensor:
        """[side, side]: the share of each old place in each new one."""
        places = torch.arange(side, device=features.device, dtype=features.dtype)
        seen = (places + offset).clamp(0, side - 1)
        return (1.0 - (seen[:, None] - places).abs()).clamp(min=0.0)

    height, width = features.shape[2:]
    maps = features.permute(0, 2, 3, 1)  # [B, H, W, C]
    moved = (weights(height, down) @ maps.flatten(2)).view(maps.shape)
    return (weights(width, right) @ moved).permute(0, 3, 1, 2)


def discontinuity(gradient: Tensor) -> Tensor:
    """The normalised discontinuity score [] of a gradient on feature maps.

    log(1 + noise / signal), averaged over channels and places of the batch's mean
    gradient: signal is the mean square of the eight neighbours, noise that of their
    difference from the place itself; beyond the edges, these are repeated. Near 0 for
    smooth gradients, about 1 for white noise.

    Args:
        gradient: [B, C, H, W].
    """
    mean = gradient.float().mean(0, keepdim=True)
    height, width = mean.shape[2:]
    padded = F.pad(mean, (1, 1, 1, 1), mode="replicate")
    neighbours = torch.stack(
        [
            padded[..., row : row + height, column : column + width]
            for row in range(3)
            for column in range(3)
            if (row, column) != (1, 1)
        ]
    )  # [8, 1, C, H, W]
    signal = neighbours.square().mean(0)
    noise = (neighbours - mean).square().mean(0)
    return (noise / (signal + 1e-20)).log1p().mean()


class LocalMixing:
    """Mixes behind each convolution, with one radius that is learnt.

    The radius descends TARGET - score, where the score is the discontinuity of the
    gradient on the last maps: it rises while gradients are noisier than that.
    """

    def __init__(
        self,
        device: torch.device,
        *,
        radius: float = 0.5,
        longest: float = 2.5,
        target: float = 0.535,
        learning_rate: float = 2e-3,
    ) -> None:
        """Args:
        radius: S at the start, a share of `longest`.
        longest: pixels that maps move at most where the radius is 1.
        target: of the score.
        learning_rate: of Adam, for the radius.
        """
        self.radius = torch.tensor(radius, device=device)
        self._optimiser = torch.optim.Adam(
            *([self.radius], learning_rate, (0.5, 0.999)),
            capturable=device.type == "cuda",
        )
        self._longest, self._target = longest, target
        self.score = torch.zeros((), device=device)

    def encode(
        self, layers: nn.Sequential, frames: Tensor, generator: torch.Generator
    ) -> Tensor:
        """What the layers make of frames, mixed behind each ReLU; one offset a layer
        for the whole batch.

        Args:
            layers: convolutions and ReLU in turn.
            frames: [B, C, H, W].
            generator: on the frames' device.

        Returns:
            [B, features], flat. A backward pass through it notes the score.
        """
        maps = frames
        for layer in layers:
            maps = layer(maps)
            if isinstance(layer, nn.ReLU):
                drawn = torch.rand(2, generator=generator, device=maps.device)
                maps = mix(maps, *(2 * drawn - 1) * (self.radius * self._longest))
        if maps.requires_grad:
            maps.register_hook(self._note)  # type: ignore[no-untyped-call]
        return maps.flatten(1)

    def learn(self) -> None:
        """A step of the radius, by the last score."""
        self.radius.grad = self._target - self.score
        self._optimiser.step()
        self.radius.clamp_(0.0, 1.0)

    def state_dict(self) -> dict[str, Any]:
        return {"radius": self.radius, "optimiser": self._optimiser.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.radius.copy_(state["radius"])
        self._optimiser.load_state_dict(state["optimiser"])

    def _note(self, gradient: Tensor) -> None:
        self.score = discontinuity(gradient.detach())
