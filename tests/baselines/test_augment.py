"""Random shifts against a slow definition and against bilinear sampling."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from baselines.parts.augment import random_shift, shift


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def frames(batch=5, height=7, width=9, channels=3, seed=0):
    return torch.rand(batch, channels, height, width, generator=generator(seed))


def by_hand(frames, down, right):
    moved = torch.empty_like(frames)
    height, width = frames.shape[2:]
    for sample in range(len(frames)):
        for row in range(height):
            for column in range(width):
                seen_row = min(max(row + int(down[sample]), 0), height - 1)
                seen_column = min(max(column + int(right[sample]), 0), width - 1)
                moved[sample, :, row, column] = frames[sample, :, seen_row, seen_column]
    return moved


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_shift_is_a_moved_window_with_repeated_edges(channels_last):
    shown = frames()
    if channels_last:
        shown = shown.contiguous(memory_format=torch.channels_last)
    down, right = torch.tensor([0, 4, -4, 2, -20]), torch.tensor([0, -4, 3, 20, 1])
    moved = shift(shown, down, right)
    assert torch.equal(moved, by_hand(shown, down, right))
    assert moved.is_contiguous(memory_format=torch.channels_last)


def test_a_shift_is_what_bilinear_sampling_at_whole_pixels_gives():
    """The formulation of DrQ-v2's code: a padded frame, sampled on a grid."""
    pad, side = 4, 12
    shown = frames(height=side, width=side)
    down, right = torch.tensor([-4, 0, 1, 4, 3]), torch.tensor([4, 0, -1, -4, 2])
    padded = F.pad(shown, [pad] * 4, mode="replicate")
    wide = side + 2 * pad
    places = torch.arange(side) + pad + 0.5
    rows = (places + down[:, None]) * 2 / wide - 1
    columns = (places + right[:, None]) * 2 / wide - 1
    grid = torch.stack(
        [
            columns[:, None].expand(-1, side, -1),
            rows[:, :, None].expand(-1, -1, side),
        ],
        dim=3,
    )
    sampled = F.grid_sample(padded, grid, padding_mode="zeros", align_corners=False)
    torch.testing.assert_close(shift(shown, down, right), sampled)


def test_random_shifts_are_uniform_independent_and_drawn_from_the_generator():
    side, pad, batch = 9, 2, 4_000
    places = torch.arange(side, dtype=torch.float32)
    shown = torch.stack(torch.meshgrid(places, places, indexing="ij"))  # row, column
    moved = random_shift(shown.expand(batch, -1, -1, -1), pad, generator())
    offsets = (moved[:, :, side // 2, side // 2] - side // 2).int().numpy()
    pairs, counts = np.unique(offsets, axis=0, return_counts=True)
    assert len(pairs) == (2 * pad + 1) ** 2
    assert abs(counts / batch - 1 / 25).max() < 0.015
    again = random_shift(shown.expand(batch, -1, -1, -1), pad, generator())
    assert torch.equal(moved, again)
