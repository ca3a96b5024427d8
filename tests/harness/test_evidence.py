"""Gates are kept as they were measured, and belong to the code that was trained."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from harness.evidence import (
    BadEvidence,
    Gate,
    evidence_file,
    gate_records,
    read_gates,
    record_gate,
)
from harness.load_agent import installed_agents

NOW, EARLIER = "1" * 64, "2" * 64


@pytest.fixture
def note(tmp_path):
    """Notes a seed of a gate; returns the gates of the file."""

    def noted(seed, measured, *, gate="Catch", threshold=0.5, code=NOW):
        path = tmp_path / "evidence" / "a.json"
        record_gate(
            path,
            gate,
            threshold=threshold,
            seed=seed,
            measured=measured,
            code_digest=code,
        )
        return read_gates(path)

    return noted


def test_seeds_of_a_gate_come_together_and_it_passes_with_two(note):
    (one,) = note(1, 0.75)
    assert not one.passed
    (both,) = note(0, 0.5)
    assert both == Gate("Catch", 0.5, {"0": 0.5, "1": 0.75}, NOW)
    assert both.passed
    assert [gate.gate for gate in note(0, 1.0, gate="Another")] == ["Another", "Catch"]


def test_a_seed_below_the_threshold_is_kept_and_fails_the_gate(note):
    note(0, 0.9)
    (gate,) = note(1, 0.49)
    assert gate.measured == {"0": 0.9, "1": 0.49}
    assert not gate.passed


@pytest.mark.parametrize("change", [{"code": EARLIER}, {"threshold": 0.4}])
def test_other_code_or_another_threshold_begins_anew(note, change):
    note(0, 0.9)
    (gate,) = note(1, 0.8, **change)
    assert gate.measured == {"1": 0.8}


def test_gates_of_other_code_are_marked(note):
    gates = note(0, 0.9)
    (now,), (earlier,) = gate_records(gates, NOW), gate_records(gates, EARLIER)
    assert now["measured"] == [0.9]
    assert (now["earlier_version"], earlier["earlier_version"]) == (False, True)


def test_two_processes_that_note_at_once_lose_nothing(tmp_path):
    code = (
        "import sys, pathlib, harness.evidence as e\n"
        "for k in range(20): e.record_gate(pathlib.Path('e/a.json'), sys.argv[1],"
        " threshold=0, seed=k, measured=k, code_digest='1')"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, name], cwd=tmp_path)
        for name in ("one", "two")
    ]
    assert [process.wait() for process in started] == [0, 0]
    found = read_gates(tmp_path / "e" / "a.json")
    assert [(gate.gate, len(gate.measured)) for gate in found] == [
        ("one", 20),
        ("two", 20),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"gate": 1}',
        "[1]",
        '[{"gate": "x"}]',
        '[{"gate": "x", "threshold": NaN, "measured": {}, "code_digest": "1"}]',
        '[{"gate": "x", "threshold": 1, "measured": [2], "code_digest": "1"}]',
        '[{"gate": 3, "threshold": 1, "measured": {}, "code_digest": "1"}]',
    ],
)
def test_a_damaged_file_is_named_and_left_alone(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(BadEvidence, match=r"a\.json holds no gates"):
        record_gate(path, "x", threshold=0, seed=0, measured=1, code_digest="1")
    assert path.read_text() == text


def test_a_measurement_that_is_no_number_is_not_noted(note):
    with pytest.raises(ValueError, match="no measurement"):
        note(0, float("nan"))


def test_a_module_without_a_package_has_no_evidence():
    assert evidence_file(EntryPoint("x", "json:Agent", "podium.agents")).parts[-3:] == (
        "json",
        "evidence",
        "x.json",
    )
    assert evidence_file(EntryPoint("x", "token:Agent", "podium.agents")) is None


DIGESTS = """
import json, os, torch
from harness.agent_source import code_digest, imported_digest
from harness.load_agent import installed_agents, load_agent
alone = {}
for name in installed_agents():
    end, start = os.pipe()
    if os.fork() == 0:
        os.write(start, code_digest(load_agent(name)).encode())
        os._exit(0)
    os.close(start)
    alone[name] = os.read(end, 64).decode()
    os.wait()
loaded = {name: load_agent(name) for name in installed_agents()}
told = {
    name: imported_digest(loaded[name], entry.module)
    for name, entry in installed_agents().items()
}
print(json.dumps([alone, told]))
"""


def test_the_digest_among_other_agents_is_that_of_a_run(tmp_path):
    """Each agent is loaded alone in a fork, then all in one process."""
    command = [sys.executable, "-P", "-c", DIGESTS]
    result = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    alone, told = json.loads(result.stdout)
    assert told == alone
    assert set(told) == set(installed_agents())


def test_shipped_gates_are_those_of_shipped_agents():
    entries = installed_agents()
    folder = evidence_file(entries["random"]).parent
    for path in folder.glob("*.json"):
        assert path.stem in entries
        assert read_gates(path)
