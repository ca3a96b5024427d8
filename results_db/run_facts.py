"""What the files of one run say, checked before any row is made from them.

A run that fails a check is left out with its reason: a damaged or foreign file must not
reach the leaderboard, where it would stand in everybody's way.
"""

from dataclasses import dataclass
from typing import Any

from results_db.outcomes import RESULTS, Outcome
from results_db.run_files import RunFolder
from results_db.run_spec import SpecError
from results_db.submission_files import Cell, Plan
from suites.registry import load_suite
from suites.spec import EvaluationPlan, Suite

COUNTS = ("agent_steps", "unspent_agent_steps", "env_frames", "episodes")
"""What `done` counts, where it says anything of it."""

LARGEST_RETURN = 1e15
"""Far beyond any task's; what is larger could make a mean over runs infinite."""


@dataclass
class RunFacts:
    """What the files of one run say, checked; `origin` is `here` or `bundle`."""

    state: str
    attempts: list[dict[str, Any]]
    evaluations: list[dict[str, Any]]
    summary: dict[str, Any]
    config: dict[str, Any] | None
    origin: str = "here"


def can_be_averaged(value: float) -> bool:
    """False for NaN, infinity and absurd sizes. Raises TypeError for no number."""
    return abs(value) <= LARGEST_RETURN


def installed_suite(plan: Plan) -> Suite | None:
    """The suite that a plan's runs answer to; None when this Podium has no such suite
    or measures it otherwise."""
    try:
        suite = load_suite(plan.suite)
    except KeyError:
        return None
    return suite if suite.measurement_hash == plan.measurement_hash else None


def read_run(run: RunFolder, cell: Cell, suite: Suite | None) -> RunFacts:
    """Reads a planned run, whether it has started or not.

    Args:
        suite: what it is held to; None when that is not known here.

    Raises:
        SpecError, FileDamaged, KeyError, TypeError, ValueError: what is wrong with it.
    """
    if suite is not None and cell.task not in {task.name for task in suite.tasks}:
        raise SpecError(f"{suite.id} has no task {cell.task!r}")
    if not run.exists:
        return RunFacts("planned", [], [], {}, None)
    if run.spec.cell != cell.id:
        raise SpecError(f"its spec is that of another cell than the planned {cell.id}")
    attempts = run.attempts()
    evaluations = [_checked_evaluation(row) for row in run.rows("evaluations")]
    summary = _checked_summary(run.summary()) if run.done else {}
    state = "planned"
    if attempts:
        state = attempts[-1]["outcome"] or "started"
    if run.done:
        state = Outcome(summary["outcome"]).value
        if state not in RESULTS:
            raise ValueError(f"`done` says {state!r}, which is no result")
        finals = [row for row in evaluations if row["final"]]
        if not finals and not summary.get("unscored"):
            raise ValueError("it is done, but has no final evaluation")
        if finals and suite is not None:
            _check_finals(finals, suite.task(cell.task).protocol.evaluation)
    config = None if run.spec.config is None else dict(run.spec.config)
    return RunFacts(state, attempts, evaluations, summary, config)


def _checked_evaluation(row: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError when an evaluation's columns do not belong together, or its
    returns have no finite mean, or its time is none."""
    columns = [row[name] for name in ("returns", "lengths", "env_frames", "terminated")]
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"evaluation {row.get('point')}: columns of unequal length")
    for value in row["returns"]:
        if not can_be_averaged(value):
            raise ValueError(
                f"evaluation {row.get('point')}: returns are finite numbers of at most "
                f"{LARGEST_RETURN:g} (got {value!r:.20})"
            )
    seconds = row.get("training_seconds")
    if seconds is not None and not 0 <= seconds <= LARGEST_RETURN:
        raise ValueError(
            f"evaluation {row.get('point')}: training_seconds is {seconds!r:.20}"
        )
    return row


def _checked_summary(summary: Any) -> dict[str, Any]:
    """Raises ValueError or TypeError when what `done` measured is no number."""
    if not isinstance(summary, dict):
        raise ValueError("`done` is no JSON object")
    for name in COUNTS:
        value = summary.get(name)
        if value is not None and type(value) is not int:
            raise ValueError(f"`done`: {name} is {value!r}, which is no whole number")
    seconds = summary.get("wall_seconds")
    if seconds is not None and not can_be_averaged(seconds):
        raise ValueError(f"`done`: wall_seconds is {seconds!r}")
    return summary


def _check_finals(finals: list[dict[str, Any]], plan: EvaluationPlan) -> None:
    """Raises ValueError when final evaluations are not those of the protocol."""
    splits = sorted(row["split"] for row in finals)
    if splits != sorted(plan.splits):
        raise ValueError(
            f"its final evaluation is on {', '.join(splits)}, not on "
            f"{', '.join(sorted(plan.splits))}, as the protocol says"
        )
    for row in finals:
        if len(row["returns"]) != plan.final_episodes:
            raise ValueError(
                f"its final evaluation on {row['split']} has {len(row['returns'])} "
                f"episodes, not {plan.final_episodes}, as the protocol says"
            )
