"""Result objects become text, tables and HTML."""

from trackoracle.rendering.audit import audit_report, audit_table
from trackoracle.rendering.catalog_report import catalog_figures, catalog_report
from trackoracle.rendering.counterfactuals import change_text, counterfactuals_table
from trackoracle.rendering.dependence import dependence_table, importance_report, importance_table
from trackoracle.rendering.experiments import experiment_table
from trackoracle.rendering.explanations import (
    explanation_report,
    explanation_table,
    explanations_table,
)
from trackoracle.rendering.html import training_report
from trackoracle.rendering.listening import heard_view
from trackoracle.rendering.lookups import (
    data_sets_table,
    fetched_table,
    lookup_notes,
    lookup_table,
)
from trackoracle.rendering.ranking import ranking_table, single_case
from trackoracle.rendering.reasons import reasons
from trackoracle.rendering.tables import (
    catalog_table,
    evaluation_table,
    leaderboard_table,
    oracle_table,
    predictions_table,
)
from trackoracle.rendering.words import to_json, verdict

__all__ = [
    "audit_report",
    "audit_table",
    "catalog_figures",
    "catalog_report",
    "catalog_table",
    "change_text",
    "counterfactuals_table",
    "data_sets_table",
    "dependence_table",
    "evaluation_table",
    "experiment_table",
    "explanation_report",
    "explanation_table",
    "explanations_table",
    "fetched_table",
    "heard_view",
    "importance_report",
    "importance_table",
    "leaderboard_table",
    "lookup_notes",
    "lookup_table",
    "oracle_table",
    "predictions_table",
    "ranking_table",
    "reasons",
    "single_case",
    "to_json",
    "training_report",
    "verdict",
]
