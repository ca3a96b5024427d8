"""SPR: Rainbow that predicts its own latents some steps ahead.

Paper: Schwarzer et al. 2021, "Data-Efficient Reinforcement Learning with
    Self-Predictive Representations" (arXiv:2007.05929).
Reference code: mila-iqia/spr, google/dopamine (labs/atari_100k).
Differences: only the variant with augmentation, whose target network has no lag; it is
    one for values and latents. The networks that choose and judge an action see the
    same augmentation. Latents are scaled to [0, 1] with a floor under their range, as
    in Dopamine. The paper's weight of the loss, 2 of summed cosines, is the reference
    code's 5 of mean squared distances. Gradients of the predictor are cut with those of
    the transition model; in the code they are not. Actions are those of the noisy
    network from the first step on, as in Dopamine. Transition model and predictor begin
    orthogonal. Where observations are vectors, latents are maps of one pixel and
    nothing is augmented. What Rainbow's docstring says of the rest holds here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.parts.augment import random_intensity, random_shift
from baselines.parts.encoders import Convolutions, Encoder, conv, linear
from baselines.parts.ranges import Range, check_ranges
from baselines.parts.replay import Bools, Floats, Ints
from baselines.rainbow import Rainbow, RainbowNetwork
from baselines.rainbow_settings import EFFICIENT, RainbowConfig
from harness.agent import TaskInfo

GRADIENT_SCALE = 2**-0.5
"""Of what two streams send back to one encoder (Wang et al. 2016, section 4.2)."""


@dataclass(frozen=True)
class SPRConfig(RainbowConfig):
    """Rainbow's hyper-parameters, and those of self-prediction."""

    updates_per_step: int = 2
    """Updates when one is due."""
    steps_ahead: int = 5
    """K: how far latents are predicted."""
    prediction_weight: float = 2.0
    """lambda: of the self-prediction loss."""
    shift: int = 4
    """Pixels by which an update's frames are moved at most."""
    intensity: float = 0.05
    """Standard deviation of the factor on their brightness."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, RANGES)


RANGES = {
    "batch": Range(2),  # of one sample there is no batch to normalise
    "updates_per_step": Range(1),
    "steps_ahead": Range(1),
    "prediction_weight": Range(0),
    "shift": Range(0),
    "intensity": Range(0, 0.5),
}
"""Of the fields above, and what is narrower than Rainbow's."""

SETTINGS = SPRConfig(
    hidden=EFFICIENT.hidden,
    n_step=EFFICIENT.n_step,
    learning_rate=EFFICIENT.learning_rate,
    capacity=EFFICIENT.capacity,
    start=2_000,
    update_every=1,
    target_every=1,
)


class Lessons(NamedTuple):
    """A batch of the replay, and what followed its transitions K steps long."""

    obs: NDArray[Any]
    action: NDArray[Any]
    reward: Floats
    next_obs: NDArray[Any]
    discount: Floats
    weight: Floats
    rows: Ints
    following: NDArray[Any]
    """[B, K, *observation]"""
    actions: NDArray[Any]
    """[B, K]; each led to the observation of the same place in `following`."""
    shown: Bools
    """[B, K]; False where the episode had ended before."""


def renormalise(latents: Tensor) -> Tensor:
    """[B, ...] -> [B, ...], each sample scaled to [0, 1]."""
    flat = latents.flatten(1)
    low, high = flat.amin(1, keepdim=True), flat.amax(1, keepdim=True)
    return ((flat - low) / (high - low + 1e-5)).view_as(latents)


class Latents(nn.Module):
    """An encoder whose features are scaled to [0, 1]."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, obs: Tensor) -> Tensor:
        """[B, *observation] -> [B, size]."""
        return renormalise(self.encoder(obs))


class Transition(nn.Module):
    """A latent map and an action to the next latent map."""

    def __init__(self, channels: int, actions: int, weights: torch.Generator) -> None:
        super().__init__()
        self.actions = actions
        self.hidden = conv(channels + actions, channels, 3, weights, padding=1)
        # The batch's own statistics, always: nobody acts with this.
        self.norm = nn.BatchNorm2d(channels, track_running_stats=False)
        self.out = conv(channels, channels, 3, weights, padding=1)

    def forward(self, latents: Tensor, action: Tensor) -> Tensor:
        """[B, C, H, W], [B] -> [B, C, H, W] in [0, 1]."""
        planes = F.one_hot(action, self.actions).to(latents.dtype)[:, :, None, None]
        planes = planes.expand(-1, -1, *latents.shape[2:])
        hidden = self.norm(F.relu(self.hidden(torch.cat([latents, planes], 1))))
        return renormalise(F.relu(self.out(hidden)))


class SelfPrediction(nn.Module):
    """Predicts projections of the latents that actions lead to."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        actions: int,
        projection: int,
        weights: torch.Generator,
    ) -> None:
        """Args:
        shape: of a latent map: channels, height, width.
        projection: size of what is predicted.
        """
        super().__init__()
        self.shape = shape
        self.transition = Transition(shape[0], actions, weights)
        self.predictor = linear(projection, projection, weights, gain=1.0)

    def rollout(self, latents: Tensor, actions: Tensor) -> Tensor:
        """[B, size] of now and the [B, K] actions that follow -> [B, K, size]."""
        ahead, found = latents.view(-1, *self.shape), []
        for action in actions.unbind(1):
            ahead = self.transition(ahead, action)
            found.append(ahead.flatten(1))
        return torch.stack(found, 1)


