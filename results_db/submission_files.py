"""A submission's plan and ledger: what was to run, and all that happened to it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from results_db.locks import one_at_a_time
from results_db.run_files import (
    RunFolder,
    append_line,
    read_lines,
    utc_now,
    write_whole,
)
from results_db.run_spec import (
    FORMAT,
    SAFE_NAME,
    Method,
    RunSpec,
    SpecError,
    cell_id,
    method_from_json,
    read_json,
)
from suites.messages import Misused


@dataclass(frozen=True)
class Cell:
    """A planned run."""

    task: str
    seed: int
    id: str


@dataclass(frozen=True)
class Plan:
    """A method's planned runs on one protocol."""

    submission: str
    suite: str
    measurement_hash: str
    scoring_hash: str
    method: Method
    cells: tuple[Cell, ...]

    @classmethod
    def of(cls, specs: list[RunSpec]) -> "Plan":
        first = specs[0]
        return cls(
            submission=first.submission,
            suite=first.suite,
            measurement_hash=first.measurement_hash,
            scoring_hash=first.scoring_hash,
            method=first.method,
            cells=tuple(Cell(spec.task, spec.seed, spec.cell) for spec in specs),
        )

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}


def read_plan(path: Path) -> Plan:
    """Reads and checks a plan file. Raises SpecError."""
    document = read_json(path, "plan")
    method = method_from_json(document.get("method"), str(path))
    try:
        plan = Plan(
            submission=document["submission"],
            suite=document["suite"],
            measurement_hash=document["measurement_hash"],
            scoring_hash=document["scoring_hash"],
            method=method,
            cells=tuple(
                Cell(str(cell["task"]), int(cell["seed"]), str(cell["id"]))
                for cell in document["cells"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(f"{path} is not a plan: {error!r}") from error
    for cell in plan.cells:
        if cell.id != cell_id(plan.measurement_hash, method, cell.task, cell.seed):
            raise SpecError(f"{path}: cell {cell.task}-s{cell.seed} was changed")
        if cell.seed < 0 or not SAFE_NAME.fullmatch(cell.task):
            raise SpecError(f"{path}: {cell.task}-s{cell.seed} is no cell's name")
    return plan


def plan_beside(spec_file: Path, spec: RunSpec) -> Plan:
    """The plan that was written with a spec file; the spec's own where there is none,
    or one that the spec is no part of. Raises SpecError."""
    path = spec_file.with_name("plan.json")
    alone = Plan.of([spec])
    if not path.exists():
        return alone
    plan = read_plan(path)
    # The cell's id holds the plan's measurement and method to the spec's.
    named = (plan.submission, plan.suite) == (alone.submission, alone.suite)
    return plan if named and alone.cells[0] in plan.cells else alone


BUNDLE_FILE = "bundle.json"


def bundle_name(runs: Path) -> str | None:
    """The name of a bundle of results from elsewhere: a runs folder in which
    `bundle.json` stands. None for a runs folder of this machine.

    Raises:
        SpecError: the file is damaged or the name cannot be one.
    """
    path = runs / BUNDLE_FILE
    if not os.path.exists(path):  # also where the folder cannot be read
        return None
    name = read_json(path, "bundle").get("name")
    if not isinstance(name, str) or not SAFE_NAME.fullmatch(name):
        raise SpecError(f"{path}: {name!r} cannot be a bundle's name")
    return name


def refuse_bundle(runs: Path, option: str) -> None:
    """Raises Misused when a folder to run in is a bundle; `option` names another."""
    if bundle_name(runs) is not None:
        raise Misused(
            f"{runs}/ is a bundle of results from elsewhere; name another folder with "
            f"{option}"
        )


class SubmissionFolder:
    """runs/<submission>."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return (self.path / "plan.json").exists()

    @property
    def plan(self) -> Plan:
        return read_plan(self.path / "plan.json")

    def register(self, plan: Plan) -> tuple[Cell, ...]:
        """Adds a plan's new cells before anything runs, and returns them.

        A plan only grows: cells that stand in it stay, so nothing that was planned can
        be dropped in silence.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(self.path / "plan.lock"):
            old = self.plan.cells if self.exists else ()
            known = {cell.id for cell in old}
            new = tuple(cell for cell in plan.cells if cell.id not in known)
            if new or not self.exists:
                cells = {"cells": [asdict(cell) for cell in (*old, *new)]}
                write_whole(self.path / "plan.json", {**plan.to_json(), **cells})
                for cell in new:
                    self.log("planned", task=cell.task, seed=cell.seed)
        return new

    def log(self, event: str, **details: Any) -> None:
        """Appends to the ledger."""
        append_line(
            self.path / "ledger.jsonl", {"time": utc_now(), "event": event, **details}
        )

    def ledger(self) -> Iterator[dict[str, Any]]:
        return read_lines(self.path / "ledger.jsonl")

    def run(self, task: str, seed: int) -> RunFolder:
        return RunFolder(self.path / f"{task}-s{seed}")

    def runs(self) -> Iterable[RunFolder]:
        """The folders of the runs that have started, by name."""
        return [
            RunFolder(path.parent) for path in sorted(self.path.glob("*/spec.json"))
        ]


def submissions(runs: Path) -> list[SubmissionFolder]:
    """Every submission below a runs folder, by name."""
    return [SubmissionFolder(p.parent) for p in sorted(runs.glob("*/plan.json"))]
