"""Runs every benchmark in turn and writes benchmarks/results.md."""

import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from harness.devices import cores
from harness.provenance import cpu_name

HERE = Path(__file__).parent


def main():
    rows, failed = [], []
    for path in sorted(HERE.glob("*.py")):
        if path.name.startswith("_"):
            continue
        print(f"{path.stem} ...", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"benchmarks.{path.stem}"]
        result = subprocess.run(
            command, cwd=HERE.parent, capture_output=True, text=True, check=False
        )
        if result.returncode:
            failed.append(path.stem)
            print(result.stderr, file=sys.stderr)
            continue
        lines = result.stdout.strip().splitlines()
        print("\n".join(lines), flush=True)
        rows += [line for line in lines if " goal=" in line]
    write(rows)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def write(rows):
    lines = [
        "# Measured speed",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}, {cores()} cores, Python "
        f"{platform.python_version()}, {platform.system()}; written by `make bench`. "
        "Ratios compare with the alternative in the same run.",
        "",
        "| what | measured | goal |",
        "|---|---|---|",
    ]
    for row in rows:
        name, *fields = row.split()
        goal = fields.pop().removeprefix("goal=")
        lines.append(f"| {name} | {' '.join(fields)} | {goal} |")
    (HERE / "results.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
