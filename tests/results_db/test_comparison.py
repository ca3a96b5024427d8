"""Comparisons of what was ingested, and their tables."""

import json

import pytest

from results_db.comparison import compare
from results_db.database import open_for_reading, read_session
from results_db.export.comparison import as_document, as_rows, caption, tables
from results_db.ingest import ingest
from suites.messages import Misused
from suites.registry import load_suite
from tests.results_db.conftest import FULL

TOY = load_suite("toy")
BETTER = {task: [value + 0.5 for value in values] for task, values in FULL.items()}


@pytest.fixture
def comparison(writer, tmp_path):
    def build(*labels, **options):
        database = str(tmp_path / "x.db")
        ingest(writer.runs, database)
        with read_session(open_for_reading(database)) as session:
            return compare(session, TOY, labels, resamples=500, **options)

    return build


def test_all_pairs_are_compared_in_the_order_given(writer, comparison):
    for name, scores in (("a", FULL), ("b", BETTER), ("c", FULL)):
        writer.submission(name, scores=scores)
    found = comparison("b", "a", "c")
    pairs = [(p.first, p.second) for p in found.improvements]
    assert pairs == [("b", "a"), ("b", "c"), ("a", "c")] == list(found.differences)
    assert found.improvements[0].estimate.value > 0.5
    assert found.improvements[2].estimate.value == 0.5
    assert found.improvements[0].adjusted_p >= found.improvements[0].p_value


def test_runs_with_the_same_seed_are_paired_by_episode(writer, comparison):
    # The writer's episodes are score -+ noise, in equal numbers: they pair exactly.
    writer.submission("a", scores=FULL)
    writer.submission("b", scores=BETTER)
    rows = comparison("b", "a").differences["b", "a"]
    catch = next(row for row in rows if row.task == "catch")
    low, high = TOY.bounds(TOY.task("catch"))
    assert catch.pairs == 2
    assert catch.episodes == 2 * TOY.task("catch").protocol.evaluation.final_episodes
    estimate = catch.estimate
    expected = pytest.approx(0.5 / (high - low))
    assert [estimate.low, estimate.value, estimate.high] == [expected] * 3
    values = [row.estimate.value for row in rows]
    assert values == sorted(values, reverse=True)


def test_unequal_seeds_are_paired_where_the_side_with_fewer_is_whole(
    writer, comparison
):
    three = {task: [*values, 9.0] for task, values in FULL.items()}
    writer.submission("a", scores=three)
    writer.submission("b", scores=FULL)
    writer.submission("c", scores={task: values[:1] for task, values in FULL.items()})
    found = comparison("a", "b", "c")
    assert {row.pairs for row in found.differences["a", "b"]} == {2}
    assert all(
        r.estimate.value == pytest.approx(0) for r in found.differences["a", "b"]
    )
    assert {row.pairs for row in found.differences["a", "c"]} == {0}
    assert found.differences["a", "c"][0].estimate.low is None
    shown = {row["pairs"] for row in tables(found)[2][2]}
    assert shown == {"2 of 3/2"}
    assert {row["pairs"] for row in tables(found)[3][2]} == {"0 of 3/1"}
    assert "c: a task has one run only: no interval." in found.notes
    assert "b: a task has two runs only" in " ".join(found.notes)
    assert "over two pairs has an interval from the one to the other" in caption(found)


def test_no_run_is_dropped_for_want_of_a_partner(writer, comparison):
    """Two of four seeds are shared: the means of all runs are compared."""
    four = {task: [*values, 2.0, 3.0] for task, values in FULL.items()}
    writer.submission("a", scores=four)
    writer.submission("b", scores=four, first_seed=2)
    rows = comparison("a", "b").differences["a", "b"]
    assert {(row.pairs, row.runs) for row in rows} == {(0, (4, 4))}
    # The same four scores on both sides.
    assert [row.estimate.value for row in rows] == pytest.approx([0, 0, 0])


