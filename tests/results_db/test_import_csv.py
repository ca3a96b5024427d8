"""The documented CSV: what it says, and what is refused by line."""

import gzip

import pytest

from results_db.export.escape import csv_text, from_csv_text
from results_db.export.tables import records_to_csv
from results_db.import_format import BadImport
from suites.registry import load_suite
from tests.results_db.hostile import HOSTILE
from tests.results_db.imports import HEADER, SCORES, read


def test_a_run_has_one_score():
    data = read(SCORES)
    assert data.methods == ["theirs"]
    assert [(r.task, r.run, r.score) for r in data.runs][:3] == [
        ("catch", 0, 0.5),
        ("catch", 1, 1.0),
        ("hurry", 0, 0.5),
    ]
    assert all(run.points == () for run in data.runs)


def test_several_points_are_a_curve_whose_last_is_the_score():
    text = f"""agent_steps,{HEADER}
2000,a,catch,3,0.75
500,a,catch,3,0.25
,a,catch,4,0.5
"""
    curve, single = read(text).runs
    assert (curve.score, curve.points) == (0.75, ((500, 0.25), (2000, 0.75)))
    assert (single.score, single.points) == (0.5, ())


def test_curves_that_end_early_are_said():
    rows = f"{HEADER},agent_steps\na,catch,0,1,1000\na,catch,1,1,950\n"
    (remark,) = read(rows).remarks
    assert remark == "curves end after 1,000 of 2,000 agent steps"
    rows = rows.replace("1000", "1900").replace("950", "1850")
    assert read(rows).remarks == ()


def test_every_run_that_ends_early_is_named():
    """By its own task's budget; one long run does not hide the others."""
    rows = f"""{HEADER},agent_steps
a,catch,0,1,2000
a,catch,1,0.1,200
a,hurry,0,1,2000
a,hurry,1,1,
"""
    (remark,) = read(rows).remarks
    assert remark == (
        "runs that end early and count all the same: catch run 1 (200 of 2,000 agent "
        "steps)"
    )
    (remark,) = read(f"{rows}b,catch,0,1,100\n").remarks
    assert (
        "same: a catch run 1 (200 of 2,000 agent steps), b catch run 0 (100" in remark
    )
    many = "".join(f"a,catch,{run},1,{run}\n" for run in range(10, 20))
    assert "and 5 more" in read(rows + many).remarks[0]
    short = rows.replace("2000", "1000")
    assert read(short).remarks == (
        "curves end after 1,000 of 2,000 agent steps",
        remark.partition(": ")[0] + ": catch run 1 (200 of 2,000 agent steps)",
    )


