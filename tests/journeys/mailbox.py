"""The mail of the forum that the journeys use: a demo forum without a mail server writes each letter into a folder."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from pathlib import Path


def link_in_mail(email: str, folder: Path, part: str) -> str:
    """The newest link with `/part/` in a mail to that address, which the worker writes within seconds."""
    wanted = re.compile(rf"https?://\S+/{re.escape(part)}/\S+")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for path in sorted(folder.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["To"] and email in str(message["To"]):
                body = message.get_body(("plain",))
                assert body is not None
                if found := wanted.search(body.get_content()):
                    return found.group()
        time.sleep(0.3)
    raise AssertionError(f"no mail to {email} with a link to {part}")
