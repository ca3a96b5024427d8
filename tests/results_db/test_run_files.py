import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from results_db.outcomes import Outcome
from results_db.run_files import (
    Appender,
    FileDamaged,
    RunFolder,
    append_line,
    last_line,
    read_end,
    read_lines,
    write_whole,
)
from results_db.run_spec import Method, RunSpec


def make_spec(seed=0):
    method = Method("m", "random", "0" * 64, {}, "none")
    return RunSpec("toy@1-m", "toy@1", "catch", seed, method, {}, "1" * 64, "2" * 64)


def test_a_torn_last_line_is_ignored_and_cut_by_the_next_append(tmp_path):
    file = tmp_path / "x.jsonl"
    append_line(file, {"a": 1})
    with file.open("a") as handle:
        handle.write('{"a": 2')
    assert list(read_lines(file)) == [{"a": 1}]
    assert last_line(file) == {"a": 1}
    append_line(file, {"a": 3})
    assert list(read_lines(file)) == [{"a": 1}, {"a": 3}]


@pytest.mark.parametrize("damage", ["nonsense\n", "[1]\n", '"a"\n'])
def test_damage_in_the_middle_is_named_by_line(tmp_path, damage):
    file = tmp_path / "x.jsonl"
    file.write_text('{"a":1}\n' + damage + '{"a":2}\n')
    with pytest.raises(FileDamaged, match=r"x.jsonl, line 2"):
        list(read_lines(file))


def test_an_absent_file_is_empty(tmp_path):
    assert list(read_lines(tmp_path / "x.jsonl")) == []
    assert last_line(tmp_path / "x.jsonl") is None


def test_lines_survive_kill_9(tmp_path):
    file = tmp_path / "x.jsonl"
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from results_db.run_files import Appender\n"
        "a = Appender(Path(sys.argv[1]))\n"
        "[a.append({'i': i}) for i in range(1000)]\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    assert [row["i"] for row in read_lines(file)] == list(range(1000))


def test_a_full_disk_is_named_and_leaves_whole_lines(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    file = tmp_path / "x.jsonl"
    file.symlink_to("/dev/full")
    appender = Appender.__new__(Appender)
    appender._path = file
    appender._descriptor = os.open(file, os.O_WRONLY)
    with pytest.raises(OSError, match="No space left"):
        appender.append({"a": 1})


def test_numbers_that_json_lacks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        append_line(tmp_path / "x.jsonl", {"a": float("nan")})


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "x.json"
    write_whole(file, {"a": 1})
    with pytest.raises(TypeError):
        write_whole(file, {"a": object()})
    assert json.loads(file.read_text()) == {"a": 1}


def test_attempts_are_merged_and_a_silent_end_is_lost(tmp_path):
    run = RunFolder(tmp_path / "catch-s0")
    run.create(make_spec())
    assert run.start_attempt(pid=7) == 1
    run.describe_attempt(1, {"host": "h"})
    append_line(run.path / "episodes.jsonl", {"return": 1})
    run.set_aside(None)
    assert run.start_attempt(pid=8) == 2
    run.end_attempt(2, Outcome.FAILED, error={"type": "X"})
    first, second = run.attempts()
    assert (first["outcome"], first["provenance"]) == ("lost", {"host": "h"})
    assert (second["outcome"], second["error"]) == ("failed", {"type": "X"})
    kept = run.path / "attempts" / "1" / "episodes.jsonl"
    assert list(read_lines(kept)) == [{"return": 1}]
    assert not (run.path / "episodes.jsonl").exists()


def test_done_is_the_last_word(tmp_path):
    run = RunFolder(tmp_path / "catch-s0")
    run.create(make_spec())
    assert not run.done
    run.finish({"outcome": "finished"})
    assert run.done
    assert run.summary() == {"outcome": "finished"}


def test_the_end_of_a_file_is_read_alone(tmp_path):
    file = tmp_path / "log.txt"
    with file.open("wb") as handle:
        handle.truncate(1 << 40)  # a terabyte of holes
        handle.seek(0, os.SEEK_END)
        handle.write(b"the end")
    assert read_end(file, 3) == b"end"
    assert read_end(file, 9) == b"\0\0the end"
    (tmp_path / "short").write_bytes(b"x")
    assert read_end(tmp_path / "short", 9) == b"x"


def test_a_spec_is_brought_up_to_date_and_another_cells_is_kept(tmp_path):
    spec = make_spec()
    moved = replace(spec, method=replace(spec.method, agent="elsewhere.py:Agent"))
    RunFolder(tmp_path).create(spec)
    run = RunFolder(tmp_path)
    run.create(moved)
    assert run.spec == moved == RunFolder(tmp_path).spec
    run.create(make_spec(seed=1))
    assert RunFolder(tmp_path).spec == moved
    (tmp_path / "spec.json").write_text("{}")
    RunFolder(tmp_path).create(spec)
    assert (tmp_path / "spec.json").read_text() == "{}"


def test_what_an_attempt_wrote_behind_a_checkpoint_is_cut_and_kept(tmp_path):
    run = RunFolder(tmp_path / "catch-s0")
    run.create(make_spec())
    run.start_attempt(pid=7)
    append_line(run.path / "episodes.jsonl", {"return": 1})
    lengths = run.data_lengths()
    append_line(run.path / "episodes.jsonl", {"return": 2})
    append_line(run.path / "metrics.jsonl", {"agent_steps": 9})
    run.set_aside(lengths)
    assert list(run.rows("episodes")) == [{"return": 1}]
    assert list(run.rows("metrics")) == []
    kept = run.path / "attempts" / "1"
    assert list(read_lines(kept / "episodes.jsonl")) == [{"return": 2}]
    assert list(read_lines(kept / "metrics.jsonl")) == [{"agent_steps": 9}]


def test_setting_aside_twice_loses_nothing(tmp_path):
    run = RunFolder(tmp_path / "catch-s0")
    run.create(make_spec())
    run.start_attempt(pid=7)
    append_line(run.path / "episodes.jsonl", {"return": 1})
    lengths = run.data_lengths()
    append_line(run.path / "episodes.jsonl", {"return": 2})
    run.set_aside(lengths)
    run.set_aside(lengths)
    kept = run.path / "attempts" / "1" / "episodes.jsonl"
    assert list(read_lines(kept)) == [{"return": 2}]
    assert list(run.rows("episodes")) == [{"return": 1}]
