"""How names and numbers are said to people."""

from __future__ import annotations

import json
import math
import textwrap
from typing import Any, Literal

from trackoracle.rendering.plain_words import called, proved
from trackoracle.schema import (
    CandidateResult,
    Difference,
    Estimate,
    FittingCurve,
    Report,
)

METRIC_NAMES = {
    "r2": "R²",
    "mae": "MAE",
    "rmse": "RMSE",
    "spearman": "Spearman",
    "roc_auc": "ROC-AUC",
    "rpss": "RPS skill",
    "pr_auc": "PR-AUC",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "macro_f1": "macro-F1",
    "log_loss": "log loss",
    "rps": "RPS",
    "brier": "Brier",
    "bias": "bias",
    **{f"precision_at_{k}": f"precision, top {k} %" for k in (1, 5, 10)},
    **{f"lift_at_{k}": f"lift, top {k} %" for k in (1, 5, 10)},
    **{f"coverage_{level}": f"{level} % interval holds" for level in (50, 80, 90)},
    **{f"width_{level}": f"{level} % interval width" for level in (50, 80, 90)},
}
TARGET_NAMES = {"popularity": "Popularity", "hit": "Hit or miss", "tier": "Tier of popularity"}
SECOND_METRIC = {"r2": "mae", "roc_auc": "accuracy", "rpss": "accuracy"}
"""What is shown under the main metric of a leaderboard."""
_DIGITS = {"mae": 2, "rmse": 2, "lift": 2, "width_50": 1, "width_80": 1, "width_90": 1}
WITHIN_CHANCE = (
    "not shown to differ from {chosen} (paired bootstrap, and corrected t-test over the "
    "folds, which with few folds finds large differences only)"
)
LOWER_IS_BETTER = ("mae", "rmse", "brier")


def percent(share: float) -> str:
    """Write a probability as people read it; what is not nothing is not told as 0.

    Examples
    --------
    >>> percent(0.7094), percent(0.0312), percent(0.0002), percent(0.9996), percent(0.0)
    ('71 %', '3.1 %', '< 0.1 %', '> 99.9 %', '0 %')
    """
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return (
        f"{100 * share:.1f} %" if 0 < share < 0.095 or 0.99 < share < 1 else f"{100 * share:.0f} %"
    )


def in_two_lines(text: str, most: int) -> str:
    """Cut a text that takes more than two lines of at most some letters, and show it.

    Examples
    --------
    >>> in_two_lines("a very long title indeed", 10)
    'a very long …'
    """
    lines = textwrap.wrap(text, most, max_lines=2, placeholder=" …", break_on_hyphens=False)
    return " ".join(lines)


def number(value: float, metric: str) -> str:
    """Write a score with the digits that its metric deserves.

    Examples
    --------
    >>> number(0.71234, "r2"), number(6.7391, "mae")
    ('0.712', '6.74')
    """
    if math.isnan(value):
        return "-"
    digits = _DIGITS.get(metric.rpartition("_at_")[0] or metric, 3)
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(value, digits) + 0.0:.{digits}f}"


def interval(estimate: Estimate, metric: str) -> str:
    """Write an interval."""
    return f"{number(estimate.low, metric)} to {number(estimate.high, metric)}"


def difference_text(difference: Difference, metric: str) -> str:
    """Write a difference with its interval and p-value.

    Examples
    --------
    >>> difference_text(Difference(-0.012, -0.015, -0.009, 0.004, True), "r2")
    '-0.012 (-0.015 to -0.009), p 0.004'
    """
    ends = f"{_signed(difference.low, metric)} to {_signed(difference.high, metric)}"
    p = "" if difference.p is None else f", p {_p(difference.p)}"
    return f"{_signed(difference.value, metric)} ({ends}){p}"


def _signed(value: float, metric: str) -> str:
    shown = number(value, metric)
    return f"+{shown}" if value > 0 and float(shown) else shown


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def to_json(facts: Any) -> str:
    """Write plain data as JSON; what is not a number becomes null."""
    return json.dumps(finite(facts), indent=1, ensure_ascii=False)


