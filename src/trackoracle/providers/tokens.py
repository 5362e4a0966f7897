"""Spotify's client-credentials token: fetched once an hour, kept in memory and on disk."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import stat
import time
from dataclasses import dataclass, replace
from pathlib import Path

from trackoracle.atomic import replacing
from trackoracle.errors import ConfigError, ServiceAccessError, ServiceError, TrackOracleError
from trackoracle.providers.answers import facts_of, reason_of
from trackoracle.providers.requests import Answer, Deadline, Request, Sender
from trackoracle.settings import ServiceSettings

SERVICE = "Spotify"
_MARGIN_SECONDS = 30.0
_LONGEST_SECONDS = 86_400.0
_UNAUTHORISED = 401


@dataclass(frozen=True)
class Token:
    """A token and when it ends, in seconds since 1970."""

    text: str
    ends: float

    @property
    def is_good(self) -> bool:
        """Whether it will still be good when a request arrives."""
        return time.time() + _MARGIN_SECONDS < self.ends


class Tokens:
    """Where the token comes from: memory, disk, the accounts service.

    Parameters
    ----------
    sender
        Carries the request for a new one.
    settings
        Credentials, the address of the accounts service, the cache folder.
    """

    def __init__(self, sender: Sender, settings: ServiceSettings) -> None:
        self._sender, self._settings = sender, settings
        self._token: Token | None = None
        account = f"{settings.spotify_accounts} {settings.spotify_id} {settings.spotify_secret}"
        name = hashlib.sha256(account.encode()).hexdigest()[:24]
        self._path = settings.cache / "tokens" / f"{name}.json"

    def get(self, deadline: Deadline) -> str:
        """Return a token that is good.

        Raises
        ------
        ConfigError
            Without credentials.
        ServiceAccessError
            When they are refused.
        """
        check_credentials(self._settings)
        token = self._token or _read(self._path)
        if token is None or not token.is_good:
            token = self._fetch(deadline)
            _keep(self._path, token)
        self._token = token
        return token.text

    def forget(self) -> None:
        """Give up a token that the service refused."""
        self._token = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _fetch(self, deadline: Deadline) -> Token:
        settings = self._settings
        pair = f"{settings.spotify_id}:{settings.spotify_secret}".encode()
        request = Request(
            f"{SERVICE} accounts",
            f"{settings.spotify_accounts}/api/token",
            method="POST",
            headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
            form={"grant_type": "client_credentials"},
        )
        answer = self._sender.send(request, deadline)
        if answer.status in (400, 401):
            raise ServiceAccessError(
                f"{SERVICE}: expected credentials that it accepts, got {answer.status} "
                f"({reason_of(answer) or 'no reason given'}). Check SPOTIFY_CLIENT_ID and "
                "SPOTIFY_CLIENT_SECRET.",
                service=SERVICE,
                status=answer.status,
            )
        facts = facts_of(request, answer)
        text, seconds = facts.get("access_token"), facts.get("expires_in")
        if not isinstance(text, str) or not text.isascii() or not text.isprintable():
            raise ServiceError(f"{SERVICE}: expected a token, got none. Try again later.")
        lasts = float(seconds) if isinstance(seconds, int | float) else 0.0
        return Token(text, time.time() + min(lasts, _LONGEST_SECONDS))


class Authorised:
    """Sends with the token; once again with a new one when the service refuses it."""

    def __init__(self, sender: Sender, tokens: Tokens) -> None:
        self._sender, self._tokens = sender, tokens

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """Return the answer to the request with the token."""
        answer = self._sender.send(self._signed(request, deadline), deadline)
        if answer.status == _UNAUTHORISED:
            self._tokens.forget()
            answer = self._sender.send(self._signed(request, deadline), deadline)
        return answer

    def _signed(self, request: Request, deadline: Deadline) -> Request:
        token = self._tokens.get(deadline)
        return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})


def check_credentials(settings: ServiceSettings) -> None:
    """Raise ConfigError when there are no credentials for Spotify."""
    given = {
        "SPOTIFY_CLIENT_ID": settings.spotify_id,
        "SPOTIFY_CLIENT_SECRET": settings.spotify_secret,
    }
    missing = [name for name, value in given.items() if not value]
    if not missing:
        return
    got, advice = "none", "Register an app at https://developer.spotify.com/dashboard, and set both"
    if len(missing) == 1:
        got, advice = f"no {missing[0]}", "Set it too"
    raise ConfigError(
        "Spotify: expected SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET in the environment, got "
        f"{got}. {advice}.",
        missing=missing,
    )


def _read(path: Path) -> Token | None:
    """Read a kept token; one that others may read is not used."""
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            return None
        facts = json.loads(path.read_text(encoding="utf-8"))
        text, ends = facts["token"], float(facts["ends"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    usable = isinstance(text, str) and text.isascii() and text.isprintable()
    return Token(text, min(ends, time.time() + _LONGEST_SECONDS)) if usable else None


def _keep(path: Path, token: Token) -> None:
    """Keep a token for its owner's eyes; where that cannot be, do without."""
    with contextlib.suppress(OSError, TrackOracleError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(path, private=True) as temporary:
            temporary.write_text(json.dumps({"token": token.text, "ends": token.ends}))
