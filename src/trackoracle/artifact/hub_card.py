"""The model card as a hub wants it: facts for its search first, then the card itself."""

from __future__ import annotations

import json
import re
from typing import Any

from trackoracle.artifact.bundle import Bundle
from trackoracle.errors import ConfigError, HubError
from trackoracle.schema import Hit, Popularity, Report, Scores

_LICENCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_METRICS = {
    "r2": "r_squared",
    "mae": "mae",
    "rmse": "rmse",
    "spearman": "spearmanr",
    "roc_auc": "roc_auc",
    "pr_auc": "average_precision",
    "f1": "f1",
    "accuracy": "accuracy",
    "brier": "brier_score",
}
"""By our name of a metric, the hub's."""


def hub_card(bundle: Bundle, *, repo: str, file: str, sha256: str, licence: str) -> str:
    """Write the README of an oracle's repository.

    Its metadata is JSON, which is YAML too: what names it holds cannot break it.

    Parameters
    ----------
    repo, file, sha256
        Where the oracle will lie, and what it is.
    licence
        As the hub abbreviates licences: "mit", "cc-by-4.0", "other", "unknown".

    Raises
    ------
    HubError
        When the oracle tells no scores: nobody could judge it.
    ConfigError
        On a licence that is no abbreviation.
    """
    if not _LICENCE.fullmatch(licence):
        raise ConfigError(
            f"licence: expected an abbreviation of the hub, as mit or cc-by-4.0, got {licence!r}. "
            "See https://huggingface.co/docs/hub/repositories-licenses."
        )
    facts = _metadata(bundle, licence)
    head = "\n".join(f"{name}: {json.dumps(v, ensure_ascii=False)}" for name, v in facts.items())
    return f"---\n{head}\n---\n\n{bundle.card}\n{_use(repo, file, sha256)}"


def scores_told(report: Report) -> dict[str, Scores]:
    """Return the scores of the chosen candidate by protocol; empty where none are told."""
    results = (*report.candidates, *report.baselines)
    chosen = next((each for each in results if each.name == report.chosen), None)
    found = {} if chosen is None else chosen.scores
    return {protocol: scores for protocol, scores in found.items() if report.metric in scores}


def _metadata(bundle: Bundle, licence: str) -> dict[str, Any]:
    told = scores_told(bundle.report)
    if not told:
        raise HubError(
            f"card: expected the scores of {bundle.report.chosen} by {bundle.report.metric}, got "
            "none. Train the oracle again: one that nobody can judge is not shared.",
            chosen=bundle.report.chosen,
        )
    kind = "tabular-regression" if isinstance(bundle.target, Popularity) else None
    task = kind or "tabular-classification"
    metrics = {_METRICS[name] for scores in told.values() for name in scores if name in _METRICS}
    return {
        "license": licence,
        "library_name": "trackoracle",
        "pipeline_tag": task,
        "tags": ["trackoracle", "music", _word(bundle)],
        "metrics": sorted(metrics),
        "model-index": [
            {
                "name": f"Oracle of {bundle.target.name}",
                "results": [_result(bundle, task, name, scores) for name, scores in told.items()],
            }
        ],
    }


def _word(bundle: Bundle) -> str:
    return "hit-prediction" if isinstance(bundle.target, Hit) else "popularity-prediction"


def _result(bundle: Bundle, task: str, protocol: str, scores: Scores) -> dict[str, Any]:
    named = {_METRICS[name]: scores[name].value for name in _METRICS if name in scores}
    return {
        "task": {"type": task, "name": f"{bundle.target.name}, protocol {protocol}"},
        "dataset": {
            "name": bundle.catalog.name,
            "type": bundle.catalog.adapter,
            "config": protocol,
            "split": "held out in folds",
        },
        "metrics": [
            {"type": name, "value": round(value, 4), "name": f"{name} ({protocol})"}
            for name, value in named.items()
        ],
    }


def _use(repo: str, file: str, sha256: str) -> str:
    return "\n".join(
        [
            "## Use",
            "",
            "```",
            "pip install 'trackoracle[live]'",
            f"trackoracle hub pull {repo} -o x.oracle",
            "trackoracle predict x.oracle tracks.csv",
            "```",
            "",
            "A pull says which commit it brought; name it after an @ to get the same file again. "
            "Nothing in the file is executed.",
            "",
            f"- {file}: sha256 {sha256}",
            "",
        ]
    )
