"""Takes the pictures of the dashboard that the README shows, of the results that are
shipped: `python scripts/dashboard_pictures.py` with chromium and playwright."""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import Podium  # noqa: E402
from tests.dashboard.browser import reading, served  # noqa: E402

SIZE = {"width": 1280, "height": 860}


def main():
    with tempfile.TemporaryDirectory() as folder:
        podium = Podium(Path(folder))
        taken = podium("ingest", "--runs", ROOT / "results")
        assert taken.code == 0, taken.err
        for theme in ("light", "dark"):
            with (
                served(podium) as address,
                reading(address, viewport=SIZE, color_scheme=theme) as reader,
            ):
                page = reader.open(suite="atari100k")
                page.locator(".podium-rows .dot").first.wait_for()
                page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
                page.wait_for_timeout(2000)  # canvases are painted late
                file = Path(folder) / f"{theme}.png"
                page.screenshot(path=file)
                shutil.copy(file, ROOT / "docs" / f"dashboard-{theme}.png")


if __name__ == "__main__":
    main()
