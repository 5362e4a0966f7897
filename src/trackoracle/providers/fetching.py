"""Public data sets by name: found at their place, downloaded, held to what is published."""

from __future__ import annotations

import base64
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from trackoracle.atomic import check_writable, replacing
from trackoracle.errors import DownloadError, OutputError, UnknownNameError
from trackoracle.optional import require
from trackoracle.providers.checksums import Checksum, of_hub, published, sums_of
from trackoracle.providers.datasets import DATA_SETS, DataSet, RemoteFile
from trackoracle.providers.downloading import MOST_BYTES, Download, Progress, Wanted
from trackoracle.providers.hub_library import has_no_connection, quiet
from trackoracle.schema import Fetched, FetchedFile
from trackoracle.settings import ServiceSettings

_CHUNK = 1 << 20
_ZIP = b"PK\x03\x04"


def fetch(
    name: str,
    *,
    to: str | Path | None = None,
    settings: ServiceSettings | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Download a public data set, check it, and say where it lies.

    What was cut off is gone on with; what lies there whole is not asked for again.

    Parameters
    ----------
    name
        One of `trackoracle.providers.DATA_SETS`.
    to
        The folder; by default one of the data set's name, here.
    settings
        Where hub, Kaggle and mirrors are; by default of the environment.
    progress
        Told of bytes done, bytes in all, and the file's name.

    Raises
    ------
    UnknownNameError
        Naming the nearest one.
    OutputError
        When another file of that name is there.
    DownloadError
        When a file did not arrive whole and as published.
    ServiceAccessError
        When an account is needed; the message says what to do.

    Examples
    --------
    >>> fetch("track-114k")
    Traceback (most recent call last):
    ...
    trackoracle.errors.UnknownNameError: data set: ... Did you mean 'tracks-114k'?
    """
    data_set = DATA_SETS.get(name.strip().lower().replace("_", "-"))
    if data_set is None:
        raise UnknownNameError("data set", name, DATA_SETS)
    settings = settings or ServiceSettings.from_environment()
    folder = Path(to) if to else Path(data_set.name)
    if folder.exists() and not folder.is_dir():
        raise OutputError(
            f"{folder}: expected a folder, got a file. Name another with --to.", path=str(folder)
        )
    moved = progress or _silent
    with _made(folder):
        files = tuple(_fetched(data_set, file, folder, settings, moved) for file in data_set.files)
    return Fetched(data_set.name, data_set.title, data_set.page, data_set.licence, files)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder; where nothing came into it, leave none that was not there."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # of the first that is not empty
            for path in new:
                path.rmdir()
        raise


def _silent(n_done: int, n_all: int, name: str) -> None:
    return None


def _fetched(
    data_set: DataSet, file: RemoteFile, folder: Path, settings: ServiceSettings, progress: Progress
) -> FetchedFile:
    path = folder / file.name
    if path.exists():
        return _already(path, file, data_set)
    check_writable(path)
    wanted = _wanted(data_set, file, settings)
    arrived = path.with_name(f".{path.name}.download")
    held_to = Download(wanted, arrived, progress).run()
    _unpack(arrived, path, file.member)
    sums = sums_of(path)
    facts = {"n_bytes": path.stat().st_size, "sha256": sums["sha256"], "checked": held_to}
    with replacing(_receipt(path)) as temporary:
        temporary.write_text(json.dumps({"from": wanted.url, **facts}), encoding="utf-8")
    return FetchedFile(str(path), already=False, **facts)  # type: ignore[arg-type]


def _already(path: Path, file: RemoteFile, data_set: DataSet) -> FetchedFile:
    """Hold a file that is there to what is published, or to what was fetched."""
    found, n_bytes = sums_of(path)["sha256"], path.stat().st_size
    known = None if file.member else published(file.checksum)
    if known is None:
        known = _fetched_before(path)
    if known is None or not known.fits(found):
        raise OutputError(
            f"{path}: expected nothing there, or the file of {data_set.name} as "
            f"{known or 'fetched before'}, got another (sha256 {found}). Move it, or name another "
            "folder with --to.",
            path=str(path),
        )
    return FetchedFile(str(path), n_bytes, found, str(known), already=True)


def _fetched_before(path: Path) -> Checksum | None:
    try:
        digits = json.loads(_receipt(path).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Checksum("sha256", str(digits), "as fetched before")


def _receipt(path: Path) -> Path:
    return path.with_name(f".{path.name}.fetched.json")


def _wanted(data_set: DataSet, file: RemoteFile, settings: ServiceSettings) -> Wanted:
    stated = published(file.checksum)
    sums = (stated,) if stated else ()
    match data_set.place:
        case "hub":
            return _at_hub(data_set, file, settings.hub, sums)
        case "kaggle":
            return _at_kaggle(data_set, file, settings)
        case "https":
            url, host = file.where, urlsplit(file.where).netloc
            if settings.mirror:
                url = f"{settings.mirror.rstrip('/')}/{host}{urlsplit(url).path}"
            return Wanted(file.name, host, url, n_bytes=file.n_bytes, checksums=sums)


def _at_hub(
    data_set: DataSet, file: RemoteFile, endpoint: str, sums: tuple[Checksum, ...]
) -> Wanted:
    """Ask the hub where a file lies, and for its sum, by its own library."""
    hub = require("huggingface_hub", extra="live")
    url = hub.hf_hub_url(
        data_set.owner, file.where, repo_type="dataset", endpoint=endpoint.rstrip("/")
    )
    try:
        with quiet():
            told = _told_by_hub(hub, url)
    except Exception as error:  # of several libraries, and none says which
        reason = (str(error).strip() or "no reason given").splitlines()[0][:200]
        got = "no connection" if has_no_connection(error) else type(error).__name__
        raise DownloadError(
            f"Hugging Face hub: expected {file.where} of {data_set.owner}, got {got} ({reason}). "
            f"Check the connection, or download it by hand from {data_set.page}.",
            service="Hugging Face hub",
        ) from error
    own = of_hub(told.etag)
    sums = (*sums, own) if own else sums
    return Wanted(file.name, "Hugging Face hub", url, n_bytes=file.n_bytes, checksums=sums)


def _told_by_hub(hub: Any, url: str) -> Any:
    """Ask once; again, as the library does, unless there is no connection at all."""
    try:
        return hub.get_hf_file_metadata(url, token=False, timeout=20)
    except Exception as error:
        if has_no_connection(error):
            raise
    return hub.get_hf_file_metadata(url, token=False, timeout=20, retry_on_errors=True)


def _at_kaggle(data_set: DataSet, file: RemoteFile, settings: ServiceSettings) -> Wanted:
    user, key = _kaggle_credentials(settings)
    pair = base64.b64encode(f"{user}:{key}".encode()).decode()
    url = (
        f"{settings.kaggle.rstrip('/')}/api/v1/datasets/download/{data_set.owner}/"
        f"{quote(file.where)}"
    )
    return Wanted(
        file.name,
        "Kaggle",
        url,
        headers={"Authorization": f"Basic {pair}"} if user and key else {},
        advice=(
            f"Kaggle wants an account for it: log in, open {data_set.page}, create a token under "
            "Settings > API, and put it into ~/.kaggle/kaggle.json or KAGGLE_USERNAME and "
            "KAGGLE_KEY. Or download the files there by hand: they load as they are."
        ),
    )


def _kaggle_credentials(settings: ServiceSettings) -> tuple[str, str]:
    """Return those of the environment, else of the file that Kaggle hands out."""
    if settings.kaggle_user and settings.kaggle_key:
        return settings.kaggle_user, settings.kaggle_key
    folder = os.environ.get("KAGGLE_CONFIG_DIR")
    path = (Path(folder) if folder else Path.home() / ".kaggle") / "kaggle.json"
    try:
        facts: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return str(facts["username"]), str(facts["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _unpack(arrived: Path, path: Path, member: str) -> None:
    """Give what arrived its name, out of its zip: Kaggle packs large files on its own."""
    with arrived.open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    if not is_zip and not member:
        arrived.replace(path)
        return
    try:
        with zipfile.ZipFile(arrived) as archive:
            names = archive.namelist()
            inner = member or (path.name if path.name in names else names[0])
            if archive.getinfo(inner).file_size > MOST_BYTES:
                raise DownloadError(
                    f"{path.name}: expected at most {MOST_BYTES:,} bytes, got more."
                )
            with (
                replacing(path) as temporary,
                archive.open(inner) as source,
                temporary.open("wb") as target,
            ):
                shutil.copyfileobj(source, target, _CHUNK)
    except (zipfile.BadZipFile, KeyError, IndexError, EOFError, zlib.error) as error:
        raise DownloadError(
            f"{path.name}: expected a zip with {member or path.name}, got an error ({error}). "
            "It was removed; try again.",
        ) from error
    finally:
        arrived.unlink(missing_ok=True)
