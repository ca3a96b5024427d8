import csv
import io
import math
import random

import pytest

from results_db.export.escape import from_csv_text
from results_db.export.raw_scores import RawScore, raw_scores, raw_scores_csv
from results_db.query import FinalScore
from tests.results_db.hostile import HOSTILE


def read(text):
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["method", "task", "run", "score"]
    return [
        RawScore(from_csv_text(m), from_csv_text(t), from_csv_text(r), float(s))
        for m, t, r, s in rows[1:]
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_come_back_and_are_no_formulas(name):
    scores = [RawScore(name, "catch", str(seed), seed / 3) for seed in range(3)]
    text = raw_scores_csv(scores)
    assert read(text) == scores
    for row in csv.reader(io.StringIO(text, newline="")):
        assert row[0][0] not in "=+-@\t\r\n"


def test_no_digit_of_a_score_is_lost():
    rng = random.Random(0)
    values = [rng.uniform(-1e6, 1e6) for _ in range(1000)]
    values += [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, -20.7]
    scores = [RawScore("m", "t", str(i), v) for i, v in enumerate(values)]
    back = [one.score for one in read(raw_scores_csv(scores))]
    assert back == values
    assert math.copysign(1, back[1001]) == -1


def test_runs_are_the_shown_methods_seeds_in_order():
    def run(method, task, seed):
        return FinalScore(method, task, seed, float(seed), 40, "here", "none", 1.0, 1)

    runs = [run("d2", "b", 1), run("d2", "b", 0), run("d1", "a", 10), run("d1", "a", 9)]
    found = raw_scores([*runs, run("d3", "a", 0)], {"d1": "z", "d2": "a"})
    assert [(one.method, one.task, one.run) for one in found] == [
        ("a", "b", "0"),
        ("a", "b", "1"),
        ("z", "a", "9"),
        ("z", "a", "10"),
    ]
