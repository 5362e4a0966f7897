"""What one user of a page may send, and what is done for all at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from trackoracle.errors import ConfigError


def check_limits(limits: Mapping[str, float]) -> None:
    """Raise on a limit that is not above 0."""
    for name, value in limits.items():
        if not value > 0:
            raise ConfigError(f"{name}: expected above 0, got {value:g}. Correct it.")


@dataclass(frozen=True)
class AppLimits:
    """What the app, and the demo page, take.

    Parameters
    ----------
    file_mb
        Largest file, in MB of 1,048,576 bytes.
    files
        Most files at once.
    all_mb
        Most MB of the files that are dropped together.
    audio_seconds
        So much of a recording is heard at most.
    rows
        Most tracks of a catalog.
    jobs
        Long pieces of work that are done at a time, over all users.

    Raises
    ------
    ConfigError
        On a limit that is not above 0.

    Examples
    --------
    >>> AppLimits(files=10).files
    10
    """

    file_mb: int = 200
    files: int = 50
    all_mb: int = 1_000
    audio_seconds: float = 900.0
    rows: int = 2_000_000
    jobs: int = 2

    def __post_init__(self) -> None:
        check_limits(asdict(self))
