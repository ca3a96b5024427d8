"""Copies finished runs into results/, the bundle that is shipped with Podium.

    python scripts/collect_results.py RUNS

Takes from every submission in RUNS what a database is made from: the whole plan, the
ledger and the indexed files of the runs that are done. Logs and policies stay behind,
and so do `--runs` and `--db` of the recorded commands; another folder of the machine in
them is refused. A run that is in the bundle already is never overwritten: it must be
equal.
"""

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from results_db.ingest import INDEXED_FILES
from results_db.run_files import RunFolder
from results_db.run_spec import FORMAT
from results_db.submission_files import BUNDLE_FILE, Plan, SubmissionFolder, submissions

RESULTS = Path(__file__).parent.parent / "results"
PLACES = ("--runs", "--db")
"""Options that say where a machine keeps its files."""


def collect(source: SubmissionFolder, target: SubmissionFolder) -> int:
    """Copies a submission's finished runs; returns how many there are. Raises
    SystemExit for an agent that others would not find under its path."""
    if source.plan.method.agent.startswith("/"):
        sys.exit(f"{source.path} is of {source.plan.method.agent}: no installed agent")
    done = [run for run in source.runs() if run.done]
    if not done:
        return 0
    target.path.mkdir(parents=True, exist_ok=True)
    for run in done:
        copy_run(run.path, target.path / run.path.name)
    plan = merged(source.plan, target.plan if target.exists else None)
    (target.path / "plan.json").write_text(json.dumps(plan.to_json(), indent=1) + "\n")
    add_lines(source.path / "ledger.jsonl", target.path / "ledger.jsonl")
    return len(done)


def merged(plan: Plan, other: Plan | None) -> Plan:
    """A plan with another one's cells too: runs of one submission may come from several
    machines. What was planned and has no result stays planned."""
    cells = {*plan.cells, *(other.cells if other is not None else ())}
    in_order = sorted(cells, key=lambda cell: (cell.seed, cell.task))
    return replace(other or plan, cells=tuple(in_order))


def add_lines(source: Path, target: Path) -> None:
    """Adds a ledger's lines that are not there yet, in the order of their times."""
    known = target.read_text().splitlines() if target.exists() else []
    lines = dict.fromkeys([*known, *source.read_text().splitlines()])
    in_order = sorted(lines, key=lambda line: str(json.loads(line)["time"]))
    target.write_text("".join(f"{line}\n" for line in in_order))


def copy_run(source: Path, target: Path) -> None:
    """Copies a run's indexed files, all or none. Raises SystemExit where another one
    stands."""
    contents = {name: (source / name).read_bytes() for name in INDEXED_FILES}
    lines = contents["attempts.jsonl"].splitlines(keepends=True)
    contents["attempts.jsonl"] = b"".join(map(without_places, lines))
    for name, content in contents.items():
        place = target / name
        if place.exists() and place.read_bytes() != content:
            sys.exit(f"{place} stands there with another content: nothing is replaced")
    target.mkdir(exist_ok=True)
    for name, content in contents.items():
        (target / name).write_bytes(content)


def without_places(line: bytes) -> bytes:
    """An attempt's line, whose command names no folders. Raises SystemExit where one
    would be left."""
    event = json.loads(line)
    command = event.get("provenance", {}).get("command", "")
    words, kept = shlex.split(command), []
    left = iter(words)
    for word in left:
        if word in PLACES:
            next(left, None)
        elif not word.startswith(tuple(f"{place}=" for place in PLACES)):
            kept.append(word)
    if folders := [word for word in kept if "=/" in word or word.startswith("/")]:
        sys.exit(f"`{command}` names {folders[0]}, a folder of its machine")
    if kept == words:
        return line
    event["provenance"]["command"] = shlex.join(kept)
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def main(runs: Path) -> None:
    """Collects every submission of a runs folder."""
    RESULTS.mkdir(exist_ok=True)
    bundle = {"format": FORMAT, "name": "podium"}
    (RESULTS / BUNDLE_FILE).write_text(json.dumps(bundle) + "\n")
    for source in submissions(runs):
        target = SubmissionFolder(RESULTS / source.path.name)
        print(f"{source.path.name}: {collect(source, target)} runs")
    total = sum(RunFolder(p.parent).done for p in RESULTS.glob("*/*/spec.json"))
    print(f"{total} runs in {RESULTS.name}/")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
