"""A light core: no torch and no simulator unless they are used."""

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "ale_py",
    "dm_control",
    "mujoco",
    "procgen",
    "memory_maze",
    "gym",
    "streamlit",
    "ray",
    "stable_baselines3",
    "pandas",
    "matplotlib",
)


def loaded_after(statement):
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import suites, results_db, harness, baselines, dashboard",
        "from suites.registry import all_suites; all_suites()",
        "import results_db.leaderboard, results_db.ingest, results_db.export.tables",
        "import harness.agent, harness.worker, harness.launch.submission",
        "import harness.cli.main, harness.cli.submit, harness.cli.leaderboard",
    ],
)
def test_the_core_loads_nothing_heavy(statement):
    assert not loaded_after(statement) & set(HEAVY)


def test_the_dashboard_needs_neither_torch_nor_simulators():
    loaded = loaded_after("import dashboard.data, dashboard.exports")
    assert not loaded & set(HEAVY) - {"streamlit", "pandas"}


def test_help_needs_click_alone():
    loaded = loaded_after("import harness.cli.main")
    assert not loaded & {"numpy", "gymnasium", "sqlalchemy", "rich", "alembic"}
