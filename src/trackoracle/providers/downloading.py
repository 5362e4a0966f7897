"""A file over HTTP that goes on where it was cut off, and takes its name when it is whole.

Bytes go into `.NAME.part` beside the target; what they are of stands in `.NAME.part.json`. A later
call asks for the rest, under the condition that the file is still the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from trackoracle.errors import DownloadError, ServiceAccessError, ServiceBusyError, ServiceError
from trackoracle.optional import require
from trackoracle.providers.checksums import Checksum, of_headers, sums_of
from trackoracle.providers.retrying import asked_wait, duration
from trackoracle.providers.sending import certificates

if TYPE_CHECKING:
    import httpx

Progress = Callable[[int, int, str], None]
"""Told of bytes done, bytes in all (0 where unknown), and the file's name."""

MOST_BYTES = 4_000_000_000
MOST_REDIRECTS = 5
TRIES = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_MAY_PASS = (408, 500, 502, 503, 504)


@dataclass(frozen=True)
class Wanted:
    """A file to download.

    Parameters
    ----------
    name
        What people call it.
    service, url, headers
        Whose, where, and with what; `headers` go to that host alone.
    n_bytes, checksums
        What it is held to, where known.
    advice
        What to do where the server lets nobody in.
    """

    name: str
    service: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    n_bytes: int | None = None
    checksums: tuple[Checksum, ...] = ()
    advice: str = "Check what your account with the service is allowed."


@dataclass
class _State:
    """What the bytes of a part file are of."""

    url: str
    tag: str = ""
    n_bytes: int | None = None
    md5: str = ""


class _Cut(Exception):  # noqa: N818 (never leaves this module)
    """A connection that ended early; another may go on.

    Parameters
    ----------
    is_unconnected
        Whether it never came about: a name that is not resolved, a door that is closed.
    """

    def __init__(self, said: str, *, is_unconnected: bool = False) -> None:
        super().__init__(said)
        self.is_unconnected = is_unconnected