def test_scores_that_look_like_another_unit_are_doubted():
    dmc = load_suite("dmc-vision")
    unit = dmc.scoring.label
    low = f"{HEADER}\na,walker_walk,0,0.9\n"
    high = f"{HEADER}\na,walker_walk,0,900\n"
    assert read(low, dmc).remarks == ("no score is beyond 0.9: are they raw returns?",)
    assert read(high, dmc, unit=unit).remarks == (
        "scores go up to 900: are they return / 1000?",
    )
    assert read(low, dmc, unit=unit).remarks == read(high, dmc).remarks == ()
    assert read(SCORES).remarks == ()  # the toys' returns are that small


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + SCORES.encode(),
        SCORES.replace("\n", "\r\n").encode(),
        gzip.compress(SCORES.encode()),
        SCORES.replace("\n", "\n\n").encode(),
        SCORES.replace("score", " score ", 1).encode(),
    ],
    ids=["byte-order mark", "Windows", "gzip", "blank lines", "spaces"],
)
def test_files_as_other_programs_write_them(content):
    assert read(content) == read(SCORES)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("a,chess,0,1", "line 3: Unknown task of toy 'chess'"),
        ("a,catch,0,1", "line 3: run 0 of a on catch stands twice"),
        ("a,catch,00,1", "line 3: run 0 of a on catch stands twice"),
        ("a,catch,1,nan", "line 3: the score must be a finite number .got 'nan'"),
        ("a,catch,1,inf", "line 3: the score must be a finite number"),
        ("a,catch,1,1e400", "line 3: the score must be a finite number"),
        ("a,catch,1,9e99", "line 3: the score must be a finite number"),
        ("a,catch,1,", "line 3: the score must be a finite number .got ''"),
        ("a,catch,1,1_0", "line 3: the score must be a finite number"),
        ('a,catch,1,"1,5"', "line 3: the score must be a finite number"),
        ("a,catch,-1,1", "line 3: run must be a whole number"),
        ("a,catch,1.5,1", "line 3: run must be a whole number"),
        ("a,catch,٣,1", "line 3: run must be a whole number"),
        ("a,catch,99999999999,1", "line 3: run must be a whole number"),
        (",catch,1,1", "line 3: the method's name is empty"),
        (f"{'x' * 121},catch,1,1", "line 3: the method's name has 121 characters"),
        ("a ,catch,1,1", "line 3: the method's name 'a ' begins or ends with a space"),
        (" a,catch,1,1", "line 3: the method's name ' a' begins or ends with a space"),
        ("a  b,catch,1,1", "line 3: the method's name 'a  b' .* two in a row"),
        ("a\x1b[31m,catch,1,1", "line 3: the method's name .* control or invisible"),
        ("a\u202e,catch,1,1", "line 3: the method's name .* control or invisible"),
        ("a\x00,catch,1,1", "line 3: the method's name .* control or invisible"),
        ('"a\nb",catch,1,1', "line 3: the method's name .* control or invisible"),
        ("a,catch,1", "line 3: 3 cells under 4 columns"),
        ("a,catch,1,1,1", "line 3: 5 cells under 4 columns"),
        ('a,catch,1,"1', "line 3: not CSV"),
        ('a,catch,1,"1"1', "line 3: not CSV"),
        (f"a,{'catch' * 40_000},1,1", "line 3: not CSV"),
        (f"a,{'catch' * 4_000},1,1", "line 3: Unknown task"),
        ("\n\na,catch,1,x", "line 5: the score"),
        ('"a",catch,1,1\n"b\n",catch,0,1', "line 4: the method's name"),
    ],
)
def test_the_first_bad_row_is_named_and_nothing_is_taken(rows, complaint):
    with pytest.raises(BadImport, match=complaint) as error:
        read(f"{HEADER}\na,catch,0,1\n{rows}\n")
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the file is empty; its first line must be method,task,run,score"),
        ("\n\n", "the file is empty"),
        (HEADER, "no rows below the header"),
        ("method,task,score\na,catch,1", "the column run is missing"),
        ("method;task;run;score\na;catch;0;1", "the column method is missing"),
        (f"{HEADER},frames\na,catch,0,1,4", "unknown column 'frames'"),
        (f"{HEADER},run\na,catch,0,1,0", "a column stands twice"),
        (f"{HEADER},agent_steps\na,catch,0,1,2001", "line 2: 2,001 agent steps are be"),
        (f"{HEADER},agent_steps\na,catch,0,1,-5", "line 2: agent_steps must be"),
        (
            f"{HEADER},agent_steps\na,catch,0,1,5\na,catch,0,2,5",
            "line 3: run 0 of a on catch stands twice at 5 agent steps",
        ),
        (
            f"{HEADER},agent_steps\na,catch,0,1,5\na,catch,0,2,",
            "line 3: run 0 of a on catch stands twice",
        ),
    ],
)
def test_a_file_that_is_none_says_what_is_wanted(text, complaint):
    with pytest.raises(BadImport, match=complaint):
        read(text)


def test_text_that_is_not_utf8_is_named_by_line():
    with pytest.raises(BadImport, match="line 3: not UTF-8"):
        read(f"{HEADER}\na,catch,0,1\nb\xe9,catch,0,1\n".encode("latin-1"))
    with pytest.raises(BadImport, match="line 1: not UTF-8"):
        read(SCORES.encode("utf-16"))


def test_a_name_may_be_given_to_the_only_method():
    assert read(SCORES, method="mine").methods == ["mine"]
    two = SCORES + "other,catch,0,1\n"
    with pytest.raises(BadImport, match="this file has 2 .other, theirs"):
        read(two, method="mine")
    with pytest.raises(BadImport, match="--method: .* control"):
        read(SCORES, method="a\x07")


@pytest.mark.parametrize(
    "name", [n for n in HOSTILE if n.isprintable() and len(n) <= 120]
)
def test_names_come_back_as_they_were_exported(name):
    row = {"method": name, "task": "catch", "run": 0, "score": 0.1 + 0.2}
    (run,) = read(records_to_csv([row])).runs
    assert (run.method, run.score) == (name, 0.1 + 0.2)


@pytest.mark.parametrize("name", ["'quoted'", "''=1", "'=1", "'", "''", "it's", "\t"])
def test_apostrophes_are_taken_away_once(name):
    assert from_csv_text(csv_text(name)) == name


def test_the_names_of_other_programs_stay():
    assert from_csv_text("'plain") == "'plain"
