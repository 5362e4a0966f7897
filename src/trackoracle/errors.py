"""Every exception of TrackOracle, with its wording.

A message says what failed as "expected X, got Y (where, how many, examples)"
and then what to do. Each exception keeps its facts as attributes, so that the
command line, HTTP and the web app can show the same facts in their own form.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "BundleError",
    "BundleVersionError",
    "ConfigError",
    "DeadlineError",
    "DivergenceError",
    "DownloadError",
    "FeedbackError",
    "HubError",
    "IndexFileError",
    "InputColumnsError",
    "InvalidValuesError",
    "LinkError",
    "MissingColumnError",
    "MissingExtraError",
    "NoTracksError",
    "NotEnoughDataError",
    "OutputError",
    "RequestError",
    "RightsError",
    "SeenTracksError",
    "ServiceAccessError",
    "ServiceBusyError",
    "ServiceError",
    "ServiceUnreachableError",
    "SourceError",
    "SourceNotFoundError",
    "StudyError",
    "TargetError",
    "TrackOracleError",
    "UnknownNameError",
    "UploadError",
    "WorkLimitError",
    "examples_of",
    "plural",
]


class TrackOracleError(Exception):
    """Base of every error that TrackOracle raises on purpose.

    Keyword arguments become attributes and the entries of `facts`.
    """

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        return self.message

    def to_dict(self) -> dict[str, object]:
        """Return the error as plain data: its kind, sentence and facts."""
        return {"error": type(self).__name__, "message": self.message, **self.facts}


class SourceError(TrackOracleError, ValueError):
    """A file or folder that cannot be read as tracks."""


class SourceNotFoundError(SourceError, FileNotFoundError):
    """A path that does not exist."""


class RecordingError(SourceError):
    """A recording that cannot be heard: not audio, damaged, or too long for what was asked."""


class LinkError(SourceError):
    """A link or id that names nothing that can be looked up."""


class HubError(TrackOracleError, LookupError):
    """A repository of a hub that is not there, closed, or no place for an oracle."""


class MissingColumnError(TrackOracleError, KeyError):
    """A column that the task needs is not there."""


class InputColumnsError(TrackOracleError, ValueError):
    """Columns that a strict interface does not accept."""


class InvalidValuesError(TrackOracleError, ValueError):
    """Values of one column that its meaning does not allow."""

    def __init__(
        self,
        column: str,
        expected: str,
        got: str,
        *,
        rows: Sequence[int],
        examples: Sequence[object],
        n_bad: int,
        n_rows: int,
        advice: str,
    ) -> None:
        where = f"row{plural(rows)} {', '.join(str(row) for row in rows)}"
        shown = ", ".join(repr(e) if isinstance(e, str) else str(e) for e in examples)
        super().__init__(
            f"{column}: expected {expected}, got {n_bad:,} of {n_rows:,} values {got} "
            f"({where}: {shown}). {advice}",
            column=column,
            expected=expected,
            rows=list(rows),
            examples=list(examples),
            n_bad=n_bad,
            n_rows=n_rows,
        )


class NoTracksError(TrackOracleError, LookupError):
    """Conditions that no track meets."""


class NotEnoughDataError(TrackOracleError, ValueError):
    """Too few tracks, groups or classes for what was asked."""


class TargetError(TrackOracleError, ValueError):
    """A target that is absent or cannot be learned."""


class ConfigError(TrackOracleError, ValueError):
    """A setting that does not exist or has an impossible value."""


class UnknownNameError(TrackOracleError, KeyError):
    """A name that is not registered; suggests the nearest one that is."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = sorted(known)
        near = difflib.get_close_matches(name, choices, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(choices)}."
        super().__init__(
            f"{kind}: expected a known name, got {name!r}. {hint}",
            kind=kind,
            name=name,
            known=choices,
        )


class DivergenceError(TrackOracleError, ArithmeticError):
    """A fit whose loss is no longer a number."""


class OutputError(TrackOracleError, ValueError):
    """A place where the result cannot be written."""


class RequestError(TrackOracleError, ValueError):
    """A request that the service does not take: too large, too slow, not allowed, or too many."""

    def __init__(self, message: str, *, status: int, **facts: object) -> None:
        super().__init__(message, **facts)
        self.status = status


class BundleError(TrackOracleError, ValueError):
    """A file that is not a whole, unchanged and harmless oracle."""


class BundleVersionError(BundleError):
    """An oracle written in a format that this version cannot read."""


class IndexFileError(TrackOracleError, ValueError):
    """A file that stands where the index of a catalog should, and is none."""


class FeedbackError(TrackOracleError, ValueError):
    """Feedback that cannot be kept, or a place where none can be kept or read."""


class UploadError(TrackOracleError, ValueError):
    """Files that are not taken: too many, too large, or no room for them."""


class WorkLimitError(TrackOracleError, RuntimeError):
    """More long pieces of work than one user, or all of them, may have at a time."""


class StudyError(TrackOracleError, ValueError):
    """A study file that is not whole, or of another catalog, target or configuration."""


class SeenTracksError(TrackOracleError, ValueError):
    """An evaluation on tracks that the oracle was trained on."""


class RightsError(TrackOracleError, PermissionError):
    """Tracks whose terms forbid what was asked, unless the user states the right to it."""


class ServiceError(TrackOracleError, ConnectionError):
    """A live service that did not answer as it should."""


class ServiceUnreachableError(ServiceError):
    """A connection that was refused or cut; another try may succeed."""


class ServiceAccessError(ServiceError):
    """A service that does not let this user in, or not to this."""


class ServiceBusyError(ServiceError):
    """A service that asks to come back later; `come_back` says when, where it told."""


class DeadlineError(ServiceError, TimeoutError):
    """A service that did not answer in the time allowed."""


class DownloadError(ServiceError):
    """A file that did not arrive whole and as it was published."""


class MissingExtraError(TrackOracleError, ImportError):
    """An optional library is not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(
            f"{module} is not installed. Run: pip install 'trackoracle[{extra}]'",
            module=module,
            extra=extra,
        )


def plural(items: Sequence[object] | int) -> str:
    """Return the plural ending for so many items."""
    n = items if isinstance(items, int) else len(items)
    return "" if n == 1 else "s"


def examples_of(values: Iterable[object], most: int = 3) -> str:
    """Join the first few values for a message."""
    shown = [str(value) for _, value in zip(range(most), values, strict=False)]
    return ", ".join(shown)
