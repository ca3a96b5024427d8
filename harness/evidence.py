"""What speaks for an agent: learning gates that it passed, runs at full protocol.

A gate is a training of minutes on a small task, with two fixed seeds and a threshold.
What was measured lies beside the agent, in `evidence/AGENT.json` of its package,
written by the tests that train it; nothing else makes an entry. Results at full
protocol are counted in the database. Both belong to the code that they were made with:
what an earlier version did is shown as that.
"""

import fcntl
import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SEEDS = 2
"""What a gate is tried with at least."""


class BadEvidence(ValueError):
    """A file of evidence that is not one; the message names it."""


@dataclass(frozen=True)
class Gate:
    """One gate, and what was measured."""

    gate: str
    """The training in a few words."""
    threshold: float
    """What every seed must reach."""
    measured: dict[str, float]
    """By seed."""
    code_digest: str
    """Of the agent that was trained."""

    @property
    def passed(self) -> bool:
        """Whether all seeds reached the threshold, and enough of them were tried."""
        reached = all(value >= self.threshold for value in self.measured.values())
        return reached and len(self.measured) >= SEEDS


def evidence_file(entry: EntryPoint) -> Path | None:
    """Where an installed agent's gates are kept, there or not; None without a package
    folder."""
    spec = find_spec(entry.module.partition(".")[0])
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    return Path(folders[0]) / "evidence" / f"{entry.name}.json" if folders else None


def read_gates(path: Path) -> list[Gate]:
    """The gates in a file, none if it is not there.

    Raises:
        BadEvidence: it cannot be read as such a file.
    """
    if not path.exists():
        return []
    try:
        gates = [Gate(**entry) for entry in json.loads(path.read_text("utf-8"))]
        for gate in gates:
            numbers = [gate.threshold, *gate.measured.values()]
            texts = [gate.gate, gate.code_digest]
            if not all(map(math.isfinite, numbers)) or not all(
                isinstance(text, str) for text in texts
            ):
                raise ValueError("wants finite numbers and texts")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadEvidence(f"{path} holds no gates: {error}") from error
    return gates


def record_gate(
    path: Path,
    gate: str,
    *,
    threshold: float,
    seed: int,
    measured: float,
    code_digest: str,
) -> None:
    """Notes what a seed reached, whether it passed or not. Seeds of another code or of
    another threshold are dropped.

    Raises:
        BadEvidence: what is in the file cannot be read; it stays as it is.
        ValueError: a number is not finite.
    """
    if not math.isfinite(threshold) or not math.isfinite(measured):
        raise ValueError(f"{gate}: {measured} of {threshold} is no measurement")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.parent):
        gates = {known.gate: known for known in read_gates(path)}
        before = gates.get(gate)
        same = before and (before.threshold, before.code_digest) == (
            threshold,
            code_digest,
        )
        by_seed = dict(before.measured) if before and same else {}
        by_seed[str(seed)] = round(measured, 4)
        gates[gate] = Gate(gate, threshold, dict(sorted(by_seed.items())), code_digest)
        entries = [asdict(gates[name]) for name in sorted(gates)]
        written = path.with_suffix(".new")
        written.write_text(json.dumps(entries, indent=1) + "\n", "utf-8")
        written.replace(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process is in here: two tests may end at once."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def gate_records(gates: Sequence[Gate], code_digest: str) -> list[dict[str, Any]]:
    """Gates as `podium agents --format json` has them."""
    return [
        {
            "gate": gate.gate,
            "threshold": gate.threshold,
            "measured": list(gate.measured.values()),
            "passed": gate.passed,
            "earlier_version": gate.code_digest != code_digest,
        }
        for gate in gates
    ]
