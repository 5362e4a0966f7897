"""Real HTTP servers on loopback that answer like the services, the odd answers included."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from trackoracle.settings import ServiceSettings


@dataclass(frozen=True)
class Reply:
    """An answer: its body whole, dripped a byte at a time, cut after some bytes, or a reset."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    drip_headers: bool = False
    cut_after: int | None = None
    reset: bool = False


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    content: bytes = b""


Answering = Callable[[Asked], Reply]


class FakeServer:
    """Answers by route; a route may be overridden with replies that are given one after another."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.routes: list[tuple[re.Pattern[str], Answering]] = []
        self.odd: dict[str, list[Reply]] = defaultdict(list)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def route(self, pattern: str, answering: Answering) -> None:
        self.routes.append((re.compile(pattern), answering))

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        replies = self.odd.get(asked.path)
        if replies:
            return replies.pop(0) if len(replies) > 1 else replies[0]
        for pattern, answering in self.routes:
            if pattern.fullmatch(asked.path):
                return answering(asked)
        return Reply(404, {"error": {"status": 404, "message": "Not found."}})

    @contextmanager
    def running(self) -> Iterator[FakeServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(fake) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (`self` is the request's)
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                content = self.rfile.read(length)
                body = content.decode(errors="replace")
                asked = Asked(self.command, parts.path, query, headers, body, content)
                reply = fake.reply(asked)
                try:
                    self._send(reply)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815

            def _send(self, reply: Reply) -> None:
                if reply.reset:
                    # Closing with bytes unsent and linger 0 sends a reset.
                    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.connection.close()
                    self.close_connection = True
                    return
                body = reply.body
                if not isinstance(body, bytes):
                    body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(reply.status)
                headers = {"Content-Length": str(len(body)), **reply.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                if reply.drip_headers:
                    while not fake.stopping.is_set():
                        self.wfile.write(b"X-Drip: 1\r\n")
                        self.wfile.flush()
                        time.sleep(reply.drip)
                self.end_headers()
                if self.command == "HEAD":
                    return
                if reply.cut_after is not None:
                    self.wfile.write(body[: reply.cut_after])
                    self.close_connection = True
                elif reply.drip:
                    for i in range(len(body)):
                        if fake.stopping.is_set():
                            break
                        self.wfile.write(body[i : i + 1])
                        self.wfile.flush()
                        time.sleep(reply.drip)
                else:
                    self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                return None

        return Handler


def name_of(number: int, kind: str = "T") -> str:
    """A made-up id of 22 characters."""
    return f"{kind}{number:021d}"


ALBUM = {
    "id": name_of(1, "A"),
    "name": "Made Up Nights",
    "album_type": "album",
    "total_tracks": 4,
    "release_date": "2019-05",
    "release_date_precision": "month",
    "artists": [{"id": name_of(1, "R"), "name": "The Inventions"}],
}
GONE = ("audio-features", "audio-analysis", "recommendations", "top-tracks", "related-artists")


class FakeServices(FakeServer):
    """Spotify's accounts and Web API, and ReccoBeats, as they answer today."""

    def __init__(self) -> None:
        super().__init__()
        self.n_tokens = 0
        self.good_token = ""
        self.token_lasts = 3600
        self.page_size = 2
        self.genres = ["rock"]
        self.unknown_features: set[str] = set()
        self.features_of: Callable[[str], dict[str, Any]] = features
        self.tracks = {name_of(i): track(i) for i in range(1, 5)}
        for path, answering in {
            "/accounts/api/token": self._token,
            "/v1/tracks/([^/]+)": self._signed(self._track),
            "/v1/albums/([^/]+)": self._signed(self._album),
            "/v1/albums/([^/]+)/tracks": self._signed(self._album_tracks),
            "/v1/artists/([^/]+)": self._signed(self._artist),
            "/v1/playlists/([^/]+)": self._signed(self._playlist),
            "/v1/playlists/([^/]+)/items": self._signed(self._items),
            "/v1/search": self._signed(self._search),
            "/v1/audio-features/.*": lambda asked: Reply(403, {"error": {"status": 403}}),
            "/recco/audio-features": self._features,
            "/recco/track": self._about,
        }.items():
            self.route(path, answering)

    def settings(self, folder: Path, **others: Any) -> ServiceSettings:
        told = {"spotify_id": "client", "spotify_secret": "secret", "deadline": 20.0, **others}
        return ServiceSettings(
            spotify=f"{self.url}/v1",
            spotify_accounts=f"{self.url}/accounts",
            reccobeats=f"{self.url}/recco",
            cache=folder,
            **told,
        )

    def environment(self, folder: Path) -> dict[str, str]:
        return {
            "SPOTIFY_CLIENT_ID": "client",
            "SPOTIFY_CLIENT_SECRET": "secret",
            "TRACKORACLE_SPOTIFY": f"{self.url}/v1",
            "TRACKORACLE_SPOTIFY_ACCOUNTS": f"{self.url}/accounts",
            "TRACKORACLE_RECCOBEATS": f"{self.url}/recco",
            "TRACKORACLE_CACHE": str(folder),
            "TRACKORACLE_DEADLINE": "2",
            "NO_PROXY": "*",
        }

    def _token(self, asked: Asked) -> Reply:
        if asked.method != "POST" or asked.body != "grant_type=client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        if asked.headers.get("authorization") != "Basic Y2xpZW50OnNlY3JldA==":
            return Reply(400, {"error": "invalid_client", "error_description": "Invalid client"})
        self.n_tokens += 1
        self.good_token = f"token-{self.n_tokens}"
        return Reply(
            body={"access_token": self.good_token, "token_type": "Bearer",
                  "expires_in": self.token_lasts}
        )  # fmt: skip

    def _signed(self, answering: Answering) -> Answering:
        def signed(asked: Asked) -> Reply:
            if asked.headers.get("authorization") != f"Bearer {self.good_token}":
                message = "The access token expired"
                return Reply(401, {"error": {"status": 401, "message": message}})
            return answering(asked)

        return signed

    def _track(self, asked: Asked) -> Reply:
        facts = self.tracks.get(asked.path.split("/")[-1])
        if facts is None:
            return Reply(404, {"error": {"status": 404, "message": "Resource not found"}})
        return Reply(body=facts)

    def _album(self, asked: Asked) -> Reply:
        if not asked.path.endswith(ALBUM["id"]):
            return Reply(404, {"error": {"status": 404, "message": "Resource not found"}})
        first = self._page(list(self.tracks.values()), 0)
        return Reply(body={**ALBUM, "tracks": first, "external_ids": {"upc": "1"}})

    def _album_tracks(self, asked: Asked) -> Reply:
        return Reply(body=self._page(list(self.tracks.values()), int(asked.query["offset"])))

    def _page(self, tracks: list[dict[str, Any]], offset: int) -> dict[str, Any]:
        limit = self.page_size
        short = [{k: v for k, v in t.items() if k not in ("album", "external_ids")} for t in tracks]
        return {
            "items": short[offset : offset + limit],
            "total": len(short),
            "limit": limit,
            "offset": offset,
            "next": "http://127.0.0.1:9/never-followed",
        }

    def _artist(self, asked: Asked) -> Reply:
        number = int(asked.path[-1])
        names = {1: "The Inventions", 2: "Guest"}
        facts: dict[str, Any] = {"id": name_of(number, "R"), "name": names[number], "images": []}
        return Reply(body=facts | ({"genres": self.genres} if number == 1 else {}))

    def _playlist(self, asked: Asked) -> Reply:
        return Reply(body={"name": "Mix"})

    def _items(self, asked: Asked) -> Reply:
        one, two, *_ = self.tracks.values()
        entries = [
            {"item": one},
            {"track": two},
            {"item": {"type": "episode", "id": name_of(9, "E"), "name": "Talk"}},
            {"item": {"type": "track", "id": None, "is_local": True, "name": "mine.mp3"}},
            {"item": None},
        ]
        return Reply(body={"items": entries, "total": len(entries)})

    def _search(self, asked: Asked) -> Reply:
        assert asked.query == {"q": 'artist:"The Inventions"', "type": "track", "limit": "10"}
        other = {**track(7), "artists": [{"id": name_of(9, "R"), "name": "The Inventions"}]}
        return Reply(body={"tracks": {"items": [other, self.tracks[name_of(1)]], "total": 2}})

    def _features(self, asked: Asked) -> Reply:
        return self._content(asked, self.features_of)

    def _about(self, asked: Asked) -> Reply:
        return self._content(asked, about)

    def _content(self, asked: Asked, read: Callable[[str], dict[str, Any]]) -> Reply:
        ids = asked.query["ids"].split(",")
        if len(ids) > 40:
            return Reply(400, {"code": 4004})
        known = [i for i in ids if i not in self.unknown_features]
        # Backwards, with a stranger among them and one twice.
        entries = [read(i) for i in reversed(known)]
        stranger = {**read(ids[0]), "href": f"https://open.spotify.com/track/{name_of(99)}"}
        return Reply(body={"content": [stranger, *entries, *entries[:1]]})


