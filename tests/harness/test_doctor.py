import json
import sys

import pytest

from harness import doctor, trials
from harness.cli.doctor import doctor as doctor_command
from suites.envs.toy import Reach
from suites.registry import load_suite
from tests.conftest import Podium


def findings(podium: Podium, **env):
    result = podium("doctor", "--format", "json", **env)
    return result.code, {row["what"]: row for row in json.loads(result.out)}


def test_every_simulator_is_made_stepped_and_shown(podium):
    code, found = findings(podium)
    for simulator in ("atari", "dmc", "dmc, pixels", "procgen", "memory_maze"):
        assert found[simulator]["status"] == "ok", found[simulator]
        assert "steps/s" in found[simulator]["detail"]
        assert "GB of memory for one environment" in found[simulator]["detail"]
    assert found["rendering"]["status"] == "ok"
    assert found["rendering"]["detail"].startswith("egl: ")
    assert found["torch import"]["status"] == "ok"
    assert found["database"]["status"] == "absent"
    assert code == 0


def test_a_broken_renderer_is_one_line_and_exit_1(podium):
    code, found = findings(podium, MUJOCO_GL="glfw", DISPLAY="")
    assert code == 1
    assert found["rendering"]["status"] == "broken"
    assert found["memory_maze"]["status"] == "broken"
    assert "\n" not in found["rendering"]["detail"]
    assert found["atari"]["status"] == "ok"


def test_a_foreign_database_is_found(podium):
    (podium.folder / "podium.db").write_text("my notes")
    code, found = findings(podium)
    assert code == 1
    assert "no SQLite database" in found["database"]["detail"]


def test_fingerprints_of_a_suite_are_played(podium):
    result = podium("doctor", "--fingerprints", "--suite", "toy", "-s", "procgen-hard")
    assert result.code == 0
    assert result.out.count(" as recorded\n") == 3 + 16
    assert "All 19 tasks play as recorded." in result.out
    assert "procgen-hard@1/coinrun" in result.out


def test_fingerprints_of_an_unknown_suite_are_refused(podium):
    result = podium("doctor", "--fingerprints", "--suite", "procgen")
    assert result.code == 2
    assert "Did you mean 'procgen-" in result.err
    assert podium("doctor", "--suite", "toy").code == 2


def test_a_simulator_that_cannot_play_is_said_for_every_task(podium):
    result = podium(
        "doctor",
        "--fingerprints",
        "-s",
        "dmc-planet-100k",
        MUJOCO_GL="glfw",
        DISPLAY="",
    )
    assert result.code == 1
    assert result.out.count("not played") == 6


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("os.kill(os.getpid(), 11)", "the process died by signal 11"),
        ("time.sleep(60)", "no answer within 2 s"),
        ("print('podium-doctor: OSError: full')", "OSError: full"),
    ],
)
def test_tasks_that_were_not_reached_say_why(monkeypatch, end, reason):
    script = (
        "import os, time\nprint('podium-doctor: catch same: as recorded', flush=True)"
    )
    command = [sys.executable, "-c", f"{script}\n{end}"]
    monkeypatch.setattr(doctor, "_command", lambda *what: command)
    monkeypatch.setattr(doctor, "TRY_SECONDS", 2)
    found = list(doctor._suite_fingerprints(load_suite("toy")))
    assert [one.status for one in found] == ["ok", "broken", "broken"]
    assert [one.detail for one in found[1:]] == [f"not played: {reason}"] * 2


def test_a_task_that_fails_is_broken_and_the_others_are_played(monkeypatch, capsys):
    def step(self, action):
        raise OSError("no\nroom")

    monkeypatch.setattr(Reach, "step", step)
    assert trials.main(["fingerprints", "toy"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "podium-doctor: reach failed: not played: OSError: no room" in said
    assert sum("same: as recorded" in line for line in said) == 2


def test_the_last_line_is_about_fingerprints(podium, monkeypatch, capsys):
    result = podium("doctor", "--fingerprints", "--suite", "toy")
    assert "All 3 tasks play as recorded." in result.out
    unrecorded = doctor.Finding("toy@1/reach", "differs", "nothing is recorded")
    monkeypatch.setattr(doctor, "fingerprints", lambda suites: [unrecorded])
    doctor_command.main(["--fingerprints"], standalone_mode=False)
    said = capsys.readouterr().out
    assert "0 of 1 play as recorded" in said


def test_an_absent_simulator_is_named_with_its_command(monkeypatch):
    monkeypatch.setattr(doctor, "_installed", lambda package: package != "cv2")
    (found,) = doctor.fingerprints(["atari100k"])
    assert found.detail == "no cv2; pip install 'podium-rl[atari]'"
