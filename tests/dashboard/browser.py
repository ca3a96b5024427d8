"""The dashboard as a reader has it: `podium dashboard`, and a real browser."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
DRAWN_MS = 30_000
"""How long a page may take on a busy machine."""


def chromium():
    """Where the browser is; without one, a failure in CI and a skip elsewhere."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "chromium is not installed (apt-get install chromium)"
        (pytest.fail if os.environ.get("PODIUM_CI") else pytest.skip)(reason)
    return found


def driver():
    """Playwright; without it, a failure in CI and a skip elsewhere."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        reason = "playwright is not installed (pip install 'podium-rl[dev]')"
        (pytest.fail if os.environ.get("PODIUM_CI") else pytest.skip)(reason)
    return sync_playwright()


@contextmanager
def served(podium, *options):
    """The address at which `podium dashboard` answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*podium.command, "dashboard", "--port", str(port), *map(str, options)],
        cwd=podium.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address, process, seconds=60):
    """Until a server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "podium dashboard ended"
        try:
            with urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


class Reader:
    """One tab, and all that it asked for beyond this machine."""

    def __init__(self, page, address):
        self.page = page
        self.address = address
        self.dialogs = []
        self.elsewhere = []
        page.set_default_timeout(DRAWN_MS)
        page.on("dialog", self._dialog)
        page.on("request", self._request)

    def _dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:", "ws://127.0.")):
            self.elsewhere.append(request.url)

    def open(self, view="", **query):
        """A page, drawn to its end."""
        self.page.goto(f"{self.address}/{view}?{urlencode(query, doseq=True)}")
        self.drawn()
        return self.page

    def drawn(self):
        """Waits until nothing moves any more."""
        self.page.wait_for_selector("h1")
        self.page.wait_for_function(
            "document.querySelector('[data-test-script-state=\"notRunning\"]')"
        )


@contextmanager
def reading(address, **options):
    """A browser with one tab; options are Playwright's of a context."""
    with driver() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(FLAGS)
        )
        try:
            page = browser.new_context(**options).new_page()
            yield Reader(page, address)
        finally:
            browser.close()
