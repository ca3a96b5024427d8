import pytest

from tests.conftest import AGENTS, ROOT, TOYS


@pytest.mark.parametrize(
    "agent", [f"{TOYS}:Learner", f"{ROOT}/examples/my_agent.py:Agent", "random", "ppo"]
)
def test_good_agents_keep_the_contract(podium, agent):
    result = podium("check-agent", agent, "--steps", 600)
    assert result.code == 0, result.out + result.err
    assert "It keeps the contract" in result.out
    assert "✗" not in result.out
    assert ("stopped after" in result.out) == (agent != "random")


def test_ppo_keeps_the_contract_with_a_core(podium):
    result = podium(
        *("check-agent", "baselines.ppo:PPO", "--task", "reach", "--steps", 300),
        *("--set", "core=gru", "--set", "core_size=16"),
    )
    assert result.code == 0, result.out + result.err


def test_an_agent_with_a_replay_keeps_the_contract(podium):
    result = podium("check-agent", f"{AGENTS}/replays.py:Replays", "--steps", 600)
    assert result.code == 0, result.out + result.err


@pytest.mark.parametrize(
    "network", ["256x2", pytest.param("simba", marks=pytest.mark.slow)]
)
def test_sac_keeps_the_contract_with_each_kind_of_network(podium, network):
    result = podium(
        *("check-agent", "baselines.sac:SAC", "--task", "reach", "--steps", 300),
        *("--set", f"network={network}", "--set", "start_steps=50"),
    )
    assert result.code == 0, result.out + result.err


def test_an_agent_on_pixels_is_fed_pixels(podium):
    result = podium(
        *("check-agent", "ppo", "--suite", "practice", "--task", "jumper"),
        *("--steps", 32, "--set", "num_envs=2", "--set", "rollout_steps=8"),
    )
    assert result.code == 0, result.out + result.err


@pytest.mark.parametrize(
    ("agent", "rule", "reason"),
    [
        ("Impure", "evaluations change nothing", "shares state with the agent"),
        ("Unseeded", "same seed, same training", "two trainings with one seed differ"),
        ("Amnesiac", "stopped and resumed", "went on differently"),
        ("Unsaveable", "stopped and resumed", "no checkpoint could be written"),
        ("Forgetful", "trains within its budget", "names nothing in `learned`"),
        ("WrongShape", "trains within its budget", "must have shape"),
        ("Crashes", "trains within its budget", "too hot"),
        ("BadPolicy", "trains within its budget", "no policy"),
        ("Diverges", "trains within its budget", "loss = nan"),
    ],
)
def test_the_broken_rule_is_named(podium, agent, rule, reason):
    result = podium("check-agent", f"{TOYS}:{agent}", "--steps", 600)
    assert result.code == 1
    (line,) = [line for line in result.out.splitlines() if line.startswith("✗")]
    assert rule in line
    assert reason in line


def test_an_unsupported_task_is_a_broken_rule(podium):
    result = podium("check-agent", f"{TOYS}:OnlyDiscrete", "--task", "reach")
    assert result.code == 1
    assert "needs discrete actions" in result.out


def test_a_failing_import_is_shown_without_a_traceback(podium):
    result = podium("check-agent", f"{AGENTS}/broken_import.py:Agent")
    assert result.code == 1
    assert "half of me is missing" in result.out
    assert "Traceback" not in result.out + result.err


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_an_import_that_ends_the_process_is_a_broken_rule(podium, end):
    (podium.folder / "gone.py").write_text(f"import os\n{end}\n")
    result = podium("check-agent", "gone.py:Agent")
    assert result.code == 1
    assert "✗ is imported: importing it ended the process (exit " in result.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nope.py:Agent"], "no file 'nope.py'"),
        (["random", "--suite", "toyy"], "Did you mean 'toy'"),
        (["random", "--task", "katch"], "Did you mean 'catch'"),
        (["random", "--set", "a=1"], "nothing to set"),
        (["random", "--device", "cuda"], "no GPU"),
    ],
)
def test_misuse_exits_2(podium, arguments, complaint):
    result = podium("check-agent", *arguments)
    assert result.code == 2
    assert complaint in result.err + result.out
