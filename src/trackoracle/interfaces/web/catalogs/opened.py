"""Catalogs that are open: what was loaded and found of it, and what one user makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import trackoracle
from trackoracle.errors import SourceError
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.uploads import Uploads
from trackoracle.schema import Catalog

if TYPE_CHECKING:
    from trackoracle.exploration import Sieve, TrackFilter
    from trackoracle.neighbours import Neighbours

SAMPLE = "sample"
INDEX = "index"
"""Under which the index of a catalog is kept with it."""
_KEPT = "catalog"
_shared: dict[str, Loaded] = {}
_loading = Lock()


def _all_tracks() -> TrackFilter:
    from trackoracle.exploration import TrackFilter

    return TrackFilter()


@dataclass(eq=False)
class Loaded:
    """A catalog, and what long work found of it: of the server's catalogs for all users.

    Parameters
    ----------
    catalog
        As it was loaded.
    source, reading
        Where it lies and how it was read: an audit reads the rows as they stand.
    uploads
        What was dropped; deleted when nobody holds the catalog any more.
    found
        Results by name.
    """

    catalog: Catalog
    source: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    uploads: Uploads | None = None
    found: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def sieve(self) -> Sieve:
        """What answers filters."""
        from trackoracle.exploration import Sieve

        return Sieve(self.catalog)

    @property
    def is_shared(self) -> bool:
        """Whether it is one of the server's."""
        return self.uploads is None

    def named(self, sentence: str) -> str:
        """Return a sentence without the place where a file lies."""
        return self.uploads.told(sentence) if self.uploads else sentence


@dataclass(eq=False)
class Opened:
    """A catalog that one user has open, and what the user makes of it.

    Parameters
    ----------
    loaded
        The catalog.
    number
        Another one for every catalog that is opened, by which its controls are told apart.
    wanted, rows
        The filter that is set, and the rows that meet it.
    playlist
        Rows that the user put in a list, in their order.
    alike
        The row that similar tracks are looked for of.
    found, jobs
        Results that are of this user's choices, and work that is under way, by name.
    turns
        How often something was begun anew, by name: what is counted on gets fresh controls.
    """

    loaded: Loaded
    number: int
    wanted: TrackFilter = field(default_factory=_all_tracks)
    rows: NDArray[np.int64] | None = None
    playlist: list[int] = field(default_factory=list)
    alike: int | None = None
    found: dict[str, Any] = field(default_factory=dict)
    jobs: dict[str, Job[Any]] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)

    @property
    def catalog(self) -> Catalog:
        """The catalog."""
        return self.loaded.catalog

    def chosen(self) -> NDArray[np.int64]:
        """Return the rows that meet the filter; all where none is set: (m,)."""
        return np.arange(len(self.catalog)) if self.rows is None else self.rows

    def key(self, name: str) -> str:
        """Name a control of this catalog."""
        return f"catalog-{name}-{self.number}-{self.turns.get(name.split('-')[0], 0)}"

    def renew(self, name: str) -> None:
        """Give the controls whose names begin so fresh ones, as they were at first."""
        self.turns[name] = self.turns.get(name, 0) + 1

    def close(self, *, keep: Uploads | None) -> None:
        """Cancel what is under way, and delete the file unless it is the one to keep."""
        for job in self.jobs.values():
            job.cancel()
        self.jobs.clear()
        if self.loaded.uploads is not None and self.loaded.uploads is not keep:
            self.loaded.uploads.close()


def opened() -> Opened | None:
    """Return the catalog that the user has open."""
    own: Opened | None = session().kept.get(_KEPT)
    return own


def open_loaded(loaded: Loaded) -> Opened:
    """Open a catalog for the user; the one before is let go, with its file."""
    kept = session().kept
    before: Opened | None = kept.pop(_KEPT, None)
    if before is not None:
        before.close(keep=loaded.uploads)
    kept["n_catalogs"] = kept.get("n_catalogs", 0) + 1
    own = Opened(loaded, kept["n_catalogs"])
    kept[_KEPT] = own
    return own


def open_shared(source: str) -> Opened:
    """Open one of the server's catalogs, which is loaded once for all users.

    Raises
    ------
    TrackOracleError
        As of `load_catalog`.
    """
    with _loading:
        if source not in _shared:
            _shared[source] = Loaded(trackoracle.load_catalog(source), source)
    return open_loaded(_shared[source])


def open_upload(uploads: Uploads, reading: Mapping[str, Any]) -> Opened:
    """Open what the user dropped.

    Raises
    ------
    TrackOracleError
        As of `load_catalog`, and on more tracks than are taken.
    """
    path = uploads.paths[0]
    catalog = trackoracle.load_catalog(path, **reading)
    most = held().limits.rows
    if len(catalog) > most:
        raise SourceError(
            f"{path}: expected at most {most:,} tracks, got {len(catalog):,}. Open a part of them, "
            "or run the app on a machine of your own with a higher limit."
        )
    return open_loaded(Loaded(catalog, str(path), dict(reading), uploads))


def index_of(loaded: Loaded, progress: Any = None) -> Neighbours:
    """Build the index of a catalog, or take the one that the server holds of it."""
    from trackoracle.neighbours import Neighbours

    if loaded.is_shared and loaded.source == held().catalog:
        return held().index
    return Neighbours.of(loaded.catalog, progress)


@dataclass(frozen=True)
class SimilarSource:
    """The catalog that tracks like the one in hand are looked for in.

    Parameters
    ----------
    name
        What it is called.
    is_made_up
        Whether none of its tracks is real.
    index
        Returns its index, built when it is first asked for.
    """

    name: str
    is_made_up: bool
    index: Callable[[], Neighbours]


def similar_source() -> SimilarSource:
    """Return the catalog that the user has open, else that of the server."""
    own = opened()
    if own is None:
        source = held().catalog
        return SimilarSource("this server's catalog", source == SAMPLE, lambda: held().index)
    loaded = own.loaded
    name = loaded.uploads.files[0].name if loaded.uploads else loaded.catalog.card.name
    return SimilarSource(name, loaded.catalog.card.synthetic, lambda: _kept_index(loaded))


def _kept_index(loaded: Loaded) -> Neighbours:
    """Return the index of an open catalog, which its part of similar tracks keeps too."""
    if INDEX not in loaded.found:
        loaded.found[INDEX] = index_of(loaded)
    index: Neighbours = loaded.found[INDEX]
    return index
