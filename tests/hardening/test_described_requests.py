"""Schemathesis asks every route as its description says, and as it does not, as a visitor and as each role.

Where test_arbitrary_requests.py sends any bytes to a page's address, this knows what each route takes: it fills path,
query and form with values of their kinds (an identifier that exists, a day, a choice) and breaks one at a time, so that
it gets past the first check into operations. What comes back is held against the description: a status, a type and
headers that are declared, JSON of its schema, a refusal as a page in the language that was asked for.
"""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import html5lib
import schemathesis
from flask import Flask, url_for
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup

from ppp_match.permissions import VISITOR, can
from ppp_match.web import UNDECLARED, permission_of
from tests.factories import actor_of
from tests.hardening.arbitrary import bounded
from tests.hardening.openapi import CONTENT, Offer, Seen, describe
from tests.walk.routes import GET
from tests.world import ROLES

HTML = "{http://www.w3.org/1999/xhtml}"
# One would not be oneself any more afterwards: signed in, these are asked by tests of their own.
ENDING = frozenset(
    {
        "security.logout",
        "security.change_password",
        "accounts.end_session",
        "accounts.end_other_sessions",
        "teams.close_account",
        "privacy.erasure",
        "privacy.consent",
        "privacy.agree",
    }
)
MOST = 4  # examples of a form as its pages hold it

load_all_checks()
CHECKED = [
    not_a_server_error,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
]


def _speaks(answer, case) -> None:
    """A page in the language that was asked for, without a trace; a refusal says something."""
    body = answer.content
    assert b"Traceback (most recent" not in body
    assert b"sqlalchemy" not in body.lower()
    kind = answer.headers.get("content-type", [""])[0]
    if not kind.startswith("text/html") or answer.status_code in (302, 303) or case.method == "HEAD":
        return
    lang = case.query["lang"]
    page = html5lib.parse(body.decode())
    assert page.get("lang") == lang
    assert answer.headers["content-language"] == [lang]
    heading = next(page.iter(f"{HTML}h1"))
    assert "".join(heading.itertext()).strip()


def _seen(app: Flask, world, clients) -> Seen:
    """What pages offer to those who see most of them: a page of each endpoint as a member and as the forum's staff."""
    seen, read = Seen(app.url_map), set()
    with app.test_request_context():
        rows = [
            (name, url_for(name, **arguments(world)), let) for (name, _what), (arguments, let) in GET.items()
        ]
    for endpoint, path, statuses in rows:
        let_in = [role for role, status in zip(ROLES, statuses, strict=True) if status == 200]
        for role in let_in:
            seen.link(path, role)
        for role in {next((one for one in let_in if one != "visitor"), "visitor"), *let_in[:1], *let_in[-1:]}:
            if role in let_in and (endpoint, role) not in read:
                read.add((endpoint, role))
                answer = clients[role].get(path)
                if answer.mimetype == "text/html":
                    seen.read(answer.get_data(as_text=True), path, role)
    return seen


