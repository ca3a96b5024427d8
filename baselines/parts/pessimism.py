"""How far values are lowered for what an ensemble of critics does not agree on, and
how that is learnt."""

import torch
from torch import Tensor, nn


def disagreement(values: Tensor) -> Tensor:
    """Mean distance between the values of two critics: [E, B] -> [B], E at least 2.

    Between critics that give one value each it is the expected Wasserstein distance.
    Source: Cetin and Celiktutan 2023 (arXiv:2110.03375).
    """
    critics = len(values)
    distances = (values[:, None] - values).abs()  # [E, E, B]
    return distances.sum((0, 1)) / (critics * (critics - 1))


class Pessimism(nn.Module):
    """Values lowered by beta times the critics' disagreement; beta is learnt.

    The critics follow their targets with a delay, so what they lie above the targets
    on average tells that these are too low, and below, that they are too high. Dual
    TD-learning lowers or raises beta until the mean is 0.

    Source: Cetin and Celiktutan 2023 (arXiv:2110.03375).
    """

    bias: Tensor

    def __init__(self, initial: float) -> None:
        super().__init__()
        self.beta = nn.Parameter(torch.tensor(initial))
        self.register_buffer("bias", torch.zeros(()), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """[E, B] -> [B], with gradients to the values and not to beta."""
        return values.mean(0) - self.beta.detach() * disagreement(values)

    @torch.no_grad()
    def observe(self, error: Tensor) -> None:
        """Takes what the critics' values lie above their targets, [E, B]."""
        self.bias.copy_(error.mean())

    def loss(self) -> Tensor:
        """[]; of beta alone, its slope the mean of the errors observed last."""
        return self.beta * self.bias
