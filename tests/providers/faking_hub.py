"""A hub on loopback: repositories with commits, large files elsewhere, as the real one answers."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.providers.faking import Asked, FakeFiles, FakeServer, Reply

TOKEN = "hf_made_up"


@dataclass
class Repo:
    """Files by commit, oldest first."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: bool = False
    gated: bool = False

    def commit_of(self, revision: str) -> str | None:
        if revision == "main":
            return list(self.commits)[-1]
        return revision if revision in self.commits else None


class FakeHub(FakeServer):
    """The endpoints that a push and a pull use; large files lie on another server, its storage."""

    def __init__(self, storage: FakeFiles) -> None:
        super().__init__()
        self.storage = storage
        self.repos: dict[str, Repo] = {}
        self.uploaded: dict[str, bytes] = {}
        self.lfs = True
        self.yaml_errors: list[str] = []
        self.stated: dict[str, str] = {}
        for path, answering in {
            "/api/validate-yaml": self._yaml,
            "/api/repos/create": self._create,
            "/api/models/[^/]+/[^/]+(/revision/.+)?": self._info,
            "/api/models/[^/]+/[^/]+/preupload/.+": self._preupload,
            "/api/models/[^/]+/[^/]+/commit/.+": self._commit,
            r"/[^/]+/[^/]+\.git/info/lfs/objects/batch": self._batch,
            "/upload/.+": self._upload,
            "/verify": self._verify,
            "/[^/]+/[^/]+/resolve/.+": self._resolve,
        }.items():
            self.route(path, answering)

    def add(self, repo: str, files: dict[str, bytes]) -> str:
        """Commit files beside those that are there; return the commit."""
        kept = self.repos.setdefault(repo, Repo())
        before = kept.commits[kept.commit_of("main") or ""] if kept.commits else {}
        files = {**before, **files}
        facts = repr((len(kept.commits), sorted(files.items())))
        commit = hashlib.sha1(facts.encode()).hexdigest()
        kept.commits[commit] = files
        return commit

    def methods(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def _knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {TOKEN}"

    def _seen(self, asked: Asked, repo: str) -> Repo | Reply:
        """Return a repository that this user may see; else the error of the real hub."""
        found = self.repos.get(repo)
        if "authorization" in asked.headers and not self._knows(asked):
            message = "Invalid credentials in Authorization header"
            return Reply(401, {"error": message}, {"X-Error-Message": message})
        if found is None or (found.private and not self._knows(asked)):
            status = 404 if self._knows(asked) else 401
            message = "Repository not found"
            said = {"X-Error-Code": "RepoNotFound", "X-Error-Message": message}
            return Reply(status, {"error": message}, said)
        return found

    def _info(self, asked: Asked) -> Reply:
        owner, name, *rest = asked.path.removeprefix("/api/models/").split("/", 3)
        repo = f"{owner}/{name}"
        seen = self._seen(asked, repo)
        if isinstance(seen, Reply):
            return seen
        commit = seen.commit_of(unquote(rest[-1]) if rest else "main")
        if commit is None:
            return Reply(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
        facts: dict[str, Any] = {
            "_id": "0" * 24,
            "id": repo,
            "modelId": repo,
            "author": owner,
            "sha": commit,
            "private": seen.private,
            "gated": "manual" if seen.gated else False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": ["trackoracle"],
            "createdAt": "2026-03-01T12:00:00.000Z",
            "siblings": [{"rfilename": file} for file in sorted(seen.commits[commit])],
        }
        return Reply(body=facts)

    def _resolve(self, asked: Asked) -> Reply:
        owner, name, _, revision, file = asked.path[1:].split("/", 4)
        seen = self._seen(asked, f"{owner}/{name}")
        if isinstance(seen, Reply):
            return seen
        if seen.gated and not self._knows(asked):
            return Reply(401, "Access restricted", {"X-Error-Code": "GatedRepo"})
        commit = seen.commit_of(unquote(revision))
        if commit is None:
            return Reply(404, b"", {"X-Error-Code": "RevisionNotFound"})
        content = seen.commits[commit].get(unquote(file))
        if content is None:
            return Reply(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        headers = {"X-Repo-Commit": commit, **self.stated}
        if not (self.lfs and file.endswith(".oracle")):
            return Reply(200, content, {"ETag": f'"{git_sum(content)}"', **headers})
        oid = hashlib.sha256(content).hexdigest()
        self.storage.files.setdefault(f"/cdn/{oid}", content)
        large = {
            "X-Linked-Etag": f'"{oid}"',
            "X-Linked-Size": str(len(content)),
            "Location": f"{self.storage.url}/cdn/{oid}?signature=1",
        }
        return Reply(302, b"", large | headers)

    def _yaml(self, asked: Asked) -> Reply:
        text = json.loads(asked.body)["content"]
        assert text.startswith("---\n")
        errors = [{"message": each} for each in self.yaml_errors]
        return Reply(400 if errors else 200, {"errors": errors, "warnings": []})

    def _create(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return Reply(401, {"error": "Invalid username or password."})
        facts = json.loads(asked.body)
        repo = f"{facts['organization']}/{facts['name']}"
        if repo in self.repos:
            return Reply(409, {"error": "You already created this model repo"})
        self.repos[repo] = Repo(private=facts.get("visibility") == "private")
        self.add(repo, {".gitattributes": b"*.safetensors filter=lfs\n"})
        return Reply(body={"url": f"{self.url}/{repo}", "name": repo, "id": "0" * 24})

    def _preupload(self, asked: Asked) -> Reply:
        files = json.loads(asked.body)["files"]
        modes = {f["path"]: self.lfs and f["path"].endswith(".oracle") for f in files}
        told = [
            {"path": path, "uploadMode": "lfs" if lfs else "regular", "shouldIgnore": False}
            for path, lfs in modes.items()
        ]
        return Reply(body={"files": told})

    def _batch(self, asked: Asked) -> Reply:
        objects = json.loads(asked.body)["objects"]
        for each in objects:
            upload = {"href": f"{self.url}/upload/{each['oid']}", "header": {}}
            verify = {"href": f"{self.url}/verify", "header": {}}
            each["actions"] = {"upload": upload, "verify": verify}
        return Reply(body={"transfer": "basic", "objects": objects})

    def _upload(self, asked: Asked) -> Reply:
        oid = asked.path.split("/")[-1]
        assert hashlib.sha256(asked.content).hexdigest() == oid
        self.uploaded[oid] = asked.content
        return Reply(200)

    def _verify(self, asked: Asked) -> Reply:
        facts = json.loads(asked.body)
        assert len(self.uploaded[facts["oid"]]) == facts["size"]
        return Reply(body={})

    def _commit(self, asked: Asked) -> Reply:
        owner, name = asked.path.split("/")[3:5]
        repo = f"{owner}/{name}"
        head, *lines = map(json.loads, asked.body.splitlines())
        parent = head["value"].get("parentCommit")
        if parent and parent != self.repos[repo].commit_of("main"):
            return Reply(412, {"error": "A commit has happened since."})
        files = {}
        for line in lines:
            value = line["value"]
            if line["key"] == "lfsFile":
                files[value["path"]] = self.uploaded[value["oid"]]
            else:
                files[value["path"]] = base64.b64decode(value["content"])
        commit = self.add(repo, files)
        url = f"{self.url}/{repo}/commit/{commit}"
        return Reply(body={"success": True, "commitOid": commit, "commitUrl": url})


def git_sum(content: bytes) -> str:
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