def test_what_is_incomplete_is_refused_with_the_ways_out(writer, comparison):
    writer.submission("full", scores=FULL)
    writer.submission("part", scores={"catch": [1.0, 0.5]})
    with pytest.raises(
        Misused, match="'part' has runs on 1 of the 3 .*--missing common"
    ):
        comparison("full", "part")
    found = comparison("full", "part", missing="common")
    assert found.found.tasks == ("catch",)
    assert "1 of 3 tasks" in caption(found)
    filled = comparison("full", "part", missing="random")
    assert filled.found.filled == {"full": 0, "part": 4}
    assert {row.pairs for row in filled.differences["full", "part"]} == {0}
    assert "part 4" in caption(filled)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        (["fulll", "other"], "Unknown method on toy@1 'fulll'. Did you mean 'full'"),
        (["full"], "two methods"),
        (["full", "full"], "each once"),
        (["full", "catcher"], "no task of toy@1"),
        (["full", "nothing"], "'nothing' has no finished run"),
    ],
)
def test_what_cannot_be_compared_is_refused(writer, comparison, labels, complaint):
    writer.submission("full", scores={"reach": [0.0], "hurry": [0.0]})
    writer.submission("catcher", scores={"catch": [0.0]})
    writer.submission("other", scores=FULL)
    writer.submission("nothing", scores={"catch": []}, planned=1)
    with pytest.raises(Misused, match=complaint):
        comparison(*labels, missing="common")


def test_more_seeds_cost_what_the_measured_runs_took(writer, comparison):
    near = {t: [value + 0.2 for value in values] for t, values in FULL.items()}
    for name, scores in (("a", FULL), ("b", near)):
        writer.submission(name, scores=scores)
    writer.submission("once", scores={task: [1.0] for task in FULL})
    found = comparison("b", "a", "once", next_seeds=True)
    more = found.more["b", "a"]
    assert more.seeds.more > 0
    # The writer's runs take 3.5 seconds: three tasks, two methods.
    assert more.hours == pytest.approx(more.seeds.more * 6 * 3.5 / 3600)
    assert found.more["b", "once"] is None
    assert comparison("b", "a").more == {}


def test_more_seeds_are_not_drawn_from_filled_in_runs(writer, comparison):
    writer.submission("full", scores=FULL)
    writer.submission("part", scores={"catch": [1.0, 0.5]})
    with pytest.raises(Misused, match=r"draws from measured runs.*\(part 4\)"):
        comparison("full", "part", missing="random", next_seeds=True)
    assert comparison("full", "part", missing="random").more == {}
    found = comparison("full", "part", missing="common", next_seeds=True)
    assert set(found.more) == {("full", "part")}


def test_records_and_tables_hold_every_pair_and_task(writer, comparison):
    for name, scores in (("a", FULL), ("b", BETTER), ("c", FULL)):
        writer.submission(name, scores=scores)
    found = comparison("a", "b", "c", next_seeds=True)
    rows = as_rows(found)
    assert len(rows) == 3 * (1 + 3)
    assert len({tuple(row) for row in rows}) == 1
    document = json.loads(json.dumps(as_document(found), allow_nan=False))
    assert len(document["pairs"]) == 3
    assert {row["rank_low"] for row in document["methods"]} <= {1, 2, 3}
    shown = tables(found)
    assert [len(records) for _, _, records in shown] == [3, 3, 3, 3, 3, 3]
    assert all(set(row) <= set(columns) for _, columns, rows in shown for row in rows)


def test_intervals_over_filled_runs_are_said_to_be_too_narrow(writer, comparison):
    writer.submission("a", scores=FULL)
    writer.submission("b", scores={"catch": [0.5, 0.6]})
    assert "too narrow" in caption(comparison("a", "b", missing="random"))
    assert "too narrow" not in caption(comparison("a", "b", missing="common"))
