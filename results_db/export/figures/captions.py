"""What a figure shows and rests on, in words."""

from collections.abc import Iterator

from results_db.export.figures.of_suite import FigureData, not_drawn
from results_db.export.tables import caption
from results_db.stats.bootstrap import CONFIDENCE

_SHOWN = {
    "intervals": "Aggregates",
    "profile": "Performance profiles: share of runs with a score above τ",
    "curves": "Sample efficiency: IQM over agent steps, straight between the "
    "evaluations of a run; the strip below, if there is one, shows the share of runs "
    "that have a score",
    "improvement": "Probability that a run of one method scores higher than one of the "
    "other on the same task, mean over tasks; in colour, for whom, where the interval "
    "excludes a half",
}
_REPORTED = {
    "intervals": "Hollow, without bars: what papers report, without runs.",
    "curves": "Dashed, hollow: final values that papers report, without runs.",
}


def figure_caption(name: str, data: FigureData) -> str:
    """Everything that a figure rests on, as plain text for its caption."""
    bands = "Bands" if name in ("profile", "curves") else "Bars"
    shown = _SHOWN[name]
    if data.over == "wall":
        shown = shown.replace("agent steps", "the wall time of training")
        shown += "; a run that has ended keeps its last one"
    return " ".join(
        [
            f"{shown}.",
            f"{bands}: {CONFIDENCE:.0%} intervals; n: runs a task.",
            *([_REPORTED[name]] if data.reported else []),
            *_exceptions(data),
            caption(data.board),
            f"Missing runs: policy {data.board.missing}.",
        ]
    )


def _exceptions(data: FigureData) -> Iterator[str]:
    """What was asked for and is not drawn."""
    with_curve = {
        method: sum(len(runs) for runs in curves.values())
        for method, curves in data.curves.items()
    }
    partly = [
        f"{method} {count} of {data.scores[method].flat.size}"
        for method, count in with_curve.items()
        if count < data.scores[method].flat.size
    ]
    if partly:
        yield f"Runs that have a curve: {', '.join(partly)}."
    if data.left_out:
        yield f"Not drawn: {'; '.join(not_drawn(data.left_out))}."
