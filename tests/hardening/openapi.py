"""An OpenAPI description of every route: from `app.url_map`, and from the forms and links of the pages themselves.

What lives here: paths with their converters, values that exist in the small forum, query parameters and fields of forms
as the pages offer them, and what every answer must be. What does not: asking (test_described_requests.py).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import html5lib
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, IntegerConverter, Map, Rule, UUIDConverter

HTML = "{http://www.w3.org/1999/xhtml}"
METHODS = ("GET", "POST")
# Every answer has these, whatever it says.
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "X-Request-ID",
)
GOOD = ("200", "302", "303")
REFUSED = ("400", "403", "404", "405", "409", "410", "413", "415", "422", "429")
PAGE = ("text/html",)
# What answers with something else than a page where all is well.
MEDIA = {
    "health.live": ("application/json",),
    "health.ready": ("application/json",),
    "listings.autosave": ("application/json",),
    "attachments.download": ("*/*",),
    "attachments.preview": ("image/png", "image/webp", "image/jpeg"),
    "static": ("*/*",),
    "privacy.take_copy": ("application/zip",),
}
STATE = {"type": "object", "required": ["status"], "properties": {"status": {"enum": ["ok", "unavailable"]}}}
SAVED = {
    "type": "object",
    "required": ["state", "message"],
    "properties": {
        "state": {"enum": ["saved", "off", "conflict"]},
        "message": {"type": "string", "minLength": 1},
        "version": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "notes": {"type": "object"},
    },
}
CONTENT = {"health.live": STATE, "health.ready": STATE, "listings.autosave": SAVED}
KINDS: dict[str, dict[str, Any]] = {
    "number": {"anyOf": [{"type": "integer"}, {"type": "number"}]},
    "date": {"type": "string", "format": "date"},
    "month": {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "file": {"type": "string", "format": "binary", "maxLength": 3000},
}

Fields = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Offer:
    """A link or form as somebody's page holds it: what stands in its path, and its hidden fields."""

    role: str
    path: tuple[tuple[str, str], ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()


class Seen:
    """What pages offer, by endpoint: query parameters, fields of forms, and by method the links and forms themselves."""

    def __init__(self, urls: Map) -> None:
        self.adapter = urls.bind("localhost")
        self.queries: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.forms: dict[str, Fields] = defaultdict(dict)
        self.needed: dict[str, set[str]] = defaultdict(set)
        self.files: set[str] = set()
        self.offers: dict[tuple[str, str], list[Offer]] = defaultdict(list)

    def read(self, html: str, page: str, role: str) -> None:
        """Take in what one page links to and what its forms send."""
        self.link(page, role)
        document = html5lib.parse(html)
        for link in document.iter(f"{HTML}a"):
            self.link(link.get("href") or "", role)
        for form in document.iter(f"{HTML}form"):
            action = (form.get("action") or page).partition("#")[0]
            if (form.get("method") or "get").lower() == "post":
                for address in (action, form.get("data-autosave")):  # the script sends the same fields there
                    if address:
                        self._form(form, address, role)
            elif found := self._matched(action, "GET"):
                for element in form.iter():
                    if name := element.get("name"):
                        self.queries[found[0]][name] |= _choices(element) or {element.get("value") or ""}

    def link(self, address: str, role: str) -> None:
        """Take in an address: what stands in its path and what in its query."""
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/"):
            return
        if found := self._matched(address, "GET"):
            self._offer(found[0], "GET", Offer(role, found[1]))
            for name, value in parse_qsl(parts.query, keep_blank_values=True):
                self.queries[found[0]][name].add(value)

    def values(self, endpoint: str, name: str) -> set[str]:
        """What stands in that place of the path, wherever a page leads to the endpoint."""
        offers = self.offers[endpoint, "GET"] + self.offers[endpoint, "POST"]
        return {value for offer in offers for held, value in offer.path if held == name}

    def _matched(self, address: str, method: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
        try:
            endpoint, values = self.adapter.match(urlsplit(address).path, method)
        except HTTPException:
            return None
        return str(endpoint), tuple(sorted((name, str(value)) for name, value in values.items()))

    def _offer(self, endpoint: str, method: str, offer: Offer) -> None:
        held = self.offers[endpoint, method]
        if all((one.role, one.path) != (offer.role, offer.path) for one in held):
            held.append(offer)

    def _form(self, form: Any, action: str, role: str) -> None:
        found = self._matched(action, "POST")
        if found is None:
            return
        endpoint, hidden = found[0], {}
        if (form.get("enctype") or "").startswith("multipart"):
            self.files.add(endpoint)
        for element in form.iter():
            name, tag = element.get("name"), str(element.tag).removeprefix(HTML)
            if not name or tag not in ("input", "select", "textarea", "button"):
                continue
            kind = (element.get("type") or "text").lower() if tag == "input" else tag
            if kind == "hidden":
                hidden[name] = element.get("value") or ""
            self.forms[endpoint][name] = _field(element, kind, self.forms[endpoint].get(name, {}))
            if kind not in ("checkbox", "radio", "button", "submit", "file"):
                self.needed[endpoint].add(name)
        self._offer(endpoint, "POST", Offer(role, found[1], tuple(hidden.items())))


def _choices(element: Any) -> set[str]:
    return {option.get("value") or "" for option in element.iter(f"{HTML}option")}


def _field(element: Any, kind: str, known: dict[str, Any]) -> dict[str, Any]:
    """The schema of one control; what a select, a box or a hidden field held on any page is among its values."""
    if kind in KINDS:
        return KINDS[kind]
    if kind in ("textarea", "text", "search", "tel", "password"):
        return {"type": "string", "maxLength": min(int(element.get("maxlength") or 500), 500)}
    found = _choices(element) or {element.get("value") or ""}
    if element.get("name") == "idempotency_key":
        return {"type": "string", "format": "uuid"}
    return {"enum": sorted(found | set(known.get("enum", ())))[:40]}


def _path(rule: Rule, seen: Seen) -> tuple[str, list[dict[str, Any]]]:
    """The path as OpenAPI writes it, and its parameters: values that pages lead to, and others of their kind."""
    parts, parameters = [], []
    for is_dynamic, text in rule._trace:
        parts.append(f"{{{text}}}" if is_dynamic else text)
    for name in sorted(rule.arguments):
        converter = rule._converters[name]
        known = sorted(seen.values(rule.endpoint, name))[:40]
        if isinstance(converter, AnyConverter):
            schema: dict[str, Any] = {"enum": sorted(converter.items)}
        elif isinstance(converter, UUIDConverter):
            schema = {"type": "string", "format": "uuid"}
        elif isinstance(converter, IntegerConverter):
            schema = {"type": "integer", "minimum": 0}
            known = [int(value) for value in known]
        else:
            schema = {"type": "string", "minLength": 1, "maxLength": 200}
        if known and not isinstance(converter, AnyConverter):
            schema = {"anyOf": [{"enum": known}, schema]}
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    return "".join(parts).split("|", 1)[-1], parameters


def describe(app: Flask, seen: Seen) -> dict[str, Any]:
    """The description of all routes, as a dictionary; `operationId` is the endpoint."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for rule in app.url_map.iter_rules():
        path, parameters = _path(rule, seen)
        for method in METHODS:
            if method in (rule.methods or ()):
                operation = _operation(rule.endpoint, method, seen)
                operation["parameters"] = [*parameters, *operation["parameters"]]
                paths[path][method.lower()] = operation
    return {"openapi": "3.1.0", "info": {"title": "PPP Match", "version": "1"}, "paths": dict(paths)}


def _operation(endpoint: str, method: str, seen: Seen) -> dict[str, Any]:
    asked = {
        "lang": {"vi", "en"},
        **{name: held for name, held in seen.queries[endpoint].items() if name != "lang"},
    }
    parameters = [
        {"name": name, "in": "query", "schema": _query(name, held)} for name, held in sorted(asked.items())
    ]
    media = MEDIA.get(endpoint, PAGE) if method == "GET" or endpoint in MEDIA else PAGE
    content = {kind: {"schema": CONTENT.get(endpoint, {})} for kind in (*media, *_files(endpoint, seen))}
    headers = {name: {"required": True, "schema": {"type": "string", "minLength": 1}} for name in HEADERS}
    refusals = {**{kind: {} for kind in PAGE}, **(content if endpoint in CONTENT else {})}
    operation: dict[str, Any] = {
        "operationId": f"{endpoint} {method}",
        "parameters": parameters,
        "responses": {
            **{
                status: {
                    "description": "",
                    "content": content if status == "200" else {"text/html": {}},
                    "headers": headers,
                }
                for status in GOOD
            },
            **{status: {"description": "", "content": refusals, "headers": headers} for status in REFUSED},
        },
    }
    if method == "POST":
        fields = seen.forms[endpoint]
        kind = "multipart/form-data" if endpoint in seen.files else "application/x-www-form-urlencoded"
        schema = {
            "type": "object",
            "properties": fields,
            "required": sorted(seen.needed[endpoint]),
            "additionalProperties": False,
        }
        operation["requestBody"] = {"content": {kind: {"schema": schema}}}
    return operation


def _query(name: str, held: set[str]) -> dict[str, Any]:
    known = {"enum": sorted(held)[:40]}
    return known if name == "lang" else {"anyOf": [known, {"type": "string", "maxLength": 60}]}


def _files(endpoint: str, seen: Seen) -> tuple[str, ...]:
    """Lists that can be taken as a file say so by a parameter."""
    kinds = {"csv": "text/csv", "jsonl": "application/x-ndjson", "tsv": "text/tab-separated-values"}
    offered = set().union(*seen.queries[endpoint].values()) if seen.queries[endpoint] else set()
    return tuple(kinds[one] for one in sorted(offered & set(kinds)))
