"""The page of the settings of training: of a run, of the recipe, of a search, of each candidate."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tools.docs.docstrings import parameters
from tools.docs.markdown import cell, code, table

import trackoracle as to
from trackoracle.models import CANDIDATES, Candidate, Range
from trackoracle.models.networks.settings import NetworkSettings

EXAMPLE = """profile = "full"
candidates = ["lightgbm_bins", "lightgbm"]

[recipe]
masked_share = 0.3

[params.lightgbm_bins]
n_trees = 120

[search]
seconds = 600
"""
_INTRO = f"""# Settings and hyperparameters

Every setting of training, by the name that it has everywhere: after `--set`, in a TOML file that
`--config` names, and in Python. Made from the code. [Candidates](../candidates.md) says what each
candidate is and how one is chosen.

```text
trackoracle train tracks.csv --set params.lightgbm_bins.n_trees=120
trackoracle train tracks.csv --config settings.toml
```

```toml
{EXAMPLE}```

In Python: `to.TrainingConfig().with_overrides({{"recipe.masked_share": 0.3}})`, or
`to.TrainingConfig(recipe=to.RecipeSettings(masked_share=0.3))`. A name that there is not is
refused, with those that there are. After `--set` several names have commas between and no blanks.
What was used is kept in the oracle.
"""
_PARTS = (
    ("Settings of a run", "", to.TrainingConfig, "Fields of [`TrainingConfig`]({})."),
    (
        "Settings of the recipe",
        "recipe.",
        to.RecipeSettings,
        "How tracks become inputs: fields of [`RecipeSettings`]({}).",
    ),
    (
        "Settings of the search",
        "search.",
        to.SearchSettings,
        "The full profile looks for better hyperparameters of the candidates named here: fields of "
        "[`SearchSettings`]({}). Needs the extra `study`.",
    ),
)
_CANDIDATES = """## Hyperparameters of the candidates

`params.CANDIDATE.NAME`, with its value in the fast and in the full profile. **Searched** is where
a search looks, if the candidate is one of `search.candidates`; log: equal ratios are equally far. A
setting that a profile does not have is the library's own there, and refused. Baselines have none.
"""
_MEANINGS: Mapping[str, str] = {
    "colsample_bytree": "Share of the inputs that each tree may use.",
    "design": "A published network, which replaces all but `device`; `own` for these settings.",
    "early_stopping_rounds": "Rounds without a gain after which it stops.",
    "eta": "How much of each tree counts; less needs more trees.",
    "extra_trees": "1 when thresholds of splits are drawn, 0 when they are searched.",
    "feature_fraction": "Share of the inputs that each tree may use.",
    "interaction_smoothing_rounds": "The same for pairs of inputs.",
    "interactions": "Pairs of inputs that get a table; of tiers none do.",
    "lambda": "Ridge penalty on what leaves answer.",
    "lambda_l2": "Ridge penalty on what leaves answer.",
    "learning_rate": "How much of each tree counts; less needs more trees.",
    "least_tracks": "Tracks that a genre family needs to get a model.",
    "linear": "Of a popularity, for scikit-learn's ElasticNet; not by `--set`.",
    "logistic": "Of hits and tiers, for its LogisticRegression; not by `--set`.",
    "max_bin": "Bins that an input is cut into.",
    "max_depth": "Most splits from the root of a tree to a leaf.",
    "max_features": "Share of the inputs that each split may choose from.",
    "max_iter": "Rounds of boosting.",
    "max_leaf_nodes": "Most leaves of a tree.",
    "max_leaves": "Most leaves of a tree.",
    "max_rounds": "Most rounds of boosting.",
    "max_samples": "Share of the rows that each tree learns from.",
    "members": "Candidates that it is made of.",
    "min_child_weight": "Least weight of a leaf: its rows' second derivatives of the loss, summed.",
    "min_data_in_leaf": "Fewest training rows in a leaf.",
    "min_samples_leaf": "Fewest training rows in a leaf.",
    "n_bins": "Bins that an input is cut into.",
    "n_classes": "Most classes that bins of popularity are joined into.",
    "n_estimators": "Trees.",
    "n_trees": "Rounds of boosting: a tree each, or one for each class.",
    "num_leaves": "Most leaves of a tree.",
    "outer_bags": "Fits on parts of the rows whose mean is taken.",
    "smoothing_rounds": "First rounds, of random splits, which smooth the curves.",
    "strength": "How strongly weights are drawn towards the plain mean.",
    "validation_size": "Share of the rows that is held back to say when to stop.",
}
"""What settings of candidates mean, in a line; those of networks say it themselves."""


def page() -> str:
    """Return the page of every setting.

    Raises
    ------
    ValueError
        When it is told of no setting of a candidate what it means.
    """
    parts = [_INTRO]
    for title, prefix, settings, said in _PARTS:
        address = f"oracles.md#trackoracle.{settings.__name__}"
        rows = list(_rows(settings, prefix))
        parts += [
            f"## {title}",
            said.format(address),
            table(["setting", "default", "meaning"], rows),
        ]
    parts.append(_CANDIDATES)
    for candidate in CANDIDATES.values():
        if not candidate.is_baseline:
            said = f"`params.{candidate.name}.NAME`:"
            parts += [f"### {candidate.name}", said, _hyperparameters(candidate)]
    return "\n\n".join(parts) + "\n"


def _rows(settings: Any, prefix: str) -> Iterator[list[str]]:
    """Go through fields that have values; those that hold others have sections of their own."""
    defaults = settings()
    for names, said in parameters(inspect.getdoc(settings) or ""):
        told = [(name, getattr(defaults, name)) for name in names]
        if any(isinstance(value, Mapping) or dataclasses.is_dataclass(value) for _, value in told):
            continue
        yield [
            "<br>".join(code(prefix + name) for name, _ in told),
            "<br>".join(value_text(value) for _, value in told),
            cell(said),
        ]


def _hyperparameters(candidate: Candidate) -> str:
    fast, full = candidate.params["fast"], candidate.params["full"]
    rows = [
        [
            code(name),
            value_text(fast.get(name)),
            value_text(full.get(name)),
            _searched(candidate.space.get(name)),
            _meaning(candidate, name),
        ]
        for name in {**full, **fast}
    ]
    return table(["name", "fast", "full", "searched", "meaning"], rows)


def _meaning(candidate: Candidate, name: str) -> str:
    said = _of_networks() if "network" in candidate.family or "network" in candidate.name else {}
    meaning = said.get(name) or _MEANINGS.get(name)
    if meaning is None:
        raise ValueError(
            f"settings: expected a meaning of params.{candidate.name}.{name}, got none. "
            "Say it in _MEANINGS of tools/docs/training_settings.py."
        )
    return cell(meaning)


@cache
def _of_networks() -> Mapping[str, str]:
    """Return what a network's settings say of themselves."""
    told = parameters(inspect.getdoc(NetworkSettings) or "")
    return {name: said for names, said in told for name in names}


def value_text(value: Any) -> str:
    """Write a value; nothing where there is none.

    Examples
    --------
    >>> value_text(True), value_text(("tree", "forest")), value_text({"alpha": 0.05})
    ('1', 'tree, forest', 'alpha 0.05')
    """
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value_text(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "empty"
    if isinstance(value, bool | float):
        return f"{value:g}"
    return str(value)


def _searched(space: Range | None) -> str:
    if space is None:
        return ""
    return f"{space.low:g} to {space.high:g}{', log' if space.log else ''}"