def track(number: int) -> dict[str, Any]:
    artists = [{"id": name_of(1, "R"), "name": "The Inventions"}]
    if number == 2:
        artists.append({"id": name_of(2, "R"), "name": "Guest"})
    return {
        "id": name_of(number),
        "type": "track",
        "name": f"Title {number}",
        "artists": artists,
        "album": ALBUM,
        "disc_number": 1,
        "duration_ms": 200_000 + number,
        "explicit": number == 2,
        "external_ids": {"isrc": f"XX000000000{number}"},
        "is_local": False,
        "is_playable": True,
        "preview_url": None,
        "track_number": number,
        "uri": f"spotify:track:{name_of(number)}",
    }


def features(track_id: str) -> dict[str, Any]:
    number = int(track_id[1:])
    return {
        "id": f"00000000-0000-0000-0000-{number:012d}",
        "href": f"https://open.spotify.com/track/{track_id}",
        "isrc": f"YY000000000{number}",
        "acousticness": 0.01 * number,
        "danceability": 0.6,
        "energy": 0.7,
        "instrumentalness": 0.0,
        "key": -1,
        "liveness": 0.1,
        "loudness": -7.0,
        "mode": 1,
        "speechiness": 0.04,
        "tempo": 100.0 + number,
        "valence": 0.5,
    }


