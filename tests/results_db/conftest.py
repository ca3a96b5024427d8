"""Run folders written as a worker writes them, without running anything."""

import random
from pathlib import Path

import pytest

from results_db.outcomes import Outcome
from results_db.run_files import append_line
from results_db.run_spec import Method, RunSpec, submission_name
from results_db.submission_files import Plan, SubmissionFolder
from suites.registry import load_suite


class Writer:
    """Writes submissions of made-up scores to a runs folder."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.runs.mkdir(exist_ok=True)

    def submission(
        self,
        name: str = "m",
        *,
        agent: str = "random",
        suite: str = "toy",
        scores: dict[str, list[float]],
        planned: int | None = None,
        points: int = 2,
        timed: bool = True,
        measurement: str | None = None,
        first_seed: int = 0,
        code: str = "0" * 64,
        overrides: dict[str, object] | None = None,
    ) -> SubmissionFolder:
        """Writes finished runs: task -> one score a seed."""
        found = load_suite(suite)
        method = Method(name, agent, code, overrides or {}, "none")
        measured = measurement or found.measurement_hash
        folder = submission_name(found.id, measured, method)
        count = planned or max(map(len, scores.values()))
        specs = {
            (task, seed): RunSpec(
                submission=folder,
                suite=found.id,
                task=task,
                seed=seed,
                method=method,
                config={},
                measurement_hash=measured,
                scoring_hash=found.scoring_hash,
            )
            for task in scores
            for seed in range(first_seed, first_seed + count)
        }
        submission = SubmissionFolder(self.runs / folder)
        submission.register(Plan.of(list(specs.values())))
        for task, values in scores.items():
            for seed, value in enumerate(values, first_seed):
                self._run(submission, specs[task, seed], value, points, timed)
        return submission

    def _run(self, submission, spec, score, points, timed):
        run = submission.run(spec.task, spec.seed)
        run.create(spec)
        run.set_aside(None)
        attempt = run.start_attempt(pid=1, host="h")
        run.describe_attempt(attempt, {"host": "h", "packages": {"numpy": "1"}})
        rng = random.Random(spec.cell)
        for point in [*range(1, points + 1), 0]:
            for row in self._evaluation(spec, point, score, rng.random(), points):
                if not timed:  # as an older Podium wrote it
                    del row["training_seconds"]
                append_line(run.path / "evaluations.jsonl", row)
        summary = {
            "agent_steps": 2000,
            "unspent_agent_steps": 0,
            "env_frames": 8000,
            "episodes": 400,
            "digest": "ab",
            "wall_seconds": 3.5,
        }
        run.finish({"attempt": attempt, "outcome": "finished", **summary})
        run.end_attempt(attempt, Outcome.FINISHED, **summary)

    def _evaluation(self, spec, point, score, noise, points):
        """As many episodes on every split as the protocol asks for."""
        task = {task.name: task for task in load_suite(spec.suite).tasks}.get(spec.task)
        plan = (task or load_suite("toy").tasks[0]).protocol.evaluation
        pairs = (plan.episodes if point else plan.final_episodes) // 2
        for split in plan.splits:
            yield {
                "agent_steps": 500 * point or 2000,
                "point": point,
                "final": point == 0,
                "split": split,
                "returns": [score - noise, score + noise] * pairs,
                "lengths": [5, 6] * pairs,
                "env_frames": [20, 24] * pairs,
                "terminated": [True, False] * pairs,
                "wall_seconds": 0.5,
                "training_seconds": (60.0 + 6 * spec.seed) * (point or points + 1),
            }


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "runs")


FULL = {"catch": [0.0, 0.5], "reach": [-5.0, -4.0], "hurry": [0.5, 0.75]}
