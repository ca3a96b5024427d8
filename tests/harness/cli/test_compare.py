"""`podium compare` as a user has it, on runs of the toy suite."""

import csv
import io
import json

import pytest


@pytest.fixture
def measured(podium):
    for name, seeds in (("a", 3), ("b", 2)):
        result = podium(
            "submit", "random", "--suite", "toy", "--name", name, "--seeds", seeds
        )
        assert result.code == 0, result.err
    return podium


def test_a_comparison_in_every_format(measured):
    command = ("compare", "a", "b", "--suite", "toy", "--next-seeds")
    table = measured(*command)
    assert table.code == 0, table.err
    for words in ("P(first > second)", "rank set", "a minus b by task", "more seeds"):
        assert words in table.out
    document = json.loads(measured(*command, "--format", "json").out)
    assert document["pairs"][0]["first"] == "a"
    assert {row["pairs"] for row in document["differences"]} == {2}
    rows = list(csv.DictReader(io.StringIO(measured(*command, "--format", "csv").out)))
    assert [row["task"] == "" for row in rows] == [True, False, False, False]
    assert "| first | second |" in measured(*command, "--format", "md").out


def test_what_the_user_got_wrong_is_said(measured):
    result = measured("compare", "a", "c", "--suite", "toy")
    assert result.code == 2
    assert "Unknown method on toy@1 'c'" in result.err
    assert measured("compare", "a", "--suite", "toy").code == 2
    assert measured("compare", "a", "b", "--suite", "toyy").code == 2
