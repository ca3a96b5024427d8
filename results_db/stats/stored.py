"""The statistics, each looked up in the store before it is computed. Same arguments and
results as the functions of the same meaning in the files beside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from math import isnan
from typing import Any

import numpy as np

from results_db.stats import (
    bootstrap,
    compare,
    curves,
    differences,
    permutation,
    profiles,
    ranking,
)
from results_db.stats.bootstrap import RESAMPLES, Estimate, Summary
from results_db.stats.compare import Improvement
from results_db.stats.curves import Curve, CurveData
from results_db.stats.metrics import AGGREGATES
from results_db.stats.profiles import Form, Profile
from results_db.stats.scores import Floats, Scores
from results_db.stats.store import stored


def summarise(
    scores: Scores, *, gamma: float = 1.0, resamples: int = RESAMPLES, seed: int = 0
) -> Summary:
    """As `bootstrap.summarise`."""
    terms: dict[str, Any] = {"gamma": gamma, "resamples": resamples, "seed": seed}
    return stored(
        bootstrap.ESTIMATOR,
        {**terms, **_shape(Summary, Estimate)},
        [scores.digest],
        lambda: asdict(bootstrap.summarise(scores, **terms)),
        lambda found: Summary(
            **{**found, **{name: Estimate(**found[name]) for name in AGGREGATES}}
        ),
    )


def all_pairs(
    methods: Mapping[str, Scores], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Improvement, ...]:
    """As `compare.all_pairs`."""
    terms = {"resamples": resamples, "seed": seed, "methods": list(methods)}
    return stored(
        f"{compare.ESTIMATOR}, {permutation.ESTIMATOR}",
        {**terms, **_shape(Improvement, Estimate)},
        [scores.digest for scores in methods.values()],
        lambda: [
            asdict(pair)
            for pair in compare.all_pairs(methods, resamples=resamples, seed=seed)
        ],
        lambda found: tuple(
            Improvement(**{**pair, "estimate": Estimate(**pair["estimate"])})
            for pair in found
        ),
    )


def rank_sets(
    methods: Mapping[str, Scores],
    *,
    aggregate: str = "iqm",
    gamma: float = 1.0,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, tuple[int, int]]:
    """As `ranking.rank_sets`."""
    terms: dict[str, Any] = {
        "aggregate": aggregate,
        "gamma": gamma,
        "resamples": resamples,
        "seed": seed,
    }
    return stored(
        ranking.ESTIMATOR,
        {**terms, "methods": list(methods)},
        [scores.digest for scores in methods.values()],
        lambda: {
            name: list(ranks)
            for name, ranks in ranking.rank_sets(methods, **terms).items()
        },
        lambda found: {name: (found[name][0], found[name][1]) for name in methods},
    )


def paired_differences(
    pairs: Mapping[str, Sequence[float]],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """As `differences.paired_differences`."""
    return _differences(
        "paired",
        [Scores.of(pairs)],
        {"resamples": resamples, "seed": seed},
        lambda: differences.paired_differences(pairs, resamples=resamples, seed=seed),
    )


def unpaired_differences(
    first: Scores, second: Scores, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Estimate]:
    """As `differences.unpaired_differences`."""
    terms = {"resamples": resamples, "seed": seed}
    return _differences(
        "unpaired",
        [first, second],
        terms,
        lambda: differences.unpaired_differences(first, second, **terms),
    )


def _differences(
    form: str,
    data: Sequence[Scores],
    terms: Mapping[str, int],
    compute: Callable[[], dict[str, Estimate]],
) -> dict[str, Estimate]:
    return stored(
        differences.ESTIMATOR,
        {**terms, **_shape(Estimate), "form": form},
        [scores.digest for scores in data],
        lambda: {task: asdict(one) for task, one in compute().items()},
        lambda found: {task: Estimate(**found[task]) for task in data[0].tasks},
    )


def performance_profile(
    scores: Scores,
    thresholds: Sequence[float] | Floats,
    *,
    form: Form = "runs",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Profile:
    """As `profiles.performance_profile`."""
    taus = np.asarray(thresholds, dtype=np.float64)
    terms: dict[str, Any] = {"form": form, "resamples": resamples, "seed": seed}
    return stored(
        profiles.ESTIMATOR,
        {**terms, **_shape(Profile), "thresholds": taus.tolist()},
        [scores.digest],
        lambda: _packed(profiles.performance_profile(scores, taus, **terms)),
        lambda found: Profile(
            **{**found, **_arrays(found, "thresholds", "value", "low", "high")}
        ),
    )


def sample_efficiency(
    data: CurveData,
    aggregate: str = "iqm",
    *,
    grid: Sequence[float] | None = None,
    gamma: float = 1.0,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Curve:
    """As `curves.sample_efficiency`."""
    terms: dict[str, Any] = {
        "aggregate": aggregate,
        "grid": None if grid is None else list(grid),
        "gamma": gamma,
        "resamples": resamples,
        "seed": seed,
    }
    return stored(
        curves.ESTIMATOR,
        {**terms, **_shape(Curve, Estimate)},
        [curves.data_digest(data)],
        lambda: _packed(curves.sample_efficiency(data, **terms)),
        _curve,
    )


def _curve(found: Mapping[str, Any]) -> Curve:
    whole = {name: np.array(found[name]) for name in ("at", "live_runs")}
    floats = _arrays(found, "value", "low", "high")
    area = Estimate(**found["area"])
    return Curve(**{**found, **whole, **floats, "area": area})


def _shape(*classes: type) -> dict[str, list[str]]:
    """Class -> its fields: what is kept of it belongs to the question."""
    return {kind.__name__: [field.name for field in fields(kind)] for kind in classes}


def _packed(result: Any) -> dict[str, Any]:
    """A dataclass as JSON data; arrays as lists, NaN as None."""
    packed = asdict(result)
    for name, value in packed.items():
        if isinstance(value, np.ndarray):
            packed[name] = [None if isnan(item) else item for item in value.tolist()]
    return packed


def _arrays(found: Mapping[str, Any], *names: str) -> dict[str, Floats | None]:
    """Lists as arrays again, None in them as NaN."""
    return {
        name: None if found[name] is None else np.array(found[name], dtype=np.float64)
        for name in names
    }
