import json
import math
import threading

import pytest
from sqlalchemy import select

from results_db.database import open_for_reading, open_for_writing
from results_db.ingest import ingest, ingest_submission
from results_db.models import Base, EpisodeRow, EvaluationRow, RunRow, SubmissionRow
from tests.results_db.conftest import FULL


def contents(database):
    """All rows of all tables, with foreign keys replaced by what they point to."""
    engine = open_for_reading(str(database))  # a path or a URL
    rows = {}
    with engine.connect() as connection:
        names = {row.id: row.name for row in connection.execute(select(SubmissionRow))}
        runs = {
            row.id: (names[row.submission_id], row.task, row.seed)
            for row in connection.execute(select(RunRow))
        }
        evaluations = {
            row.id: (runs[row.run_id], row.point, row.split)
            for row in connection.execute(select(EvaluationRow))
        }
        replaced = {
            "submission_id": names,
            "run_id": runs,
            "evaluation_id": evaluations,
        }
        for table in Base.metadata.sorted_tables:
            found = []
            for row in connection.execute(select(table)).mappings():
                values = {
                    name: replaced[name][value] if name in replaced else value
                    for name, value in row.items()
                    if name not in ("id", "method_id")
                }
                found.append(json.dumps(values, sort_keys=True, default=str))
            rows[table.name] = sorted(found)
    engine.dispose()
    return rows


def test_every_fact_of_a_run_is_ingested(writer, tmp_path):
    writer.submission(scores={"catch": [0.25]}, points=2)
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert (report.submissions, report.runs, report.changed) == (1, 1, 1)
    rows = contents(tmp_path / "x.db")
    (run,) = map(json.loads, rows["runs"])
    assert run["state"] == "finished"
    assert run["provenance"]["packages"] == {"numpy": "1"}
    evaluations = list(map(json.loads, rows["evaluations"]))
    assert [row["mean_return"] for row in evaluations] == pytest.approx([0.25] * 3)
    assert sum(row["final"] for row in evaluations) == 1
    assert len(rows["episodes"]) == 2 * 20 + 40
    assert len(rows["attempts"]) == 1
    assert len(rows["events"]) == 1


def test_ingest_is_idempotent_and_a_rebuild_gives_the_same_rows(writer, tmp_path):
    database = tmp_path / "x.db"
    writer.submission("a", scores=FULL)
    ingest(writer.runs, str(database))
    writer.submission("b", scores={"catch": [1.0, 0.0, 0.5]}, planned=4)
    assert ingest(writer.runs, str(database)).changed == 4
    assert ingest(writer.runs, str(database)).changed == 0
    first = contents(database)
    for file in tmp_path.glob("x.db*"):
        file.unlink()
    ingest(writer.runs, str(database))
    assert contents(database) == first


def test_a_run_that_went_on_is_brought_up_to_date(writer, tmp_path):
    folder = writer.submission(scores={"catch": [0.5]}, planned=2)
    ingest(writer.runs, str(tmp_path / "x.db"))
    writer.submission(scores={"catch": [0.5, 1.0]}, planned=2)
    assert folder.run("catch", 1).done
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert report.changed == 2  # seed 0 has a second attempt line, seed 1 is new
    states = [json.loads(r)["state"] for r in contents(tmp_path / "x.db")["runs"]]
    assert states == ["finished", "finished"]


def test_damaged_files_are_named_and_the_rest_is_taken(writer, tmp_path):
    folder = writer.submission(scores={"catch": [0.5, 0.5], "reach": [-1.0, -1.0]})
    file = folder.run("catch", 1).path / "evaluations.jsonl"
    file.write_text("garbage\n" + file.read_text())
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert len(report.problems) == 1
    assert "catch-s1" in report.problems[0]
    assert "line 1" in report.problems[0]
    assert len(contents(tmp_path / "x.db")["runs"]) == 3


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("spec.json", lambda d: d.update(seed=9)),
        ("done", lambda d: d.update(outcome="glorious")),
        ("done", lambda d: d.update(outcome="failed")),
    ],
)
def test_what_does_not_belong_together_is_left_out(writer, tmp_path, name, change):
    folder = writer.submission(scores={"catch": [0.5]})
    file = folder.run("catch", 0).path / name
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert len(report.problems) == 1
    assert contents(tmp_path / "x.db")["runs"] == []


def test_a_task_that_the_suite_does_not_have_is_left_out(writer, tmp_path):
    writer.submission(scores={"catch": [0.5], "chess": [1.0]})
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert len(report.problems) == 1
    assert "toy@1 has no task 'chess'" in report.problems[0]
    rows = contents(tmp_path / "x.db")["runs"]
    assert [json.loads(row)["task"] for row in rows] == ["catch"]