def finite(facts: Any) -> Any:
    """Return plain data with null for what is not a number, as JSON has it."""
    if isinstance(facts, float):
        return facts if math.isfinite(facts) else None
    if isinstance(facts, dict):
        return {key: finite(value) for key, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [finite(value) for value in facts]
    return facts


def verdict(report: Report, *, plainly: bool = False) -> str:
    """Say whether the chosen candidate beats every baseline beyond chance.

    By the differences that the leaderboard marks; a report of an early version has none, and there
    intervals must not meet.

    Parameters
    ----------
    plainly
        Say what candidate and protocols are, beside or instead of the names that tables of the
        command line have for them.
    """
    beaten: list[str] = []
    level: list[str] = []
    worse: list[str] = []
    for protocol in report.protocols:
        rivals = [b for b in report.baselines if protocol.name in b.scores]
        told = {_beside(report, rival, protocol.name) for rival in rivals}
        named = protocol.stands_for if plainly else protocol.name
        (worse if "worse" in told else level if "level" in told else beaten).append(named)
    parts = [
        f"{what} {'on tracks like' if plainly else 'under'} {listed(names)}"
        for what, names in (
            ("beats every baseline beyond chance", beaten),
            ("is not clear of the best baseline", level),
            ("is worse than the best baseline", worse),
        )
        if names
    ]
    chosen_name = called(report.chosen) if plainly else report.chosen
    said = f"{chosen_name} {', '.join(parts)}."
    return said[0].upper() + said[1:] if plainly else said


def _beside(
    report: Report, rival: CandidateResult, protocol: str
) -> Literal["better", "level", "worse"]:
    """Say how the chosen candidate stands beside a baseline under one protocol."""
    own, other = (r.scores[protocol][report.metric] for r in (report.of(report.chosen), rival))
    apart = rival.difference.get(protocol)
    if math.isnan(other.value):
        return "better"
    if apart is None:
        return "better" if own.low > other.high else "worse" if own.high < other.low else "level"
    if not apart.beyond_chance:
        return "level"
    return "better" if apart.value < 0 else "worse"


def honesty_sentence(report: Report) -> str:
    """Say how good an oracle proved under its hardest protocol, beside the best baseline.

    Examples
    --------
    >>> import trackoracle as to
    >>> honesty_sentence(to.load_oracle().report)[:48]
    'Judged on tracks like a debut, which it had not '
    """
    metric, protocol = report.metric, report.protocols[-1]
    own = report.of(report.chosen).scores[protocol.name][metric]
    rivals = [b for b in report.baselines if protocol.name in b.scores]
    best = max(rivals, key=lambda rival: rival.scores[protocol.name][metric].value)
    naive = best.scores[protocol.name][metric]
    name = METRIC_NAMES[metric]
    return (
        f"Judged on tracks like {protocol.stands_for}, which it had not seen, it "
        f"{proved(metric, own.value)} ({name} {number(own.value, metric)}, "
        f"{interval(own, metric)}); the naive answer by {called(best.name)} "
        f"{proved(metric, naive.value)} ({name} {number(naive.value, metric)})."
    )


def fitting_text(curve: FittingCurve) -> str:
    """Say how long a candidate learned, and by what it was stopped.

    Examples
    --------
    >>> fitting_text(FittingCurve("log loss", (2.0, 1.9, 1.8), (2.1, 2.0, 2.2), 2, 900, 100))
    '3 passes over 900 rows; kept is pass 2, the best on 100 rows held back (log loss 2).'
    >>> fitting_text(FittingCurve("log loss", (2.0, 1.9), (), 2, 900, 0))
    '2 passes over 900 rows, none held back (log loss 1.9).'
    """
    n, done = len(curve.learned), f"over {curve.n_learned:,} rows"
    passes = f"{n} pass{'' if n == 1 else 'es'} {done}"
    if not curve.held:
        return f"{passes}, none held back ({curve.loss} {curve.learned[-1]:.4g})."
    return (
        f"{passes}; kept is pass {curve.kept}, the best on {curve.n_held:,} rows held back "
        f"({curve.loss} {curve.held[curve.kept - 1]:.4g})."
    )


def listed(names: list[str]) -> str:
    """Join names as a sentence does."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
