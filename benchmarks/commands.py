"""How long a user waits: `podium --help`, and `podium leaderboard` on 10,000 rows.

Wall time of whole processes, median over rounds, after one warm-up.
"""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import insert, select

from results_db.database import open_for_writing, write_session
from results_db.models import EvaluationRow, MethodRow, RunRow, SubmissionRow
from suites.registry import load_suite

PODIUM = [sys.executable, "-P", "-m", "harness.cli.main"]
ROUNDS = 9
METHODS, SEEDS, POINTS = 4, 10, 10
"""4 methods x 26 games x 10 seeds x 10 evaluations = 10,400 rows."""


def fill(database):
    """Writes evaluation rows straight into a database."""
    suite = load_suite("atari100k")
    rng = random.Random(0)
    engine = open_for_writing(str(database))
    with write_session(engine) as session:
        for number in range(METHODS):
            submission = put_submission(session, suite, number)
            put_runs(session, suite, submission, rng)
    engine.dispose()


def put_submission(session, suite, number):
    """A method and its submission; returns the submission's id."""
    method = MethodRow(
        digest=f"{number:064}",
        name=f"method {number}",
        agent="a",
        code_digest="0",
        config_digest="0",
        overrides={},
        tuning="none",
    )
    session.add(method)
    session.flush()
    submission = SubmissionRow(
        name=f"s{number}",
        suite=suite.id,
        method_id=method.id,
        measurement_hash=suite.measurement_hash,
        scoring_hash=suite.scoring_hash,
        planned_runs=len(suite.tasks) * SEEDS,
    )
    session.add(submission)
    session.flush()
    return submission.id


def put_runs(session, suite, submission, rng):
    """Finished runs of every task and seed, each with its evaluations."""
    runs = [
        {
            "submission_id": submission,
            "cell": f"{submission}-{task.name}-{seed}",
            "task": task.name,
            "seed": seed,
            "state": "finished",
            "origin": "here",
            "isolation": "none",
            "attempts": 1,
            "wall_seconds": 100.0,
            "source_digest": "0",
        }
        for task in suite.tasks
        for seed in range(SEEDS)
    ]
    session.execute(insert(RunRow), runs)
    ids = session.scalars(select(RunRow.id).where(RunRow.submission_id == submission))
    evaluations = [
        {
            "run_id": run,
            "point": point,
            "final": point == 0,
            "split": "evaluation",
            "agent_steps": 10_000 * (point or 10),
            "episodes": 10,
            "mean_return": rng.gauss(500, 100),
            "wall_seconds": 1.0,
        }
        for run in ids
        for point in range(POINTS)
    ]
    session.execute(insert(EvaluationRow), evaluations)


def wait(*arguments):
    """Median wall seconds of a command."""
    times = []
    for _ in range(ROUNDS + 1):
        began = perf_counter()
        subprocess.run([*PODIUM, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - began)
    return median(times[1:])


def main():
    print(f"PODIUM_HELP seconds={wait('--help'):.3f} goal=0.3")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "podium.db"
        fill(database)
        os.environ["PODIUM_CACHE"] = str(Path(folder) / "cache")
        seconds = wait("leaderboard", "atari100k", "--db", str(database))
    print(f"PODIUM_LEADERBOARD_10000_ROWS seconds={seconds:.3f} goal=1.0")


if __name__ == "__main__":
    main()
