"""An oracle's file to a hub and back: pinned to a commit, bounded in size, held to its sum.

The hub's own library names addresses, makes commits and uploads; the file itself comes by
`downloading`, which goes on after a cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trackoracle.errors import ConfigError, DownloadError, HubError, ServiceError, examples_of
from trackoracle.optional import require
from trackoracle.providers.checksums import Checksum, of_hub, sums_of
from trackoracle.providers.downloading import Download, Progress, Wanted
from trackoracle.providers.hub_library import NAME, SILENCE_SECONDS, asked
from trackoracle.providers.hub_names import COMMIT, is_pinned
from trackoracle.schema import HubName, Pushed
from trackoracle.settings import ServiceSettings, check_address

HUB_FILE = "model.oracle"
"""Under which an oracle lies in its repository."""
CARD = "README.md"
TRIES = 4
_NO_MODEL = (".gitattributes", CARD, "LICENSE")
"""What may be in a repository that an oracle may be put into."""


@dataclass(frozen=True)
class HubFile:
    """An oracle's file as the hub states it.

    Parameters
    ----------
    repo, commit, name, url
        Where it lies, for ever.
    n_bytes, checksum
        What the hub states of it.
    """

    repo: str
    commit: str
    name: str
    url: str
    n_bytes: int
    checksum: Checksum


class Hub:
    """The hub of some settings.

    Examples
    --------
    >>> Hub(ServiceSettings(hub="http://hub.example", hub_token="secret"))
    Traceback (most recent call last):
    ...
    trackoracle.errors.ConfigError: address of a service: expected https://..., ...
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._endpoint = settings.hub.rstrip("/")
        self._stated = settings.hub_token
        if self._stated:
            check_address(self._endpoint)

    def find(self, named: HubName, *, most_bytes: int) -> HubFile:
        """Ask where the oracle of a repository lies, and what the hub states of it.

        Raises
        ------
        HubError
            When the repository is not there, closed, holds no oracle, or one that is too large.
        ServiceError
            When the hub does not answer as it should.
        """
        commit, names = self._listed(named)
        name = _oracle_among(names, named)
        found = self._stated_of(named.repo, commit, name)
        if found.n_bytes > most_bytes:
            raise HubError(
                f"{named}: expected an oracle of at most {most_bytes:,} bytes, got {name} of "
                f"{found.n_bytes:,}. It was not downloaded.",
                repo=named.repo,
                n_bytes=found.n_bytes,
            )
        return found

    def download(self, found: HubFile, path: Path, progress: Progress) -> str:
        """Download a file; return what it was held to.

        Raises
        ------
        DownloadError
            When it did not come whole (the next call goes on), or is another (it is removed).
        """
        token = self._token()
        wanted = Wanted(
            f"{found.name} of {found.repo}",
            NAME,
            found.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            n_bytes=found.n_bytes,
            checksums=(found.checksum,),
            advice="Check HF_TOKEN, and that it may read the repository.",
        )
        return Download(wanted, path, progress).run()

    def push(self, named: HubName, path: Path, card: str, *, private: bool, said: str) -> Pushed:
        """Commit an oracle and its card, and hold what the hub then states to what was sent.

        Parameters
        ----------
        card
            The text of its README.
        private
            Whether a new repository is for its owner's eyes only.
        said
            The message of the commit.

        Raises
        ------
        HubError
            When the repository holds something else, or is public and should not be.
        ServiceError
            When the hub does not answer as it should, or does not let this user in.
        """
        notes: list[str] = []
        parent = self._parent(named, private=private)
        if parent is None:
            # None: as the account's default says.
            self._ask(
                "a new repository",
                named.repo,
                "create_repo",
                private=private or None,
                exist_ok=True,
            )
        library = require("huggingface_hub", extra="live")
        operations = [
            library.CommitOperationAdd(path_in_repo=HUB_FILE, path_or_fileobj=str(path)),
            library.CommitOperationAdd(path_in_repo=CARD, path_or_fileobj=card.encode()),
        ]
        told = self._ask(
            "a commit",
            named.repo,
            "create_commit",
            operations=operations,
            commit_message=said,
            parent_commit=parent,
            notes=notes,
        )
        commit = _commit_of(told.oid, named)
        sums = self._held_to(named, commit, path)
        return Pushed(
            repo=named.repo,
            commit=commit,
            url=f"{self._endpoint}/{named.repo}",
            n_bytes=path.stat().st_size,
            sha256=sums["sha256"],
            is_new=parent is None,
            notes=tuple(notes),
        )

    def check_push(self, named: HubName) -> None:
        """Refuse before any work what cannot be pushed.

        Raises
        ------
        HubError
            When a revision is named.
        ConfigError
            Without a token.
        """
        if named.revision:
            raise HubError(
                f"{named}: expected OWNER/NAME to push to, got a revision too. Leave it out: a "
                "push makes a new one.",
                name=str(named),
            )
        if not self._token():
            raise ConfigError(
                f"{NAME}: expected a token that may write, got none. Make one at "
                f"{self._endpoint}/settings/tokens, and set HF_TOKEN or run: hf auth login",
                missing=["HF_TOKEN"],
            )
        check_address(self._endpoint)

    def _held_to(self, named: HubName, commit: str, path: Path) -> Mapping[str, str]:
        """Compare what the hub states of the commit with the file; return the file's sums."""
        stated = self._stated_of(named.repo, commit, HUB_FILE)
        sums = sums_of(path, [stated.checksum.kind])
        if stated.n_bytes != path.stat().st_size or not stated.checksum.fits(
            sums[stated.checksum.kind]
        ):
            raise DownloadError(
                f"{named}: expected the hub to hold {path.name} as it was sent (sha256 "
                f"{sums['sha256']}), got {stated.n_bytes:,} bytes of {stated.checksum} at commit "
                f"{commit}. Push again, and do not use that commit.",
                service=NAME,
                commit=commit,
            )
        return sums

    def _parent(self, named: HubName, *, private: bool) -> str | None:
        """Return the newest commit of a repository that may take an oracle; None without one."""
        try:
            info = self._ask("a repository", named.repo, "model_info", timeout=SILENCE_SECONDS)
        except HubError as error:
            if type(error.__cause__).__name__ == "RepositoryNotFoundError":
                return None
            raise
        names = _names_of(info)
        others = [name for name in names if name not in _NO_MODEL]
        if others and not any(name.endswith(".oracle") for name in others):
            raise HubError(
                f"{named}: expected a repository with an oracle or nothing in it, got "
                f"{len(others)} other files ({examples_of(others)}). Name another.",
                repo=named.repo,
            )
        if private and info.private is False:
            raise HubError(
                f"{named}: expected a private repository, got a public one. Name another, or make "
                "it private on its page.",
                repo=named.repo,
            )
        return _commit_of(info.sha, named)

    def _listed(self, named: HubName) -> tuple[str, list[str]]:
        """Return the commit that a name means now, and the files in it."""
        info = self._ask(
            "an oracle",
            str(named),
            "model_info",
            of=named.repo,
            revision=named.revision,
            timeout=SILENCE_SECONDS,
        )
        commit = _commit_of(info.sha, named)
        if is_pinned(named) and commit != named.revision:
            raise DownloadError(
                f"{named}: expected that commit, got {commit}. Do not use what this hub gives.",
                service=NAME,
            )
        return commit, _names_of(info)

    def _stated_of(self, repo: str, commit: str, name: str) -> HubFile:
        token = self._token() or False

        def ask(library: Any) -> tuple[str, Any]:
            url = library.hf_hub_url(repo, name, revision=commit, endpoint=self._endpoint)
            return url, library.get_hf_file_metadata(
                url, token=token, timeout=SILENCE_SECONDS, endpoint=self._endpoint
            )

        url, told = asked(name, f"{repo}@{commit[:12]}", ask, tries=TRIES)
        checksum = of_hub(told.etag)
        if told.size is None or checksum is None or told.commit_hash != commit:
            raise ServiceError(
                f"{repo}@{commit[:12]}: expected size and sum of {name} at that commit, got size "
                f"{told.size}, tag {str(told.etag)[:80]!r}, commit {str(told.commit_hash)[:40]!r}. "
                "Try again later; check HF_ENDPOINT.",
                service=NAME,
            )
        return HubFile(repo, commit, name, url, told.size, checksum)

    def _ask(
        self,
        what: str,
        shown: str,
        method: str,
        *,
        of: str | None = None,
        notes: list[str] | None = None,
        **arguments: Any,
    ) -> Any:
        token = self._token() or False

        def ask(library: Any) -> Any:
            api = library.HfApi(endpoint=self._endpoint, library_name="trackoracle")
            return getattr(api, method)(repo_id=of or shown, token=token, **arguments)

        tries = 1 if method == "create_commit" else TRIES  # a commit whose answer is lost is made
        return asked(what, shown, ask, tries=tries, notes=notes)

    def _token(self) -> str:
        """Return the token that is stated, else that of whoever is logged in; empty for none."""
        if self._stated:
            return self._stated
        token = require("huggingface_hub", extra="live").get_token() or ""
        if token:
            check_address(self._endpoint)
        return token


def _names_of(info: Any) -> list[str]:
    return [str(file.rfilename) for file in info.siblings or ()]


def _oracle_among(names: list[str], named: HubName) -> str:
    """Return which file is the oracle: the one that a push names so, else the only one."""
    if HUB_FILE in names:
        return HUB_FILE
    oracles = [name for name in names if name.endswith(".oracle")]
    if len(oracles) == 1:
        return oracles[0]
    got = f"{len(oracles)} ({examples_of(oracles)})" if oracles else "none"
    raise HubError(
        f"{named}: expected a repository with one oracle ({HUB_FILE}), got {got} among "
        f"{len(names)} files. Check the name.",
        repo=named.repo,
    )


def _commit_of(told: Any, named: HubName) -> str:
    if not isinstance(told, str) or not COMMIT.fullmatch(told):
        raise ServiceError(
            f"{named}: expected a commit of the {NAME}, got {str(told)[:80]!r}. Try again later; "
            "check HF_ENDPOINT.",
            service=NAME,
        )
    return told
