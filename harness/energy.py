"""Energy that the processor's packages and the GPU took while a run went on.

The counters are the machine's: what co-running jobs took is in them (provenance says
how many there were). A machine that has no counter, or does not let this user read it,
has no number: it is never estimated.
"""

import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

POWERCAP = Path("/sys/class/powercap")

READ_EVERY_SECONDS = 60.0
"""The processor's counter starts over after its range, some minutes at full power."""


class Counter(Protocol):
    """Something that counts joules."""

    def joules(self) -> float:
        """Since it was made."""


class EnergyMeter:
    """Reads all counters of this machine now and then, in a thread of its own."""

    def __init__(self, device: str, powercap: Path = POWERCAP) -> None:
        """Args:
        device: `cpu` or `cuda` (the first GPU that the process sees).
        powercap: where Linux shows the processor's counters.
        """
        self._counters: dict[str, list[Counter]] = {}
        packages: list[Counter] = [*package_counters(powercap)]
        if packages:
            self._counters["cpu"] = packages
        gpu = gpu_counter() if device == "cuda" else None
        if gpu is not None:
            self._counters["gpu"] = [gpu]
        self._stopped = threading.Event()
        if packages:
            threading.Thread(target=self._keep_reading, daemon=True).start()

    def joules(self) -> dict[str, float]:
        """`cpu` (all packages) and `gpu`, as far as they are counted here."""
        return {
            name: round(sum(counter.joules() for counter in counters), 3)
            for name, counters in self._counters.items()
        }

    def close(self) -> None:
        """Ends the reading."""
        self._stopped.set()

    def _keep_reading(self) -> None:
        while not self._stopped.wait(READ_EVERY_SECONDS):
            self.joules()


class PackageCounter:
    """One processor package, by Linux's powercap files (microjoules, starting over)."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError or ValueError where it cannot be read."""
        self._file = folder / "energy_uj"
        self._range = int((folder / "max_energy_range_uj").read_text())
        self._last = int(self._file.read_text())
        self._total = 0
        self._lock = threading.Lock()

    def joules(self) -> float:
        with self._lock:
            with suppress(OSError, ValueError):  # else: what was counted so far
                now = int(self._file.read_text())
                self._total += (now - self._last) % (self._range + 1)
                self._last = now
            return self._total / 1e6


def package_counters(powercap: Path) -> list[PackageCounter]:
    """Those of the processor packages that this user may read."""
    found = []
    for folder in sorted(powercap.glob("*-rapl:*")):
        with suppress(OSError, ValueError):
            # Parts of a package (cores, memory controller) are in it already.
            if (folder / "name").read_text().startswith("package"):
                found.append(PackageCounter(folder))
    return found


class GpuCounter:
    """One GPU, by its driver's counter (millijoules since the driver was loaded)."""

    def __init__(self, uuid: str) -> None:
        """Raises ImportError or the driver's error where there is no counter."""
        import pynvml

        pynvml.nvmlInit()
        self._read = pynvml.nvmlDeviceGetTotalEnergyConsumption
        self._handle = pynvml.nvmlDeviceGetHandleByUUID(uuid)
        self._first = self._last = self._read(self._handle)

    def joules(self) -> float:
        # A driver that fails now must not end a training: what was counted so far.
        with suppress(Exception):
            self._last = self._read(self._handle)
        return float(self._last - self._first) / 1e3


def gpu_counter() -> GpuCounter | None:
    """Of the first GPU that torch sees; None without torch, GPU, driver or counter."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    uuid = str(torch.cuda.get_device_properties(0).uuid)
    try:
        return GpuCounter(uuid if uuid.startswith("GPU-") else f"GPU-{uuid}")
    except Exception:  # of the driver's own kind, or pynvml is not there
        return None


def added(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    """Joules of two attempts together; a counter that one of them lacked is left out,
    for its sum would be too small."""
    return {name: first[name] + second[name] for name in first if name in second}
