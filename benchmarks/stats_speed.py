"""The statistics against rliable in one process: 26 tasks, 5 runs, 50,000 resamples.

Where rliable would take minutes it draws fewer resamples, and its time is scaled up in
proportion; the output says so. Then ten methods at once, in a process of their own:
seconds, and the peak of its memory.
"""

import resource
import subprocess
import sys
from time import perf_counter

import numpy as np

from results_db.stats.bootstrap import RESAMPLES, summarise
from results_db.stats.compare import all_pairs, probability_of_improvement
from results_db.stats.curves import sample_efficiency
from results_db.stats.profiles import performance_profile
from results_db.stats.ranking import rank_sets
from results_db.stats.scores import Scores

TASKS, RUNS, POINTS, ROUNDS = 26, 5, 20, 5
TAUS = np.linspace(0, 8, 81)
STEPS = 5000 * np.arange(1, POINTS + 1)


def cube(seed, runs=RUNS):
    """[runs, tasks, points]: learning curves that level off."""
    rng = np.random.default_rng(seed)
    height = rng.lognormal(-0.5, 1, (1, TASKS, 1)) * rng.normal(
        1, 0.3, (runs, TASKS, 1)
    )
    noise = rng.normal(0, 0.05, (runs, TASKS, POINTS))
    return height * (1 - np.exp(-STEPS / 30_000)) + noise


def scores_of(values):
    return Scores.of({f"t{i:02}": values[:, i, -1] for i in range(TASKS)})


def curves_of(values):
    return {f"t{i:02}": [(STEPS, run) for run in values[:, i]] for i in range(TASKS)}


def seconds(work):
    began = perf_counter()
    work()
    return perf_counter() - began


def compare(name, ours, theirs, *, reps, goal):
    """Prints how many times as fast ours is; theirs(reps) is timed once."""
    our_seconds = min(seconds(ours) for _ in range(ROUNDS))
    np.random.seed(0)
    their_seconds = seconds(lambda: theirs(reps)) * RESAMPLES / reps
    how = "" if reps == RESAMPLES else f", scaled up from {reps:,} resamples"
    print(f"{name}: ours {our_seconds:.3f} s, rliable {their_seconds:.1f} s{how}")
    print(f"STATISTICS_{name} ratio={their_seconds / our_seconds:.0f} goal={goal}")


def against_rliable():
    from rliable import library
    from rliable import metrics as rliable

    x, y = cube(0), cube(1)
    final_x, final_y = x[..., -1], y[..., -1]

    def intervals(data, function):
        return lambda reps: library.get_interval_estimates(data, function, reps=reps)

    def aggregates(matrix):
        return np.array(
            [
                rliable.aggregate_iqm(matrix),
                rliable.aggregate_median(matrix),
                rliable.aggregate_mean(matrix),
                rliable.aggregate_optimality_gap(matrix),
            ]
        )

    def iqms(values):
        return np.array([rliable.aggregate_iqm(values[..., p]) for p in range(POINTS)])

    compare(
        "AGGREGATES",
        lambda: summarise(scores_of(x)),
        intervals({"m": final_x}, aggregates),
        reps=RESAMPLES,
        goal=80,
    )
    compare(
        "IMPROVEMENT",
        lambda: probability_of_improvement(scores_of(x), scores_of(y)),
        intervals({"m": [final_x, final_y]}, rliable.probability_of_improvement),
        reps=500,
        goal=5000,
    )
    compare(
        "IQM_CURVE",
        lambda: sample_efficiency(curves_of(x)),
        intervals({"m": x}, iqms),
        reps=2500,
        goal=300,
    )
    compare(
        "PROFILE",
        lambda: performance_profile(scores_of(x), TAUS),
        lambda reps: library.create_performance_profile(
            {"m": final_x}, TAUS, reps=reps
        ),
        reps=10_000,
        goal=150,
    )


def ten_methods():
    """Everything that a leaderboard of ten methods x 26 tasks x 10 runs shows."""
    data = {f"method {number}": cube(number, runs=10) for number in range(10)}
    scores = {name: scores_of(values) for name, values in data.items()}
    began = perf_counter()
    for name, values in data.items():
        summarise(scores[name])
        performance_profile(scores[name], TAUS)
        sample_efficiency(curves_of(values))
    all_pairs(scores)
    rank_sets(scores)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"STATISTICS_TEN_METHODS seconds={perf_counter() - began:.2f} goal=8")
    print(f"STATISTICS_TEN_METHODS_MEMORY megabytes={peak:.0f} goal=500")


def main():
    if sys.argv[1:] == ["ten"]:
        ten_methods()
        return
    against_rliable()
    command = [sys.executable, "-m", "benchmarks.stats_speed", "ten"]
    sys.stdout.flush()
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
