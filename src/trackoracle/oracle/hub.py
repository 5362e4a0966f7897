"""Oracles shared by a hub: sent with their card, fetched as strictly as they are loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trackoracle.artifact import (
    MOST_BYTES,
    Bundle,
    hub_card,
    load_bundle,
    save_bundle,
    scores_told,
)
from trackoracle.atomic import check_writable
from trackoracle.errors import BundleError, OutputError, RightsError
from trackoracle.providers import HUB_FILE, Hub, HubFile, checksum_of, is_pinned, parse_hub_name
from trackoracle.schema import HubName, Pulled, Pushed, live_terms
from trackoracle.settings import ServiceSettings

if TYPE_CHECKING:
    from trackoracle.oracle.facade import Oracle

Progress = Callable[[int, int, str], None]
_NO_SCORES = "Its card tells no scores: nobody can say how good it is."


def push_oracle(
    oracle: Oracle | str | Path,
    to: str,
    *,
    private: bool = False,
    licence: str = "unknown",
    i_have_the_rights: bool = False,
    settings: ServiceSettings | None = None,
) -> Pushed:
    """Send an oracle with its card to a repository of a hub, which is made where there is none.

    What the hub then states of the file is compared with what was sent.

    Parameters
    ----------
    oracle
        An oracle, or its file, which is loaded first and sent as it is.
    to
        "OWNER/NAME".
    private
        Whether a new repository is for its owner's eyes only.
    licence
        Of the oracle, as the hub abbreviates licences: "mit", "cc-by-4.0".
    i_have_the_rights
        States that you may share what was learned from tracks of a live service.
    settings
        Where the hub is, and the token; by default of the environment.

    Raises
    ------
    BundleError
        When the file is not a whole, unchanged and harmless oracle.
    RightsError
        When it was learned from tracks of a live service, without `i_have_the_rights`.
    HubError
        When it tells no scores, or the repository cannot take it.
    ConfigError
        Without a token that may write.
    ServiceError
        When the hub does not answer as it should.

    Examples
    --------
    >>> push_oracle("x.oracle", "someone")
    Traceback (most recent call last):
    ...
    trackoracle.errors.HubError: someone: expected OWNER/NAME or OWNER/NAME@REVISION, ...
    """
    named = parse_hub_name(to)
    hub = Hub(settings or ServiceSettings.from_environment())
    hub.check_push(named)
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(oracle, str | Path):
            path, bundle = Path(oracle), load_bundle(Path(oracle))
        else:
            path, bundle = Path(folder) / HUB_FILE, oracle.bundle
            save_bundle(path, bundle)
        _check_terms(bundle, stated=i_have_the_rights)
        card = hub_card(
            bundle, repo=named.repo, file=HUB_FILE, sha256=checksum_of(path), licence=licence
        )
        return hub.push(named, path, card, private=private, said=f"Oracle of {bundle.target.name}")


def pull_oracle(
    name: str,
    output: str | Path | None = None,
    *,
    settings: ServiceSettings | None = None,
    progress: Progress | None = None,
) -> Pulled:
    """Fetch an oracle from a hub, pinned to a commit, held to its sum and to its own manifest.

    A download that was cut off goes on. The file takes its name only when it is whole, as the
    hub states it, and loads.

    Parameters
    ----------
    name
        "OWNER/NAME", or "OWNER/NAME@REVISION" for a commit, tag or branch.
    output
        Where to put it; by default NAME.oracle, here. Another file there is never replaced.
    settings
        Where the hub is, and the token; by default of the environment.
    progress
        Told of bytes done, bytes in all, and the file's name.

    Returns
    -------
    Pulled
        Its `pinned` is the name by which exactly this oracle is fetched again.

    Raises
    ------
    HubError
        When the name is none, the repository not there or closed, or without an oracle.
    BundleError
        When what came is not a whole, unchanged and harmless oracle.
    DownloadError
        When the file did not come whole and as the hub states it.
    ServiceError
        When the hub does not answer as it should.

    Examples
    --------
    >>> pull_oracle("someone/charts@")
    Traceback (most recent call last):
    ...
    trackoracle.errors.HubError: someone/charts@: expected OWNER/NAME or ...
    """
    named = parse_hub_name(name)
    path = Path(output) if output else Path(f"{named.name}.oracle")
    check_writable(path)
    hub = Hub(settings or ServiceSettings.from_environment())
    found = hub.find(named, most_bytes=MOST_BYTES)
    if path.exists() and not found.checksum.fits(checksum_of(path, found.checksum.kind)):
        raise OutputError(
            f"{path}: expected nothing there, or the oracle of {found.repo} "
            f"({found.checksum}), got another file. Move it, or name another with -o.",
            path=str(path),
        )
    return _arrived(hub, found, path, progress)[0]


def oracle_of_hub(name: str, settings: ServiceSettings | None = None) -> Bundle:
    """Load an oracle by its name on a hub; a pinned one that was fetched before needs no hub.

    Files are kept in the cache folder under their SHA-256, and held to it.

    Raises
    ------
    TrackOracleError
        As of `pull_oracle`.
    """
    settings = settings or ServiceSettings.from_environment()
    named = parse_hub_name(name)
    folder = settings.cache / "oracles" / named.owner / named.name
    if is_pinned(named):
        kept = _kept(folder / str(named.revision))
        if kept is not None:
            return _loaded(kept, named)
    hub = Hub(settings)
    found = hub.find(named, most_bytes=MOST_BYTES)
    there = folder / found.commit
    kept = _kept(there)
    if kept is not None:
        return _loaded(kept, named)
    there.mkdir(parents=True, exist_ok=True)
    pulled, bundle = _arrived(hub, found, there / HUB_FILE, None)
    Path(pulled.path).replace(there / f"{pulled.sha256}.oracle")
    return bundle


def _kept(folder: Path) -> Path | None:
    """Return the file of a commit that was fetched before; none that is not what it was."""
    for path in sorted(folder.glob("*.oracle")):
        if checksum_of(path) == path.stem:
            return path
    return None


def _arrived(
    hub: Hub, found: HubFile, path: Path, progress: Progress | None
) -> tuple[Pulled, Bundle]:
    """Download what is not there yet, load it, and only then give it its name."""
    already = path.exists()
    arrived = path if already else path.with_name(f".{path.name}.download")
    checked = str(found.checksum)
    if not already:
        checked = hub.download(found, arrived, progress or _silent)
    try:
        bundle = _loaded(arrived, f"{found.repo}@{found.commit}")
    except BundleError:
        if not already:
            arrived.unlink(missing_ok=True)
        raise
    if not already:
        arrived.replace(path)
    pulled = Pulled(
        repo=found.repo,
        commit=found.commit,
        path=str(path),
        n_bytes=found.n_bytes,
        sha256=checksum_of(path),
        checked=f"{checked}, and the hashes in its manifest",
        already=already,
        notes=() if scores_told(bundle.report) else (_NO_SCORES,),
    )
    return pulled, bundle


def _loaded(path: Path, named: HubName | str) -> Bundle:
    """Load a file; where it is no oracle, say of which repository."""
    try:
        return load_bundle(path)
    except BundleError as error:
        error.message = f"{named}: {error.message.removeprefix(f'{path}: ')}"
        raise


def _check_terms(bundle: Bundle, *, stated: bool) -> None:
    """Refuse to share what was learned from tracks of a live service."""
    terms = live_terms(bundle.catalog)
    if terms and not stated:
        raise RightsError(
            f"{bundle.catalog.file}: expected an oracle that may be shared, got one learned from "
            f"tracks of a live service ({'; '.join(terms)}). If you hold the right to share it, "
            "say so with --i-have-the-rights (Python: i_have_the_rights=True).",
            terms=list(terms),
        )


def _silent(n_done: int, n_all: int, name: str) -> None:
    return None
