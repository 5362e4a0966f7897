"""A store of feedback: added to by many at once, read, exported."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import polars as pl

from trackoracle.errors import FeedbackError
from trackoracle.feedback.places import (
    WRITES,
    check_file,
    engine_of,
    shown,
    url_of,
    write_ahead,
)
from trackoracle.feedback.tables import check_version, make_tables, tables, version_of
from trackoracle.optional import require
from trackoracle.schema import Feedback, check_table_path, feedback_json, write_sheet

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select

BUSY_SECONDS = 10.0
"""So long a writer of a file waits for the others."""
_TRIES = 5
_COLUMNS: dict[str, Any] = {
    "id": pl.Int64,
    "at": pl.Datetime("us", "UTC"),
    "oracle": pl.String,
    "oracle_hash": pl.String,
    "asked": pl.String,
    "answered": pl.String,
    "verdict": pl.String,
    "actual": pl.Float64,
    "comment": pl.String,
    "interface": pl.String,
    "session": pl.String,
}
_REASONS = {
    "locked": "others write to it for longer than it was waited. Try again",
    "full": "no room is left. Make room, or choose another place",
    "readonly": "it cannot be written. Change its rights, or choose another place",
    "read-only": "it cannot be written. Change its rights, or choose another place",
    "not a database": "it is no database. Name another file",
    "malformed": "it is damaged. Restore it from a copy, or name another file",
    "disk I/O": "the disk fails, or no room is left. Make room, or choose another place",
    "unable to open": "it cannot be opened. Check the path and its rights",
}
"""What databases say of themselves, in words."""


class FeedbackStore:
    """Feedback in a database; any number of threads and processes may use it at once.

    Examples
    --------
    >>> import tempfile
    >>> said = Feedback("starter", "", {"tempo": 120}, {"popularity": 41.5}, "too low", "app",
    ...                 "0123456789abcdef")
    >>> with FeedbackStore.open(Path(tempfile.mkdtemp()) / "feedback.db") as store:
    ...     number = store.add(said)
    ...     number, store.count(), store.rows()[0].verdict
    (1, 1, 'too low')
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.place = shown(engine.url)

    @classmethod
    def open(
        cls, place: str | Path, *, create: bool = True, busy_seconds: float = BUSY_SECONDS
    ) -> FeedbackStore:
        """Open a store.

        Parameters
        ----------
        place
            A file of SQLite, or the URL of any database that SQLAlchemy knows.
        create
            Whether to make its file and tables where they are not there.
        busy_seconds
            How long a writer waits for the others, of a file.

        Raises
        ------
        MissingExtraError
            Without the extra `app`.
        FeedbackError
            When there is no such place, driver or right, the file is damaged or no database, or
            the feedback in it is of another form.
        """
        url = url_of(place)
        if url.get_backend_name() == "sqlite":
            check_file(Path(str(url.database)), create=create)
        store = cls(engine_of(url, busy_seconds))
        try:
            store._prepare(create=create)
        except BaseException:
            store.close()
            raise
        return store

    def add(self, feedback: Feedback) -> int:
        """Keep feedback; return its number.

        Raises
        ------
        FeedbackError
            When it cannot be written: no room, or others wrote for too long.
        """
        with self._connected(writes=True) as connection:
            done = connection.execute(tables().feedback.insert().values(**_values(feedback)))
            key = done.inserted_primary_key
            assert key is not None
            return int(key[0])

    def rows(
        self, *, session: str | None = None, oracle: str | None = None, most: int | None = None
    ) -> list[Feedback]:
        """Return feedback, the newest first.

        Parameters
        ----------
        session
            Of this session alone: what one user said is no other user's business.
        oracle
            Of the oracle of this name alone.
        most
            So many at most.
        """
        with self._connected() as connection:
            found = connection.execute(_query(session, oracle).limit(most)).mappings()
            return [self._feedback(row) for row in found]

    def count(self, *, session: str | None = None, oracle: str | None = None) -> int:
        """Return how many there are; see `rows`."""
        sa = require("sqlalchemy", extra="app")
        query = sa.select(sa.func.count()).select_from(_query(session, oracle).subquery())
        with self._connected() as connection:
            return int(connection.execute(query).scalar_one())

    def export(
        self, path: str | Path, *, session: str | None = None, oracle: str | None = None
    ) -> int:
        """Write feedback as a table, the newest first; return how many rows it has.

        Text files hold nothing that a spreadsheet takes for a formula.

        Parameters
        ----------
        path
            Its ending says the format: .csv, .tsv, .jsonl or .parquet.
        session, oracle
            See `rows`.

        Raises
        ------
        OutputError
            When it cannot be written there.
        """
        check_table_path(Path(path))
        frame = feedback_frame(self.rows(session=session, oracle=oracle))
        write_sheet(frame, Path(path))
        return frame.height

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> FeedbackStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(self, *, create: bool) -> None:
        with self._connected() as connection:
            found = version_of(connection)
        if found is None:
            if not create:
                raise FeedbackError(
                    f"{self.place}: expected a store of feedback, got a database without any. "
                    "Name another with --store."
                )
            found = self._made()
        check_version(found, self.place)

    def _made(self) -> int:
        """Make the tables, which others may do at the same time; return their version."""
        write_ahead(self._engine)
        for n_left in reversed(range(_TRIES)):
            try:
                with self._connected(writes=True) as connection:
                    return make_tables(connection)
            except FeedbackError:
                if not n_left:
                    raise
        raise AssertionError("the last try returns or raises")

    @contextlib.contextmanager
    def _connected(self, *, writes: bool = False) -> Iterator[Connection]:
        sa = require("sqlalchemy", extra="app")
        try:
            with self._engine.execution_options(**{WRITES: writes}).begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
            told = next((told for sign, told in _REASONS.items() if sign in reason), None)
            raise FeedbackError(
                f"{self.place}: expected to read and write feedback there, got an error "
                f"({reason[:200]}): {told or 'the database refuses it. Check that it is there'}."
            ) from error

    def _feedback(self, row: Any) -> Feedback:
        facts = dict(row)
        at = facts.pop("at_utc").replace(tzinfo=UTC)
        try:
            for name in ("asked", "answered"):
                facts[name] = json.loads(facts[name])
            return Feedback(at=at, **facts)
        except (ValueError, RecursionError) as error:
            raise FeedbackError(
                f"{self.place}: expected feedback as it was written, got a row that was changed "
                f"(id {row['id']}: {error}). Correct or delete it."
            ) from error


