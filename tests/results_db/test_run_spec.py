from dataclasses import replace

import pytest

from results_db.run_spec import Method, SpecError, read_spec, submission_name
from results_db.submission_files import Plan, SubmissionFolder, read_plan
from tests.results_db.test_run_files import make_spec


def test_a_spec_survives_its_file(tmp_path):
    from results_db.run_files import write_whole

    spec = make_spec(3)
    write_whole(tmp_path / "spec.json", spec.to_json())
    assert read_spec(tmp_path / "spec.json") == spec
    assert read_spec(tmp_path / "spec.json").cell == spec.cell


def test_the_cell_is_protocol_method_task_and_seed():
    spec = make_spec()
    method = spec.method
    for change in (
        {"seed": 1},
        {"task": "reach"},
        {"measurement_hash": "3" * 64},
        {"method": replace(method, code_digest="9" * 64)},
        {"method": replace(method, overrides={"a": 1})},
        {"method": replace(method, name="n")},
        {"method": replace(method, tuning="per-task")},
    ):
        assert replace(spec, **change).cell != spec.cell
    for same in (
        {"scoring_hash": "9" * 64},
        {"submission": "other"},
        {"method": replace(method, agent="elsewhere.py:Agent")},
    ):
        assert replace(spec, **same).cell == spec.cell


@pytest.mark.parametrize(
    "name", ["../../x", "a b", "", "é", "=cmd", "x" * 500, "\x1b[31m", "CON", "…"]
)
def test_any_method_name_makes_a_safe_folder_name(name):
    method = Method(name, "random", "0" * 64, {}, "none")
    folder = submission_name("toy@1", "1" * 64, method)
    assert "/" not in folder
    assert folder.startswith("toy@1-")
    assert len(folder) < 80
    assert folder.isascii()
    assert folder.isprintable()


def test_a_plan_only_grows(tmp_path):
    folder = SubmissionFolder(tmp_path / "toy@1-m")
    assert len(folder.register(Plan.of([make_spec(0), make_spec(1)]))) == 2
    assert folder.register(Plan.of([make_spec(1)])) == ()
    assert len(folder.register(Plan.of([make_spec(1), make_spec(2)]))) == 1
    assert [cell.seed for cell in folder.plan.cells] == [0, 1, 2]
    events = [(row["event"], row["seed"]) for row in folder.ledger()]
    assert events == [("planned", 0), ("planned", 1), ("planned", 2)]


def test_a_changed_plan_is_refused(tmp_path):
    folder = SubmissionFolder(tmp_path / "toy@1-m")
    folder.register(Plan.of([make_spec(0)]))
    file = folder.path / "plan.json"
    file.write_text(file.read_text().replace('"seed": 0', '"seed": 5'))
    with pytest.raises(SpecError, match="catch-s5 was changed"):
        read_plan(file)
