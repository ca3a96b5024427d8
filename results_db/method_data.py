"""What the statistics take of a suite's methods: the runs that count, their scores and
their curves, under the labels that the leaderboard prints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy.orm import Session

from results_db.foreign import IMPORTED, Foreign, told_apart
from results_db.import_format import RAW
from results_db.imported import imported_curves, imported_methods, normalised
from results_db.query import (
    CurvePoint,
    FinalScore,
    MethodInfo,
    curve_points,
    methods,
    planned_cells,
    suite_scores,
)
from results_db.run_facts import LARGEST_RETURN
from results_db.stats.curves import CurveData, Points
from results_db.stats.scores import Scores
from results_db.wall_time import Over
from suites.spec import Suite


@dataclass(frozen=True)
class MethodData:
    """A method version on a suite, measured or imported."""

    label: str
    """Its name, with the version where the name alone is not unique."""
    info: MethodInfo
    finals: tuple[FinalScore, ...]
    """Its counted runs, by task and seed."""
    planned: frozenset[tuple[str, int]]
    """(task, seed) of what was planned, run or not."""
    foreign: Foreign | None = None
    """None for a measured method."""

    @cached_property
    def raw(self) -> dict[str, tuple[float, ...]]:
        """Task -> raw scores of its runs, by seed; of imported runs in their unit."""
        runs: dict[str, list[float]] = defaultdict(list)
        for final in self.finals:
            runs[final.task].append(final.score)
        return {task: tuple(values) for task, values in runs.items()}

    def normalised(self, suite: Suite) -> dict[str, list[float]]:
        """Task -> normalised scores of its runs, by seed."""
        unit = self.foreign.unit if self.foreign else RAW
        return {
            task: [normalised(suite, task, value, unit) for value in values]
            for task, values in self.raw.items()
        }

    def scores(self, suite: Suite) -> Scores | None:
        """Normalised scores of the tasks that it has; None without any run."""
        return Scores.of(self.normalised(suite)) if self.finals else None


def load_methods(session: Session, suite: Suite) -> dict[str, MethodData]:
    """Label -> every method with runs planned under the suite's measurement, and every
    imported one."""
    infos = methods(session, suite.id, suite.measurement_hash)
    planned = planned_cells(session, suite.id, suite.measurement_hash)
    by_method: dict[str, list[FinalScore]] = defaultdict(list)
    for final in suite_scores(session, suite, suite.scoring.split):
        by_method[final.method].append(final)
    labels = _labels(infos.values())
    measured = {
        labels[digest]: MethodData(
            label=labels[digest],
            info=info,
            finals=tuple(
                sorted(by_method[digest], key=lambda final: (final.task, final.seed))
            ),
            planned=frozenset(planned.get(digest, ())),
        )
        for digest, info in infos.items()
    }
    return {**measured, **_imported(session, suite, set(measured))}


def _imported(session: Session, suite: Suite, taken: set[str]) -> dict[str, MethodData]:
    """Label -> imported method; a measured one keeps its label."""
    methods: dict[str, MethodData] = {}
    for method in imported_methods(session, suite):
        label = told_apart(method.info.name, IMPORTED, {*taken, *methods})
        methods[label] = MethodData(
            label=label,
            info=method.info,
            finals=method.finals,
            planned=frozenset((final.task, final.seed) for final in method.finals),
            foreign=method.foreign,
        )
    return methods


def load_curves(
    session: Session,
    suite: Suite,
    methods: Mapping[str, MethodData],
    over: Over = "steps",
) -> dict[str, CurveData]:
    """Label -> normalised curves of the counted runs; the final evaluation is the last
    point. A method without runs is left out, and an imported one without curves; over
    wall time also one with a run of which it is not known."""
    points = curve_points(
        session, suite.id, suite.measurement_hash, suite.scoring.split
    )
    foreign = {m.info.digest: label for label, m in methods.items() if m.foreign}
    digests = foreign if over == "steps" else {}
    imported = imported_curves(session, suite, digests) if digests else {}
    curves = {
        label: _curves(suite, method, points, over)
        for label, method in methods.items()
        if method.finals
        and not method.foreign
        and (over == "steps" or _all_timed(method, points))
    }
    return {**curves, **{digests[digest]: c for digest, c in imported.items()}}


def _all_timed(method: MethodData, points: Mapping[int, Sequence[CurvePoint]]) -> bool:
    return all(
        point.training_seconds is not None
        for final in method.finals
        for point in points[final.run_id]
    )


def _curves(
    suite: Suite,
    method: MethodData,
    points: Mapping[int, Sequence[CurvePoint]],
    over: Over,
) -> CurveData:
    runs: dict[str, list[Points]] = defaultdict(list)
    for final in method.finals:
        found = points[final.run_id]
        at = np.array([point.agent_steps for point in found], dtype=np.int64)
        values = np.array([point.mean_return for point in found], dtype=np.float64)
        keep = np.abs(values) <= LARGEST_RETURN  # as can_be_averaged
        if over == "wall":
            at = np.array([point.training_seconds for point in found], dtype=np.float64)
        at, values = at[keep], values[keep]
        if over == "wall" and len(at):
            # Two evaluations within a millisecond are one point: the later. Time that
            # goes back, as only another's files say, would stop everybody's figure.
            at = np.maximum.accumulate(at)
            last = np.append(np.diff(at) > 0, True)
            at, values = at[last], values[last]
        bounds = suite.bounds(suite.task(final.task))
        if bounds is None:
            raise ValueError(f"{suite.id}/{final.task} has no normalisation constants")
        low, high = bounds
        # As Suite.normalise, for all points at once: a suite has hundred thousands.
        runs[final.task].append((at, (values - low) / (high - low)))
    return dict(runs)


def _labels(infos: Iterable[MethodInfo]) -> dict[str, str]:
    """Digest -> the name, with the version where two methods share a name."""
    infos = list(infos)
    names = [info.name for info in infos]
    return {
        info.digest: info.name
        if names.count(info.name) == 1
        else f"{info.name}@{info.digest[:7]}"
        for info in infos
    }
