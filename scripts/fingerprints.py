"""Records the fingerprint of every task: for a new suite, or a new OpenGL renderer.

    python scripts/fingerprints.py            adds what is not recorded yet
    python scripts/fingerprints.py --anew     records everything anew

A recorded fingerprint that differs is never overwritten without --anew: either the
simulator drifted, or the suite's meaning changed and it needs a new version.
"""

import json
import sys
from typing import Any

from suites.envs.fingerprint import RECORDED, installed, take_fingerprint
from suites.envs.make import DISTRIBUTIONS
from suites.registry import SUITES, load_suite


def main(arguments: list[str]) -> int:
    """Takes every fingerprint; returns 1 when one differs from the record."""
    recorded: dict[str, Any] = {}
    if RECORDED.exists() and "--anew" not in arguments:
        recorded = json.loads(RECORDED.read_text())["tasks"]
    tasks: dict[str, Any] = {}
    differ = []
    for key in SUITES:
        for task in load_suite(key).tasks:
            name = f"{key}/{task.name}"
            found = take_fingerprint(task)
            known = recorded.get(name, {"dynamics": found.dynamics, "pixels": {}})
            pixels = known["pixels"]
            if found.renderer is not None:
                pixels.setdefault(found.renderer, found.pixels)
            same = known["dynamics"] == found.dynamics
            same = same and pixels.get(found.renderer) == found.pixels
            differ += [] if same else [name]
            tasks[name] = known
            sys.stderr.write(f"{name} {found.dynamics} {'' if same else 'DIFFERS'}\n")
    versions = {n: installed(n) for names in DISTRIBUTIONS.values() for n in names}
    document = {"made_with": versions, "tasks": tasks}
    RECORDED.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