class SPRNetwork(RainbowNetwork):
    """Rainbow's network on latents, and what predicts them."""

    def __init__(
        self,
        encoder: Encoder,
        actions: int,
        config: RainbowConfig,
        weights: torch.Generator,
    ) -> None:
        super().__init__(encoder, actions, config, weights)
        self.encoder = Latents(encoder)
        one_pixel = (encoder.size, 1, 1)
        shape = encoder.shape if isinstance(encoder, Convolutions) else one_pixel
        self.prediction = SelfPrediction(shape, actions, 2 * config.hidden, weights)

    def project(self, latents: Tensor) -> Tensor:
        """[..., size] -> [..., 2 hidden]: the first layers of the streams, no noise."""
        streams = (self.value_hidden, self.advantage_hidden)
        return torch.cat([stream(latents, None) for stream in streams], -1)


class SPR(Rainbow):
    """Data-efficient Rainbow whose encoder also learns from self-prediction."""

    Config: ClassVar[type] = SPRConfig
    settings: ClassVar[RainbowConfig] = SETTINGS
    made_of: ClassVar[type[RainbowNetwork]] = SPRNetwork

    config: SPRConfig
    network: SPRNetwork
    target: SPRNetwork

    @classmethod
    def default_config(cls, task: TaskInfo) -> RainbowConfig:
        return replace(super().default_config(task), target_every=1)

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: SPRConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        self.prediction_error = torch.zeros((), device=self.torch_device)

    def updates_due(self) -> int:
        return super().updates_due() * self.config.updates_per_step

    def learn(self) -> Mapping[str, float] | None:
        metrics = super().learn()
        if metrics is None:
            return None
        return {**metrics, "self_prediction": float(self.prediction_error)}

    def sample(self) -> Any:
        batch = super().sample()
        ahead = self.replay.sequences(batch.rows, self.config.steps_ahead)
        return Lessons(*batch, ahead.obs[:, 1:], ahead.action, ahead.shown[:, 1:])

    def losses(self, batch: Any) -> tuple[Tensor, Tensor]:
        latents = self.encoded(self.network, self.training_input(batch.obs))
        to_head = torch.lerp(latents.detach(), latents, GRADIENT_SCALE)
        loss, cross_entropy = self.value_loss(batch, to_head)
        error = self.prediction_errors(batch, latents)
        self.prediction_error.copy_(error.detach().mean())
        weight = torch.as_tensor(batch.weight, device=self.torch_device)
        loss = loss + self.config.prediction_weight * (weight * error).mean()
        return loss, cross_entropy

    def prediction_errors(self, batch: Lessons, latents: Tensor) -> Tensor:
        """[B]: 1 - cosine of what was predicted and what came, summed over K steps."""
        actions = torch.as_tensor(batch.actions, device=self.torch_device)
        shown = torch.as_tensor(batch.shown, device=self.torch_device)
        prediction = self.network.prediction
        ahead = self.network.project(prediction.rollout(latents, actions))
        predicted = prediction.predictor(ahead)  # [B, K, 2 hidden]
        with torch.no_grad():
            following = batch.following.reshape(-1, *batch.following.shape[2:])
            seen = self.training_input(following)
            came = self.target.project(self.encoded(self.target, seen))
        cosine = F.cosine_similarity(predicted, came.view_as(predicted), dim=2)
        return ((1 - cosine) * shown).sum(1)

    def descend(self, loss: Tensor) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        limit = self.config.max_gradient_norm
        parts: dict[bool, list[nn.Parameter]] = {False: [], True: []}
        for name, weights in self.network.named_parameters():
            parts[name.startswith("prediction.")].append(weights)
        for part in parts.values():
            nn.utils.clip_grad_norm_(part, limit)
        self.optimiser.step()

    def training_input(self, obs: Any) -> Tensor:
        """[B, *observation] as an update sees it; frames are augmented."""
        seen = super().training_input(obs)
        if seen.ndim != 4:
            return seen
        moved = random_shift(seen, self.config.shift, self.generator)
        return random_intensity(moved, self.config.intensity, self.generator)
