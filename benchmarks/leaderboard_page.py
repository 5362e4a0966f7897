"""The leaderboard of all candidates as a page and a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy import LABELS
from benchmarks.results import seconds
from trackoracle.atomic import replacing
from trackoracle.models import CANDIDATES
from trackoracle.schema import Estimate

if TYPE_CHECKING:
    from benchmarks.candidates import Contest, Entry

STEM = "leaderboard-candidates"
# Okabe and Ito's palette, told apart with any colour vision (jfly.uni-koeln.de/color).
_COLOURS = {"catalog": "#0072B2", "known_artist": "#009E73", "new_artist": "#D55E00"}
_INK, _QUIET = "#222222", "#666666"
_ROW_IN, _EDGES_IN, _WIDTH_IN = 0.36, 1.3, 9.0
HEAD = """# Every candidate under every protocol

Made by `python -m benchmarks candidates --to docs`: {told}. Brackets are 95 % intervals that
resample whole recordings, albums or artists, as the protocol holds out; baselines, which are
not calibrated, are in italics. *Fits* is processor time for all folds of all protocols, recipes
included; *MB* is recipe and model packed as in an oracle; answers are the model's alone, one
thread; *exact* says whether contributions are exact or estimated. How the candidates work:
[candidates.md](candidates.md).

![All candidates under each protocol, with intervals]({stem}.svg)
"""


def told(estimate: Estimate, digits: int = 3) -> str:
    """Write an estimate with its interval.

    Examples
    --------
    >>> told(Estimate(0.5, 0.4, 0.62))
    '.500 [.400, .620]'
    """
    value, low, high = (_short(v, digits) for v in (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low}, {high}]"


def _short(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:#.3g}"


def write(contests: Sequence[Contest], made: str, folder: Path) -> None:
    """Write the page, and the figure as SVG and PNG."""
    text = HEAD.format(told=made, stem=STEM) + "".join(map(_section, contests))
    with replacing(folder / f"{STEM}.md") as temporary:
        temporary.write_text(text)
    _draw(contests, folder / STEM)


def _section(contest: Contest) -> str:
    first, beside = contest.metrics
    protocols = list(contest.entries[0].scores) if contest.entries else []
    heads = [f"{p}: {LABELS[m]}" for p in protocols for m in (first, beside)]
    heads = ["candidate", *heads, "fits", "MB", "one track", "each of 10,000", "exact"]
    lines = [
        f"\n## {contest.name}\n",
        f"{contest.n_tracks:,} tracks.{_left_out(contest)}\n",
        "| " + " | ".join(heads) + " |",
        "|---|" + "---:|" * (len(heads) - 1),
        *(_row(entry, contest) for entry in contest.entries),
    ]
    return "\n".join(lines) + "\n"


def _left_out(contest: Contest) -> str:
    """Name the candidates that learn such a target and were not run."""
    task = "regression" if contest.metrics[0] == "r2" else "binary"
    run = {entry.name for entry in contest.entries}
    left = [name for name, one in CANDIDATES.items() if task in one.tasks and name not in run]
    return f" Not run: {', '.join(f'`{name}`' for name in left)}." if left else ""


def _row(entry: Entry, contest: Contest) -> str:
    first, beside = contest.metrics
    baseline = entry.name in CANDIDATES and CANDIDATES[entry.name].is_baseline
    name = f"*{entry.name}*" if baseline else f"`{entry.name}`"
    cells = [name]
    for scores in entry.scores.values():
        cells += [told(scores[first]), _short(scores[beside].value)]
    cells += [
        seconds(entry.seconds),
        f"{entry.megabytes:.2f}",
        seconds(entry.single),
        f"{entry.many * 1e6:.3g} µs",
        "yes" if entry.exact else "no",
    ]
    return "| " + " | ".join(cells) + " |"


def _draw(contests: Sequence[Contest], stem: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = [len(contest.entries) for contest in contests]
    height = sum(rows) * _ROW_IN + len(rows) * _EDGES_IN
    with plt.rc_context({"font.size": 10, "svg.fonttype": "none", "svg.hashsalt": STEM}):
        figure, panels = plt.subplots(
            len(rows), figsize=(_WIDTH_IN, height), height_ratios=rows, squeeze=False
        )
        for axes, contest in zip(panels[:, 0], contests, strict=True):
            for place, entry in enumerate(contest.entries):
                for i, (protocol, scores) in enumerate(entry.scores.items()):
                    score, y = scores[contest.metrics[0]], place + 0.22 * (i - 1)
                    colour = _COLOURS[protocol]
                    axes.plot([score.low, score.high], [y, y], color=colour, lw=1.6, zorder=2)
                    label = protocol if place == 0 else None
                    axes.plot(score.value, y, "o", ms=5, color=colour, label=label, zorder=3)
            axes.set_yticks(range(len(contest.entries)), [e.name for e in contest.entries])
            axes.set_ylim(len(contest.entries) - 0.5, -0.5)
            axes.set_title(contest.name, loc="left", weight="bold", color=_INK)
            axes.set_xlabel(f"{LABELS[contest.metrics[0]]} (1 is perfect)", color=_QUIET)
            axes.grid(axis="x", color="#E5E5E5", zorder=0)
            axes.tick_params(length=0, colors=_INK)
            axes.spines[:].set_visible(False)
            axes.legend(frameon=False, loc="upper left", title="protocol", alignment="left")
        figure.tight_layout()
        for ending in (".svg", ".png"):
            with replacing(stem.with_suffix(ending)) as temporary:
                extra = {"metadata": {"Date": None}} if ending == ".svg" else {"dpi": 120}
                figure.savefig(temporary, format=ending[1:], facecolor="white", **extra)
        plt.close(figure)
