"""Forms of a page as a person would fill them: valid where a choice is asked, hostile where text is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"
TYPED = ("text", "search", "url", "email", "tel", "")
USUAL = {"number": "12", "date": "2031-05-01", "password": "demo-Passw0rd!", "month": "2031-05"}
# The forms with which one leaves, so that nothing could be asked afterwards, and those that take no text to keep.
LEAVING = ("/logout", "/account/close", "/change", "/account/sessions", "/login", "/organisations/leave")


@dataclass
class FilledForm:
    """What a form sends: what stood in it, and the names of the fields in which one types."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, int] = field(default_factory=dict)  # the most characters it takes

    def sent(self, texts: Iterator[str]) -> dict[str, list[str]]:
        """The data of the form with the next of those texts in each field in which one types."""
        data = {name: list(values) for name, values in self.values.items()}
        for name, most in self.typed.items():
            data[name] = [next(texts)[:most]]
        if "idempotency_key" in data:
            data["idempotency_key"] = [uuid.uuid4().hex]
        return data


def forms_of(html: str, page: str) -> list[FilledForm]:
    """Every form of the page that is posted and takes text."""
    found = []
    for form in html5lib.parse(html).iter(f"{HTML}form"):
        action = (form.get("action") or page).partition("#")[0]
        if (form.get("method") or "get").lower() == "post" and not action.startswith(LEAVING):
            filled = FilledForm(action)
            for element in form.iter():
                _fill(filled, element)
            if filled.typed:
                found.append(filled)
    return found


def _fill(filled: FilledForm, element) -> None:
    name, tag = element.get("name"), str(element.tag).removeprefix(HTML)
    if not name or element.get("disabled") is not None:
        return
    kind = (element.get("type") or "").lower() if tag == "input" else tag
    if kind == "button":
        filled.values.setdefault(name, [element.get("value") or ""])
    elif kind == "select":
        options = list(element.iter(f"{HTML}option"))
        chosen = [o for o in options if o.get("selected") is not None] or [
            o for o in options if o.get("value")
        ][:1]
        filled.values[name] = [o.get("value") or "" for o in chosen]
    elif kind in ("checkbox", "radio"):
        if element.get("checked") is not None or name not in filled.values:
            kept = filled.values.get(name, []) if kind == "checkbox" else []
            filled.values[name] = [*kept, element.get("value") or "on"]
    elif kind == "textarea" or (kind in TYPED and "mail" not in name):
        filled.typed[name] = int(element.get("maxlength") or 100_000)
    elif kind != "file":
        filled.values[name] = [
            element.get("value") or USUAL.get(kind, "somebody@else.example" if "mail" in name else "")
        ]
