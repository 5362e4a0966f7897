"""Paths and environment, read once into a frozen dataclass."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from trackoracle.errors import ConfigError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """What the environment says.

    Parameters
    ----------
    data_folder
        The folder of real catalogs for tests and benchmarks (`TRACKORACLE_DATA`).
    n_jobs
        Workers for fold work: `TRACKORACLE_JOBS`, else the cores this process may use.
    feedback
        The file or database URL where feedback is kept (`TRACKORACLE_FEEDBACK`); empty for
        `feedback_file`.
    checkpoints
        The folder in which fits that take long keep how far they came
        (`TRACKORACLE_CHECKPOINTS`).
    """

    data_folder: Path | None
    n_jobs: int
    feedback: str = field(default="", repr=False)  # a URL may hold a password
    checkpoints: Path | None = None

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment as it is now."""
        data = os.environ.get("TRACKORACLE_DATA")
        checkpoints = os.environ.get("TRACKORACLE_CHECKPOINTS")
        jobs = os.environ.get("TRACKORACLE_JOBS", "")
        return cls(
            data_folder=Path(data) if data else None,
            n_jobs=max(1, int(jobs)) if jobs.isdecimal() else _usable_cores(),
            feedback=os.environ.get("TRACKORACLE_FEEDBACK", "").strip(),
            checkpoints=Path(checkpoints) if checkpoints else None,
        )


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class ServiceSettings:
    """How live services are reached, and what is kept of their answers.

    Parameters
    ----------
    spotify_id, spotify_secret
        Client credentials: `SPOTIFY_CLIENT_ID`, `SPOTIFY_CLIENT_SECRET`; empty for none.
    spotify, spotify_accounts, reccobeats
        Base addresses: `TRACKORACLE_SPOTIFY`, `TRACKORACLE_SPOTIFY_ACCOUNTS`,
        `TRACKORACLE_RECCOBEATS`.
    hub, kaggle, mirror
        Where data sets come from: `HF_ENDPOINT`, `TRACKORACLE_KAGGLE`, and
        `TRACKORACLE_MIRROR`, before which plain addresses are put; empty for none.
    hub_token
        `HF_TOKEN`; without it, that of whoever is logged in by the hub's own library.
    kaggle_user, kaggle_key
        `KAGGLE_USERNAME` and `KAGGLE_KEY`, else those of `~/.kaggle/kaggle.json`.
    cache
        Folder of answers and tokens: `TRACKORACLE_CACHE`, else the platform's cache folder.
    cache_bytes
        The most that answers take there: `TRACKORACLE_CACHE_MB`.
    deadline
        Seconds for a whole lookup: `TRACKORACLE_DEADLINE`.
    """

    spotify_id: str = ""
    spotify_secret: str = field(default="", repr=False)
    spotify: str = "https://api.spotify.com/v1"
    spotify_accounts: str = "https://accounts.spotify.com"
    reccobeats: str = "https://api.reccobeats.com/v1"
    hub: str = "https://huggingface.co"
    hub_token: str = field(default="", repr=False)
    kaggle: str = "https://www.kaggle.com"
    mirror: str = ""
    kaggle_user: str = ""
    kaggle_key: str = field(default="", repr=False)
    cache: Path = field(default_factory=lambda: cache_folder(os.environ, sys.platform))
    cache_bytes: int = 64_000_000
    deadline: float = 20.0

    def __post_init__(self) -> None:
        for address in (self.spotify, self.spotify_accounts, self.reccobeats, self.kaggle):
            check_address(address)

    @classmethod
    def from_environment(cls) -> ServiceSettings:
        """Read the environment as it is now.

        Raises
        ------
        ConfigError
            When an address or a number is none.
        """
        told = {
            name: value.strip()
            for name, variable in _VARIABLES.items()
            if (value := os.environ.get(variable, "")).strip()
        }
        deadline = _number("TRACKORACLE_DEADLINE", 20.0, low=0.05, high=600.0)
        megabytes = _number("TRACKORACLE_CACHE_MB", 64.0, low=0.0, high=100_000.0)
        return cls(
            **told,
            cache=cache_folder(os.environ, sys.platform),
            cache_bytes=int(megabytes * 1e6),
            deadline=deadline,
        )


_VARIABLES = {
    "spotify_id": "SPOTIFY_CLIENT_ID",
    "spotify_secret": "SPOTIFY_CLIENT_SECRET",
    "spotify": "TRACKORACLE_SPOTIFY",
    "spotify_accounts": "TRACKORACLE_SPOTIFY_ACCOUNTS",
    "reccobeats": "TRACKORACLE_RECCOBEATS",
    "hub": "HF_ENDPOINT",
    "hub_token": "HF_TOKEN",
    "kaggle": "TRACKORACLE_KAGGLE",
    "mirror": "TRACKORACLE_MIRROR",
    "kaggle_user": "KAGGLE_USERNAME",
    "kaggle_key": "KAGGLE_KEY",
}


def cache_folder(environment: Mapping[str, str], platform: str) -> Path:
    """Return where the platform wants caches.

    Examples
    --------
    >>> cache_folder({"XDG_CACHE_HOME": "/var/cache/me"}, "linux").as_posix()
    '/var/cache/me/trackoracle'
    """
    if named := environment.get("TRACKORACLE_CACHE"):
        return Path(named)
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return Path(local or Path.home() / "AppData" / "Local") / "trackoracle" / "Cache"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "trackoracle"
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trackoracle"


def feedback_file(environment: Mapping[str, str], platform: str) -> Path:
    """Return the file of feedback where the platform wants what users keep.

    Examples
    --------
    >>> feedback_file({"XDG_DATA_HOME": "/home/me/kept"}, "linux").as_posix()
    '/home/me/kept/trackoracle/feedback.db'
    """
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        home = Path(local or Path.home() / "AppData" / "Local")
    elif platform == "darwin":
        home = Path.home() / "Library" / "Application Support"
    else:
        home = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return home / "trackoracle" / "feedback.db"


def _number(variable: str, default: float, *, low: float, high: float) -> float:
    text = os.environ.get(variable, "").strip()
    try:
        value = float(text) if text else default
        if not low <= value <= high:
            raise ValueError(text)
    except ValueError as error:
        raise ConfigError(
            f"{variable}: expected a number from {low:g} to {high:g}, got {text!r}. Correct it."
        ) from error
    return value


def check_address(address: str) -> None:
    """Refuse what is no address, and plain HTTP on the open network: secrets are sent there.

    Raises
    ------
    ConfigError
        Naming the address.
    """
    try:
        parts = urlsplit(address)
        local = parts.hostname in _LOOPBACK
    except ValueError:
        parts, local = urlsplit(""), False
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ConfigError(
            f"address of a service: expected https://..., or http:// on this machine, got "
            f"{address!r}. Correct the environment variable."
        )
