"""Records the fingerprint of every task: for a new suite, or a new OpenGL renderer.

    python scripts/fingerprints.py            adds what is not recorded yet
    python scripts/fingerprints.py --anew     records everything anew

Without --anew nothing is written when a fingerprint differs from the record: either the
simulator drifted, or the suite's meaning changed and it needs a new version.
"""

import json
import sys
from typing import Any

from suites.envs.fingerprint import (
    RECORDED,
    Fingerprint,
    installed,
    take_fingerprint,
)
from suites.envs.make import DISTRIBUTIONS
from suites.registry import SUITES, load_suite


def main(arguments: list[str]) -> int:
    """Takes every fingerprint; returns 1, and writes nothing, when one differs."""
    anew = "--anew" in arguments
    before: dict[str, Any] = {"tasks": {}}
    if RECORDED.exists():
        before = json.loads(RECORDED.read_text())
    tasks: dict[str, Any] = {}
    differ = []
    for key in SUITES:
        for task in load_suite(key).tasks:
            name = f"{key}/{task.name}"
            found, known = take_fingerprint(task), before["tasks"].get(name)
            tasks[name] = entry(known, found)
            same = known is None or not contradicts(known, found)
            differ += [] if same else [name]
            sys.stderr.write(f"{name} {found.dynamics} {'' if same else 'DIFFERS'}\n")
    if differ and not anew:
        sys.stderr.write(f"{len(differ)} differ: nothing was written\n")
        return 1
    versions = {n: installed(n) for names in DISTRIBUTIONS.values() for n in names}
    made_with = versions if anew else before.get("made_with", versions)
    document = {"made_with": made_with, "tasks": tasks}
    RECORDED.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    return 0


def contradicts(known: dict[str, Any], found: Fingerprint) -> bool:
    """Whether the record says otherwise; an unknown renderer's pixels do not."""
    pixels = known["pixels"].get(found.renderer, found.pixels)
    return bool(known["dynamics"] != found.dynamics or pixels != found.pixels)


def entry(known: dict[str, Any] | None, found: Fingerprint) -> dict[str, Any]:
    """A task's record with what was found; what other renderers drew stays as long as
    the dynamics do."""
    kept = known is not None and known["dynamics"] == found.dynamics
    pixels = dict(known["pixels"]) if known is not None and kept else {}
    if found.renderer is not None:
        pixels[found.renderer] = found.pixels
    return {"dynamics": found.dynamics, "pixels": pixels}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
