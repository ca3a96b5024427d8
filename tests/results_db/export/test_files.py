import os

import pytest

from results_db.export.files import write_output
from suites.messages import Misused


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "table.tex"
    path.write_text("old")
    write_output(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["table.tex"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_output(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_what_is_no_file_is_written_to_not_replaced(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    write_output(fifo, b"new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert fifo.is_fifo()


@pytest.mark.parametrize("name", ["no/such/folder/x", "", "a\x00b", "x" * 300])
def test_what_cannot_be_written_is_said(tmp_path, name):
    with pytest.raises(Misused, match="cannot be written"):
        write_output(tmp_path / name, b"new")
