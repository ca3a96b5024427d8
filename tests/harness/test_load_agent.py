import subprocess
import sys

import pytest

from harness.agent_source import code_digest, source_files
from harness.load_agent import UnknownAgent, default_name, load_agent
from tests.conftest import AGENTS


def load_elsewhere(folder, text, *, expression="cls.__name__"):
    """Loads in a fresh process, as the harness does; returns its output."""
    code = f"""
from harness.load_agent import load_agent, UnknownAgent, AgentImportFailed
from harness.agent_source import code_digest, source_files
try:
    cls = load_agent({text!r})
    print({expression})
except (UnknownAgent, AgentImportFailed) as error:
    print(type(error).__name__, error)
"""
    command = [sys.executable, "-P", "-c", code]
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


def test_a_file_a_module_and_a_short_name_can_be_loaded(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from harness.agent import StepAgent\nclass Agent(StepAgent): pass\n"
    )
    assert load_elsewhere(tmp_path, "mine.py:Agent") == "Agent"
    assert load_elsewhere(tmp_path, "mine:Agent") == "Agent"
    assert load_elsewhere(tmp_path, "random") == "Random"
    assert load_elsewhere("/", f"{tmp_path}/mine.py:Agent") == "Agent"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("randum", "Did you mean 'random'"),
        ("nowhere.py:Agent", "no file 'nowhere.py'"),
        ("nowhere.deep:Agent", "no module 'nowhere'"),
        (f"{AGENTS}/toys.py:Learnre", "Did you mean 'Learner'"),
        (f"{AGENTS}/toys.py:NoAgent", "has no environment"),
        (f"{AGENTS}/toys.py:os", "is no class"),
        ("harness.py:Agent", "no file"),
    ],
)
def test_what_cannot_be_found_is_named(text, complaint):
    with pytest.raises(UnknownAgent, match=complaint):
        load_agent(text)


def test_an_import_that_raises_is_no_unknown_agent(tmp_path):
    out = load_elsewhere(tmp_path, f"{AGENTS}/broken_import.py:Agent")
    assert out.startswith("AgentImportFailed importing")
    assert "RuntimeError: half of me is missing" in out


def test_a_labs_own_baselines_folder_does_not_shadow_ours(tmp_path):
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "__init__.py").write_text("")
    (tmp_path / "baselines" / "secret.py").write_text("")
    (tmp_path / "fine.py").write_text(
        "from harness.agent import StepAgent\nclass Agent(StepAgent): pass\n"
    )
    (tmp_path / "clash.py").write_text("import baselines.secret\n")
    assert load_elsewhere(tmp_path, "ppo") == "PPO"
    assert load_elsewhere(tmp_path, "fine.py:Agent") == "Agent"
    out = load_elsewhere(tmp_path, "clash.py:Agent")
    assert "have a package 'baselines'" in out
    assert "rename yours, or install your agent" in out


def test_a_file_named_like_a_library_is_loaded_all_the_same(tmp_path):
    (tmp_path / "json.py").write_text(
        "from harness.agent import StepAgent\nclass Agent(StepAgent): pass\n"
    )
    assert load_elsewhere(tmp_path, "json.py:Agent") == "Agent"


def test_the_digest_covers_what_the_agent_imports_and_changes_with_it(tmp_path):
    (tmp_path / "helper.py").write_text("x = 1\n")
    (tmp_path / "mine.py").write_text(
        "import helper\nfrom harness.agent import StepAgent\n"
        "class Agent(StepAgent): pass\n"
    )
    names = "sorted(source_files(cls))"
    assert load_elsewhere(tmp_path, "mine.py:Agent", expression=names) == (
        "['helper', 'mine']"
    )
    digest = "code_digest(cls)"
    before = load_elsewhere(tmp_path, "mine.py:Agent", expression=digest)
    again = load_elsewhere(tmp_path, "mine.py:Agent", expression=digest)
    (tmp_path / "helper.py").write_text("x = 2\n")
    after = load_elsewhere(tmp_path, "mine.py:Agent", expression=digest)
    assert before == again != after


def test_the_digest_of_a_shipped_agent_is_that_of_its_own_files():
    names = load_elsewhere("/", "ppo", expression="sorted(source_files(cls))")
    assert "'baselines.ppo'" in names
    assert "'baselines.parts.encoders'" in names
    assert "baselines.random_agent" not in names
    assert "harness" not in names


def test_digest_and_files_agree_in_this_process():
    agent = load_agent(f"{AGENTS}/toys.py:Learner")
    assert source_files(agent)["toys"] == AGENTS / "toys.py"
    assert len(code_digest(agent)) == 64


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ppo", "ppo"),
        ("a/b/my_agent.py:Agent", "my_agent"),
        ("lab.deep:Fancy", "fancy"),
    ],
)
def test_default_names(text, name):
    assert default_name(text) == name
