"""What the service bears: sizes, numbers and times, each stated in the answer of `/model`."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from trackoracle.interfaces.limits import check_limits


@dataclass(frozen=True)
class Limits:
    """What one service takes.

    Parameters
    ----------
    body_bytes
        Largest body of a request.
    tracks
        Most tracks in one request.
    explained_tracks
        Most tracks in one request for explanations, which cost more.
    requests
        Most requests for answers that are under way at a time; further ones get a 503.
    held_bytes
        Most bytes of bodies that are held at a time; further ones get a 503.
    upload_seconds
        A body that takes longer to arrive gets a 408.
    answer_seconds
        An answer that takes longer becomes a 503.
    audio_bytes, audio_seconds, audio_upload_seconds
        Largest and longest recording that is heard, and the time it may take to arrive.

    Raises
    ------
    ConfigError
        On a limit that is not above 0.

    Examples
    --------
    >>> Limits(tracks=100).to_dict()["tracks"]
    100
    """

    body_bytes: int = 8_000_000
    tracks: int = 10_000
    explained_tracks: int = 1_000
    requests: int = 256
    held_bytes: int = 128_000_000
    upload_seconds: float = 20.0
    answer_seconds: float = 30.0
    audio_bytes: int = 60_000_000
    audio_seconds: float = 900.0
    audio_upload_seconds: float = 120.0

    def __post_init__(self) -> None:
        check_limits(asdict(self))

    def to_dict(self) -> dict[str, float]:
        """Return the limits as plain data."""
        return asdict(self)
