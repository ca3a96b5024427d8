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
