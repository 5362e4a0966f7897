"""What a catalog report says in sentences, each from its numbers and from nothing else.

Words of size are Cohen's (1988). A size is named by the whole interval: where its ends differ
in word both are said, and where it leaves the sign open no direction is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trackoracle.rendering.catalog_sections import by_mean, question
from trackoracle.rendering.reasons import label
from trackoracle.rendering.words import listed
from trackoracle.schema import Estimate

if TYPE_CHECKING:
    from trackoracle.exploration import (
        Along,
        CatalogReport,
        Comparison,
        Correlations,
        Feature,
        Genres,
        Group,
        Moods,
        Target,
        Times,
    )

CAVEAT = "What goes together in this catalog; nothing here says what causes it."
SIZES: dict[str, tuple[tuple[float, str], ...]] = {
    "d": ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"), (math.inf, "large")),
    "rank_biserial": ((0.1, "negligible"), (0.3, "small"), (0.5, "medium"), (math.inf, "large")),
    "rho": ((0.1, "negligible"), (0.3, "weak"), (0.5, "moderate"), (math.inf, "strong")),
    "eta2": ((0.01, "negligible"), (0.06, "small"), (0.14, "medium"), (math.inf, "large")),
}
"""By measure: below which absolute value it is called what."""
_SKEWED = 0.5
_ALPHA = 0.05
_NOTABLE = 0.3


def size(value: float, measure: str) -> str:
    """Return the word for an effect.

    Examples
    --------
    >>> size(-0.31, "rho"), size(0.09, "rho"), size(0.32, "eta2")
    ('moderate', 'negligible', 'large')
    """
    return next(word for least, word in SIZES[measure] if abs(value) < least)


def extent(found: Estimate, measure: str) -> str:
    """Return the word for an effect as far as its interval tells it.

    Examples
    --------
    >>> extent(Estimate(0.2, 0.15, 0.25), "rho"), extent(Estimate(0.1, 0.05, 0.2), "rho")
    ('weak', 'negligible to weak')
    >>> extent(Estimate(0.0, -0.05, 0.05), "rho"), extent(Estimate(0.05, -0.1, 0.2), "rho")
    ('negligible', 'at most weak')
    """
    ends = sorted((abs(found.low), abs(found.high)))
    if math.isnan(ends[0] + ends[1]):
        return size(found.value, measure)
    if found.low < 0 < found.high:
        most = size(ends[1], measure)
        return most if most == SIZES[measure][0][1] else f"at most {most}"
    least, most = (size(end, measure) for end in ends)
    return least if least == most else f"{least} to {most}"


def share(n: float, total: float) -> str:
    r"""Write a share in per cent, never 0 or 100 where it is not.

    Examples
    --------
    >>> share(1, 2), share(1, 100_000), share(99_999, 100_000)
    ('50.0\xa0%', '<\xa00.1\xa0%', '>\xa099.9\xa0%')
    """
    per_cent = 100 * n / total if total else 0.0
    if 0 < per_cent < 0.05:
        return "<\xa00.1\xa0%"
    if 99.95 <= per_cent < 100:
        return ">\xa099.9\xa0%"
    return f"{per_cent:.1f}\xa0%"


def told(value: float) -> str:
    """Write a number with the digits that its size deserves.

    Examples
    --------
    >>> told(0.04567), told(33.0), told(-8.312), told(12345.6), told(0.00002)
    ('0.046', '33', '-8.31', '12,346', '< 0.001')
    """
    if 0 < abs(value) < 0.0005:
        return "< 0.001" if value > 0 else "> -0.001"
    if value == round(value) or abs(value) >= 1000:
        return f"{round(value) + 0:,}"
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1
    return f"{value:.{digits}f}"


def between(found: Estimate) -> str:
    """Write an interval in brackets; nothing where there is none."""
    if math.isnan(found.low + found.high):
        return ""
    return f" ({told_signed(found.low)} to {told_signed(found.high)})"


def told_signed(value: float) -> str:
    """Write an effect with two digits, or three where it is tiny; what rounds to 0 has no sign."""
    digits = 2 if abs(value) >= 0.01 else 3
    return f"{round(value, digits) + 0.0:.{digits}f}"


def target_sentences(target: Target) -> list[str]:
    """Say where the target lies, how many zeros there are, and how it leans."""
    found = target.summary
    if target.name == "hit":
        n_hits = found.n - target.n_zero
        return [
            f"{n_hits:,} of {found.n:,} tracks ({share(n_hits, found.n)}) are hits. "
            "There is no popularity, so everything below is told by the share of hits."
        ]
    said = [
        f"The median is {told(found.median)} of 100, the mean {told(found.mean)}; half of the "
        f"tracks lie between {told(found.q1)} and {told(found.q3)}."
    ]
    part = share(target.n_zero, found.n)
    zeros = f"{target.n_zero:,} of {found.n:,} tracks ({part}) have popularity 0"
    if target.n_zero == 0:
        zeros = "No track has popularity 0"
    if target.n_zero_rows is not None and target.n_rows and target.n_rows != found.n:
        zeros += (
            f"; in the source as it stands, before rows were merged, {target.n_zero_rows:,} of "
            f"{target.n_rows:,} rows ({share(target.n_zero_rows, target.n_rows)})"
        )
    said.append(f"{zeros}.")
    if found.n_missing:
        said.append(f"{found.n_missing:,} tracks have none and are left out of what is told of it.")
    lean = leaning(found.skew)
    return [*said, f"The distribution {lean}."] if _leans(found.skew) else said


def leaning(skew: float | None) -> str:
    """Say to which side a distribution has its tail.

    Examples
    --------
    >>> leaning(1.2), leaning(0.1), leaning(None)
    ('has a long tail to high values (skew 1.2)', 'does not lean (skew 0.1)', '')
    """
    if skew is None:
        return ""
    if not _leans(skew):
        return f"does not lean (skew {round(skew, 1) + 0.0:.1f})"
    side = "high" if skew > 0 else "low"
    long = "has a long tail" if abs(skew) >= 2 * _SKEWED else "leans"
    return f"{long} to {side} values (skew {skew:.1f})"


def _leans(skew: float | None) -> bool:
    return skew is not None and abs(skew) >= _SKEWED


def feature_sentence(feature: Feature, test: Comparison | None, target: Target | None) -> str:
    """Say where a column lies, how it leans, what is outside, and how it goes with the target."""
    found = feature.summary
    unit = f" {feature.unit}" if feature.unit else ""
    if found.low == found.high:
        return f"All {found.n:,} values are {told(found.low)}{unit}."
    parts = [
        f"Median {told(found.median)}{unit}, half between {told(found.q1)} and {told(found.q3)}; "
        f"{leaning(found.skew)}"
    ]
    outside = found.n_below + found.n_above
    if outside:
        parts.append(f"{share(outside, found.n)} outside the whiskers")
    if found.n_missing:
        parts.append(f"{found.n_missing:,} missing")
    text = "; ".join(parts) + "."
    if test and target:
        text += f" {association(test, target)}"
    return text


def _of(target: Target) -> str:
    return "popularity" if target.name == "popularity" else "the share of hits"


def association(test: Comparison, target: Target) -> str:
    """Say how the target goes with a column, as far as the interval tells it."""
    figures = f"Spearman {told_signed(test.effect.value)}{between(test.effect)}"
    name = _of(target).capitalize()
    if not test.p_holm < _ALPHA or test.effect.low <= 0 <= test.effect.high:
        return f"{name} is not shown to go with it: {figures}, {extent(test.effect, 'rho')}."
    way = "rises" if test.effect.value > 0 else "falls"
    return f"{name} {way} with it; the association is {extent(test.effect, 'rho')}: {figures}."


def correlation_sentences(
    found: Correlations, target: Target | None, tests: Sequence[Comparison]
) -> list[str]:
    """Name the strongest pairs, and what goes most with the target."""
    names = found.columns
    pairs = [
        (found.spearman[i][j], names[i], names[j])
        for i in range(len(names))
        for j in range(i)
        if not math.isnan(found.spearman[i][j])
    ]
    pairs.sort(key=lambda pair: -abs(pair[0]))
    strong = [pair for pair in pairs if abs(pair[0]) >= _NOTABLE][:4]
    said = []
    if strong:
        text = listed([f"{label(a)} with {label(b)} ({r:+.2f})" for r, a, b in strong])
        said.append(f"Strongest by ranks: {text}.")
    elif pairs:
        r, a, b = pairs[0]
        said.append(
            f"No two columns go together by {_NOTABLE} or more; the most are {label(a)} with "
            f"{label(b)} ({r:+.2f})."
        )
    own = [pair for pair in pairs if target and target.name in pair[1:]]
    if own and target:
        r, a, b = own[0]
        other = a if b == target.name else b
        test = next((t for t in tests if t.kind == "along" and t.code == other), None)
        chance = test is not None and not test.p_holm < _ALPHA
        weight = "which is not beyond chance" if chance else "which tells little alone"
        most = f", {weight}" if chance or abs(r) < _NOTABLE else ""
        said.append(f"With {_of(target)} {label(other)} goes most ({r:+.2f}){most}.")
    return said


def genre_sentences(genres: Genres, report: CatalogReport) -> list[str]:
    """Say how many genres there are, which lie highest and lowest, and what sets them apart."""
    left = genres.n_genres - len(genres.genres)
    first = f"{genres.n_genres:,} genre{'' if genres.n_genres == 1 else 's'}"
    first += f", {left:,} of them not described here" if left else ""
    first += f" (those with fewer than {genres.least} tracks)" if left else ""
    said = [f"{first}; a track counts in each of its genres."]
    if genres.n_unlabelled:
        said.append(f"{genres.n_unlabelled:,} tracks have no genre.")
    if report.target and len(genres.genres) > 1:
        said += _of_genres(genres, report, report.target)
    if len(genres.genres) > 1 and len(genres.distinct) > 1:
        (most, high), (least, low) = genres.distinct[0], genres.distinct[-1]
        if high - low > 0.05:
            said.append(
                f"The genre tells most of {label(most)} ({100 * high:.0f} % of its variance) and "
                f"least of {label(least)} ({100 * low:.0f} %)."
            )
    return said


def _of_genres(genres: Genres, report: CatalogReport, target: Target) -> list[str]:
    ordered = by_mean(genres)
    if len(ordered) < 2 or not (ordered[0].target and ordered[-1].target):
        return []
    high, low = ordered[0].target, ordered[-1].target
    said = [
        f"The highest mean of {_of(target)} has {ordered[0].name} ({told(high.mean.value)}"
        f"{_to(high)}), the lowest {ordered[-1].name} ({told(low.mean.value)}{_to(low)})."
    ]
    test = next((t for t in report.tests if t.code == "genre"), None)
    if test and test.p_holm < _ALPHA:
        effect = test.effect
        said.append(
            f"Between genres lies {100 * effect.value:.0f} % ({100 * effect.low:.0f} to "
            f"{100 * effect.high:.0f} %) of its variance, by the first genre of each track: "
            f"{extent(effect, 'eta2')}."
        )
    elif test:
        said.append("The means of the genres are not shown to differ.")
    return said


def _to(group: Group) -> str:
    if math.isnan(group.mean.low):
        return ""
    return f", {told(group.mean.low)} to {told(group.mean.high)}"


def mood_sentences(moods: Moods, report: CatalogReport) -> list[str]:
    """Say which quadrant holds most, and whether moods differ in the target."""
    total = sum(n for _, n in moods.quadrants)
    order = sorted(moods.quadrants, key=lambda item: -item[1])
    (most, n), (least, m) = order[0], order[-1]
    said = [
        f"Most tracks are {most} ({share(n, total)}), fewest {least} ({share(m, total)}), with the "
        "middle of both scales as border."
    ]
    test = next((t for t in report.tests if t.code == "mood"), None)
    if test and report.target:
        effect = extent(test.effect, "eta2")
        if test.p_holm < _ALPHA:
            said.append(
                f"The fifths of valence differ in mean {_of(report.target)}, but the difference is "
                f"{effect}: {100 * test.effect.value:.1f} % of the variance."
                if effect == "negligible"
                else f"The fifths of valence differ in mean {_of(report.target)}: {effect}, "
                f"{100 * test.effect.value:.1f} % of the variance."
            )
        else:
            said.append(f"The fifths of valence are not shown to differ in {_of(report.target)}.")
    return said


def along_sentence(along: Along, target: Target) -> str:
    """Say where along a column the mean of the target is highest, if its interval is apart."""
    groups = [group for group in along.groups if not math.isnan(group.mean.low)]
    if len(groups) < 2:
        return ""
    high = max(groups, key=lambda g: g.mean.value)
    low = min(groups, key=lambda g: g.mean.value)
    name = label(along.column)
    if high.mean.low <= low.mean.high:
        return f"No stretch of {name} is shown to differ from another in mean {_of(target)}."
    unit = f" {along.unit}" if along.unit else ""
    return (
        f"Mean {_of(target)} is highest at a {name} of {high.name}{unit} "
        f"({told(high.mean.value)}{_to(high)}) and lowest at {low.name}{unit} "
        f"({told(low.mean.value)}{_to(low)}); these are the ends among {len(groups)} stretches."
    )


def time_sentences(times: Times, target: Target | None) -> list[str]:
    """Say what is dated, which period holds most, and how age goes with the target."""
    period = "decade" if times.step == 10 else "year"
    year, n = max(times.counts, key=lambda item: item[1])
    said = [
        f"{times.n_dated:,} of {times.n_tracks:,} tracks ({share(times.n_dated, times.n_tracks)}) "
        f"have a {period} of release, from {times.counts[0][0]} to {times.counts[-1][0]}; most are "
        f"of {year}{'s' if times.step == 10 else ''} ({n:,})."
    ]
    if times.n_later:
        said.append(
            f"{times.n_later:,} are dated after the collection of {times.snapshot}: their dates "
            "are of another time, or wrong."
        )
    if times.snapshot and target and len(times.ages) > 1:
        said.append(
            f"Popularity is as of {times.snapshot}: a track released long before was judged late "
            "in its life, one released shortly before early."
        )
    return said


def question_sentences(tests: Sequence[Comparison], target: Target) -> list[str]:
    """Say what is beyond chance and what of it is more than negligible."""
    beyond = [test for test in tests if test.p_holm < _ALPHA]
    by_rows = [t for t in tests if t.p_rows is not None and t.p_rows < _ALPHA <= t.p_holm]
    said = [
        f"{len(beyond)} of {len(tests)} questions are answered beyond chance (p below .05, Holm's "
        "correction over all of them, whole artists taken together)."
    ]
    trifling = [t for t in beyond if extent(_measured(t)[0], _measured(t)[1]) == "negligible"]
    if trifling:
        said.append(
            f"Beyond chance yet negligible in size: {listed([question(t) for t in trifling])}."
        )
    notable = [t for t in beyond if t not in trifling]
    notable.sort(key=lambda t: -_rank(t))
    if notable:
        words = [f"{question(t)} ({extent(*_measured(t))})" for t in notable]
        said.append(f"Of more than negligible size: {listed(words)}.")
    if by_rows:
        said.append(
            "Welch's test alone, as if tracks of one artist were independent, would also call "
            f"{listed([question(t) for t in by_rows])} different."
        )
    return said


def _measured(test: Comparison) -> tuple[Estimate, str]:
    """Return the effect that is drawn, and which measure it is."""
    if test.kind == "two":
        return test.rank_biserial or test.effect, "rank_biserial"
    return test.effect, "rho" if test.kind == "along" else "eta2"


def _rank(test: Comparison) -> float:
    """Return how large an effect is, comparable between measures: in borders of 'large'."""
    found, measure = _measured(test)
    return abs(found.value) / SIZES[measure][-2][0]
