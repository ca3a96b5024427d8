"""The table of measured speed keeps what a run of some benchmarks did not measure."""

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as bench

SHIPPED = bench.RESULTS.read_text()


@pytest.fixture
def table(tmp_path, monkeypatch):
    path = tmp_path / "results.md"
    path.write_text(SHIPPED)
    monkeypatch.setattr(bench, "RESULTS", path)
    return path


def test_the_shipped_table_is_read_and_written_unchanged(table):
    bench.write(bench.known())
    assert table.read_text() == SHIPPED
    assert bench.known()["DER_LOOP"][1] == "42"


def test_a_named_benchmark_replaces_its_rows_alone(table):
    before = bench.known()
    before["HARNESS_STEP"][-2] = "2025-01-01"
    bench.write(before)
    result = CliRunner().invoke(bench.main, ["harness_step"])
    assert result.exit_code == 0, result.output
    after = bench.known()
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == ["HARNESS_STEP"]
    assert after["HARNESS_STEP"][-1] == bench.machine()


def test_an_unknown_benchmark_is_named_and_nothing_is_written(table):
    table.unlink()
    result = CliRunner().invoke(bench.main, ["nonsense"])
    assert result.exit_code == 2
    assert "'nonsense' is not one of" in result.output
    assert not table.exists()


def test_help_measures_nothing(table):
    result = CliRunner().invoke(bench.main, ["--help"])
    assert result.exit_code == 0
    assert "updates" in result.output
    assert table.read_text() == SHIPPED
