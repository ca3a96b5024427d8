import numpy as np

from suites.envs.toy import make_toy


def test_catch_pays_for_being_under_the_ball():
    for seed in range(20):
        game = make_toy("catch")
        obs = game.reset(seed).reshape(6, 6)
        ball, paddle = obs[0].argmax(), obs[-1].argmax()
        for _ in range(5):
            step = game.step(1 + int(np.sign(int(ball) - int(paddle))))
            paddle = (
                step.obs.reshape(6, 6)[-1, :].argmax() if not step.terminated else 0
            )
        assert step.terminated
        assert step.reward == 1.0


def test_reach_is_cut_after_twenty_decisions():
    game = make_toy("reach")
    game.reset(0)
    ends = [game.step(np.zeros(2, np.float32)) for _ in range(20)]
    assert [step.truncated for step in ends] == [False] * 19 + [True]
    assert not any(step.terminated for step in ends)


def test_hurry_is_long_and_good_or_short_and_bad():
    seen = set()
    for seed in range(30):
        game = make_toy("hurry")
        game.reset(seed)
        for length in range(1, 41):
            step = game.step(0)
            if step.terminated:
                seen.add((length, step.reward))
                break
    assert seen == {(4, 0.0), (40, 1.0)}


def walk(game, seed, actions):
    game.reset(seed)
    return [game.step(action) for action in actions]


def test_the_t_maze_pays_for_the_arm_of_a_cue_that_is_shown_at_the_start_alone():
    game = make_toy("t_maze")
    arms = set()
    for seed in range(10):
        cue = game.reset(seed)
        arm = int(cue.argmax())
        arms.add(arm)
        assert cue.tolist() == np.eye(4)[arm].tolist()
        walked = walk(game, seed, [0] * 11)  # the eleventh stays at the junction
        assert [int(step.obs.argmax()) for step in walked] == [2] * 9 + [3, 3]
        assert not any(step.terminated or step.reward for step in walked)
        for turn in (1, 2):
            (*_, end) = walk(game, seed, [0] * 10 + [turn])
            assert (end.terminated, end.reward) == (True, float(turn - 1 == arm))
    assert arms == {0, 1}


def test_the_t_maze_is_cut_after_thirty_decisions_and_turns_at_its_end_alone():
    game = make_toy("t_maze")
    steps = walk(game, 0, [1] * 30)
    assert [step.truncated for step in steps] == [False] * 29 + [True]
    assert not any(step.terminated or step.reward for step in steps)
    assert {int(step.obs.argmax()) for step in steps} <= {0, 1}
