"""The tables that a store has, and the version of their form.

Raise `VERSION` with every change of a table, and say in `check_version` what reads the older form.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from trackoracle.errors import FeedbackError
from trackoracle.optional import require
from trackoracle.schema import COMMENT_LENGTH

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData, Table

VERSION = 1


class Tables(NamedTuple):
    """What SQLAlchemy is told of them."""

    all: MetaData
    feedback: Table
    about: Table


@cache
def tables() -> Tables:
    """Describe the tables. Their names tell whose they are: a database may hold others."""
    sa = require("sqlalchemy", extra="app")
    every = sa.MetaData()
    feedback = sa.Table(
        "trackoracle_feedback",
        every,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at_utc", sa.DateTime, nullable=False),
        sa.Column("oracle", sa.String(100), nullable=False),
        sa.Column("oracle_hash", sa.String(64), nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("answered", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("actual", sa.Double),
        sa.Column("comment", sa.String(COMMENT_LENGTH), nullable=False),
        sa.Column("interface", sa.String(20), nullable=False),
        sa.Column("session", sa.String(16), nullable=False, index=True),
        sqlite_autoincrement=True,  # a number is never given twice
    )
    about = sa.Table(
        "trackoracle_feedback_about",
        every,
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    return Tables(every, feedback, about)


def version_of(connection: Connection) -> int | None:
    """Return the version of a database's tables; None where there are none."""
    sa, about = require("sqlalchemy", extra="app"), tables().about
    if not sa.inspect(connection).has_table(about.name):
        return None
    found: int | None = connection.execute(
        sa.select(about.c.value).where(about.c.name == "version")
    ).scalar()
    return found


def check_version(found: int, place: str) -> None:
    """Refuse tables of another form.

    Raises
    ------
    FeedbackError
        Naming both versions.
    """
    if found != VERSION:
        raise FeedbackError(
            f"{place}: expected feedback in form {VERSION}, got form {found}. Use the release of "
            "TrackOracle that wrote it, or name another place.",
            version=found,
        )


def make_tables(connection: Connection) -> int:
    """Make what is missing of the tables; return the version that they then have."""
    every, _, about = tables()
    every.create_all(connection)
    found = version_of(connection)
    if found is None:
        connection.execute(about.insert().values(name="version", value=VERSION))
    return VERSION if found is None else found
