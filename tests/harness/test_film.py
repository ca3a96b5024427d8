"""Videos: the evaluation's first episode again, as a file that browsers play."""

import hashlib
import json
import sys
from dataclasses import replace

import av
import numpy as np
import pytest
from click.testing import CliRunner

from harness import train
from harness.agent_source import code_digest
from harness.cli.submit import done_without_video, submit
from harness.evaluate import FINAL, Evaluator, FirstEpisode
from harness.film import VideoFailed, ask_for_film, film_run, record
from harness.load_agent import load_agent
from harness.plan import Request, plan_runs
from harness.resume import plan_again
from harness.seeding import Role, episode_seeds
from harness.train import Execution
from harness.video import LARGEST_BYTES, pictures_every, write_video
from harness.worker import run
from results_db.outcomes import Outcome
from results_db.run_spec import SpecError, read_spec
from results_db.run_status import run_statuses
from results_db.submission_files import Plan, SubmissionFolder
from suites.envs.film import film
from suites.messages import Misused
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite
from tests.harness.small import shrunk

SHORT = {
    ("atari100k", "seaquest"): {"max_frames": 400},
    ("dmc-proprio", "cartpole_swingup"): {"action_repeat": 50},
    ("dmc-vision", "reacher_easy"): {"action_repeat": 100},
    ("procgen-easy", "dodgeball"): {},
    ("memory-maze", "9x9"): {"episode_agent_steps": 20},
}
"""A task of every kind, and what makes its episodes short."""
SIZES = {
    "atari100k": (210, 160, 3),
    "dmc-proprio": (240, 240, 3),
    "dmc-vision": (240, 240, 3),
    "procgen-easy": (512, 512, 3),
    "memory-maze": (64, 64, 3),
}


class Sampled:
    """Acts at random, from a generator that all sub-environments share."""

    def __init__(self, space, seed):
        self._space, self._rng = space, np.random.default_rng(seed)

    def act(self, obs, first):
        if hasattr(self._space, "n"):
            return self._rng.integers(self._space.n, size=len(obs))
        shape = (len(obs), *self._space.shape)
        return self._rng.uniform(-1, 1, shape).astype(np.float32)


def short(suite_name, task_name, **settings):
    """The suite, and the task with short episodes and a small evaluation."""
    suite = shrunk(load_suite(suite_name), 1.0)
    task = suite.task(task_name)
    changed = replace(task.protocol.settings, **settings)
    plan = task.protocol.evaluation
    if suite_name == "memory-maze":  # each takes seconds to build
        plan = replace(plan, episodes=1, final_episodes=1, num_envs=1)
    protocol = replace(task.protocol, settings=changed, evaluation=plan)
    return suite, replace(task, protocol=protocol)


SLOW = {"dmc-vision", "memory-maze"}
CASES = [
    pytest.param(*case, id=case[0][0], marks=[pytest.mark.slow] * (case[0][0] in SLOW))
    for case in SHORT.items()
]


@pytest.mark.parametrize(("where", "settings"), CASES)
def test_the_film_is_the_evaluations_first_episode(where, settings):
    from suites.envs.spaces import action_space

    suite, task = short(*where, **settings)
    options = resolve_options(EnvOptions(), task.protocol.options)
    evaluator = Evaluator(suite, task, 1, options, threads=1)
    rows = evaluator.evaluate(lambda seed: Sampled(action_space(task), seed), FINAL)
    evaluator.close()
    split = suite.scoring.split
    row = next(row for row in rows if row["split"] == split)
    episode = evaluator.first_episode
    assert episode.episode_return == row["returns"][0]
    assert len(episode.actions) == row["lengths"][0]
    key = (FINAL, task.protocol.evaluation.splits.index(split))
    seeds = episode_seeds(suite.name, task.name, 1, role=Role.EVALUATION, key=key)
    shots = list(film(task, episode.actions, seeds=seeds, split=split))
    assert sum(shot.reward for shot in shots) == row["returns"][0]
    assert [shot.ended for shot in shots] == [False] * (len(shots) - 1) + [True]
    pictures = [shot.picture for shot in shots if shot.picture is not None]
    assert {picture.shape for picture in pictures} == {SIZES[suite.name]}
    assert all(picture.any() for picture in pictures)
    assert any((one != pictures[0]).any() for one in pictures)


