"""A form that came with the token of an earlier sign-in: what was typed goes back to its writer, ready to be sent.

A session that ends while somebody writes must not cost the text (the sign-in takes a new token, so the open form no
longer fits). Only a form of our own pages is offered again, and only a press of the button sends it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

TOKENS = {"csrf_token"}
SECRETS = ("password", "credential")  # a name that holds one of these words: typed anew, never shown


def typed_again() -> list[tuple[str, str]]:
    """(name, value) of what the form held but tokens and secrets; empty where it did not come from our pages."""
    if not _from_our_pages():
        return []
    shown = [
        name for name in request.form if name not in TOKENS and not any(word in name for word in SECRETS)
    ]
    return [(name, value) for name in shown for value in request.form.getlist(name)]


def _from_our_pages() -> bool:
    came = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(came).netloc == request.host
