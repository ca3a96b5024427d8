"""scripts/fingerprints.py: adds what is new, and overwrites only when told to."""

import importlib.util
import json

import pytest

from suites.envs.fingerprint import Fingerprint
from tests.conftest import ROOT

CATCH, DRAWN = "toy@1/catch", "toy@1/reach"


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Runs the script over the toys, with a picture for reach; gives exit and file."""
    place = ROOT / "scripts" / "fingerprints.py"
    spec = importlib.util.spec_from_file_location("fingerprints", place)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    take, path = script.take_fingerprint, tmp_path / "fingerprints.json"

    def drawn(task):
        found = take(task)
        return (
            Fingerprint(found.dynamics, "p", "here") if task.name == "reach" else found
        )

    monkeypatch.setattr(script, "take_fingerprint", drawn)
    monkeypatch.setattr(script, "SUITES", ["toy@1"])
    monkeypatch.setattr(script, "RECORDED", path)
    assert script.main([]) == 0
    made = json.loads(path.read_text())

    def run(*arguments, **changes):
        path.write_text(json.dumps(made | {"made_with": {"then": "1"}, **changes}))
        return script.main([*arguments]), json.loads(path.read_text())

    run.tasks = made["tasks"]
    return run


def test_what_is_new_is_added_and_the_versions_stay(record):
    fewer = {name: row for name, row in record.tasks.items() if name != CATCH}
    code, after = record(tasks=fewer)
    assert (code, after["tasks"]) == (0, record.tasks)
    assert after["made_with"] == {"then": "1"}


def test_nothing_is_written_where_something_differs(record):
    other = {CATCH: {"dynamics": "0", "pixels": {}}}
    assert record(tasks=other) == (1, {"made_with": {"then": "1"}, "tasks": other})


def test_anew_keeps_what_other_renderers_drew_of_the_same_dynamics(record):
    pixels = {"here": "old", "there": "q"}
    same = {**record.tasks[DRAWN], "pixels": pixels}
    code, after = record("--anew", tasks={DRAWN: same})
    assert (code, after["tasks"][DRAWN]["pixels"]) == (0, {"here": "p", "there": "q"})
    assert after["made_with"] != {"then": "1"}
    _, after = record("--anew", tasks={DRAWN: {"dynamics": "0", "pixels": pixels}})
    assert after["tasks"][DRAWN]["pixels"] == {"here": "p"}
