from pathlib import Path

import pytest

from harness.describe import describe_elsewhere
from harness.plan import Request, parse_seeds, parse_tasks, plan_runs
from suites.messages import Misused
from suites.registry import load_suite
from tests.conftest import AGENTS

LEARNER = f"{AGENTS}/toys.py:Learner"


def plan(**request):
    request = {"agent": LEARNER, "suite": "toy", **request}
    return plan_runs(Request(**request), describe_seconds=60)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("3", [0, 1, 2]),
        ("0-2", [0, 1, 2]),
        ("4-4", [4]),
        ("7,2,3-4", [2, 3, 4, 7]),
        (" 1 , 1 ", [1]),
        (None, [0, 1, 2, 3, 4]),
    ],
)
def test_seeds(text, seeds):
    assert parse_seeds(text, 5) == seeds


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("5-2", "backwards"),
        ("-1", "0 or more"),
        ("-3--1", "0 or more"),
        ("0", "1 .. 10000"),
        ("1000000", "1 .. 10000"),
        ("0-99999", "at most"),
        ("", "number"),
        ("a", "number"),
        ("1,", "number"),
        ("1.5", "number"),
    ],
)
def test_bad_seeds_are_refused(text, complaint):
    with pytest.raises(Misused, match=complaint):
        parse_seeds(text, 5)


def test_tasks_by_either_name_in_the_suites_order():
    suite = load_suite("atari100k")
    names = [task.name for task in parse_tasks(suite, "Pong, ms_pacman,MsPacman")]
    assert names == ["ms_pacman", "pong"]
    with pytest.raises(KeyError, match="Did you mean 'pong'"):
        parse_tasks(suite, "pogn")
    with pytest.raises(KeyError, match="empty"):
        parse_tasks(suite, " , ")


def test_a_plan_holds_every_cell_once_and_resolved_settings():
    planned = plan(seeds="2", overrides=("rate=0.25",))
    assert len(planned.specs) == 6
    assert len({spec.cell for spec in planned.specs}) == 6
    assert planned.specs[0].config["rate"] == 0.25
    assert planned.specs[0].config["num_envs"] == 2
    assert planned.specs[0].method.overrides == {"rate": 0.25}
    assert planned.specs[0].method.name == "toys"


def test_a_changed_setting_or_name_is_another_method_and_more_seeds_are_not():
    base = plan(seeds="1").specs[0]
    assert plan(seeds="1").specs[0] == base
    assert plan(seeds="3").specs[0].submission == base.submission
    assert plan(seeds="1", tasks="catch").specs[0].submission == base.submission
    for change in ({"overrides": ("rate=0.1",)}, {"name": "x"}, {"tuning": "per-task"}):
        other = plan(seeds="1", **change).specs[0]
        assert other.submission != base.submission
        assert other.cell != base.cell


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ({"suite": "atari100"}, "Did you mean 'atari100k'"),
        ({"suite": "toy@9"}, "Unknown suite 'toy@9'. Did you mean 'toy@1'"),
        ({"tasks": "cach"}, "Did you mean 'catch'"),
        ({"agent": "pppo"}, "Did you mean 'ppo'"),
        ({"overrides": ("ratee=1",)}, "Did you mean 'rate'"),
        ({"overrides": ("rate=often",)}, "rate must be float"),
        ({"overrides": ("num_envs=0",)}, "num_envs must be"),
        ({"overrides": ("num_envs=3000",)}, "num_envs must be"),
        ({"agent": "ppo", "overrides": ("discount=1.5",)}, "discount must be 0 .. 1"),
        ({"agent": f"{AGENTS}/toys.py:OnlyDiscrete"}, "needs discrete actions"),
        ({"seeds": "5-2"}, "backwards"),
        ({"tuning": "lots"}, "Unknown tuning"),
        ({"name": "  "}, "--name is empty"),
    ],
)
def test_misuse_is_refused_with_a_way_out(request_, complaint):
    with pytest.raises(Misused, match=complaint):
        plan(**request_)


def test_unsupported_tasks_are_named_with_what_is_possible():
    with pytest.raises(Misused, match=r"toy@1/reach: needs .*--tasks catch,hurry"):
        plan(agent=f"{AGENTS}/toys.py:OnlyDiscrete")


def test_a_missing_simulator_names_the_extra(monkeypatch):
    from suites.envs import make

    requirement = make.Requirement(("no_such_package",), "atari")
    monkeypatch.setitem(make.REQUIREMENTS, "atari", requirement)
    with pytest.raises(Misused, match=r"no_such_package.*podium-rl\[atari\]"):
        plan(suite="atari100k")


def test_an_agent_that_cannot_be_imported_is_planned_all_the_same():
    planned = plan(agent=f"{AGENTS}/broken_import.py:Agent")
    assert "half of me is missing" in planned.import_error
    assert planned.specs[0].config is None


def test_an_agent_that_hangs_on_import_does_not_hang_the_plan(tmp_path):
    agent = tmp_path / "asleep.py"
    agent.write_text("import time\ntime.sleep(60)\n")
    request = Request(f"{agent}:Agent", "toy")
    planned = plan_runs(request, describe_seconds=1)
    assert "longer than 1 s" in planned.import_error


LINGERING = {
    "child": "import subprocess\nchild = subprocess.Popen(['sleep', '300'])\n",
    "fork": "import os, time\nif os.fork() == 0: time.sleep(300)\n",
    "thread": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(300,)).start()\n"
    ),
}


@pytest.mark.parametrize("left", LINGERING)
def test_what_an_import_leaves_behind_holds_nothing_up(tmp_path, left):
    agent = tmp_path / "agent.py"
    agent.write_text(LINGERING[left] + (AGENTS / "toys.py").read_text())
    answer = describe_elsewhere(f"{agent}:Learner", "toy", ["catch"], [], seconds=30)
    assert answer.import_error is None
    assert answer.tasks["catch"].config["num_envs"] == 2


def test_nothing_that_an_import_started_outlives_the_question(tmp_path):
    agent = tmp_path / "agent.py"
    agent.write_text(
        "import subprocess, time\nfrom pathlib import Path\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "time.sleep(300)\n"
    )
    answer = describe_elsewhere(f"{agent}:Agent", "toy", ["catch"], [], seconds=3)
    assert "longer than 3 s" in answer.import_error
    pid = (tmp_path / "pid").read_text()
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"