def of_this_process(spec):
    """The same for this process, where tests are loaded beside the agent."""
    method = replace(spec.method, code_digest=code_digest(load_agent("random")))
    return replace(spec, method=method)


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A folder of a short run of Procgen whose video is asked for."""
    small = shrunk(load_suite("procgen-easy"), 0.0001)
    monkeypatch.setattr(train, "load_suite", lambda name: small)
    request = Request("random", "procgen-easy", "dodgeball", "1", video=True)
    (spec,) = plan_runs(request, describe_seconds=60).specs
    spec = of_this_process(replace(spec, measurement_hash=small.measurement_hash))
    submission = SubmissionFolder(tmp_path / spec.submission)
    submission.register(Plan.of([spec]))
    folder = submission.run(spec.task, spec.seed)
    folder.create(spec)
    return folder


def record_of(folder):
    return folder.attempts()[-1]["video"]


def decoded(file):
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def evaluations(folder):
    clocks = ("wall_seconds", "training_seconds")
    return [
        {k: v for k, v in row.items() if k not in clocks}
        for row in folder.rows("evaluations")
    ]


def test_a_run_records_its_video_and_evaluates_as_without(asked, tmp_path):
    assert run(asked, Execution()) == Outcome.FINISHED
    content = (asked.path / "video.mp4").read_bytes()
    record = record_of(asked)
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    assert record["bytes"] == len(content) < LARGEST_BYTES
    finals = (row for row in evaluations(asked) if row["final"])
    final = next(row for row in finals if row["split"] == "all_levels")
    assert record["episode_return"] == final["returns"][0]
    # The game begins anew before it shows its last frame.
    pictures = decoded(asked.path / "video.mp4")
    assert len(pictures) == record["agent_steps"] == final["lengths"][0]
    assert pictures[0].shape == (512, 512, 3)
    assert not (asked.path / "filming").exists()
    (status,) = run_statuses(SubmissionFolder(asked.path.parent))
    assert status.video == "recorded"

    plain = SubmissionFolder(tmp_path / "plain").run("dodgeball", 0)
    without = replace(asked.spec, video=False)
    assert without.cell == asked.spec.cell
    plain.create(of_this_process(without))
    assert run(plain, Execution()) == Outcome.FINISHED
    assert evaluations(plain) == evaluations(asked)
    assert "video" not in plain.attempts()[-1]
    assert not (plain.path / "video.mp4").exists()


def test_a_crash_while_drawing_costs_no_run(asked, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert run(asked, Execution()) == Outcome.FINISHED
    assert "ended with 1" in record_of(asked)["error"]
    assert not (asked.path / "filming").exists()
    assert asked.done
    assert asked.attempts()[-1]["outcome"] == "finished"
    (status,) = run_statuses(SubmissionFolder(asked.path.parent))
    assert status.video.startswith("not recorded: ")


def test_an_episode_that_does_not_repeat_is_no_video(asked):
    ask_for_film(asked.path, FirstEpisode(np.full(3, 4), 0.0))
    with pytest.raises(VideoFailed, match="the simulator does not repeat itself"):
        record(asked.path)


def test_a_process_that_hangs_is_ended(asked, tmp_path, monkeypatch):
    hangs = tmp_path / "hangs"
    hangs.write_text("#!/bin/sh\nsleep 600\n")
    hangs.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(hangs))
    monkeypatch.setattr("harness.film.LONGEST_SECONDS", 0.1)
    ask_for_film(asked.path, FirstEpisode(np.full(3, 4), 0.0))
    assert "took longer than" in film_run(asked.path)["error"]
    assert not (asked.path / "filming").exists()


def test_a_run_that_left_no_episode_says_so(asked, monkeypatch):
    monkeypatch.setattr(train, "ask_for_film", disk_is_full)
    assert run(asked, Execution()) == Outcome.FINISHED
    (status,) = run_statuses(SubmissionFolder(asked.path.parent))
    assert status.video.startswith("not recorded: VideoFailed: no episode")


def disk_is_full(*arguments):
    raise OSError(28, "No space left on device")


def test_a_long_episode_is_shown_faster_and_stays_small(tmp_path):
    assert [pictures_every(n) for n in (1, 2000, 2001, 27_001)] == [1, 1, 2, 14]
    noise = np.random.default_rng(0)
    pictures = (
        noise.integers(256, size=(64, 64, 3), dtype=np.uint8) for _ in range(120)
    )
    write_video(tmp_path / "x.mp4", pictures, 2000)
    # Of noise, which nothing can compress: 120 of 2000 pictures, a share of the bytes.
    assert (tmp_path / "x.mp4").stat().st_size < LARGEST_BYTES * 120 / 2000 * 1.5
    first = decoded(tmp_path / "x.mp4")[0]
    assert first.shape == (256, 256, 3)


def test_what_cannot_be_recorded_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PODIUM_COMMAND", "")  # it writes its own
    result = CliRunner().invoke(submit, ["random", "--suite", "toy", "--video"])
    assert isinstance(result.exception, Misused)
    assert "catch has no pictures to record" in str(result.exception)
    assert not (tmp_path / "runs").exists()
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(Misused, match=r"podium-rl\[video\]"):
        plan_runs(Request("random", "practice", video=True), describe_seconds=60)


def test_a_spec_carries_the_wish_and_stays_the_same_cell(asked, tmp_path):
    file = asked.path / "spec.json"
    document = json.loads(file.read_text())
    without = replace(asked.spec, video=False)
    assert (document.pop("video"), read_spec(file).video) == (True, True)
    assert document == {k: v for k, v in without.to_json().items() if k != "video"}
    for older in (document, {**document, "video": "yes"}):
        (tmp_path / "spec.json").write_text(json.dumps(older))
        if "video" not in older:
            assert read_spec(tmp_path / "spec.json") == without
            continue
        with pytest.raises(SpecError, match="video must be true or false"):
            read_spec(tmp_path / "spec.json")


def test_a_submission_that_goes_on_still_records(tmp_path):
    request = Request("random", "practice", "jumper", "3", video=True)
    planned = plan_runs(request, describe_seconds=60)
    submission = SubmissionFolder(tmp_path / planned.specs[0].submission)
    submission.register(Plan.of(list(planned.specs)))
    for spec in planned.specs:
        run = submission.run("jumper", spec.seed)
        run.create(replace(spec, video=spec.seed == 0))
        if spec.seed < 2:
            run.finish({"outcome": "finished"})
    again = plan_again(submission.path)
    assert [spec.video for spec in again.specs] == [True, False, False]
    # What is done stays as it is; of seed 0 there is no need to say so.
    assert done_without_video(planned, tmp_path) == 1
    assert done_without_video(replace(planned, specs=again.specs), tmp_path) == 0
