"""Runs benchmarks and writes what they measured to benchmarks/results.md."""

import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from harness.devices import cores, gpu_names
from harness.provenance import cpu_name

HERE = Path(__file__).parent
RESULTS = HERE / "results.md"
BENCHMARKS = sorted(
    path.stem for path in HERE.glob("*.py") if not path.name.startswith("_")
)


@click.command(epilog="Example: python -m benchmarks updates replay_batch")
@click.argument("names", nargs=-1, type=click.Choice(BENCHMARKS), metavar="[NAME]...")
def main(names):
    """Run the named benchmarks, or all of them, one after the other.

    Rows that they measured replace those of the same name in benchmarks/results.md;
    all others stay there, with their dates and machines.

    Names: {names}
    """
    failed = []
    for name in names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        result = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"],
            cwd=HERE.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            failed.append(name)
            print(result.stderr, file=sys.stderr)
            continue
        lines = result.stdout.strip().splitlines()
        print("\n".join(lines), flush=True)
        write(known() | dict(measured(line) for line in lines if " goal=" in line))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


main.help = main.help.format(names=", ".join(BENCHMARKS))


def measured(line):
    """A benchmark's line as its row's name and cells."""
    name, *fields = line.split()
    goal = fields.pop().removeprefix("goal=")
    return name, [" ".join(fields), goal, f"{datetime.now(UTC):%Y-%m-%d}", machine()]


def known():
    """The rows of the table as it stands."""
    if not RESULTS.exists():
        return {}
    cells = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in RESULTS.read_text().splitlines()
        if line.startswith("| ") and not line.startswith("| what ")
    ]
    return {name: rest for name, *rest in cells}


def machine():
    """What the figures were measured on, in words."""
    gpus = "".join(f", {name}" for name in gpu_names())
    return (
        f"{cpu_name()}, {cores()} cores{gpus}, Python {platform.python_version()}, "
        f"{platform.system()}"
    )


def write(rows):
    lines = [
        "# Measured speed",
        "",
        "Written by `make bench`. Ratios compare with the alternative in the same run.",
        "",
        "| what | measured | goal | on | machine |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {name} | {' | '.join(rows[name])} |" for name in sorted(rows)]
    RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