def feedback_frame(feedback: Iterable[Feedback]) -> pl.DataFrame:
    """Return feedback as a table; what was asked and answered as JSON.

    Examples
    --------
    >>> feedback_frame([]).columns[:3]
    ['id', 'at', 'oracle']
    """
    rows = [_values(each) | {"id": each.id, "at": each.at} for each in feedback]
    return pl.DataFrame(rows, schema=_COLUMNS)


def _values(feedback: Feedback) -> dict[str, Any]:
    return {
        "at_utc": feedback.at.replace(tzinfo=None),
        "oracle": feedback.oracle,
        "oracle_hash": feedback.oracle_hash,
        "asked": feedback_json("asked", feedback.asked),
        "answered": feedback_json("answered", feedback.answered),
        "verdict": feedback.verdict,
        "actual": None if feedback.actual is None else float(feedback.actual),
        "comment": feedback.comment,
        "interface": feedback.interface,
        "session": feedback.session,
    }


def _query(session: str | None, oracle: str | None) -> Select[Any]:
    sa, table = require("sqlalchemy", extra="app"), tables().feedback
    query: Select[Any] = sa.select(table).order_by(table.c.id.desc())
    for column, wanted in ((table.c.session, session), (table.c.oracle, oracle)):
        if wanted is not None:
            query = query.where(column == wanted)
    return query
