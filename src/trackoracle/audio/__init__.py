"""A recording -> audio features, measured and estimated, with an error for each.

Decoding gives blocks of sound, which `measuring` and `describing` take as they come;
`estimating` tells features from descriptors; `listening` puts it all together.
"""

from trackoracle.audio.estimating.estimators import Estimators, error_correlation, load_estimators
from trackoracle.audio.finding import find_recordings, holds_recordings, is_recording
from trackoracle.audio.learning import Learned, learn
from trackoracle.audio.listening import listen
from trackoracle.audio.many import Hearing, Unheard, listen_all

__all__ = [
    "Estimators",
    "Hearing",
    "Learned",
    "Unheard",
    "error_correlation",
    "find_recordings",
    "holds_recordings",
    "is_recording",
    "learn",
    "listen",
    "listen_all",
    "load_estimators",
]
