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
    from trackoracle.errors import TrackOracleError
    from trackoracle.experiments import Experiment, ExperimentSettings, run_experiments
    from trackoracle.exploration import CatalogReport, explore
    from trackoracle.oracle import Evaluation, Oracle, load_oracle, train
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
        Popularity,
        Tier,
    )
    from trackoracle.training import TrainingConfig

__version__ = "0.1.0"

_HOMES = {
    "AuditReport": "schema",
    "Catalog": "schema",
    "CatalogReport": "exploration",
    "Dependence": "schema",
    "Evaluation": "oracle",
    "Experiment": "experiments",
    "ExperimentSettings": "experiments",
    "Explanation": "schema",
    "Heard": "schema",
    "Hit": "schema",
    "Importance": "schema",
    "LiveServices": "providers",
    "Lookup": "schema",
    "Oracle": "oracle",
    "Popularity": "schema",
    "Tier": "schema",
    "TrackOracleError": "errors",
    "TrainingConfig": "training",
    "audit_catalog": "audit",
    "audit_split": "audit",
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
    "run_experiments": "experiments",
    "train": "oracle",
}

__all__ = [
    "AuditReport",
    "Catalog",
    "CatalogReport",
    "Dependence",
    "Evaluation",
    "Experiment",
    "ExperimentSettings",
    "Explanation",
    "Heard",
    "Hit",
    "Importance",
    "LiveServices",
    "Lookup",
    "Oracle",
    "Popularity",
    "Tier",
    "TrackOracleError",
    "TrainingConfig",
    "audit_catalog",
    "audit_split",
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
    "run_experiments",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'trackoracle' has no attribute {name!r}")
    value = getattr(import_module(f"trackoracle.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
