"""The page of runs."""

import fcntl
from dataclasses import replace

from results_db.outcomes import Outcome
from results_db.run_files import append_line
from tests.dashboard.conftest import texts, widget


def start(site, submission, *, steps):
    """A run at work: its worker holds the folder."""
    template = submission.run("catch", 0)
    run = submission.run("catch", 1)
    run.create(replace(template.spec, seed=1))
    run.start_attempt(pid=1, host="h")
    progress = {"phase": "training", "agent_steps": steps, "wall_seconds": 10.0}
    append_line(run.path / "metrics.jsonl", progress)
    lock = (run.path / "lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return run, lock


def test_the_ledger_counts_what_became_of_every_run(two):
    two.submit("partial", {"catch": [1.0]}, planned=3)
    app = two.open("runs")
    assert "15 runs: 13 finished, 2 planned." in texts(app)


def test_progress_of_a_run_at_work_moves(site):
    submission = site.submit("m", {"catch": [1.0]}, planned=2)
    run, lock = start(site, submission, steps=500)
    app = site.open("runs")
    live = app.dataframe[0].value.iloc[0]
    assert live["State"] == "running, training"
    assert live["Progress"] == 0.25
    more = {"phase": "training", "agent_steps": 1500, "wall_seconds": 20.0}
    append_line(run.path / "metrics.jsonl", more)
    app.run()
    assert app.dataframe[0].value.iloc[0]["Progress"] == 0.75
    lock.close()


def test_runs_at_work_are_shown_before_there_is_a_database(site):
    submission = site.writer.submission("m", scores={"catch": [1.0]}, planned=2)
    _, lock = start(site, submission, steps=500)
    app = site.open("runs")
    assert app.dataframe[0].value.iloc[0]["State"] == "running, training"
    assert "podium submit" in texts(app)
    lock.close()


def test_a_failure_shows_its_cause_and_the_end_of_its_log(site):
    submission = site.submit("m", {"catch": [1.0]}, planned=2)
    run, lock = start(site, submission, steps=500)
    error = {"type": "ValueError", "message": "<b>bad</b> [x](javascript:alert(1))"}
    run.end_attempt(1, Outcome.FAILED, error=error)
    (run.path / "log.txt").write_text("first\n\x1b[31mlast words\n")
    lock.close()
    site.ingest()
    app = site.open("runs", run=f"{submission.path.name}/catch-s1")
    assert "ValueError" in app.error[0].value
    assert "](" not in app.error[0].value
    assert "last words" in texts(app)
    assert "\x1b" not in texts(app)
    assert "<b>bad</b>" in list(app.dataframe[1].value["Cause"])[1]


def test_what_differs_between_two_runs(two):
    names = sorted(path.name for path in two.runs.iterdir())
    first, second = (f"{name}/catch-s0" for name in names)
    app = two.open("runs", run=first, other=second)
    assert "fields differ" in texts(app)
    differing = list(app.dataframe[-1].value["Field"])
    assert "run.method" in differing
    assert "run.suite" not in differing


def test_a_run_of_the_address_that_is_gone_is_said(two):
    app = two.open("runs", run="../../etc/passwd")
    assert widget(app, "A run in detail").value == "-"
    assert any("there is no" in one.value for one in app.warning)


def test_states_filter_the_ledger(two):
    two.submit("partial", {"catch": [1.0]}, planned=3)
    table = two.open("runs", state="planned").dataframe[-1].value
    assert set(table["State"]) == {"planned"}


def test_words_reach_every_run_of_many(site):
    site.submit("many", {"catch": [0.1] * 200, "reach": [-1.0] * 200}, points=0)
    app = site.open("runs")
    box = widget(app, "A run in detail")
    assert len(box.options) == 301
    assert "the first 300 of 400 runs" in texts(app)
    app = site.open("runs", find="REACH-s199")
    assert list(app.dataframe[0].value["Seed"]) == [199]
    assert len(widget(app, "A run in detail").options) == 2


def test_words_reach_every_other_run(site):
    many = site.submit("many", {"catch": [0.1] * 302}, points=0).path.name
    app = site.open("runs", run=f"{many}/catch-s0", **{"with": "catch-s301"})
    assert len(widget(app, "Compare with another run").options) == 2
    app = site.open("runs", run=f"{many}/catch-s0", other=f"{many}/catch-s301")
    assert "fields differ" in texts(app)


def test_a_run_is_not_compared_with_itself(two):
    run = f"{next(two.runs.iterdir()).name}/catch-s0"
    app = two.open("runs", run=run, other=run)
    assert widget(app, "Compare with another run").value == "-"
