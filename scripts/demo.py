"""`make demo`: real simulators, two agents, one leaderboard, in minutes.

Runs `random` and `ppo` on the practice suite, shows the leaderboard and writes it as a
LaTeX table. Exits 1 unless on two named tasks every ppo seed ends above every random
seed: then something on this machine does not learn.
"""

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

DEMO = Path(__file__).parent.parent / "demo"
TABLE = DEMO / "table.tex"
SHIPPED = Path(__file__).parent.parent / "results"
LEARNT = ("seaquest", "cartpole_swingup")
"""Tasks on which a method that learns leaves random behind within the budget."""

PODIUM = [sys.executable, "-P", "-m", "harness.cli.main"]
ENVIRONMENT = {
    **os.environ,
    "PODIUM_RUNS": str(DEMO / "runs"),
    "PODIUM_DB": str(DEMO / "podium.db"),
}


def podium(*arguments: str) -> None:
    """Runs a command as a user would, and shows it."""
    print(f"\n$ podium {' '.join(arguments)}", flush=True)
    code = subprocess.run(
        [*PODIUM, *arguments], env=ENVIRONMENT, check=False
    ).returncode
    if code:
        sys.exit(f"`podium {' '.join(arguments)}` ended with {code}")


def not_learnt() -> list[str]:
    """What keeps the gate shut, one line a task; empty when ppo learnt."""
    from harness.plan import Request, plan_runs
    from results_db.database import open_for_reading, read_session
    from results_db.leaderboard import leaderboard
    from suites.registry import load_suite

    with read_session(open_for_reading(ENVIRONMENT["PODIUM_DB"])) as session:
        board = leaderboard(session, load_suite("practice"), resamples=1)
    scores = {row.digest: row.task_scores for row in board.rows}
    found = {}
    for agent in ("ppo", "random"):
        # The agent's present version, should the demo have been run with another.
        planned = plan_runs(Request(agent, "practice"), describe_seconds=300)
        found[agent] = scores[planned.specs[0].method.digest]
    lines = []
    for task in LEARNT:
        ppo, random = (found[agent].get(task, ()) for agent in ("ppo", "random"))
        print(f"  {task}: ppo {shown(ppo)}, random {shown(random)}")
        if not ppo or not random or min(ppo) <= max(random):
            lines.append(f"{task}: not every ppo seed ended above every random seed")
    return lines


def shown(scores: tuple[float, ...]) -> str:
    """Scores of the seeds."""
    return " ".join(f"{score:.4g}" for score in scores) or "no run"


def main() -> None:
    DEMO.mkdir(exist_ok=True)
    began = monotonic()
    podium("submit", "random", "--suite", "practice")
    podium("submit", "ppo", "--suite", "practice")
    podium("leaderboard", "practice")
    # What is shipped: the random agent, measured on whole benchmarks.
    podium("ingest", "--runs", os.path.relpath(SHIPPED))
    podium("leaderboard", "atari100k")
    podium("export", "practice", "--table", "latex", "-o", os.path.relpath(TABLE))
    print(f"\nDone in {monotonic() - began:.0f} s. Returns of the seeds:")
    lines = not_learnt()
    if lines:
        sys.exit("The demo failed: " + "; ".join(lines))
    folder = os.path.relpath(DEMO)
    print(
        f"""
Every ppo seed ended above every random seed on {" and ".join(LEARNT)}.

The LaTeX table is {os.path.relpath(TABLE)}; runs are in {folder}/runs, the database is
{folder}/podium.db. What to do next (after `source .venv/bin/activate`):

    podium check-agent examples/my_agent.py:Agent      your own agent in 15 lines
    podium submit examples/my_agent.py:Agent --suite toy --tasks catch,hurry
    podium suites                                      what can be measured
    podium submit ppo --suite atari100k --dry-run      what a benchmark costs
    make dashboard                                     these results in a browser"""
    )


if __name__ == "__main__":
    main()
