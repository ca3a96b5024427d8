"""What the README says is so."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import COMMANDS, podium

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command):
    assert f"podium {command}" in README.replace("\n", " ")


def test_every_command_in_the_readme_exists():
    used = set(re.findall(r"(?:^    |`)podium ([a-z-]+)", README, flags=re.M))
    assert used
    assert used <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command):
    result = CliRunner().invoke(podium, [command, "--help"])
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"podium {command}" in result.output


def test_the_readme_shows_the_example_agent():
    shown = re.search(r"```python\n(.*?)```", README, flags=re.S).group(1)
    example = (ROOT / "examples/my_agent.py").read_text()
    assert example.endswith(shown)
    body = shown[shown.index("class Agent") :]
    assert len([line for line in body.splitlines() if line.strip()]) == 15


def test_every_target_of_make_that_the_readme_names_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M)
    named = set(re.findall(r"make\s+([a-z-]+)", README))
    assert {"demo", "test", "check", "bench", "dashboard", "test-learning"} <= named
    assert named <= {*targets, "it"}


def test_every_file_that_the_readme_names_is_there():
    for path in re.findall(r"`([a-z_]+/[a-z_0-9]+\.(?:py|md|svg))`", README):
        assert path == "benchmarks/results.md" or (ROOT / path).exists(), path


def test_every_test_that_a_docstring_cites_is_there():
    for folder in ("suites", "results_db", "harness", "baselines", "dashboard"):
        for file in (ROOT / folder).rglob("*.py"):
            for path in re.findall(r"tests/[\w/]+\.py", file.read_text()):
                assert (ROOT / path).exists(), f"{file}: {path}"
