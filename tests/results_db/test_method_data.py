import json

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from results_db.method_data import load_curves, load_methods
from results_db.stats.curves import sample_efficiency
from suites.registry import load_suite
from tests.results_db.conftest import FULL

TOY = load_suite("toy")


@pytest.fixture
def session(writer, tmp_path):
    writer.submission("whole", scores=FULL)
    writer.submission("part", scores={"catch": [1.0]}, planned=3, points=1)
    writer.submission("nothing", scores={"catch": []}, planned=1)
    writer.submission("elsewhere", scores=FULL, measurement="f" * 64)
    ingest(writer.runs, str(tmp_path / "x.db"))
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        yield session


def test_methods_stand_under_the_labels_of_the_leaderboard(session):
    found = load_methods(session, TOY)
    rows = leaderboard(session, TOY, resamples=10).rows
    assert set(found) == {row.method for row in rows} == {"whole", "part", "nothing"}
    assert found["part"].raw == {"catch": pytest.approx((1.0,))}
    assert found["part"].planned == {("catch", seed) for seed in range(3)}
    assert found["nothing"].scores(TOY) is None


def test_scores_are_normalised(session):
    scores = load_methods(session, TOY)["whole"].scores(TOY)
    for task, runs in zip(scores.tasks, scores.runs, strict=True):
        expected = sorted(TOY.normalise(TOY.task(task), raw) for raw in FULL[task])
        assert runs == pytest.approx(expected)


def test_curves_end_with_the_final_evaluation(session):
    curves = load_curves(session, TOY, load_methods(session, TOY))
    assert set(curves) == {"whole", "part"}
    steps, values = curves["whole"]["catch"][1]
    assert steps.tolist() == [500, 1000, 2000]
    assert values[-1] == pytest.approx(TOY.normalise(TOY.task("catch"), 0.5))
    assert curves["part"]["catch"][0][0].tolist() == [500, 2000]
    assert (
        sample_efficiency(curves["whole"], resamples=10).live_runs.tolist() == [6] * 3
    )


def test_curves_over_wall_time_are_of_methods_whose_time_is_known(writer, tmp_path):
    database = str(tmp_path / "x.db")
    writer.submission("timed", scores=FULL)
    writer.submission("old", scores=FULL, timed=False)
    partly = writer.submission("partly", scores=FULL)
    file = partly.run("catch", 0).path / "evaluations.jsonl"
    first, *others = map(json.loads, file.read_text().splitlines())
    del first["training_seconds"]  # begun by an older Podium, and gone on with
    file.write_text("".join(f"{json.dumps(row)}\n" for row in (first, *others)))
    ingest(writer.runs, database)
    with read_session(open_for_reading(database)) as session:
        methods = load_methods(session, TOY)
        curves = load_curves(session, TOY, methods, "wall")
        assert set(load_curves(session, TOY, methods)) == {"timed", "old", "partly"}
    assert set(curves) == {"timed"}
    seconds, values = curves["timed"]["catch"][1]
    assert seconds.tolist() == [66.0, 132.0, 198.0]
    curve = sample_efficiency(curves["timed"], resamples=10)
    # From where the slower run of a task is first evaluated its value counts too.
    assert curve.at.tolist() == [60.0, 66.0, 120.0, 132.0, 180.0, 198.0]
    assert curve.live_runs.tolist() == [3, 6, 6, 6, 6, 3]


@pytest.mark.parametrize("later", [(99.0, 99.0), (99.0, 70.0)])
def test_two_evaluations_at_one_time_are_the_later(writer, tmp_path, later):
    """Time that goes back, in a file from elsewhere, stands still instead."""
    database = str(tmp_path / "x.db")
    run = writer.submission("m", scores={"catch": [0.5]}).run("catch", 0)
    file = run.path / "evaluations.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for row, seconds in zip(rows[1:], later, strict=True):
        row["training_seconds"] = seconds
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    ingest(writer.runs, database)
    with read_session(open_for_reading(database)) as session:
        curves = load_curves(session, TOY, load_methods(session, TOY), "wall")
    ((seconds, values),) = curves["m"]["catch"]
    assert seconds.tolist() == [60.0, 99.0]
    assert values[-1] == pytest.approx(TOY.normalise(TOY.task("catch"), 0.5))
