"""Styles and scripts: read once, each served under its hash, so that browsers keep it for ever."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_FOLDER = files("cinegraph.web") / "static"
_STYLES = "cinegraph.css"
"""All of `static/styles`, in the order of their names: a file a subject, one request."""
_SERVED = (".css", ".js", ".svg", ".png", ".woff2")
_FOR_EVER = "public, max-age=31536000, immutable"
_HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    name: str
    media_type: str
    body: bytes
    compressed: bytes

    @property
    def path(self) -> str:
        """Where it is served."""
        digest = hashlib.sha256(self.body).hexdigest()[:_HASH_LENGTH]
        return f"/static/{digest}/{self.name}"


class Assets:
    """All of them."""

    def __init__(self) -> None:
        bodies = {
            entry.name: entry.read_bytes()
            for entry in _FOLDER.iterdir()
            if entry.name.endswith(_SERVED)
        }
        bodies[_STYLES] = _join_styles()
        self._by_name = {name: _read(name, body) for name, body in bodies.items()}
        self._by_path = {asset.path: asset for asset in self._by_name.values()}

    def find(self, name: str) -> Asset:
        """Return a file; `KeyError`: there is none."""
        return self._by_name[name]

    def path_of(self, name: str) -> str:
        """Return where a file is served; `KeyError`: there is none."""
        return self._by_name[name].path

    async def serve(self, request: Request) -> Response:
        """Answer for one file."""
        asset = self._by_path.get(request.url.path)
        if asset is None:
            return PlainTextResponse("There is no such file.\n", 404)
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(asset.compressed, 200, headers, asset.media_type)
        return Response(asset.body, 200, headers, asset.media_type)


def _join_styles() -> bytes:
    parts = sorted((_FOLDER / "styles").iterdir(), key=lambda entry: entry.name)
    return b"\n".join(part.read_bytes() for part in parts)


def _read(name: str, body: bytes) -> Asset:
    media_type, _ = mimetypes.guess_type(name)
    return Asset(
        name,
        media_type or "application/octet-stream",
        body,
        gzip.compress(body, 9, mtime=0),
    )