def shorten(row):
    """Drops an evaluation's last episode."""
    for name in ("returns", "lengths", "env_frames", "terminated"):
        row[name].pop()
    return row


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda final: [shorten(final)], "39 episodes, not 40"),
        (lambda final: [{**final, "split": "easy"}], "on easy, not on evaluation"),
        (
            lambda final: [final, {**final, "point": 9}],
            "on evaluation, evaluation, not",
        ),
        (lambda final: [final, {**final, "split": "more"}], "on evaluation, more, not"),
    ],
)
def test_a_final_evaluation_of_another_protocol_is_left_out(
    writer, tmp_path, change, reason
):
    folder = writer.submission(scores={"catch": [0.5, 0.5]})
    file = folder.run("catch", 1).path / "evaluations.jsonl"
    lines = file.read_text().splitlines()
    rows = [*map(json.loads, lines[:-1]), *change(json.loads(lines[-1]))]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    (problem,) = report.problems
    assert "catch-s1" in problem
    assert reason in problem
    assert len(contents(tmp_path / "x.db")["runs"]) == 1


def test_runs_of_another_measurement_are_taken_as_they_are(writer, tmp_path):
    folder = writer.submission(scores={"chess": [1.0]}, measurement="f" * 64)
    _change_last(folder.run("chess", 0).path / "evaluations.jsonl", shorten)
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert (report.problems, report.changed) == ([], 1)


def test_a_plan_under_another_name_is_left_out(writer, tmp_path):
    folder = writer.submission(scores={"catch": [0.5]})
    folder.path.rename(folder.path.with_name("toy@1-other"))
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert "its plan is that of" in report.problems[0]


def test_two_ingests_at_once_lose_and_double_nothing(writer, tmp_path):
    folders = [writer.submission(f"m{i}", scores=FULL) for i in range(4)]
    database = str(tmp_path / "x.db")
    open_for_writing(database).dispose()

    def work():
        engine = open_for_writing(database)
        for folder in folders:
            ingest_submission(engine, folder)
        engine.dispose()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = contents(database)
    assert len(rows["runs"]) == 4 * 6
    assert len(rows["episodes"]) == 4 * 6 * 80


def test_deleting_a_run_deletes_what_hangs_on_it(writer, tmp_path):
    from sqlalchemy import delete, func

    from results_db.database import write_session

    writer.submission(scores=FULL)
    ingest(writer.runs, str(tmp_path / "x.db"))
    engine = open_for_writing(str(tmp_path / "x.db"))
    with write_session(engine) as session:
        session.execute(delete(RunRow))
    with engine.connect() as connection:
        assert (
            connection.execute(select(func.count()).select_from(EpisodeRow)).scalar()
            == 0
        )


def _change_last(path, change):
    lines = path.read_text().splitlines()
    row = json.loads(lines[-1])
    change(row)
    path.write_text("\n".join([*lines[:-1], json.dumps(row)]) + "\n")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("evaluations.jsonl", lambda row: row.pop("point")),
        ("evaluations.jsonl", lambda row: row.update(point=1, final=True)),
        ("evaluations.jsonl", lambda row: row["returns"].__setitem__(0, "a")),
        ("evaluations.jsonl", lambda row: row["returns"].__setitem__(0, math.inf)),
        ("evaluations.jsonl", lambda row: row["returns"].__setitem__(0, math.nan)),
        ("evaluations.jsonl", lambda row: row["returns"].__setitem__(0, 10**400)),
        ("evaluations.jsonl", lambda row: row.update(final=False)),
        ("evaluations.jsonl", lambda row: row.update(training_seconds=-1.0)),
        ("evaluations.jsonl", lambda row: row.update(training_seconds=math.nan)),
        ("evaluations.jsonl", lambda row: row.update(training_seconds="long")),
        ("done", lambda row: row.update(agent_steps={})),
        ("done", lambda row: row.update(wall_seconds="long")),
    ],
)
def test_one_damaged_run_leaves_the_others_in(writer, tmp_path, name, change):
    folder = writer.submission(scores={"catch": [0.25, 0.5]}, points=2)
    database = tmp_path / "x.db"
    path = folder.path / "catch-s0" / name
    if name == "done":
        row = json.loads(path.read_text())
        change(row)
        path.write_text(json.dumps(row))
    else:
        _change_last(path, change)
    report = ingest(writer.runs, str(database))
    assert len(report.problems) == 1
    assert "catch-s0" in report.problems[0]
    rows = contents(database)
    assert [json.loads(row)["seed"] for row in rows["runs"]] == [1]
    assert len(rows["evaluations"]) == 3


def test_a_ledger_line_without_its_time_is_named(writer, tmp_path):
    folder = writer.submission(scores={"catch": [0.25]}, points=1)
    with (folder.path / "ledger.jsonl").open("a") as file:
        file.write('{"event": "started"}\n')
    report = ingest(writer.runs, str(tmp_path / "x.db"))
    assert "without 'time'" in report.problems[0]
