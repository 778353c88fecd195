"""States of a question in words, and how they look."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

STATES: dict[str, Any] = {
    "asked": _l("Waits for an answer"),
    "answered": _l("Answered"),
    "declined": _l("Not answered"),
    "withdrawn": _l("Taken back"),
}
LOOKS = {
    "asked": ("clock", "cham"),
    "answered": ("check", "la"),
    "declined": ("cross", "son"),
    "withdrawn": ("pen", "wait"),
}
