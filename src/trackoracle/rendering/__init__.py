"""Result objects become text, tables and HTML."""

from trackoracle.rendering.audit import audit_report, audit_table
from trackoracle.rendering.catalog_parts import CatalogPart, catalog_parts, of_genre
from trackoracle.rendering.catalog_report import catalog_figures, catalog_report
from trackoracle.rendering.controls import (
    Control,
    control_groups,
    controls,
    hit_name,
    tier_names,
    tiers_of,
)
from trackoracle.rendering.counterfactuals import change_text, counterfactuals_table
from trackoracle.rendering.dependence import dependence_table, importance_report, importance_table
from trackoracle.rendering.estimators import learned_view
from trackoracle.rendering.experiments import experiment_table
from trackoracle.rendering.explanations import (
    explanation_report,
    explanation_table,
    explanations_table,
)
from trackoracle.rendering.feedback import feedback_table
from trackoracle.rendering.form import ASSETS, asset, docs_page, form_page, locked_page
from trackoracle.rendering.html import training_report
from trackoracle.rendering.listening import heard_view
from trackoracle.rendering.lookups import (
    data_sets_pages,
    data_sets_table,
    fetched_table,
    lookup_notes,
    lookup_table,
)
from trackoracle.rendering.playlists import (
    playlist_m3u8,
    playlist_rows,
    playlist_table,
    playlist_uris,
)
from trackoracle.rendering.ranking import ranking_table, single_case
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
from trackoracle.rendering.words import METRIC_NAMES, finite, honesty_sentence, to_json, verdict

__all__ = [
    "ASSETS",
    "METRIC_NAMES",
    "CatalogPart",
    "Control",
    "Figure",
    "asset",
    "audit_report",
    "audit_table",
    "catalog_figures",
    "catalog_parts",
    "catalog_report",
    "catalog_table",
    "change_text",
    "control_groups",
    "controls",
    "counterfactuals_table",
    "data_sets_pages",
    "data_sets_table",
    "dependence_table",
    "docs_page",
    "evaluation_table",
    "experiment_table",
    "explanation_report",
    "explanation_table",
    "explanations_table",
    "feedback_table",
    "fetched_table",
    "finite",
    "form_page",
    "heard_view",
    "hit_name",
    "honesty_sentence",
    "importance_report",
    "importance_table",
    "label",
    "leaderboard_table",
    "learned_view",
    "locked_page",
    "lookup_notes",
    "lookup_table",
    "of_genre",
    "oracle_table",
    "playlist_m3u8",
    "playlist_rows",
    "playlist_table",
    "playlist_uris",
    "predictions_table",
    "ranking_table",
    "reasons",
    "shown_value",
    "similar_lines",
    "similar_rows",
    "similar_table",
    "single_case",
    "theme",
    "tier_names",
    "tiers_of",
    "to_json",
    "training_report",
    "triage_lines",
    "triage_rows",
    "triage_table",
    "verdict",
    "why_similar",
]
