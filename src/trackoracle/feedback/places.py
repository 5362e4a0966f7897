"""Where feedback is kept: a file of SQLite, or any database by its URL."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackoracle.errors import FeedbackError
from trackoracle.optional import require

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

WRITES = "trackoracle_writes"
"""The option of a connection that is going to write."""


def url_of(place: str | Path) -> URL:
    """Return the URL of a place; what has no `://` is a file.

    Raises
    ------
    FeedbackError
        When it is none. What was given is not repeated: it may hold a password.
    """
    sa = require("sqlalchemy", extra="app")
    if "://" not in str(place):
        return _file_url(Path(place).expanduser())
    try:
        url: URL = sa.make_url(str(place))
        url.get_dialect()
    except (sa.exc.ArgumentError, ValueError) as error:
        kind = str(place).partition("://")[0][:40]
        raise FeedbackError(
            f"feedback: expected a file or a database URL, as postgresql+psycopg://USER@HOST/NAME, "
            f"got {kind + '://...'!r}, which SQLAlchemy does not take. Correct it."
        ) from error
    if url.get_backend_name() != "sqlite":
        return url
    if url.query or url.database in (None, "", ":memory:"):
        raise FeedbackError(
            "feedback: expected a place that keeps it, got a database in memory or with options. "
            "Name a file."
        )
    return _file_url(Path(str(url.database)))


def _file_url(path: Path) -> URL:
    url: URL = require("sqlalchemy", extra="app").URL.create("sqlite", database=str(path))
    return url


def shown(url: URL) -> str:
    """Return a place as it may be shown: a file as its path, a URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)


def check_file(path: Path, *, create: bool) -> None:
    """Look at a file before SQLite does, which says less; make it for its owner's eyes alone.

    Raises
    ------
    FeedbackError
        When no store can be there, or none is and none may be made.
    """
    if path.is_dir():
        raise FeedbackError(f"{path}: expected a file, got a folder. Name a file in it.")
    if path.exists():
        return
    if not create:
        raise FeedbackError(
            f"{path}: expected a store of feedback, got no file there. The app makes it with the "
            "first feedback; name another place with --store."
        )
    if not path.absolute().parent.is_dir():
        raise FeedbackError(
            f"{path}: expected an existing folder, got {str(path.absolute().parent)!r}, which is "
            "none. Create it first."
        )
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise FeedbackError(
            f"{path}: expected a folder that can be written, got an error "
            f"({error.strerror or error}). Choose another."
        ) from error


def engine_of(url: URL, busy_seconds: float) -> Engine:
    """Make what connects to a place.

    Raises
    ------
    FeedbackError
        When the driver of its database is not installed.
    """
    sa = require("sqlalchemy", extra="app")
    is_file = url.get_backend_name() == "sqlite"
    # Connections of SQLite cost little and must not be shared with a process that was forked.
    options: dict[str, Any] = (
        {"poolclass": sa.pool.NullPool, "connect_args": {"timeout": busy_seconds}}
        if is_file
        else {"pool_pre_ping": True}
    )
    try:
        # What people wrote must not stand in messages and logs.
        engine: Engine = sa.create_engine(url, hide_parameters=True, **options)
    except ImportError as error:
        raise FeedbackError(
            f"{shown(url)}: expected the driver of this database, got none "
            f"({error.name or url.drivername} is not installed). Install it, for PostgreSQL with "
            "pip install 'psycopg[binary]'."
        ) from error
    if is_file:
        sa.event.listen(engine, "connect", _leave_transactions_to_us)
        sa.event.listen(engine, "begin", _begin)
    return engine


def write_ahead(engine: Engine) -> None:
    """Let a file be read while another writes to it; it stays so.

    Where that is not possible, as on some file systems of a network, readers wait.
    """
    sa = require("sqlalchemy", extra="app")
    if engine.url.get_backend_name() != "sqlite":
        return
    at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
    # Where another is doing it, it is refused.
    with contextlib.suppress(sa.exc.OperationalError), at_once.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    """Begin; who is going to write waits for others here, where it can be waited.

    A transaction that reads first and then writes is refused at once when another wrote in between.
    """
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
