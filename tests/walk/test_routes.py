"""Every route is declared, and answers every role as the table says."""

from __future__ import annotations

from flask import url_for

from ppp_match.permissions import PERMISSIONS
from ppp_match.web import UNDECLARED, permission_of
from tests.walk.routes import GET
from tests.world import ROLES, nobody_knows

# Endpoints whose GET needs a secret or a body that the walk does not have; their own tests ask them.
ASKED_ELSEWHERE = {
    "security.confirm_email",
    "security.reset_password",
    "security.send_confirmation",
    "security.verify",
    "security.static",
    "notifications.mail",
    "notifications.mail_html",
}


def _rules(app, method):
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods]


def test_every_route_is_declared(app):
    undeclared = {
        rule.endpoint for rule in app.url_map.iter_rules() if permission_of(app, rule.endpoint) is UNDECLARED
    }
    assert undeclared <= {
        "security.static",
        "security.verify",
    }  # not used by us: 403, the walk below proves it
    for rule in app.url_map.iter_rules():
        permission = permission_of(app, rule.endpoint)
        assert permission in (None, UNDECLARED) or permission in PERMISSIONS, rule.endpoint


def test_every_get_route_stands_in_the_table(app):
    listed = {endpoint for endpoint, _what in GET} | ASKED_ELSEWHERE
    assert {rule.endpoint for rule in _rules(app, "GET")} == listed | {
        e for e in ASKED_ELSEWHERE if e in listed
    }


def test_get_routes_answer_each_role_as_expected(app, world, clients):
    wrong = []
    for (endpoint, what), (arguments, expected) in GET.items():
        with app.test_request_context():
            url = url_for(endpoint, **arguments(world))
        for role, wanted in zip(ROLES, expected, strict=True):
            response = clients[role].get(url)
            got = response.status_code
            to_sign_in = got == 302 and response.location.startswith("/login")
            right = to_sign_in if wanted == "login" else got == wanted
            if not right:
                wrong.append(f"{endpoint} {what} as {role}: {got}, expected {wanted}")
    assert not wrong, "\n".join(wrong)


def test_post_routes_let_no_visitor_in_and_no_stranger(app, world, clients):
    """A visitor is led to sign in; a role without the permission gets 403; nothing is ever a 500."""
    from ppp_match.permissions import can
    from tests.factories import actor_of

    open_to_all = {
        "security.login",
        "security.register",
        "security.forgot_password",
        "security.send_confirmation",
        "second_step.ask",  # whoever knows the password, and whoever has a passkey
        "second_step.by_passkey",
        "accounts.confirm_email",  # whoever has the secret link
        "teams.decline",  # whoever has the secret link, with or without an account
        "teams.register",
        "verification.domain_confirm",
        "listings.reference_answer",
        "partnerships.by_link",  # whoever has the link of the question
        "notifications.unsubscribe",  # mail programs, by the link of a mail
        "complaints.report",  # visitors report too
        "complaints.tell_concern",
        "complaints.concern_again",
    }
    wrong = []
    for rule in _rules(app, "POST"):
        if rule.endpoint in open_to_all | {
            "security.reset_password",
            "security.confirm_email",
            "security.verify",
        }:
            continue
        values = {name: nobody_knows() for name in rule.arguments}
        values |= {"kind": "needs"} if "kind" in rule.arguments else {}
        values |= {"verb": "submit"} if "verb" in rule.arguments else {}
        with app.test_request_context():
            url = url_for(rule.endpoint, **values)
        permission = permission_of(app, rule.endpoint)
        for role in ROLES:
            if rule.endpoint == "security.logout":
                continue
            status = clients[role].post(url, data={}).status_code
            if role == "visitor":
                right = status == 302
            elif not can(actor_of(world.people[role]), permission):
                right = status == 403
            else:
                shown_once = rule.endpoint == "accounts.recovery_codes"  # in the answer itself
                right = 300 <= status < 500 or shown_once
            if not right:
                wrong.append(f"POST {rule.endpoint} as {role}: {status}")
    assert not wrong, "\n".join(wrong)


def test_what_is_not_there_is_404_for_everybody(app, world, clients):
    for role in ROLES:
        for path in (f"/needs/{nobody_knows()}", "/needs/not-an-id", "/nothing", "/static/nothing.css"):
            assert clients[role].get(path).status_code == 404, (role, path)


def test_get_requests_write_nothing(app, world, clients):
    """Asking every page as every role leaves the audit trail and the listings as they were.

    All that may come to the trail is that the staff read something of others, which is itself recorded.
    """
    from sqlalchemy import func, select

    from ppp_match.audit import AuditEvent
    from ppp_match.db import db
    from ppp_match.search.models import IndexChange

    def state():
        readings = (
            "introduction.read",
            "audit.exported",
            "attachment.read",
            "correction.read",
            "message.read",
            "concern.read",
            "declared_interest.read",
            "declaration.read",
            "partnership.read",
            "introduction.exported",
            "account.read",
            "verification.read",
        )
        events = select(func.count()).where(AuditEvent.action.not_in(readings))
        return [db.session.scalar(events), db.session.scalar(select(func.count()).select_from(IndexChange))]

    before = state()
    for (endpoint, _what), (arguments, _expected) in GET.items():
        with app.test_request_context():
            url = url_for(endpoint, **arguments(world))
        for role in ROLES:
            clients[role].get(url)
    assert state() == before