class Asking:
    """Asks operations as their pages offer them, counts what came of it, and keeps what is wrong with the answers."""

    def __init__(self, app: Flask, clients, seen: Seen) -> None:
        self.app, self.clients, self.seen = app, clients, seen
        self.asked: Counter[str] = Counter()
        self.statuses: dict[str, Counter[int]] = {}
        self.wrong: list[str] = []

    def operation(self, operation, endpoint: str, method: str, let_in: list[str]) -> None:
        """With what it takes, as everybody to whom a page offers it; then once with what it does not take."""
        known = [one for one in self.seen.offers[endpoint, method] if one.role in let_in]
        turns = itertools.cycle(_by_turns(known) or [Offer(let_in[-1])])
        roles = len({one.role for one in known}) or 1
        examples = {
            GenerationMode.POSITIVE: min(MOST, 1 + roles) if method == "POST" else roles,
            GenerationMode.NEGATIVE: 1,
        }
        for mode, count in examples.items():
            cases = operation.as_strategy(generation_mode=mode)
            asked = given(case=cases, lang=st.sampled_from(["vi", "en"]))
            bounded(count)(asked(self._turn(turns, mode)))()

    def _turn(self, turns: Iterator[Offer], mode: GenerationMode) -> Callable[..., None]:
        def ask(case, lang: str) -> None:
            self._ask(case, lang, next(turns), mode)

        return ask

    def _ask(self, case, lang: str, offer: Offer, mode: GenerationMode) -> None:
        case.query = {**(case.query if isinstance(case.query, dict) else {}), "lang": lang}
        if mode is GenerationMode.POSITIVE and offer.path:
            case.path_parameters = dict(offer.path)
        else:  # Werkzeug's client takes a question mark in a path for the beginning of a query
            case.path_parameters = {
                name: str(value).replace("?", "") or "-" for name, value in case.path_parameters.items()
            }
        if isinstance(case.body, dict) and offer.hidden:
            case.body = {**case.body, **dict(offer.hidden)}
            if "idempotency_key" in case.body:
                case.body["idempotency_key"] = uuid.uuid4().hex
        answer = case.call(session=self.clients[offer.role], app=self.app)
        name = case.operation.definition.raw["operationId"]
        self.asked[offer.role] += 1
        self.statuses.setdefault(name, Counter())[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKED)
            _speaks(answer, case)
        except (FailureGroup, AssertionError) as found:
            self.wrong.append(f"{offer.role} {case.operation.label} {case.query} {case.body!r}: {found}")


def _by_turns(offers: list[Offer]) -> list[Offer]:
    """The first of each role, then the second of each, and so on."""
    places: Counter[str] = Counter()
    keyed = []
    for offer in offers:
        keyed.append((places[offer.role], ROLES.index(offer.role), offer))
        places[offer.role] += 1
    return [offer for _place, _role, offer in sorted(keyed, key=lambda one: one[:2])]


def _let_in(app: Flask, world, endpoint: str) -> list[str]:
    """The roles that get past the door of an endpoint."""
    permission = permission_of(app, endpoint)
    if permission is UNDECLARED:
        return []
    actors = {role: actor_of(person) if person else VISITOR for role, person in world.people.items()}
    return [
        role
        for role in ROLES
        if (permission is None or can(actors[role], permission))
        and (role == "visitor" or endpoint not in ENDING)
    ]


def test_every_route_answers_as_it_is_described(app, world, clients):
    seen = _seen(app, world, clients)
    schema = schemathesis.openapi.from_dict(describe(app, seen))
    asking = Asking(app, clients, seen)
    found = []
    for result in schema.get_all_operations():
        operation = result.ok()
        endpoint, _space, method = operation.definition.raw["operationId"].partition(" ")
        found.append((method != "GET", endpoint not in CONTENT, endpoint, method, operation))
    # Forms change what pages show, so they come last, and what saves them by itself before them.
    for *_order, endpoint, method, operation in sorted(found, key=lambda one: one[:2]):
        if let_in := _let_in(app, world, endpoint):
            asking.operation(operation, endpoint, method, let_in)
    assert not asking.wrong, "\n\n".join(asking.wrong)
    assert min(asking.asked[role] for role in ROLES) >= 40, asking.asked
    # The description leads somewhere: pages open, forms get past the check of their identifiers into operations.
    shown = [name for name, held in asking.statuses.items() if name.endswith("GET") and held[200]]
    worked = [
        name
        for name, held in asking.statuses.items()
        if name.endswith("POST") and held[302] + held[303] + held[422]
    ]
    assert asking.statuses["listings.autosave POST"][200]
    assert len(shown) > 80, sorted(set(asking.statuses) - set(shown))
    assert len(worked) > 65, {
        name: dict(held) for name, held in asking.statuses.items() if name not in worked
    }
