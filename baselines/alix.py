"""A-LIX: feature maps are mixed locally so that the encoder's gradients stay smooth.

Paper: Cetin et al. 2022, "Stabilizing Off-Policy Deep Reinforcement Learning from
    Pixels" (arXiv:2207.00986).
Reference code: Aladoro/Stabilizing-Off-Policy-RL (DeepMind Control).
Differences: On DeepMind Control, those of DrQ-v2 (baselines/drqv2.py), whose shifts of
    frames fall away. The code for Atari is not public, so these settings are ours: DER
    (baselines/rainbow.py) with Rainbow's larger convolutions, for the 3x3 maps of DER's
    leave nothing to mix; updates mix in the network and in its target. There, and in
    the reduced profile, maps move less far: the last ones by as large a share of their
    side as on DeepMind Control. Other suites of frames have Atari's settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from gymnasium.spaces import Discrete
from torch import Tensor

from baselines import drqv2_settings, rainbow_settings
from baselines.drqv2 import DrQv2
from baselines.drqv2_settings import REDUCED, DrQv2Config
from baselines.parts.by_task import ByTask
from baselines.parts.encoders import Convolutions
from baselines.parts.local_mixing import LocalMixing
from baselines.parts.ranges import Range, check_ranges
from baselines.parts.replay import Batch
from baselines.rainbow import DER, RainbowNetwork
from baselines.rainbow_settings import EFFICIENT, RainbowConfig
from harness.agent import StepAgent, TaskInfo


@dataclass(frozen=True)
class MixingConfig:
    """Hyper-parameters that A-LIX adds."""

    radius: float = 0.5
    """S at the start, of 0 .. 1: how far maps are mixed."""
    longest: float = 2.5
    """Pixels that maps move at most where the radius is 1; .5 on Atari."""
    score: float = 0.535
    """The normalised discontinuity of gradients that the radius keeps up."""
    radius_learning_rate: float = 2e-3
    """Of Adam, for the radius."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)


RANGES = {
    "radius": Range(0, 1),
    "longest": Range(0),
    "score": Range(0),
    "radius_learning_rate": Range(0),
}
"""Values with which an update is what it says."""


@dataclass(frozen=True)
class ControlConfig(DrQv2Config, MixingConfig):
    """DrQ-v2's hyper-parameters (`shift` is not used) and the mixing's."""

    def __post_init__(self) -> None:
        check_ranges(self, {**drqv2_settings.RANGES, **RANGES})


@dataclass(frozen=True)
class AtariConfig(RainbowConfig, MixingConfig):
    """Rainbow's hyper-parameters and the mixing's."""

    def __post_init__(self) -> None:
        check_ranges(self, {**rainbow_settings.RANGES, **RANGES})


def _mixing(config: Any, device: torch.device) -> LocalMixing:
    return LocalMixing(
        device,
        radius=config.radius,
        longest=config.longest,
        target=config.score,
        learning_rate=config.radius_learning_rate,
    )


class ControlALIX(DrQv2):
    """A-LIX on DrQ-v2, for continuous actions: mixed maps instead of shifted frames."""

    Config: ClassVar[type] = ControlConfig
    settings: ClassVar[DrQv2Config] = ControlConfig(shift=0)
    resumed = (*DrQv2.resumed, "mixing")

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: ControlConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        self.mixing = _mixing(config, self.torch_device)

    def encoded(self, frames: Tensor) -> Tensor:
        layers = self.encoder.layers
        return self.mixing.encode(layers, self.shifted(frames), self.generator)

    def _update(self, batch: Batch) -> Tensor:
        losses = super()._update(batch)
        self.mixing.learn()
        return losses

    def learn(self) -> Mapping[str, float] | None:
        return _with_radius(super().learn(), self.mixing)


class AtariALIX(DER):
    """A-LIX on DER, for discrete actions."""

    Config: ClassVar[type] = AtariConfig
    settings: ClassVar[RainbowConfig] = AtariConfig(
        **{**vars(EFFICIENT), "encoder": "nature"},
        longest=0.5,  # of 7 pixels, as 2.5 of 35
    )
    resumed = (*DER.resumed, "mixing")

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        if len(task.observation_space.shape or ()) < 3:
            return "needs pixels (this task shows state vectors)"
        return super().supports(task)

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: AtariConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        self.mixing = _mixing(config, self.torch_device)

    def encoded(self, network: RainbowNetwork, obs: Tensor) -> Tensor:
        assert isinstance(network.encoder, Convolutions)
        return self.mixing.encode(network.encoder.layers, obs, self.generator)

    def descend(self, loss: Tensor) -> None:
        super().descend(loss)
        self.mixing.learn()

    def learn(self) -> Mapping[str, float] | None:
        return _with_radius(super().learn(), self.mixing)


def _with_radius(
    metrics: Mapping[str, float] | None, mixing: LocalMixing
) -> Mapping[str, float] | None:
    if metrics is None:
        return None
    return {**metrics, "radius": mixing.radius.item(), "score": mixing.score.item()}


class ReducedALIX(ControlALIX):
    """ControlALIX with the small frames and networks of ReducedDrQv2."""

    settings: ClassVar[DrQv2Config] = ControlConfig(
        **{**vars(REDUCED), "shift": 0},
        longest=1.0,  # of 14 pixels, as 2.5 of 35
    )
    by_task: ClassVar[Mapping[str, Mapping[str, Any]]] = {}


class ALIX(ByTask):
    """On DER for discrete actions, else on DrQ-v2.

    ControlALIX and AtariALIX take all the settings of what they are built on, by the
    names `baselines.alix:ControlALIX` and `baselines.alix:AtariALIX`.
    """

    Config: ClassVar[type] = MixingConfig
    tuning: ClassVar[str] = DrQv2.tuning

    @classmethod
    def choose(cls, task: TaskInfo) -> type[StepAgent]:
        discrete = isinstance(task.action_space, Discrete)
        return AtariALIX if discrete else ControlALIX
