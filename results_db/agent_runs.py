"""How much of each benchmark an agent was run on, with its own settings."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from results_db.models import EvaluationRow, MethodRow, RunRow, SubmissionRow
from results_db.outcomes import RESULTS
from suites.spec import Suite


class SuiteRuns(NamedTuple):
    """An agent's finished runs on a suite, by its present measurement."""

    suite: str
    runs: int
    """Of the agent's present code; of a task at most as many as the suite has seeds."""
    earlier_runs: int
    """More of them by other versions of its code."""
    of: int
    """Tasks times seeds."""


def agent_runs(
    session: Session, suites: Sequence[Suite], names: Collection[str], code_digest: str
) -> list[SuiteRuns]:
    """Suites on which an agent has finished runs without overrides.

    Args:
        names: under which the agent is submitted.
        code_digest: of its present code.
    """
    found = []
    for suite in suites:
        by_task = _seeds(session, suite, names)
        now = earlier = 0
        for task in suite.tasks:
            digests = by_task[task.name]
            current = sum(code_digest in versions for versions in digests.values())
            counted = min(len(digests), suite.seeds)
            now += min(current, suite.seeds)
            earlier += counted - min(current, suite.seeds)
        if now or earlier:
            of = len(suite.tasks) * suite.seeds
            found.append(SuiteRuns(suite.name, now, earlier, of))
    return found


def _seeds(
    session: Session, suite: Suite, names: Collection[str]
) -> dict[str, dict[int, set[str]]]:
    """Task -> seed -> code digests with a final evaluation."""
    rows = session.execute(
        select(MethodRow.overrides, MethodRow.code_digest, RunRow.task, RunRow.seed)
        .join(SubmissionRow, SubmissionRow.method_id == MethodRow.id)
        .join(RunRow, RunRow.submission_id == SubmissionRow.id)
        .join(EvaluationRow, EvaluationRow.run_id == RunRow.id)
        .where(
            MethodRow.agent.in_(names),
            SubmissionRow.suite == suite.id,
            SubmissionRow.measurement_hash == suite.measurement_hash,
            RunRow.state.in_([outcome.value for outcome in RESULTS]),
            EvaluationRow.final.is_(True),
        )
    )
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for overrides, digest, task, seed in rows:
        if not overrides:
            found[task][seed].add(digest)
    return found