def about(track_id: str) -> dict[str, Any]:
    number = int(track_id[1:])
    return {
        "id": f"00000000-0000-0000-0000-{number:012d}",
        "href": f"https://open.spotify.com/track/{track_id}",
        "trackTitle": f"Other title {number}",
        "artists": [{"id": "x", "name": "The Inventions", "href": ""}],
        "durationMs": 200_500,
        "isrc": f"YY000000000{number}",
        "popularity": 33,
    }


class FakeFiles(FakeServer):
    """A file server with ranges, that may cut connections; also the hub's way of naming files."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.cuts: list[int] = []
        self.ranges = True
        self.route(".*", self._file)

    def _file(self, asked: Asked) -> Reply:
        content = self.files.get(asked.path)
        if content is None:
            return Reply(404, "no such file")
        tag = self.tags.get(asked.path, f'"{len(content)}-{content[:4].hex()}"')
        headers = {"ETag": tag, "X-Repo-Commit": "0" * 40, **self.headers}
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        condition = asked.headers.get("if-range", tag)
        cut = self.cuts.pop(0) if self.cuts and asked.method == "GET" else None
        if not (wanted and self.ranges and condition == tag):
            return Reply(200, content, headers, cut_after=cut)
        start = int(wanted[1])
        if start >= len(content):
            return Reply(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Reply(206, content[start:], headers, cut_after=cut)

    def wanted_ranges(self) -> list[str]:
        return [a.headers.get("range", "") for a in self.asked if a.method == "GET"]
