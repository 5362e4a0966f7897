"""A recording -> audio features, measured and estimated, with an error for each.

`decoding` gives blocks of sound, which `measuring` and `describing` take as they come;
`estimating` tells features from descriptors; `listening` puts it all together. Names load on
first use: signal processing takes a second to import, and most questions are not of sound.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackoracle.audio.estimating.estimators import (
        Estimators,
        error_correlation,
        load_estimators,
    )
    from trackoracle.audio.finding import ENDINGS, find_recordings, holds_recordings, is_recording
    from trackoracle.audio.learning import Learned, learn
    from trackoracle.audio.listening import listen
    from trackoracle.audio.many import Hearing, Listeners, listen_all

_HOMES = {
    "ENDINGS": "finding",
    "Estimators": "estimating.estimators",
    "Hearing": "many",
    "Listeners": "many",
    "Learned": "learning",
    "error_correlation": "estimating.estimators",
    "find_recordings": "finding",
    "holds_recordings": "finding",
    "is_recording": "finding",
    "learn": "learning",
    "listen": "listening",
    "listen_all": "many",
    "load_estimators": "estimating.estimators",
}

__all__ = [
    "ENDINGS",
    "Estimators",
    "Hearing",
    "Learned",
    "Listeners",
    "error_correlation",
    "find_recordings",
    "holds_recordings",
    "is_recording",
    "learn",
    "listen",
    "listen_all",
    "load_estimators",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
