"""How a browser sends a file."""

from __future__ import annotations

import io
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.attachments import samples
from tests.conftest import new_key


def file_form(data: bytes | None = None, name: str = "Sơ đồ.pdf", **more: Any) -> dict[str, Any]:
    content = samples.pdf() if data is None else data
    return {
        "file": FileStorage(io.BytesIO(content), name),
        "file_description": "What it shows",
        "file_lang": "en",
        "idempotency_key": new_key(),
        **more,
    }


def send(client: Any, page: str, form: dict[str, Any]) -> Any:
    boundary, body = encode_multipart(MultiDict(form))
    return client.post(page, data=body, content_type=f"multipart/form-data; boundary={boundary}")
