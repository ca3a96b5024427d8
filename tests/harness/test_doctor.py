import json

from tests.conftest import Podium


def findings(podium: Podium, **env):
    result = podium("doctor", "--format", "json", **env)
    return result.code, {row["what"]: row for row in json.loads(result.out)}


def test_every_simulator_is_made_stepped_and_shown(podium):
    code, found = findings(podium)
    for simulator in ("atari", "dmc", "procgen", "memory_maze"):
        assert found[simulator]["status"] == "ok", found[simulator]
        assert "steps/s" in found[simulator]["detail"]
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
