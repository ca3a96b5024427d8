"""How long a reader of the dashboard waits, in a real browser: 50 methods, 26 games, 10
runs each, with curves and 1,001,000 evaluation episodes.

The statistics are stored first, as `podium ingest` leaves them. Cold: a server that has
just started; warm: the same page again; a page change: a click on another page, until
it stands still. Needs chromium and playwright.
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

import psutil
from sqlalchemy import insert, select

from benchmarks.commands import put_submission
from results_db.ahead import store_statistics
from results_db.database import open_for_writing, write_session
from results_db.models import EpisodeRow, EvaluationRow, RunRow
from suites.registry import load_suite
from tests.conftest import Podium
from tests.dashboard.browser import reading, served, wait_for

METHODS, SEEDS, POINTS = 50, 10, 9
FINAL_EPISODES, POINT_EPISODES = 50, 3
"""13,000 runs x (50 + 9 x 3) episodes."""
VIEWS = {
    "Compare": "How many more seeds?",
    "Curves": "Task by task",
    "Task": "Episodes of the final evaluations",
    "Runs": "The ledger",
    "Export": "Export",
    "Leaderboard": "Leaderboard",
}


def fill(database):
    """Writes the rows straight into a database."""
    suite = load_suite("atari100k")
    rng = random.Random(0)
    engine = open_for_writing(str(database))
    for number in range(METHODS):
        with write_session(engine) as session:
            submission = put_submission(session, suite, number)
            put_runs(session, suite, submission, strength=0.2 + 0.02 * number, rng=rng)
    engine.dispose()


def put_runs(session, suite, submission, *, strength, rng):
    """Finished runs with curves and episodes."""
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
            "source_digest": f"{submission}-{task.name}-{seed}",
        }
        for task in suite.tasks
        for seed in range(SEEDS)
    ]
    session.execute(insert(RunRow), runs)
    query = select(RunRow.id, RunRow.task).where(RunRow.submission_id == submission)
    bounds = {task.name: suite.bounds(task) for task in suite.tasks}
    evaluations = []
    for run, task in session.execute(query):
        low, high = bounds[task]
        reached = rng.gauss(strength, 0.1)
        for point in range(POINTS + 1):
            share = (point or 10) / 10
            evaluations.append(
                {
                    "run_id": run,
                    "point": point,
                    "final": point == 0,
                    "split": "evaluation",
                    "agent_steps": int(100_000 * share),
                    "episodes": POINT_EPISODES if point else FINAL_EPISODES,
                    "mean_return": low + (high - low) * reached * share,
                    "wall_seconds": 1.0,
                }
            )
    session.execute(insert(EvaluationRow), evaluations)
    put_episodes(session, submission, rng)


def put_episodes(session, submission, rng):
    """The episodes of a submission's evaluations."""
    rows = session.execute(
        select(EvaluationRow.id, EvaluationRow.episodes, EvaluationRow.mean_return)
        .join(RunRow, EvaluationRow.run_id == RunRow.id)
        .where(RunRow.submission_id == submission)
    )
    episodes = [
        {
            "evaluation_id": evaluation,
            "number": number,
            "episode_return": mean * rng.uniform(0.5, 1.5),
            "length": 1000,
            "env_frames": 4000,
            "terminated": True,
        }
        for evaluation, count, mean in rows
        for number in range(count)
    ]
    session.execute(insert(EpisodeRow), episodes)


def opened(reader, chart):
    """Seconds until the leaderboard is painted: its table, and the selected chart."""
    began = perf_counter()
    reader.page.goto(f"{reader.address}/?suite=atari100k")
    reader.page.get_by_test_id("stDataFrame").first.wait_for()
    reader.page.locator(chart).first.wait_for()
    return perf_counter() - began


def page_changes(reader):
    """Page -> seconds from a click to the page standing still, the second time."""
    times = {}
    for _ in range(2):
        for view, heading in VIEWS.items():
            began = perf_counter()
            reader.page.get_by_role("link", name=view, exact=True).click()
            reader.page.get_by_role("heading", name=heading, exact=True).wait_for()
            reader.drawn()
            times[view] = perf_counter() - began
    return times


def memory(port):
    """Megabytes of the server that listens on a port."""
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            if "dashboard.serve" in command and port in command:
                return process.memory_info().rss / 1e6
        except psutil.Error:
            continue
    raise LookupError(port)


RIVAL = """
import os
import pandas as pd
import plotly.express as px
import streamlit as st
from sqlalchemy import create_engine

st.set_page_config(layout="wide")
st.title("Leaderboard")
rows = pd.read_sql(
    "SELECT s.method_id, r.task, r.seed, p.episode_return FROM episodes p "
    "JOIN evaluations e ON p.evaluation_id = e.id JOIN runs r ON e.run_id = r.id "
    "JOIN submissions s ON r.submission_id = s.id WHERE e.final",
    create_engine("sqlite:///" + os.environ["PODIUM_DB"]),
)
runs = rows.groupby(["method_id", "task", "seed"]).mean()
board = runs.groupby("method_id").mean().reset_index()
left, right = st.columns([2, 3])
left.plotly_chart(px.scatter(board, x="episode_return", y="method_id"))
right.dataframe(board)
"""
"""What one writes without a layer in between: rows through pandas, mean scores without
any statistics, at every visit."""


@contextmanager
def rival(folder):
    """The address of a server with RIVAL."""
    file = folder / "rival.py"
    file.write_text(RIVAL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(file)]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "podium.db"
        began = perf_counter()
        fill(database)
        print(f"filled in {perf_counter() - began:.0f} s", file=sys.stderr)
        os.environ["PODIUM_CACHE"] = str(Path(folder) / "cache")
        podium = Podium(Path(folder))
        began = perf_counter()
        store_statistics(str(database))
        print(f"statistics {perf_counter() - began:.1f} s", file=sys.stderr)
        with served(podium) as address, reading(address) as reader:
            cold, warm = twice(reader, ".podium-rows .dot")
            changes = page_changes(reader)
            sleep(1)
            megabytes = memory(address.rpartition(":")[2])
        os.environ["PODIUM_DB"] = str(database)
        with rival(Path(folder)) as address, reading(address) as reader:
            rival_cold, rival_warm = twice(reader, ".js-plotly-plot .point")
    for view, seconds in changes.items():
        print(f"{view}: {seconds:.2f} s")
    print(f"rows through pandas: cold {rival_cold:.2f} s, warm {rival_warm:.2f} s")
    print(f"DASHBOARD_COLD seconds={cold:.2f} goal=3")
    print(f"DASHBOARD_WARM seconds={warm:.2f} goal=1")
    print(f"DASHBOARD_COLD_AGAINST_PANDAS ratio={rival_cold / cold:.1f} goal=1")
    print(f"DASHBOARD_WARM_AGAINST_PANDAS ratio={rival_warm / warm:.1f} goal=2")
    print(f"DASHBOARD_PAGE_CHANGE seconds={max(changes.values()):.2f} goal=1")
    print(f"DASHBOARD_MEMORY megabytes={megabytes:.0f} goal=1000")


def twice(reader, chart):
    """Seconds of the first visit, and of the best of three later ones."""
    first = opened(reader, chart)
    return first, min(opened(reader, chart) for _ in range(3))


if __name__ == "__main__":
    main()
