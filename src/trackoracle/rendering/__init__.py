"""Result objects become text, tables and HTML."""

from trackoracle.rendering.answer_figures import distribution_figure, tiers_figure
from trackoracle.rendering.audit import audit_report, audit_table
from trackoracle.rendering.catalog_parts import CatalogPart, catalog_parts, of_genre
from trackoracle.rendering.catalog_report import catalog_figures, catalog_report
from trackoracle.rendering.control_values import (
    GENRES,
    slider_ends,
    slider_step,
    standing,
    typical_of,
    typical_row,
    with_errors,
    with_unit,
)
from trackoracle.rendering.controls import (
    Control,
    control_groups,
    controls,
)
from trackoracle.rendering.counterfactuals import (
    change_text,
    counterfactuals_table,
    goal_verdict,
    noise_sentence,
    value_text,
)
from trackoracle.rendering.dependence import dependence_table, importance_report, importance_table
from trackoracle.rendering.edits import (
    edits_sentence,
    gain,
    levers_figure,
    rarity,
    sureness,
)
from trackoracle.rendering.enrichments import enrichment_table
from trackoracle.rendering.estimators import learned_view
from trackoracle.rendering.experiments import experiment_table
from trackoracle.rendering.explanations import (
    explanation_report,
    explanation_table,
    explanations_table,
)
from trackoracle.rendering.feedback import feedback_table, told_answer
from trackoracle.rendering.figure_files import figure_csv, figure_png, figure_rows, figure_svg
from trackoracle.rendering.form import ASSETS, asset, docs_page, form_page, locked_page
from trackoracle.rendering.headline import headline
from trackoracle.rendering.html import training_report
from trackoracle.rendering.hub import pulled_table, pushed_table
from trackoracle.rendering.listening import heard_view
from trackoracle.rendering.lookups import (
    data_sets_pages,
    data_sets_table,
    fetched_table,
    lookup_notes,
    lookup_table,
)
from trackoracle.rendering.model_figures import (
    calibration_figure,
    coverage_figure,
    genres_figure,
    leaderboard_figure,
    protocols_figure,
)
from trackoracle.rendering.model_tables import (
    FACT,
    are_comparable,
    comparison_rows,
    contract_rows,
    genre_rows,
    importance_rows,
    leaderboard_rows,
    oracle_facts,
    quality_rows,
)
from trackoracle.rendering.notebook import (
    answer_html,
    error_html,
    note_html,
    notebook_html,
)
from trackoracle.rendering.order_figures import ranking_figure, scenarios_figure
from trackoracle.rendering.plain_words import (
    CANDIDATE_NAMES,
    METRICS_EXPLAINED,
    ORDER_EXPLAINED,
    called,
    unit_sentence,
)
from trackoracle.rendering.playlists import (
    playlist_m3u8,
    playlist_rows,
    playlist_table,
    playlist_uris,
)
from trackoracle.rendering.quality import FEWER_INPUTS, QualityTable, quality_tables
from trackoracle.rendering.ranking import (
    close_calls,
    name_of,
    order_worth,
    ranking_rows,
    ranking_table,
    single_case,
)
from trackoracle.rendering.reason_figures import (
    effect_figure,
    importance_figure,
    waterfall_figure,
)
from trackoracle.rendering.reasons import label, reasons, shown_value
from trackoracle.rendering.similar import (
    similar_lines,
    similar_rows,
    similar_table,
    why_similar,
)
from trackoracle.rendering.tables import (
    catalog_table,
    evaluation_table,
    leaderboard_table,
    oracle_table,
    predictions_table,
)
from trackoracle.rendering.triage import triage_lines, triage_rows, triage_table
from trackoracle.rendering.vega import Figure, theme
from trackoracle.rendering.words import (
    METRIC_NAMES,
    finite,
    honesty_sentence,
    percent,
    to_json,
    verdict,
)

__all__ = [
    "ASSETS",
    "CANDIDATE_NAMES",
    "FACT",
    "FEWER_INPUTS",
    "GENRES",
    "METRICS_EXPLAINED",
    "METRIC_NAMES",
    "ORDER_EXPLAINED",
    "CatalogPart",
    "Control",
    "Figure",
    "QualityTable",
    "answer_html",
    "are_comparable",
    "asset",
    "audit_report",
    "audit_table",
    "calibration_figure",
    "called",
    "catalog_figures",
    "catalog_parts",
    "catalog_report",
    "catalog_table",
    "change_text",
    "close_calls",
    "comparison_rows",
    "contract_rows",
    "control_groups",
    "controls",
    "counterfactuals_table",
    "coverage_figure",
    "data_sets_pages",
    "data_sets_table",
    "dependence_table",
    "distribution_figure",
    "docs_page",
    "edits_sentence",
    "effect_figure",
    "enrichment_table",
    "error_html",
    "evaluation_table",
    "experiment_table",
    "explanation_report",
    "explanation_table",
    "explanations_table",
    "feedback_table",
    "fetched_table",
    "figure_csv",
    "figure_png",
    "figure_rows",
    "figure_svg",
    "finite",
    "form_page",
    "gain",
    "genre_rows",
    "genres_figure",
    "goal_verdict",
    "headline",
    "heard_view",
    "honesty_sentence",
    "importance_figure",
    "importance_report",
    "importance_rows",
    "importance_table",
    "label",
    "leaderboard_figure",
    "leaderboard_rows",
    "leaderboard_table",
    "learned_view",
    "levers_figure",
    "locked_page",
    "lookup_notes",
    "lookup_table",
    "name_of",
    "noise_sentence",
    "note_html",
    "notebook_html",
    "of_genre",
    "oracle_facts",
    "oracle_table",
    "order_worth",
    "percent",
    "playlist_m3u8",
    "playlist_rows",
    "playlist_table",
    "playlist_uris",
    "predictions_table",
    "protocols_figure",
    "pulled_table",
    "pushed_table",
    "quality_rows",
    "quality_tables",
    "ranking_figure",
    "ranking_rows",
    "ranking_table",
    "rarity",
    "reasons",
    "scenarios_figure",
    "shown_value",
    "similar_lines",
    "similar_rows",
    "similar_table",
    "single_case",
    "slider_ends",
    "slider_step",
    "standing",
    "sureness",
    "theme",
    "tiers_figure",
    "to_json",
    "told_answer",
    "training_report",
    "triage_lines",
    "triage_rows",
    "triage_table",
    "typical_of",
    "typical_row",
    "unit_sentence",
    "value_text",
    "verdict",
    "waterfall_figure",
    "why_similar",
    "with_errors",
    "with_unit",
]
