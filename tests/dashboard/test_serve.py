"""`podium dashboard`: what it serves, to whom, and how it ends."""

import subprocess
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.dashboard.browser import served


def test_a_signal_ends_the_server(two, podium):
    with served(podium) as address, urlopen(address, timeout=20) as answer:
        assert answer.status == 200
    with pytest.raises(URLError):
        urlopen(address, timeout=5)


def test_another_host_says_what_it_exposes(two, podium):
    process = subprocess.Popen(
        [*podium.command, "dashboard", "--host", "0.0.0.0", "--port", "1"],
        cwd=podium.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.stderr.readline()
    finally:
        process.kill()
        process.communicate()
    assert "Listening on 0.0.0.0: everybody who reaches this machine" in said
    assert "log" in said


def test_a_newer_database_is_refused_before_anything_is_served(two, podium):
    import sqlite3

    with sqlite3.connect(two.database) as connection:
        connection.execute("UPDATE podium_schema SET version_num = '9999'")
    refused = podium("dashboard", "--db", two.database)
    assert refused.code == 2
    assert "upgrade Podium" in refused.err
