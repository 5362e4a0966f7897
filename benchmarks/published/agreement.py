"""How near a replay comes to the published number, and why not nearer."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.published.running import Replayed

CLOSE = 0.02
"""A replay within this of the published number agrees with it."""
LABELS = {
    "accuracy": "accuracy", "roc_auc": "ROC-AUC", "pr_auc": "PR-AUC", "precision": "precision",
    "recall": "recall", "f1": "F1", "r2": "R²", "mae": "MAE", "rmse": "RMSE",
    "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1",
}  # fmt: skip
_WITH_UNIT = frozenset({"mae", "rmse"})
_ROUNDING = 5e-4
_PUBLISHED_ROWS = {"H": 6_398, "P": 114_000, "A": 114_000, "N": 1_159_764}


def gaps(replayed: Replayed) -> dict[str, float]:
    """Return ours less theirs, for each published metric without a unit."""
    return {
        name: replayed.outcome.scores[name]["value"] - value
        for name, value in replayed.step.published.items()
        if name not in _WITH_UNIT
    }


def far(replayed: Replayed) -> dict[str, float]:
    """Return the gaps that are too wide to agree."""
    return {name: gap for name, gap in gaps(replayed).items() if abs(gap) > CLOSE + _ROUNDING}


def holds(replayed: Replayed, metric: str) -> bool:
    """Say whether our interval holds the published number."""
    score = replayed.outcome.scores[metric]
    return score["low"] <= replayed.step.published[metric] <= score["high"]


def reason(replayed: Replayed) -> str:
    """Say what is the likeliest cause of a gap."""
    n_published = _PUBLISHED_ROWS[replayed.step.system]
    if replayed.n_rows >= n_published:
        return "library versions and seeds differ from the published ones"
    if replayed.step.system == "N":
        return f"the file has {replayed.n_rows:,} of the {n_published:,} published rows"
    return (
        f"the file has {replayed.n_rows:,} of the {n_published:,} published rows, whole artists "
        "left out, so that the same seed draws other rows and shares differ"
    )


def note(replayed: Replayed) -> str:
    """Return a step's note, with the reason where it does not agree with the published."""
    words, wide = [replayed.step.note], far(replayed)
    if wide:
        named = ", ".join(f"{LABELS[name]} {signed(gap)}" for name, gap in wide.items())
        inside = "; within our interval" if all(holds(replayed, name) for name in wide) else ""
        words.append(
            f"off by more than {CLOSE:.2f} in {named}, likely because {reason(replayed)}{inside}"
        )
    return "; ".join(filter(None, words))


def agreement(steps: list[Replayed]) -> str:
    """Say how many of several steps agree with what was published, and why not all."""
    apart = [(replayed, name) for replayed in steps for name in far(replayed)]
    n_close = sum(not far(replayed) for replayed in steps)
    said = f"{n_close} of {len(steps)} cells are within {CLOSE:.2f} of the published in all metrics"
    if not apart:
        return f"{said}.\n"
    n_inside = sum(holds(replayed, name) for replayed, name in apart)
    return (
        f"{said}; of the {len(apart)} figures that are not, {n_inside} lie within our interval. "
        f"The likely reason: {reason(steps[0])} "
        f"({100 * (steps[0].outcome.share or 0):.1f} % of the test rows are hits, of the published "
        "ones 22.4 %).\n"
    )


def number(value: float) -> str:
    """Write three digits.

    Examples
    --------
    >>> number(0.8304), number(9.984), number(-0.0262)
    ('.830', '9.98', '-.026')
    """
    if abs(value) >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}".replace("0.", ".", 1)


def with_interval(score: Mapping[str, float]) -> str:
    """Write a score with the ends of its interval."""
    return f"{number(score['value'])} [{number(score['low'])}, {number(score['high'])}]"


def signed(gap: float) -> str:
    """Write three digits with their sign."""
    return f"{'-' if gap < 0 else '+'}{number(abs(gap))}"
