"""What a notebook shows of a result: a title, what it says, its figure, its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.text import Text

from trackoracle.rendering.answer_figures import distribution_figure, tiers_figure
from trackoracle.rendering.audit import audit_table
from trackoracle.rendering.catalog_parts import catalog_parts, part_of
from trackoracle.rendering.counterfactuals import counterfactuals_table
from trackoracle.rendering.edits import levers_figure
from trackoracle.rendering.enrichments import enrichment_table
from trackoracle.rendering.experiments import experiment_table
from trackoracle.rendering.headline import headline
from trackoracle.rendering.hub import pulled_table, pushed_table
from trackoracle.rendering.listening import heard_view
from trackoracle.rendering.lookups import fetched_table, lookup_notes, lookup_table
from trackoracle.rendering.model_figures import leaderboard_figure
from trackoracle.rendering.model_tables import importance_rows, leaderboard_rows, oracle_facts
from trackoracle.rendering.notebook_pieces import (
    big,
    bullets,
    figure,
    figures,
    folded,
    heading,
    line,
    lines,
    page,
    printed,
    table,
)
from trackoracle.rendering.order_figures import ranking_figure
from trackoracle.rendering.playlists import playlist_rows, playlist_table
from trackoracle.rendering.ranking import close_calls, ranking_rows, single_case
from trackoracle.rendering.reason_figures import (
    effect_figure,
    importance_figure,
    waterfall_figure,
)
from trackoracle.rendering.reasons import reasons, shown_value
from trackoracle.rendering.similar import similar_lines, similar_rows
from trackoracle.rendering.tables import catalog_table, evaluation_table
from trackoracle.rendering.triage import triage_lines, triage_rows, triage_title
from trackoracle.rendering.words import (
    METRIC_NAMES,
    SECOND_METRIC,
    honesty_sentence,
    interval,
    number,
    verdict,
)
from trackoracle.schema import (
    AuditReport,
    Catalog,
    Counterfactuals,
    Dependence,
    DependenceMap,
    Enrichment,
    Explanation,
    Fetched,
    Heard,
    Importance,
    Lookup,
    Playlist,
    Pulled,
    Pushed,
    Ranking,
    Report,
    Similar,
    Target,
    Triage,
)

if TYPE_CHECKING:
    from trackoracle.distributions import Distribution
    from trackoracle.experiments import Experiment
    from trackoracle.exploration import CatalogReport, CatalogSection
    from trackoracle.oracle import Enriched, Evaluation, Oracle

Pieces = list[str]
_HIT_ABOVE = 70.0
_NARROW = 64
"""Characters of a line beside controls."""
_SIMILAR = ("rank", "track_name", "artists", "genres", "popularity", "distance")
_TRIAGE = (
    "rank", "track_name", "artists", "genres", "observed", "popularity", "popularity_low",
    "popularity_high", "p_hit", "gap", "novelty", "distance",
)  # fmt: skip


def notebook_html(result: object) -> str | None:
    """Return what a notebook shows of a result; None where nothing is known to show.

    Examples
    --------
    >>> import trackoracle as to
    >>> "naive" in notebook_html(to.load_oracle()), notebook_html(3)
    (True, None)
    """
    for kind in type(result).__mro__:
        if kind.__name__ in _VIEWS and kind.__module__.startswith("trackoracle."):
            return page(_VIEWS[kind.__name__](result))
    return None


def answer_html(
    told: Explanation,
    target: Target,
    spread: Distribution | None,
    *,
    threshold: float,
    sent: str,
) -> str:
    """Return what a page shows of an answer: the number, its distribution, why, and what was asked.

    Parameters
    ----------
    told, target
        What was answered, and of what.
    spread
        The distribution, of a popularity; else the probabilities of tiers, or of a hit, are drawn.
    threshold
        Points above which a track is called a hit.
    sent
        What was asked, as JSON.
    """
    return page(
        [
            big(*headline(told.answer, told.level, target)),
            line(told.answer.get("warning"), "warn"),
            figure(
                tiers_figure(told.answer, target)
                if spread is None
                else distribution_figure(spread, threshold=threshold, level=told.level)
            ),
            # Half as wide as a notebook's page: it stands beside the controls.
            figure(replace(waterfall_figure(told), wide=False)),
            folded("In words", bullets(reasons(told))),
            folded("What was asked", printed(Text(sent), _NARROW)),
        ]
    )


def error_html(message: str) -> str:
    """Return what a page shows of values that cannot be meant: the sentence of every interface."""
    return page([f'<div role="alert">{line(message, "warn")}</div>'])


def note_html(text: str) -> str:
    """Return what a page says of what was done."""
    return page([line(text)])


def _explanation(told: Explanation) -> Pieces:
    return [
        heading(told.name or f"Track {told.track_id}"),
        big(*headline(told.answer, told.level)),
        line(told.answer.get("warning"), "warn"),
        figure(waterfall_figure(told)),
        folded("In words", bullets(reasons(told))),
    ]


def _counterfactuals(told: Counterfactuals) -> Pieces:
    return [printed(counterfactuals_table(told)), figure(levers_figure(told))]


def _ranking(told: Ranking) -> Pieces:
    return [
        heading(f"The order of {len(told.tracks):,} tracks"),
        figure(ranking_figure(told)),
        line(single_case(told)),
        lines(close_calls(told)),
        table(ranking_rows(told)),
    ]


def _similar(told: Similar) -> Pieces:
    rows = similar_rows([told])
    return [
        heading(f"Most like {told.track_name or f'track {told.track}'}"),
        table(rows.select(name for name in rows.columns if name in _SIMILAR)),
        lines(similar_lines(told)),
    ]


def _importance(told: Importance) -> Pieces:
    return [figure(importance_figure(told)), folded("All of it", table(importance_rows(told)))]


def _dependence(told: Dependence) -> Pieces:
    return [figure(effect_figure(told))]


def _map(told: DependenceMap) -> Pieces:
    first, second = told.columns
    rows = {first: [shown_value(first, value) for value in told.values[0]]}
    columns = {
        shown_value(second, value): [row[j] for row in told.prediction]
        for j, value in enumerate(told.values[1])
    }
    return [heading(f"{first} (down) and {second} (across)"), table(pl.DataFrame(rows | columns))]


def _report(told: Report) -> Pieces:
    return [
        figure(leaderboard_figure(told)),
        line(verdict(told)),
        table(_beside_baseline(told)),
        lines(told.notes),
        folded("Every candidate", table(leaderboard_rows(told), 60)),
    ]


def _oracle(told: Oracle) -> Pieces:
    facts = oracle_facts(told)
    return [
        heading(f"Oracle: {facts['Predicts']}"),
        table(pl.DataFrame({"": list(facts), " ": list(facts.values())})),
        table(_beside_baseline(told.report)),
        line(honesty_sentence(told.report)),
        line("explain(track) tells why, widget() is the page to try it by.", "soft"),
    ]


def _beside_baseline(report: Report) -> pl.DataFrame:
    """Return the chosen candidate's scores beside the best baseline's: a row a protocol."""
    metric, second = report.metric, SECOND_METRIC[report.metric]
    chosen, rows = report.of(report.chosen), []
    for protocol in report.protocols:
        own = chosen.scores.get(protocol.name, {})
        if metric not in own:
            continue
        rivals = [b for b in report.baselines if metric in b.scores.get(protocol.name, {})]
        best = max(rivals, key=lambda b: b.scores[protocol.name][metric].value, default=None)
        naive = "" if best is None else (
            f"{number(best.scores[protocol.name][metric].value, metric)} ({best.name})"
        )  # fmt: skip
        rows.append(
            {
                "judged on": protocol.stands_for,
                METRIC_NAMES[metric]: number(own[metric].value, metric),
                "95 % interval": interval(own[metric], metric),
                "best naive baseline": naive,
                METRIC_NAMES[second]: number(own[second].value, second) if second in own else "",
            }
        )
    return pl.DataFrame(rows)


def _audit(told: AuditReport) -> Pieces:
    return [printed(audit_table(told))]


def _catalog_report(told: CatalogReport) -> Pieces:
    parts = catalog_parts(told)
    said = [(part.name, part.sentences) for part in parts if part.sentences]
    return [
        heading(f"{told.card.name}: {told.card.n_tracks:,} tracks"),
        *(figure(one) for part in parts[:1] for one in part.figures[:1]),
        *(folded(name, bullets(sentences)) for name, sentences in said),
        *(folded(name, table(rows)) for part in parts for name, rows in part.tables),
        line('One section with its figures: section("genres"). All of them on one page: '
             "trackoracle report CATALOG -o report.html", "soft"),
    ]  # fmt: skip


def _section(told: CatalogSection) -> Pieces:
    part = part_of(told)
    if part is None:
        return [heading(told.name.capitalize()), line("The catalog lacks what it needs.", "soft")]
    return [
        heading(part.name),
        bullets(part.sentences) if part.sentences else "",
        figures(part.figures),
        *(folded(name, table(rows)) for name, rows in part.tables),
    ]


def _heard(told: Heard) -> Pieces:
    return [printed(heard_view([told], width=100))]


def _lookup(told: Lookup) -> Pieces:
    return [printed(lookup_table(told)), lines(lookup_notes(told))]


def _triage(told: Triage) -> Pieces:
    worth, *more = triage_lines(told)
    rows = triage_rows(told)
    shown = table(rows.select(name for name in _TRIAGE if name in rows.columns))
    return [heading(triage_title(told)), line(worth), shown, lines(more)]


def _playlist(told: Playlist) -> Pieces:
    return [printed(playlist_table(told)), folded("As rows", table(playlist_rows(told)))]


def _distribution(told: Distribution) -> Pieces:
    more = f"The first of {len(told.mean):,} tracks." if len(told.mean) > 1 else ""
    return [figure(distribution_figure(told, threshold=_HIT_ABOVE)), line(more, "soft")]


def _catalog(told: Catalog) -> Pieces:
    return [printed(catalog_table(told.card)), table(told.tracks.head(5), 5)]


def _evaluation(told: Evaluation) -> Pieces:
    return [printed(evaluation_table(told))]


def _experiment(told: Experiment) -> Pieces:
    return [printed(experiment_table(told))]


def _enrichment(told: Enrichment) -> Pieces:
    return [printed(enrichment_table(told))]


def _enriched(told: Enriched) -> Pieces:
    return [*_enrichment(told.enrichment), *_catalog(told.catalog)]


def _fetched(told: Fetched) -> Pieces:
    return [printed(fetched_table(told))]


def _pushed(told: Pushed) -> Pieces:
    return [printed(pushed_table(told))]


def _pulled(told: Pulled) -> Pieces:
    return [printed(pulled_table(told))]


_VIEWS: dict[str, Callable[[Any], Pieces]] = {
    "AuditReport": _audit,
    "Catalog": _catalog,
    "CatalogReport": _catalog_report,
    "CatalogSection": _section,
    "Counterfactuals": _counterfactuals,
    "Dependence": _dependence,
    "DependenceMap": _map,
    "Distribution": _distribution,
    "Enriched": _enriched,
    "Enrichment": _enrichment,
    "Evaluation": _evaluation,
    "Experiment": _experiment,
    "Explanation": _explanation,
    "Fetched": _fetched,
    "Heard": _heard,
    "Importance": _importance,
    "Lookup": _lookup,
    "Oracle": _oracle,
    "Playlist": _playlist,
    "Pulled": _pulled,
    "Pushed": _pushed,
    "Ranking": _ranking,
    "Report": _report,
    "Similar": _similar,
    "Triage": _triage,
}
"""By the name of a result's class, so that what is not there yet is not imported for it."""
