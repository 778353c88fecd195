"""Static files under content-hashed names, compressed once, served by WhiteNoise in front of the application.

`collect()` copies `static/` and the files of front-end packages into the instance folder under names that change
with their content, so that browsers may keep them for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import brotli
from flask import Flask
from whitenoise import WhiteNoise

from ppp_match.config import ROOT, Settings

TEXT = {".css", ".js", ".svg", ".json", ".txt"}
FOREVER = 365 * 24 * 3600


def _bootstrap() -> Path:
    spec = importlib.util.find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise RuntimeError("Bootstrap-Flask is not installed; run the README's command again.")
    return Path(spec.origin).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"


def sources() -> dict[str, Path]:
    """{path as templates name it: file}."""
    own = ROOT / "static"
    found = {str(p.relative_to(own)): p for p in sorted(own.rglob("*")) if p.is_file() and p.name[0] != "."}
    found["vendor/bootstrap/css/bootstrap.min.css"] = _bootstrap()
    return found


def _write(target: Path, data: bytes) -> None:
    temporary = target.with_name(f"{target.name}.{hashlib.sha256(data).hexdigest()[:6]}.part")
    temporary.write_bytes(data)
    temporary.replace(target)


def collect(folder: Path, *, compress: bool = True) -> dict[str, str]:
    """Write what is missing into `folder`; returns {path as templates name it: hashed path}."""
    names = {}
    for name, source in sources().items():
        data = source.read_bytes()
        path = Path(name)
        hashed = path.with_name(f"{path.stem}.{hashlib.sha256(data).hexdigest()[:10]}{path.suffix}")
        names[name] = hashed.as_posix()
        target = folder / hashed
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if compress and path.suffix in TEXT:
            _write(target.with_name(target.name + ".br"), brotli.compress(data, quality=9))
            _write(target.with_name(target.name + ".gz"), gzip.compress(data, 9, mtime=0))
        _write(target, data)
    return names


def register_static_files(app: Flask, settings: Settings) -> None:
    """Collect the files and serve them at /static/; templates ask `static_url(path)`."""
    folder = settings.instance / "static"
    names = collect(folder, compress=settings.mode != "testing")

    def static_url(path: str) -> str:
        """Address of a static file. Raises KeyError for a file that does not exist."""
        return f"/static/{names[path]}"

    app.jinja_env.globals["static_url"] = static_url
    server: Any = WhiteNoise(app.wsgi_app, max_age=FOREVER, allow_all_origins=False)
    server.add_files(str(folder), prefix="static/")
    app.wsgi_app = server  # type: ignore[method-assign]
