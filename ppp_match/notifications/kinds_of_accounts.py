"""Kinds of mail about one's own account: never in the inbox."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind


def _security(sentence: Any, heading: Any) -> Kind:
    return Kind(sentence, heading, _l("See the security of your account"), family="security")


# Mail about one's own account: never in the inbox. The link stands in the context until the mail is sent.
ACCOUNT_KINDS: dict[str, Kind] = {
    "account.confirm": Kind(
        _l("Confirm your e-mail address to finish signing up."),
        _l("Confirm your e-mail address"),
        _l("Confirm the address"),
        family="account",
    ),
    "account.reset": Kind(
        _l(
            "Somebody, probably you, asked for a new password. The link works once and for a short time. "
            "If it was not you, do nothing: your password stays as it is."
        ),
        _l("Choose a new password"),
        _l("Choose a new password"),
        family="account",
    ),
    "account.password_changed": Kind(
        _l(
            "The password of your account was changed. If it was not you, choose a new one at once "
            "and write to us."
        ),
        _l("Your password was changed"),
        _l("Choose a new password"),
        family="account",
    ),
    "account.exists": Kind(
        _l(
            "Somebody, probably you, tried to sign up with this address. You already have an account: "
            "sign in, or choose a new password if you have forgotten it."
        ),
        _l("You already have an account"),
        _l("Sign in"),
        family="account",
    ),
    "account.factor_added": _security(
        _l("A second factor was added to your account."), _l("A second factor was added to your account")
    ),
    "account.factor_removed": _security(
        _l("A second factor was removed from your account."),
        _l("A second factor was removed from your account"),
    ),
    "account.factors_reset": _security(
        _l(
            "An administrator has taken all second factors from your account, so that you can set up new ones. "
            "All your sessions have ended."
        ),
        _l("Your second factors were reset"),
    ),
    "account.recovery_codes_made": _security(
        _l("New recovery codes were made for your account. The old ones no longer work."),
        _l("New recovery codes were made"),
    ),
    "account.recovery_code_used": _security(
        _l("A recovery code was used to sign in to your account. Codes left: %(left)s."),
        _l("A recovery code was used"),
    ),
    "account.email_change": Kind(
        _l(
            "Somebody, probably you, wants to use this address for an account at PPP Match. Opening the link "
            "changes nothing: you confirm on the page. If it was not you, do nothing."
        ),
        _l("Confirm your new e-mail address"),
        _l("Confirm the address"),
        family="account",
    ),
    "account.email_changed": Kind(
        _l(
            "The e-mail address of your account was changed, and this address no longer belongs to it. "
            "If it was not you, write to us at once."
        ),
        _l("The e-mail address of your account was changed"),
        family="account",
    ),
    "account.disabled": Kind(
        _l("An administrator has disabled your account. The reason: %(reason)s"),
        _l("Your account is disabled"),
        family="account",
    ),
    "account.enabled": Kind(
        _l("An administrator has enabled your account again. The reason: %(reason)s"),
        _l("Your account works again"),
        _l("Sign in"),
        family="account",
    ),
    "account.role_given": Kind(
        _l(
            "Two administrators have given you a role in the forum. Sign in to begin; a second factor is part of it."
        ),
        _l("You have a new role in the forum"),
        _l("Sign in"),
        family="account",
    ),
    "account.role_taken": Kind(
        _l("An administrator has ended your role in the forum. The reason: %(reason)s"),
        _l("Your role in the forum has ended"),
        _l("Sign in"),
        family="account",
    ),
    "account.closed": Kind(
        _l(
            "Your account is closed, as you asked. Your name and address are no longer in it. What your organisation "
            "published and what was decided stays."
        ),
        _l("Your account is closed"),
        family="account",
    ),
    "account.domain_proof": Kind(
        _l(
            "%(person)s says that this mailbox belongs to %(organisation)s, which asks to be verified at PPP Match, the "
            "forum where cities and companies find each other. Opening the link changes nothing: you confirm on the page."
        ),
        _l("Does this mailbox belong to your organisation?"),
        _l("See the question"),
        family="domain",
    ),
    "account.reference_request": Kind(
        _l(
            "%(vendor)s names you as the client of a project at PPP Match, the forum where cities and companies find "
            "each other. Is what it says true? You need no account. Opening the link changes nothing: you answer on "
            "the page."
        ),
        _l("Is this reference to your project true?"),
        _l("Read what is said and answer"),
        family="reference",
    ),
    "account.invitation": Kind(
        _l(
            "%(inviter)s invites you to work with %(organisation)s at PPP Match, the forum where cities and companies "
            "find each other. Opening the link changes nothing: you decide on the page."
        ),
        _l("You are invited to join an organisation"),
        _l("See the invitation"),
        family="invitation",
    ),
}