class Download:
    """One file on its way.

    Parameters
    ----------
    wanted, path
        What, and where to.
    progress
        Told of bytes.
    stall_seconds
        The longest silence of a server.
    pause
        First wait after a cut, which doubles.
    """

    def __init__(
        self,
        wanted: Wanted,
        path: Path,
        progress: Progress,
        *,
        stall_seconds: float = 30.0,
        pause: float = 0.5,
    ) -> None:
        self._wanted, self._path, self._progress = wanted, path, progress
        self._stall, self._pause = stall_seconds, pause
        self._part = path.with_name(f".{path.name}.part")
        self._state_path = path.with_name(f".{path.name}.part.json")
        self._state = self._kept_state()
        self._is_connected = False

    def run(self) -> str:
        """Download, check, and give the file its name; return what it was held to.

        Raises
        ------
        DownloadError
            When it did not come whole after several tries (the next call goes on), or is not the
            published file (it is removed).
        ServiceAccessError
            When the server lets nobody in.
        """
        httpx = require("httpx", extra="live")
        timeout = httpx.Timeout(self._stall)
        headers = {"Accept-Encoding": "identity", "User-Agent": "TrackOracle/0.1"}
        with httpx.Client(timeout=timeout, headers=headers, verify=certificates()) as client:
            self._in_tries(client)
        held_to = self._check()
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
        self._part.replace(self._path)
        self._state_path.unlink(missing_ok=True)
        return held_to

    def _in_tries(self, client: httpx.Client) -> None:
        failures = 0
        while True:
            before = self._n_there()
            try:
                self._go_on(client)
                return
            except _Cut as cut:
                failures = 1 if self._n_there() > before else failures + 1
                if failures == TRIES or (cut.is_unconnected and not self._is_connected):
                    raise self._given_up(cut) from cut
                self._is_connected = self._is_connected or not cut.is_unconnected
            time.sleep(random.random() * self._pause * 2 ** (failures - 1))  # noqa: S311 (no secret)

    def _given_up(self, cut: _Cut) -> ServiceError:
        n_there = self._n_there()
        got = f"{n_there:,} bytes" if n_there or not cut.is_unconnected else "no connection"
        advice = "Run the same command again: it goes on from there." if n_there else "Try again."
        if cut.is_unconnected:
            advice = f"Check the connection. {advice}"
        return DownloadError(
            f"{self._wanted.service}: expected the whole of {self._wanted.name}, got {got} "
            f"({cut}). {advice}",
            service=self._wanted.service,
        )

    def _go_on(self, client: httpx.Client) -> None:
        """Ask for what is not there yet, and append it."""
        import httpx

        there = self._n_there()
        if there and there == self._state.n_bytes:
            return
        asked = {}
        if there:
            asked["Range"] = f"bytes={there}-"
            if self._state.tag:
                asked["If-Range"] = self._state.tag
        try:
            with self._opened(client, asked) as response:
                self._take(response, there)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            unconnected = isinstance(error, httpx.ConnectError)
            said = f"{type(error).__name__}: {str(error)[:100]}".rstrip(": ")
            raise _Cut(said, is_unconnected=unconnected) from error

    @contextlib.contextmanager
    def _opened(self, client: httpx.Client, asked: Mapping[str, str]) -> Any:
        """Open the connection that gives the file, redirects followed; secrets stay at home."""
        url, headers = self._wanted.url, {**self._wanted.headers, **asked}
        for _ in range(MOST_REDIRECTS + 1):
            with client.stream("GET", url, headers=headers) as response:
                if response.status_code not in _REDIRECTS:
                    yield response
                    return
                there = urljoin(url, response.headers.get("location", ""))
            here, next_ = urlsplit(url), urlsplit(there)
            if not next_.hostname or (here.scheme, next_.scheme) not in (
                ("https", "https"), ("http", "http"), ("http", "https"),
            ):  # fmt: skip
                raise self._error(f"a redirect to {there[:100]!r}, which is not followed")
            if here.netloc != next_.netloc:
                headers = dict(asked)
            url = there
        raise self._error(f"{MOST_REDIRECTS + 1} redirects one after another")

    def _take(self, response: httpx.Response, there: int) -> None:
        """Append what a response brings; begin anew where it does not go on from what is there."""
        self._refuse(response)
        tag = response.headers.get("etag", "")
        goes_on = (
            response.status_code == 206
            and response.headers.get("content-range", "").startswith(f"bytes {there}-")
            and (not self._state.tag or tag == self._state.tag)
        )
        if response.status_code in (206, 416) and not goes_on:
            self._begin_anew()
            raise _Cut("the file has changed since")
        if not goes_on:
            self._begin_anew()
        there = self._n_there()
        length = response.headers.get("content-length", "")
        total = there + int(length) if length.isdecimal() else None
        md5 = of_headers(response.headers)
        self._state = _State(self._wanted.url, tag, total, md5.hex if md5 else "")
        self._state_path.write_text(json.dumps(asdict(self._state)), encoding="utf-8")
        self._append(response, there, total)

    def _append(self, response: httpx.Response, n: int, total: int | None) -> None:
        announced = total or self._wanted.n_bytes or MOST_BYTES
        if announced > MOST_BYTES:
            raise self._error(f"{announced:,} bytes, more than the {MOST_BYTES:,} that are taken")
        most = min(announced, self._wanted.n_bytes or announced)
        with self._part.open("ab") as file:
            for chunk in response.iter_raw():  # as it comes: what is gathered is lost in a cut
                file.write(chunk)
                n += len(chunk)
                if n > most:
                    break
                self._progress(n, total or self._wanted.n_bytes or 0, self._wanted.name)
        if n > most:
            self._begin_anew()
            raise self._error("more bytes than announced")

    def _refuse(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in _MAY_PASS:
            raise _Cut(f"status {status}")
        if status == 429:
            asked = asked_wait(response.headers)
            when = f"in {duration(asked)}" if asked else "later"
            raise ServiceBusyError(
                f"{self._wanted.service}: expected the file {self._wanted.name}, got {status}, too "
                f"many requests. Come back {when}.",
                service=self._wanted.service,
                seconds=asked,
            )
        if status in (401, 403):
            raise ServiceAccessError(
                f"{self._wanted.service}: expected the file {self._wanted.name}, got {status}. "
                f"{self._wanted.advice}",
                service=self._wanted.service,
                status=status,
            )
        if status not in (200, 206, 416):
            raise self._error(f"status {status}")
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            raise self._error(f"it packed by {encoding}, which was not asked for")

    def _check(self) -> str:
        """Hold the part to all that is known of the file; remove it where it is another."""
        told = [*self._wanted.checksums]
        if self._state.md5:
            told.append(Checksum("md5", self._state.md5, "the server's"))
        n_there = self._n_there()
        sums = sums_of(self._part, [checksum.kind for checksum in told])
        wrong = [f"{checksum}" for checksum in told if not checksum.fits(sums[checksum.kind])]
        if self._wanted.n_bytes not in (None, n_there):
            wrong.insert(0, f"{self._wanted.n_bytes:,} bytes")
        if wrong:
            self._begin_anew()
            raise DownloadError(
                f"{self._wanted.name}: expected {' and '.join(wrong)}, got {n_there:,} bytes of "
                f"sha256 {sums['sha256']}. It was removed. Try again; if it stays so, the file has "
                "changed since it was published.",
                service=self._wanted.service,
                sha256=sums["sha256"],
            )
        if self._wanted.n_bytes:
            told_size = ["the size published"]
        else:
            told_size = ["the length announced"] if self._state.n_bytes else []
        return " and ".join([*told_size, *map(str, told)]) or "nothing: the server states nothing"

    def _n_there(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _begin_anew(self) -> None:
        self._part.unlink(missing_ok=True)
        self._state_path.unlink(missing_ok=True)
        self._state = _State(self._wanted.url)

    def _kept_state(self) -> _State:
        """Return what the part file is of; where that is not known, there is no part file."""
        try:
            state = _State(**json.loads(self._state_path.read_text(encoding="utf-8")))
            if state.url == self._wanted.url and self._part.exists():
                return state
        except (OSError, ValueError, TypeError, RecursionError):
            pass
        self._part.unlink(missing_ok=True)
        return _State(self._wanted.url)

    def _error(self, got: str) -> ServiceError:
        return DownloadError(
            f"{self._wanted.service}: expected the file {self._wanted.name}, got {got}. "
            "Check the address of the service.",
            service=self._wanted.service,
        )
