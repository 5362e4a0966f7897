"""Figures of genres, of times, and of effect sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trackoracle.rendering.catalog_charts import (
    GROUP_TIPS,
    Row,
    group_rows,
    groups_spec,
    means_spec,
    short,
    target_name,
)
from trackoracle.rendering.reasons import label
from trackoracle.rendering.vega import Figure, Spec, chart, level, mark, quantity, tips
from trackoracle.rendering.words import listed

if TYPE_CHECKING:
    from trackoracle.exploration import CatalogReport, Comparison, Genre, Genres, Target, Times

_MOST_BOXES = 30
_MOST_NAMED = 18
QUESTIONS = {
    "four_beats": "four beats in a bar", "collaboration": "several artists",
    "several_genres": "several genres", "instrumental": "instrumental", "mode": "major",
}  # fmt: skip


def genre_figures(report: CatalogReport) -> list[Figure]:
    """Draw genres: popularity, profile, families, and one genre at a time."""
    genres = report.genres
    if genres is None:
        return []
    found = []
    if report.target:
        found.append(_boxes(genres, report.target))
    several = len(genres.genres) > 1
    if several and {"energy", "valence"} <= genres.genres[0].features.keys():
        found.append(_profile(genres, report.target))
    found.append(_families(genres, report))
    if several:
        found.append(_distinct(genres))
        found += _spreads(genres, report.target) if report.target else []
    return found


def by_mean(genres: Genres) -> list[Genre]:
    """Return the genres with a target, the highest mean first."""
    told = [genre for genre in genres.genres if genre.target]
    return sorted(told, key=lambda g: (-(g.target.mean.value if g.target else 0.0), g.name))


def _boxes(genres: Genres, target: Target) -> Figure:
    """Draw box plots of all genres, or of those at both ends."""
    ordered = [genre.target for genre in by_mean(genres) if genre.target]
    half = _MOST_BOXES // 2
    cut = len(ordered) > _MOST_BOXES
    shown = ordered[:half] + ordered[-half:] if cut else ordered
    which = (
        f"The {half} genres with the highest mean and the {half} with the lowest." if cut else ""
    )
    note = f"{which} Middle half, median, mean (diamond), whiskers of 1.5 interquartile ranges."
    ends = [0.0, 100.0]
    spec = groups_spec(shown, target_name(target), "", ends, 21 * len(shown) + 10, whiskers=True)
    what = target_name(target).split(",")[0].capitalize()
    return Figure("genres", f"{what} by genre", note.strip(), spec, wide=True)


def _profile(genres: Genres, target: Target | None) -> Figure:
    rows = []
    for genre in genres.genres:
        if {"energy", "valence"} <= genre.features.keys():
            own = genre.target
            rows.append({
                "genre": genre.name, "n": genre.n_tracks,
                "energy": short(genre.features["energy"][3]),
                "valence": short(genre.features["valence"][3]),
                "mean": short(own.mean.value) if own else None,
            })  # fmt: skip
    told = _apart(rows)
    x = quantity("valence", "mean valence", scale={"zero": False, "padding": 12})
    y = quantity("energy", "mean energy", scale={"zero": False, "padding": 12})
    colour = (
        {"color": quantity("mean", f"mean {target_name(target)}", legend={"tickCount": 4})}
        if target
        else {}
    )
    formats = {"n": ",.0f", "energy": ".3f", "valence": ".3f", "mean": ".1f"}
    tooltip = tips(("genre", "genre"), ("n", "tracks"), ("energy", "energy"),
                   ("valence", "valence"), *([("mean", "mean")] if target else []),
                   **formats)  # fmt: skip
    size = quantity("n", "tracks", scale={"range": [30, 320]}, legend=None)
    spec = chart(
        420,
        mark("point", "hollow", {"x": x, "y": y, "size": size, **colour, "tooltip": tooltip}, rows),
        mark("text", "label", {"x": x, "y": y, "text": level("genre")}, told, align="left", dx=9,
             fontSize=11),
    )  # fmt: skip
    note = "Each genre at its mean valence and energy; the larger, the more tracks. Some are named."
    return Figure("genre-profile", "How genres sound", note, spec, wide=True, least=560)


def _apart(rows: list[Row]) -> list[Row]:
    """Choose the genres to name: outermost first, none close to one that is named."""
    if not rows:
        return []
    centre = [sum(row[c] for row in rows) / len(rows) for c in ("valence", "energy")]

    def out(row: Row) -> float:
        return math.hypot(row["valence"] - centre[0], row["energy"] - centre[1])

    spans = [max(r[c] for r in rows) - min(r[c] for r in rows) or 1 for c in ("valence", "energy")]
    chosen: list[Row] = []
    for row in sorted(rows, key=lambda row: -out(row)):
        clear = all(
            abs(row["valence"] - other["valence"]) > 0.14 * spans[0]
            or abs(row["energy"] - other["energy"]) > 0.05 * spans[1]
            for other in chosen
        )
        if clear and len(chosen) < _MOST_NAMED:
            chosen.append(row)
    return chosen


def _families(genres: Genres, report: CatalogReport) -> Figure:
    columns = [feature.column for feature in report.features]
    rows = [
        {"family": f"{name} ({n:,})", "feature": label(column), "z": short(means[column], 3),
         "strong": abs(means[column]) >= 0.8}
        for name, n, means in genres.families
        for column in columns
        if column in means
    ]  # fmt: skip
    x = level("feature", axis={"labelAngle": -50, "domain": False, "ticks": False})
    y = level("family", axis={"domain": False, "ticks": False, "labelLimit": 230})
    colour = quantity(
        "z", "standard deviations from the mean of all tracks",
        scale={"domain": [-1.5, 1.5], "domainMid": 0, "clamp": True, "interpolate": "rgb"},
        legend={"format": "+.1f"},
    )  # fmt: skip
    written = {"text": {**quantity("z"), "format": "+.1f"}}
    spec = chart(
        26 * len(genres.families) + 10,
        mark("rect", "cell", {"color": colour, "tooltip": tips(
            ("family", "family"), ("feature", "feature"), ("z", "deviations"), z="+.2f")}),
        mark("text", "on_strong", written, transform=[{"filter": "datum.strong"}]),
        mark("text", "on_weak", written, transform=[{"filter": "!datum.strong"}]),
        rows=rows, encoding={"x": x, "y": y},
    )  # fmt: skip
    note = (
        "Mean of each feature in a family of genres, against all tracks; families by the names of "
        "their genres, with their number of tracks."
    )
    least = 40 * len(columns) + 230
    return Figure("genre-families", "Families of genres", note, spec, wide=True, least=least)


def _distinct(genres: Genres) -> Figure:
    rows: list[Row] = [
        {"feature": label(name), "share": short(share)} for name, share in genres.distinct
    ]
    most = max(row["share"] for row in rows) or 1.0
    x = quantity("share", "share of variance between genres", axis={"format": "%", "tickCount": 5},
                 scale={"domain": [0, 1.16 * most], "nice": False})  # fmt: skip
    spec = chart(
        24 * len(rows) + 10,
        mark("bar", "main", {"tooltip": tips(("feature", "feature"), ("share", "share"),
                                             share=".1%")}),
        mark("text", "label", {"text": {**quantity("share"), "format": ".0%"}}, align="left", dx=5),
        rows=rows, encoding={"x": x, "y": level("feature")},
    )  # fmt: skip
    note = "How much of a feature the genre tells (eta squared)."
    return Figure("genre-distinct", "What sets genres apart", note, spec)


def _spreads(genres: Genres, target: Target) -> list[Figure]:
    """Draw the genres with the least and the largest interquartile range."""
    own = {genre.name: genre.target for genre in genres.genres}
    if target.name == "hit":
        return []
    found = []
    for code, names, title, note in (
        ("consistent", genres.consistent, "Consistent genres", _narrow(genres)),
        ("polarised", genres.polarised, "Polarised genres", "The widest middle half."),
    ):
        groups = [group for name in names if (group := own[name])]
        spec = groups_spec(groups, target_name(target), "", [0, 100], 24 * len(groups) + 10,
                           whiskers=True)  # fmt: skip
        found.append(Figure(f"genres-{code}", title, note, spec))
    return found


def _narrow(genres: Genres) -> str:
    """Say what consistent genres are, and where that only means that most tracks have 0."""
    zeros = {genre.name: genre.zero_share or 0.0 for genre in genres.genres}
    names = [name for name in genres.consistent if zeros[name] > 0.5]
    of = f" More than half of {listed(names)} has popularity 0." if names else ""
    return f"The narrowest middle half.{of}"


def picked_figures(genres: Genres, report: CatalogReport) -> list[Figure]:
    """Draw one genre against all tracks; a page lets its reader choose which."""
    first = first_picked(genres)
    chosen = [{"filter": "datum.genre === genre"}]
    pick = {"params": [{"name": "genre", "value": first}]}
    found = []
    if report.target and report.target.name == "popularity":
        found.append(_picked_popularity(genres, first, chosen, pick))
    known = {feature.column: feature.summary for feature in report.features}
    rows = []
    for genre in genres.genres:
        for column, (q1, median, q3, mean) in genre.features.items():
            centre, unit = known[column].mean, known[column].deviation or 1.0
            z = [short((v - centre) / unit, 3) for v in (q1, median, q3, mean)]
            rows.append({
                "genre": genre.name, "feature": label(column), "q1": z[0], "median": z[1],
                "q3": z[2], "mean": z[3], "value": short(mean, 4), "all": short(centre, 4),
            })  # fmt: skip
    x = quantity("q1", "deviations from the mean of all tracks",
                 scale={"domain": [-3, 3], "clamp": True})  # fmt: skip
    y = level("feature")
    tooltip = tips(("genre", "genre"), ("feature", "feature"), ("value", "its mean"),
                   ("all", "mean of all"))  # fmt: skip
    shared = {"y": y, "tooltip": tooltip}
    spec = chart(
        24 * len(known) + 10,
        mark("rule", "guide", {"x": {"datum": 0}}, [{}]),
        mark("bar", "box", {**shared, "x": x, "x2": {"field": "q3"}}, height={"band": 0.6}),
        mark("tick", "median", {**shared, "x": {**x, "field": "median"}}, height={"band": 0.6}),
        mark("point", "mean", {**shared, "x": {**x, "field": "mean"}}),
        rows=rows, transform=chosen, **pick,
    )  # fmt: skip
    note = "Middle half, median and mean (diamond) of each feature; the dashed line is all tracks."
    found.append(Figure("genre-picked-features", "Its sound", note, spec))
    return found


def first_picked(genres: Genres) -> str:
    """Return the genre that is shown before a reader chooses: the one with the most tracks."""
    return genres.genres[0].name


def _picked_popularity(genres: Genres, first: str, chosen: list[Row], pick: Row) -> Figure:
    edges = genres.edges
    everything = [sum(g.histogram[i] for g in genres.genres if g.histogram)
                  for i in range(len(edges) - 1)]  # fmt: skip
    rows = []
    for name, counts in [(None, everything), *((g.name, g.histogram) for g in genres.genres)]:
        total = sum(counts) or 1
        rows += [
            {"genre": name, "from": edges[i], "to": edges[i + 1], "share": short(n / total, 4)}
            for i, n in enumerate(counts)
        ]
    x = quantity("from", "popularity", scale={"domain": [0, 100], "nice": False})
    y = quantity("share", "share of tracks", axis={"format": "%", "tickCount": 4})
    bars = [row for row in rows if row["genre"] is not None]
    steps = [row for row in rows if row["genre"] is None]
    steps.append({**steps[-1], "from": edges[-1]})
    told = tips(("genre", "genre"), ("from", "from"), ("to", "below"), ("share", "share"),
                share=".1%")  # fmt: skip
    spec = chart(
        250,
        mark("bar", "main", {"x": {**x, "bin": {"binned": True}}, "x2": {"field": "to"}, "y": y,
                             "tooltip": told}, bars,
             transform=chosen, opacity=0.75),
        mark("line", "guide", {"x": x, "y": y}, steps, interpolate="step-after"),
        **pick,
    )  # fmt: skip
    note = "Bars: this genre. Dashed: all genres of the page together."
    return Figure("genre-picked", "Its popularity", note, spec)


def time_figures(report: CatalogReport) -> list[Figure]:
    """Draw tracks, the target and features by time of release, and the target by age."""
    times, target = report.times, report.target
    if times is None:
        return []
    period = "decade" if times.step == 10 else "year"
    rows = [{"year": y, "to": y + times.step, "n": n} for y, n in times.counts]
    x = quantity("year", f"{period} of release", axis={"format": "d"},
                 scale={"zero": False, "nice": False})  # fmt: skip
    told = tips(("year", period), ("n", "tracks"), n=",.0f")
    y = quantity("n", "tracks", axis={"format": ",.0f"})
    bars = mark("bar", "main", {"x": {**x, "bin": {"binned": True}}, "x2": {"field": "to"},
                                "tooltip": told, "y": y},
                binSpacing=0.6)  # fmt: skip
    found = [Figure("releases", f"Tracks by {period} of release", "", chart(200, bars, rows=rows))]
    if target and len(times.target) > 1:
        found.append(_by_year(times, target, period))
    if any(len(points) > 1 for points in times.features.values()):
        found.append(_trends(times, period))
    if target and len(times.ages) > 1:
        what = target_name(target).split(",")[0]
        found.append(
            Figure(
                "age",
                f"{what.capitalize()} by age",
                f"Years between release and collection ({times.snapshot}); mean with its 95 % "
                "interval.",
                means_spec(times.ages, f"mean {target_name(target)}", "years",
                           26 * len(times.ages) + 10),
            )
        )  # fmt: skip
    return found


def _by_year(times: Times, target: Target, period: str) -> Figure:
    rows = [{**row, "year": int(row["group"])} for row in group_rows(times.target)]
    x = quantity("year", f"{period} of release", axis={"format": "d"}, scale={"zero": False})
    y = quantity("mean", target_name(target))
    spec = chart(
        200,
        mark("rule", "interval", {"x": x, "y": {**y, "field": "mean_low"},
                                  "y2": {"field": "mean_high"}}),
        mark("line", "line", {"x": x, "y": y}),
        mark("point", "point", {"x": x, "y": y, "tooltip": GROUP_TIPS}),
        rows=rows,
    )  # fmt: skip
    what = target_name(target).split(",")[0].capitalize()
    note = "Mean with its 95 % interval; periods of fewer than 20 tracks are left out."
    return Figure("release-popularity", f"{what} by {period} of release", note, spec)


def _trends(times: Times, period: str) -> Figure:
    rows = [
        {"year": year, "feature": label(name), "mean": short(mean, 4)}
        for name, points in times.features.items()
        for year, mean in points
    ]
    x = quantity("year", f"{period} of release", axis={"format": "d"}, scale={"zero": False})
    y = quantity("mean", "mean", scale={"domain": [0, 1]})
    names = list(dict.fromkeys(row["feature"] for row in rows))
    shared = {"type": "nominal", "title": None, "scale": {"domain": names}}
    lines = {"x": x, "y": y, "color": {"field": "feature", **shared, "legend": {"columns": 3}},
             "strokeDash": {"field": "feature", **shared}}  # fmt: skip
    told = tips(("feature", "feature"), ("year", period), ("mean", "mean"), mean=".3f")
    spec = chart(
        230,
        mark("line", "trend", lines),
        mark(
            "point", "hollow", {"x": x, "y": y, "color": lines["color"], "tooltip": told}, size=22
        ),
        rows=rows,
    )
    return Figure("release-features", f"Sound by {period} of release", "", spec)


def effect_figures(report: CatalogReport) -> list[Figure]:
    """Draw the effect sizes: of two groups, along columns, and between several groups."""
    found = []
    for kind, code, title, unit, note in (
        ("two", "effects-two", "Two groups", "rank-biserial correlation",
         "Share of pairs that the first group wins less the share that it loses."),
        ("along", "effects-along", "Along a feature", "Spearman's correlation",
         "How the ranks go together."),
        ("many", "effects-many", "Several groups", "eta squared",
         "Share of the variance that lies between the groups."),
    ):  # fmt: skip
        tests = [test for test in report.tests if test.kind == kind]
        if tests:
            note = f"{note} 95 % intervals, whole artists taken together."
            found.append(Figure(code, title, note, _forest(tests, unit)))
    return found


def question(test: Comparison) -> str:
    """Return what a test asks about, in a few words."""
    if test.kind == "two":
        return f"{test.groups[0][0]} or {test.groups[1][0]}"
    return label(test.code)


def _forest(tests: list[Comparison], unit: str) -> Spec:
    rows = []
    for test in sorted(tests, key=lambda t: -abs((t.rank_biserial or t.effect).value)):
        effect = test.rank_biserial or test.effect
        beyond = test.p_holm < 0.05
        name = (
            QUESTIONS.get(test.code, test.groups[0][0]) if test.kind == "two" else label(test.code)
        )
        rows.append({
            "name": name, "question": question(test), "value": short(effect.value),
            "low": short(effect.low), "high": short(effect.high),
            "p": "below .05" if beyond else "not below .05", "beyond": beyond,
        })  # fmt: skip
    x = quantity("value", unit, scale={"nice": True})
    y = level("name")
    told = tips(("question", "question"), ("value", unit), ("low", "from"), ("high", "to"),
                ("p", "p after Holm"), value=".3f", low=".3f", high=".3f")  # fmt: skip
    ends = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "tooltip": told}
    return chart(
        24 * len(rows) + 12,
        mark("rule", "guide", {"x": {"datum": 0}}, [{}]),
        mark("rule", "interval", ends),
        mark("point", "point", {"x": x, "y": y, "tooltip": told},
             transform=[{"filter": "datum.beyond"}]),
        mark("point", "point", {"x": x, "y": y, "tooltip": told},
             transform=[{"filter": "!datum.beyond"}], filled=False, strokeWidth=1.8),
        rows=rows,
    )  # fmt: skip
