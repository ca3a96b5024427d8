"""Changes of sampled frames that do not change what they show."""

import torch
from torch import Tensor


def random_shift(frames: Tensor, pad: int, generator: torch.Generator) -> Tensor:
    """Moves each sample by -pad .. pad pixels in both directions; edges are repeated.

    Source: Yarats et al. 2021 (arXiv:2107.09645), section 3.1. Its code interpolates
    bilinearly, but at whole pixels: so pixels are picked here, which is the same.

    Args:
        frames: [B, C, H, W], fastest with channels last.
        generator: on the frames' device.

    Returns:
        [B, C, H, W], channels last.
    """
    offset = torch.randint(
        *(-pad, pad + 1, (2, len(frames))), generator=generator, device=frames.device
    )
    return shift(frames, *offset)


def shift(frames: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Each sample's window moved by whole pixels; [B, C, H, W], `down`, `right` [B]."""
    batch, channels, height, width = frames.shape

    def seen(side: int, offset: Tensor) -> Tensor:
        """[B, side]: which rows or columns the window shows."""
        places = torch.arange(side, device=frames.device)
        return (places + offset[:, None]).clamp(0, side - 1)

    first = torch.arange(batch, device=frames.device) * height  # row 0 of each sample
    rows = (first[:, None] + seen(height, down)) * width  # [B, H]
    pixels = rows[:, :, None] + seen(width, right)[:, None]  # [B, H, W]
    flat = frames.permute(0, 2, 3, 1).reshape(-1, channels)
    moved = flat.index_select(0, pixels.flatten())
    return moved.view(batch, height, width, channels).permute(0, 3, 1, 2)


def random_intensity(
    frames: Tensor, scale: float, generator: torch.Generator
) -> Tensor:
    """Makes each sample brighter or darker: times 1 + scale * N(0, 1), cut at 2 sigma.

    Source: Kostrikov et al. 2021 (arXiv:2004.13649), as mila-iqia/spr has it.

    Args:
        frames: [B, C, H, W], float.
        generator: on the frames' device.
    """
    drawn = torch.randn(len(frames), 1, 1, 1, generator=generator, device=frames.device)
    return frames * (1 + scale * drawn.clamp(-2, 2))
