import json

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
    assert result.out.count("as recorded") == 3 + 16
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
