from pathlib import Path

import pytest

from results_db.writable import require_writable
from suites.messages import Misused


def test_a_folder_is_made_and_left_empty(tmp_path):
    require_writable(tmp_path / "a" / "b", "--runs")
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("folder", ["/proc", "/proc/runs", "/dev/null/runs"])
def test_what_cannot_be_written_names_the_option(folder):
    with pytest.raises(Misused, match="cannot be written .*name another with --runs"):
        require_writable(Path(folder), "--runs")
