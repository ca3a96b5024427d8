"""`podium run`: one cell from its spec file."""

import json

import pytest

from tests.harness.looking import leaderboard


def test_one_cell_runs_from_its_spec_and_is_ingested_later(podium):
    podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        1,
        "--dry-run",
        "--write",
        "cells",
    )
    result = podium("run", "cells/catch-s0.json")
    assert result.code == 0, result.out + result.err
    assert "is done already" in podium("run", "cells/catch-s0.json").out
    assert not (podium.folder / "podium.db").exists()
    assert podium("ingest").code == 0
    (row,) = leaderboard(podium)
    assert (row["runs"], row["runs_planned"]) == (1, 3)
    submitted = podium("submit", "random", "--suite", "toy", "--seeds", 1)
    assert "3 runs, 1 done already" in submitted.out


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(seed=7), "cell id is not that of its contents"),
        (lambda d: d.update(task="../../etc"), "no plain name"),
        (lambda d: d.update(submission="../x"), "no plain name"),
        (lambda d: d.update(seed="0"), "seed must be int"),
        (lambda d: d.update(format=99), "format 99"),
        (lambda d: d.pop("method"), "an object is missing"),
    ],
)
def test_a_spec_file_is_not_trusted(podium, change, complaint):
    podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        1,
        "--dry-run",
        "--write",
        "cells",
    )
    file = podium.folder / "cells" / "catch-s0.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    result = podium("run", "cells/catch-s0.json")
    assert result.code == 2
    assert complaint in result.err
    assert not (podium.folder / "runs").exists()
