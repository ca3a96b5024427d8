"""`podium run` on a spec file that somebody edited: refused, and nothing written."""

import json
from dataclasses import replace

import pytest

from results_db.run_spec import Method, cell_id, submission_name
from results_db.submission_files import plan_beside, read_plan
from tests.conftest import AGENTS, Podium
from tests.results_db.test_run_files import make_spec


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A cell's document as submit wrote it."""
    podium = Podium(tmp_path_factory.mktemp("cells"))
    result = podium(
        *("submit", f"{AGENTS}/toys.py:Learner", "--suite", "toy", "--seeds", 1),
        *("--set", "sizes=(4, 4)", "--set", "rate=0.25", "--dry-run", "--write", "."),
    )
    assert result.code == 0, result.out + result.err
    return (podium.folder / "catch-s0.json").read_text()


def signed(document):
    """The cell id that belongs to the changed contents, so that it alone is right."""
    fields = ("name", "agent", "code_digest", "overrides", "tuning")
    method = Method(*(document["method"][name] for name in fields))
    measured, task, seed = (
        document[name] for name in ("measurement_hash", "task", "seed")
    )
    document["cell"] = cell_id(measured, method, task, seed)
    return submission_name(document["suite"], measured, method)


def run_edited(podium, written, change, *, renamed=True):
    document = json.loads(written)
    change(document)
    name = signed(document)
    if renamed:
        document["submission"] = name
    (podium.folder / "cell.json").write_text(json.dumps(document))
    return podium("run", "cell.json")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(measurement_hash="0" * 64), "planned for measurement '000"),
        (lambda d: d.update(seed=-1), "seed must be 0 or more (got -1)"),
        (lambda d: d.update(suite="toy"), "must be 'toy@1-toys-"),
        (lambda d: d.update(task="katch"), "Did you mean 'catch'"),
        (lambda d: d.update(config=None), "config is not what the agent makes"),
        (lambda d: d["config"].update(rate=0.5), "config is not what the agent makes"),
        (lambda d: d["config"].pop("label"), "config is not what the agent makes"),
        (lambda d: d["method"]["overrides"].update(rate=1.0), "config is not what"),
        (lambda d: d["method"]["overrides"].update(ratte=1), "Did you mean 'rate'"),
        (lambda d: d["method"].update(agent="absent.py:A"), "no file 'absent.py'"),
    ],
)
def test_an_edited_spec_is_refused_and_nothing_written(
    podium, written, change, complaint
):
    result = run_edited(podium, written, change)
    assert result.code == 2
    assert complaint in result.err
    assert [path.name for path in podium.folder.iterdir()] == ["cell.json"]


def test_a_submission_is_named_after_what_it_holds(podium, written):
    result = run_edited(
        podium, written, lambda d: d.update(submission="toy@1-mine"), renamed=False
    )
    assert result.code == 2
    assert "got 'toy@1-mine'" in result.err
    assert not (podium.folder / "runs").exists()


def test_a_spec_that_nobody_edited_runs(podium, written):
    result = run_edited(podium, written, lambda document: None)
    assert result.code == 0, result.out + result.err
    (run,) = podium.runs()
    assert json.loads((run / "spec.json").read_text()) == json.loads(written)


def test_a_changed_agent_is_recorded_with_its_run(podium, written):
    changed = lambda d: d["method"].update(code_digest="0" * 64)  # noqa: E731
    result = run_edited(podium, written, changed)
    assert result.code == 1
    (run,) = podium.runs()
    assert "agent-changed" in (run / "attempts.jsonl").read_text()


def test_another_submissions_plan_is_not_taken_for_this_ones(tmp_path):
    from results_db.run_files import write_whole
    from results_db.submission_files import Plan

    spec, other = make_spec(0), make_spec(1)
    file = tmp_path / "catch-s0.json"
    write_whole(tmp_path / "plan.json", Plan.of([spec, other]).to_json())
    assert len(plan_beside(file, spec).cells) == 2
    write_whole(tmp_path / "plan.json", Plan.of([other]).to_json())
    assert plan_beside(file, spec) == Plan.of([spec])
    strange = replace(spec, suite="toy@2")
    write_whole(tmp_path / "plan.json", Plan.of([strange]).to_json())
    assert plan_beside(file, spec) == Plan.of([spec])
    assert read_plan(tmp_path / "plan.json") == Plan.of([strange])
