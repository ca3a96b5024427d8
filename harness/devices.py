"""Which devices there are, and what a worker's environment pins for one of them."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from harness.describe import Misused


@dataclass(frozen=True)
class Slot:
    """A place for one worker: the CPU, or one GPU (which several slots may share)."""

    device: str
    """What the agent is told: `cpu` or `cuda`."""
    gpu: int | None
    """The GPU's index on this machine."""
    threads: int
    """Torch and BLAS threads. They change bits, so one is the default everywhere."""


@cache
def gpu_names() -> tuple[str, ...]:
    """Names of the GPUs that this process may use, by nvidia-smi."""
    if shutil.which("nvidia-smi") is None:
        return ()
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    names = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    if result.returncode != 0:
        return ()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return tuple(names)
    chosen = [v for v in visible.split(",") if v.strip().isdigit()]
    return tuple(names[int(v)] for v in chosen if int(v) < len(names))


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def make_slots(device: str, jobs: int | None, threads: int) -> list[Slot]:
    """Slots for a pool; GPUs are dealt out in turn.

    Args:
        device: `auto`, `cpu` or `cuda`.
        jobs: workers at a time; None is one a core on the CPU and one a GPU.

    Raises:
        Misused: no such device here.
    """
    gpus = gpu_names()
    if device == "cuda" and not gpus:
        raise Misused(
            "--device cuda: no GPU is visible here (nvidia-smi shows none); "
            "use --device cpu, or --device auto"
        )
    on_gpu = device == "cuda" or (device == "auto" and bool(gpus))
    if not on_gpu:
        return [Slot("cpu", None, threads)] * (jobs or max(1, cores() // threads))
    visible = _visible_indices(len(gpus))
    count = jobs or len(gpus)
    return [Slot("cuda", visible[i % len(gpus)], threads) for i in range(count)]


def _visible_indices(count: int) -> list[int]:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return list(range(count))
    return [int(v) for v in visible.split(",") if v.strip().isdigit()][:count]


def worker_environment(slot: Slot) -> dict[str, str]:
    """Environment variables of a worker: one device, few threads, no surprises."""
    environment = dict(os.environ)
    threads = str(slot.threads)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[name] = threads
    environment.update(
        CUDA_VISIBLE_DEVICES="" if slot.gpu is None else str(slot.gpu),
        CUBLAS_WORKSPACE_CONFIG=":4096:8",
        LP_NUM_THREADS="1",
        PYTHONHASHSEED="0",
        PYTHONUNBUFFERED="1",
    )
    environment.setdefault("MUJOCO_GL", "egl")
    if slot.gpu is not None:
        environment["MUJOCO_EGL_DEVICE_ID"] = str(slot.gpu)
    return environment
