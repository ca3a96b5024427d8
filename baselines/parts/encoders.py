"""Networks from an observation to a feature vector, initialised from a generator."""

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import skip_init

RELU_GAIN = math.sqrt(2)

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)


def linear(
    inputs: int, outputs: int, generator: torch.Generator, gain: float = RELU_GAIN
) -> nn.Linear:
    """A linear layer with orthogonal weights and zero bias."""
    layer: nn.Linear = skip_init(nn.Linear, inputs, outputs)  # type: ignore[no-untyped-call]
    return _initialised(layer, generator, gain)


def conv(
    inputs: int,
    outputs: int,
    size: int,
    generator: torch.Generator,
    *,
    stride: int = 1,
    padding: int = 0,
    gain: float = RELU_GAIN,
) -> nn.Conv2d:
    """A convolution with orthogonal weights and zero bias."""
    layer: nn.Conv2d = skip_init(  # type: ignore[no-untyped-call]
        nn.Conv2d, inputs, outputs, size, stride=stride, padding=padding
    )
    return _initialised(layer, generator, gain)


def _initialised(layer: Layer, generator: torch.Generator, gain: float) -> Layer:
    nn.init.orthogonal_(layer.weight, gain, generator=generator)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


class Mlp(nn.Module):
    """Tanh layers on a state vector."""

    def __init__(
        self, inputs: int, hidden: Sequence[int], generator: torch.Generator
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for outputs in hidden:
            layers += [linear(inputs, outputs, generator), nn.Tanh()]
            inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.size = inputs

    def forward(self, obs: Tensor) -> Tensor:
        """[B, inputs] float32 -> [B, size]."""
        features: Tensor = self.layers(obs)
        return features


class Nature(nn.Module):
    """The convolutional network of Mnih et al. 2015 for 84x84 frames."""

    def __init__(
        self, shape: tuple[int, int, int], size: int, generator: torch.Generator
    ) -> None:
        """Args:
        shape: channels, height, width.
        size: features that come out.
        """
        super().__init__()
        channels, *frame = shape
        self.convs = nn.Sequential(
            conv(channels, 32, 8, generator, stride=4),
            nn.ReLU(),
            conv(32, 64, 4, generator, stride=2),
            nn.ReLU(),
            conv(64, 64, 3, generator),
            nn.ReLU(),
        )
        height, width = (((s - 8) // 4 + 1 - 4) // 2 + 1 - 3 + 1 for s in frame)
        self.out = linear(64 * height * width, size, generator)
        self.activation: nn.Module = nn.ReLU()
        self.size = size

    def forward(self, obs: Tensor) -> Tensor:
        """[B, C, H, W] float32 in [0, 1] -> [B, size]."""
        features: Tensor = self.activation(self.out(self.convs(obs).flatten(1)))
        return features


class Convolutions(nn.Module):
    """Convolutions with ReLU, flat; weights uniform within 1 / sqrt(fan-in)."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        layers: Sequence[tuple[int, int, int]],
        generator: torch.Generator,
    ) -> None:
        """Args:
        shape: channels, height, width.
        layers: channels, size and stride of each.
        """
        super().__init__()
        inputs, height, width = shape
        made: list[nn.Module] = []
        for outputs, size, stride in layers:
            layer = conv(inputs, outputs, size, generator, stride=stride)
            bound = 1 / math.sqrt(inputs * size * size)
            for weights in layer.parameters():
                nn.init.uniform_(weights, -bound, bound, generator=generator)
            made += [layer, nn.ReLU()]
            inputs = outputs
            height, width = ((s - size) // stride + 1 for s in (height, width))
        self.layers = nn.Sequential(*made)
        self.shape = (inputs, height, width)
        """What comes out, before it is made flat."""
        self.size = inputs * height * width

    def forward(self, obs: Tensor) -> Tensor:
        """[B, C, H, W] float32 in [0, 1] -> [B, size]."""
        features: Tensor = self.layers(obs).flatten(1)
        return features


NATURE_LAYERS = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
"""Of Mnih et al. 2015."""
DATA_EFFICIENT_LAYERS = ((32, 5, 5), (64, 5, 5))
"""Of van Hasselt et al. 2019 (arXiv:1906.05243)."""


class Impala(nn.Module):
    """The residual network of Espeholt et al. 2018 (IMPALA, large) for small frames.

    Its convolutions keep the scale of what they get (gain 1, the variance of the
    reference's Glorot weights). With a ReLU's gain each of the six blocks doubles the
    variance: values then start near 14, and clipping the gradient leaves the policy
    nothing of it.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        channels: Sequence[int],
        size: int,
        generator: torch.Generator,
    ) -> None:
        """Args:
        shape: channels, height, width.
        channels: of each of the residual stacks, 16, 32, 32 in the paper.
        size: features that come out, 256 in the paper.
        """
        super().__init__()
        inputs, *frame = shape
        stacks = []
        for outputs in channels:
            stacks.append(_Stack(inputs, outputs, generator))
            inputs = outputs
        self.stacks = nn.Sequential(*stacks)
        halved = 2 ** len(channels)
        height, width = (math.ceil(s / halved) for s in frame)
        self.out = linear(inputs * height * width, size, generator)
        self.activation: nn.Module = nn.ReLU()
        self.size = size

    def forward(self, obs: Tensor) -> Tensor:
        """[B, C, H, W] float32 in [0, 1] -> [B, size]."""
        flat = F.relu(self.stacks(obs)).flatten(1)
        features: Tensor = self.activation(self.out(flat))
        return features


class _Stack(nn.Module):
    """Convolution, pooling by two, two residual blocks."""

    def __init__(self, inputs: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        self.conv = conv(inputs, outputs, 3, generator, padding=1, gain=1.0)
        self.blocks = nn.ModuleList(_Block(outputs, generator) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv(x), 3, stride=2, padding=1)
        for block in self.blocks:
            x = block(x)
        return x


class _Block(nn.Module):
    """Two convolutions around which the input is carried."""

    def __init__(self, channels: int, generator: torch.Generator) -> None:
        super().__init__()
        self.first = conv(channels, channels, 3, generator, padding=1, gain=1.0)
        self.second = conv(channels, channels, 3, generator, padding=1, gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.second(F.relu(self.first(F.relu(x))))
        return x + change


Encoder = Mlp | Nature | Convolutions | Impala
"""A network with a `size`: how many features it gives."""


def frames_first(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """[stack, H, W], [H, W, C] or [stack, H, W, C] as (channels, height, width)."""
    if len(shape) == 4:
        stack, height, width, colours = shape
        return stack * colours, height, width
    if shape[-1] == 3:
        return shape[2], shape[0], shape[1]
    return shape[0], shape[1], shape[2]


def pixels_to_input(obs: Tensor, device: torch.device) -> Tensor:
    """uint8 frames of any layout -> [B, C, H, W] float32 in [0, 1], channels last."""
    frames = obs.to(device)
    if frames.ndim == 5:  # [B, stack, H, W, C]
        frames = frames.permute(0, 1, 4, 2, 3).flatten(1, 2)
    elif frames.shape[-1] == 3:  # [B, H, W, C]
        frames = frames.permute(0, 3, 1, 2)
    return frames.to(torch.float32, memory_format=torch.channels_last).div_(255.0)


def network_input(obs: Any, device: torch.device) -> Tensor:
    """Observations of a batch as networks see them: frames by `pixels_to_input`, state
    vectors as they are."""
    tensor = torch.as_tensor(obs)
    if tensor.dtype == torch.uint8:
        return pixels_to_input(tensor, device)
    return tensor.to(device)
