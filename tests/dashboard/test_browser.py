"""Journeys in a real browser."""

import re
from time import monotonic

import pytest

from tests.conftest import TOYS
from tests.dashboard.browser import chromium, reading, served
from tests.dashboard.conftest import BETTER
from tests.results_db.conftest import FULL
from tests.results_db.hostile import HOSTILE

MOVED_SECONDS = 60
VIEWS = ("", "compare", "curves", "task", "runs", "export")
ODD = HOSTILE[9:17]
"""Markdown, HTML, images, control characters, right to left."""


@pytest.fixture(autouse=True)
def browser_is_there():
    chromium()


@pytest.fixture
def reader(site, podium):
    """A reader of a site with three methods."""
    site.writer.submission("steady", scores=FULL)
    site.writer.submission("better", scores=BETTER)
    site.writer.submission("partial", scores={"catch": [1.0, 0.9]})
    site.ingest()
    with served(podium) as address, reading(address) as found:
        yield found


def test_from_the_leaderboard_to_a_comparison_and_back_by_its_address(reader):
    page = reader.open(suite="toy", method="steady")
    page.get_by_role("link", name="Compare it").click()
    page.get_by_role("heading", name="Probability of improvement").wait_for()
    assert "suite=toy" in page.url
    assert "methods=steady" in page.url
    sent = page.url
    page.goto("about:blank")
    page.goto(sent)
    page.get_by_role("heading", name="Differences by task").wait_for()
    assert page.get_by_text("Two methods at least").count() == 1


def test_a_filter_is_in_the_address(reader):
    page = reader.open(suite="toy")
    box = page.get_by_label("Name contains")
    box.fill("stea")
    box.press("Enter")
    page.wait_for_url(re.compile("name=stea"))


def test_the_choice_goes_along_to_the_next_page(reader):
    page = reader.open("compare", suite="toy", methods=["steady", "better"])
    page.get_by_role("link", name="Curves").click()
    page.get_by_role("heading", name="Task by task").wait_for()
    assert "methods=steady" in page.url


def test_the_downloaded_table_is_that_of_podium_export(reader, podium):
    page = reader.open("export", suite="toy")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download toy.tex").click()
    printed = podium("export", "toy", "--table", "latex")
    assert printed.code == 0
    assert waiting.value.path().read_text() == printed.out


def agent_steps(table):
    """What a screen reader gets of the first row's agent steps; -1 before its start."""
    head = table.locator("th", has_text="Agent steps")
    column = head.first.get_attribute("aria-colindex")
    shown = table.locator(f"td[aria-colindex='{column}']").first.text_content()
    return int(shown.replace(",", "")) if shown != "–" else -1


def test_a_running_submission_moves(site, podium):
    site.submit("before")
    with served(podium) as address, reading(address) as reader:
        page = reader.open("runs", suite="toy")
        page.get_by_text("6 runs: 6 finished.").wait_for()
        work = podium.start(
            *("submit", f"{TOYS}:Slow", "--suite", "toy", "--tasks", "catch"),
            *("--seeds", "1", "--name", "slow"),
        )
        try:
            page.get_by_role("heading", name="Without a result yet").wait_for()
            page.get_by_text("1 at work, 0 not").wait_for()
            table = page.get_by_test_id("stDataFrame").first
            running = table.locator("td", has_text="running")
            running.first.wait_for(state="attached")
            before = agent_steps(table)
            end = monotonic() + MOVED_SECONDS
            while agent_steps(table) == before:
                assert monotonic() < end, "the run at work stands still"
                page.wait_for_timeout(200)
            assert agent_steps(table) > before
            assert page.get_by_text("1 at work, 0 not").is_visible()
        finally:
            work.terminate()
            work.communicate(timeout=60)


def test_an_ingest_is_drawn_without_a_click(reader, site):
    page = reader.open("runs", suite="toy")
    page.get_by_text("runs: ").first.wait_for()
    before = page.get_by_text(re.compile(r"\d+ runs: ")).inner_text()
    site.submit("later", FULL)
    page.get_by_text("20 runs: 20 finished.").wait_for()
    assert before.startswith("14 runs")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_window(site, podium, width):
    for name in (*ODD, "W" * 300):
        site.writer.submission(name, scores=FULL)
    site.ingest()
    size = {"width": width, "height": 800}
    with served(podium) as address, reading(address, viewport=size) as reader:
        for view in VIEWS:
            page = reader.open(view, suite="toy")
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_run_nothing_and_fetch_nothing(site, podium):
    for name in ODD:
        site.writer.submission(name, scores=FULL)
    site.ingest()
    with served(podium) as address, reading(address) as reader:
        for view in VIEWS:
            page = reader.open(view, suite="toy")
            assert page.locator("a[href^='javascript']").count() == 0
            assert page.locator("img[src*='example.com']").count() == 0
        page = reader.open(suite="toy", name="script")
        # Tables are canvases; what a screen reader gets of them is not visible.
        cell = page.locator("td", has_text="<script>alert(1)</script>")
        cell.first.wait_for(state="attached")
        assert reader.dialogs == []
        assert reader.elsewhere == []
