"""Which devices there are, and what a worker's environment pins for one of them."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from suites.messages import Misused


@dataclass(frozen=True)
class Slot:
    """A place for one worker: the CPU, or one GPU (which several slots may share)."""

    device: str
    """What the agent is told: `cpu` or `cuda`."""
    gpu: str | None
    """The GPU as CUDA_VISIBLE_DEVICES names it: an index or `GPU-...`."""
    threads: int
    """Torch and BLAS threads. They change bits, so one is the default everywhere."""
    cpus: tuple[int, ...]
    """Cores that the worker keeps to; the simulator may use them all."""


@cache
def gpu_names() -> tuple[str, ...]:
    """Names of the machine's GPUs, by nvidia-smi."""
    if shutil.which("nvidia-smi") is None:
        return ()
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if result.returncode != 0:
        return ()
    return tuple(line.strip() for line in result.stdout.splitlines() if line.strip())


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them: indices,
    or the user's own tokens (`GPU-...`, `MIG-...`), which are passed on as they are."""
    count = len(gpu_names())
    everything = [str(index) for index in range(count)]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None or count == 0:
        return everything
    tokens = [token.strip() for token in visible.split(",") if token.strip()]
    return [t for t in tokens if t in everything or t.startswith(("GPU-", "MIG-"))]


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def make_slots(device: str, jobs: int | None, threads: int) -> list[Slot]:
    """Slots for a pool; GPUs and cores are dealt out in turn.

    A worker that keeps to its cores is faster: a simulator's thread on another core
    costs a wake-up at every step (Atari: 12 % of it).

    Args:
        device: `auto`, `cpu` or `cuda`.
        jobs: workers at a time; None is one a core on the CPU and one a GPU.

    Raises:
        Misused: no such device here.
    """
    gpus = visible_gpus()
    if device == "cuda" and not gpus:
        raise Misused(
            "--device cuda: no GPU is visible here (nvidia-smi shows none); "
            "use --device cpu, or --device auto"
        )
    if device == "cuda" or (device == "auto" and gpus):
        count = jobs or len(gpus)
        chosen: list[str | None] = [gpus[i % len(gpus)] for i in range(count)]
    else:
        count = jobs or max(1, cores() // threads)
        chosen = [None] * count
    return [
        Slot("cpu" if gpu is None else "cuda", gpu, threads, cpus)
        for gpu, cpus in zip(chosen, _shares(count), strict=True)
    ]


def _shares(count: int) -> list[tuple[int, ...]]:
    """The cores in `count` equal shares; all for everybody where there are too few."""
    everything = tuple(sorted(os.sched_getaffinity(0)))
    size = len(everything) // count
    if size == 0:
        return [everything] * count
    return [everything[i * size : (i + 1) * size] for i in range(count)]


def worker_environment(slot: Slot) -> dict[str, str]:
    """Environment variables of a worker: one device, few threads, no surprises."""
    environment = dict(os.environ)
    threads = str(slot.threads)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[name] = threads
    environment.update(
        CUDA_VISIBLE_DEVICES=slot.gpu or "",
        CUBLAS_WORKSPACE_CONFIG=":4096:8",
        LP_NUM_THREADS="1",
        PYTHONHASHSEED="0",
        PYTHONUNBUFFERED="1",
    )
    environment.setdefault("MUJOCO_GL", "egl")
    if slot.gpu is not None and slot.gpu.isdigit():
        environment["MUJOCO_EGL_DEVICE_ID"] = slot.gpu
    return environment
