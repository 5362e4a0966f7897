"""Oracles on a hub: how one is named there, and what became of sending or fetching one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from trackoracle.schema.showing import Shown


@dataclass(frozen=True)
class HubName:
    """A repository of a hub, and which of its revisions.

    Parameters
    ----------
    owner, name
        As in "OWNER/NAME".
    revision
        A commit, tag or branch; None for the newest.
    """

    owner: str
    name: str
    revision: str | None = None

    @property
    def repo(self) -> str:
        """The repository, as "OWNER/NAME"."""
        return f"{self.owner}/{self.name}"

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision}" if self.revision else self.repo


@dataclass(frozen=True)
class Pushed(Shown):
    """An oracle that is on a hub now.

    Parameters
    ----------
    repo, commit, url
        Where: the repository, the commit that holds it, and its page.
    n_bytes, sha256
        Of the file, as it was sent and as the hub states it.
    is_new
        Whether the repository was made for it.
    notes
        What the hub had to say.
    """

    repo: str
    commit: str
    url: str
    n_bytes: int
    sha256: str
    is_new: bool
    notes: tuple[str, ...] = ()

    @property
    def pinned(self) -> str:
        """The name by which exactly this oracle is fetched."""
        return f"{self.repo}@{self.commit}"

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain data."""
        return {**asdict(self), "pinned": self.pinned}


@dataclass(frozen=True)
class Pulled(Shown):
    """An oracle of a hub on this machine, whole and checked.

    Parameters
    ----------
    repo, commit
        Where it comes from.
    path
        Where it lies.
    n_bytes, sha256
        Of the file there.
    checked
        What it was held to.
    already
        Whether it lay there before.
    notes
        What whoever uses it should know.
    """

    repo: str
    commit: str
    path: str
    n_bytes: int
    sha256: str
    checked: str
    already: bool
    notes: tuple[str, ...] = ()

    @property
    def pinned(self) -> str:
        """The name by which exactly this oracle is fetched again."""
        return f"{self.repo}@{self.commit}"

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain data."""
        return {**asdict(self), "pinned": self.pinned}
