"""TrackOracle: predict and explain the popularity of music tracks, honestly.

>>> import trackoracle as to
>>> catalog = to.load_catalog("sample")
>>> len(catalog) > 5000
True

Names load on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackoracle.audio import listen, listen_all, load_estimators
    from trackoracle.audit import audit_catalog, audit_split
    from trackoracle.catalogs import join_artists, load_artists, load_catalog, load_tracks
    from trackoracle.distributions import Distribution
    from trackoracle.errors import TrackOracleError
    from trackoracle.experiments import Experiment, ExperimentSettings, run_experiments
    from trackoracle.exploration import (
        CatalogReport,
        PlaylistWish,
        explore,
        make_playlist,
        triage,
    )
    from trackoracle.features import RecipeSettings
    from trackoracle.interfaces.notebook import widget
    from trackoracle.neighbours import Neighbours
    from trackoracle.oracle import (
        Enriched,
        Evaluation,
        Oracle,
        enrich,
        load_oracle,
        open_index,
        pull_oracle,
        push_oracle,
        similar,
        train,
    )
    from trackoracle.providers import LiveServices, fetch, lookup
    from trackoracle.schema import (
        AuditReport,
        Catalog,
        Dependence,
        Explanation,
        Heard,
        Hit,
        Importance,
        Lookup,
        Playlist,
        Popularity,
        Similar,
        Tier,
        Triage,
    )
    from trackoracle.training import SearchSettings, TrainingConfig

__version__ = "0.1.0"

_HOMES = {
    "AuditReport": "schema",
    "Catalog": "schema",
    "CatalogReport": "exploration",
    "Dependence": "schema",
    "Distribution": "distributions",
    "Enriched": "oracle",
    "Evaluation": "oracle",
    "Experiment": "experiments",
    "ExperimentSettings": "experiments",
    "Explanation": "schema",
    "Heard": "schema",
    "Hit": "schema",
    "Importance": "schema",
    "LiveServices": "providers",
    "Lookup": "schema",
    "Neighbours": "neighbours",
    "Oracle": "oracle",
    "Playlist": "schema",
    "PlaylistWish": "exploration",
    "Popularity": "schema",
    "RecipeSettings": "features",
    "SearchSettings": "training",
    "Similar": "schema",
    "Tier": "schema",
    "Triage": "schema",
    "TrackOracleError": "errors",
    "TrainingConfig": "training",
    "audit_catalog": "audit",
    "audit_split": "audit",
    "enrich": "oracle",
    "explore": "exploration",
    "fetch": "providers",
    "join_artists": "catalogs",
    "listen": "audio",
    "listen_all": "audio",
    "load_artists": "catalogs",
    "load_catalog": "catalogs",
    "load_estimators": "audio",
    "load_oracle": "oracle",
    "load_tracks": "catalogs",
    "lookup": "providers",
    "make_playlist": "exploration",
    "open_index": "oracle",
    "pull_oracle": "oracle",
    "push_oracle": "oracle",
    "run_experiments": "experiments",
    "similar": "oracle",
    "train": "oracle",
    "triage": "exploration",
    "widget": "interfaces.notebook",
}

__all__ = [
    "AuditReport",
    "Catalog",
    "CatalogReport",
    "Dependence",
    "Distribution",
    "Enriched",
    "Evaluation",
    "Experiment",
    "ExperimentSettings",
    "Explanation",
    "Heard",
    "Hit",
    "Importance",
    "LiveServices",
    "Lookup",
    "Neighbours",
    "Oracle",
    "Playlist",
    "PlaylistWish",
    "Popularity",
    "RecipeSettings",
    "SearchSettings",
    "Similar",
    "Tier",
    "TrackOracleError",
    "TrainingConfig",
    "Triage",
    "audit_catalog",
    "audit_split",
    "enrich",
    "explore",
    "fetch",
    "join_artists",
    "listen",
    "listen_all",
    "load_artists",
    "load_catalog",
    "load_estimators",
    "load_oracle",
    "load_tracks",
    "lookup",
    "make_playlist",
    "open_index",
    "pull_oracle",
    "push_oracle",
    "run_experiments",
    "similar",
    "train",
    "triage",
    "widget",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'trackoracle' has no attribute {name!r}")
    value = getattr(import_module(f"trackoracle.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
