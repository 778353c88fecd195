"""What Flask-Security says to people, in our words and from our catalogue; it holds no rule and no logic."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

WORDS: dict[str, tuple[Any, str]] = {
    "API_ERROR": (_l("This field takes text only."), "error"),
    "GENERIC_AUTHN_FAILED": (_l("E-mail or password is not right."), "error"),
    "UNAUTHORIZED": (_l("Your role does not allow this."), "error"),
    "UNAUTHENTICATED": (_l("Sign in, then open the page again."), "error"),
    "CONFIRM_REGISTRATION": (
        _l("We have written to %(email)s. Open the link in that mail to confirm the address, then sign in."),
        "success",
    ),
    "EMAIL_CONFIRMED": (_l("Your e-mail address is confirmed. Sign in to begin."), "success"),
    "ALREADY_CONFIRMED": (_l("This e-mail address was confirmed before. You can sign in."), "info"),
    "INVALID_CONFIRMATION_TOKEN": (
        _l("This confirmation link is not valid. Ask for a new one below."),
        "error",
    ),
    "CONFIRMATION_EXPIRED": (_l("This confirmation link has expired. Ask for a new one below."), "error"),
    "CONFIRMATION_REQUIRED": (
        _l("Your e-mail address is not confirmed yet. Open the link in the mail we sent you."),
        "error",
    ),
    "CONFIRMATION_REQUEST": (
        _l("If %(email)s belongs to an account that waits for confirmation, a new link is on its way to it."),
        "info",
    ),
    "EMAIL_ALREADY_ASSOCIATED": (_l("This e-mail address cannot be used."), "error"),
    "IDENTITY_ALREADY_ASSOCIATED": (_l("This e-mail address cannot be used."), "error"),
    "EMAIL_NOT_PROVIDED": (_l("Enter your e-mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (_l("Enter a whole e-mail address, like name@city.example."), "error"),
    "PASSWORD_NOT_PROVIDED": (_l("Enter a password."), "error"),
    "PASSWORD_INVALID_LENGTH": (_l("Use at least %(length)s characters for the password."), "error"),
    "PASSWORD_TOO_LONG": (_l("Use at most %(length)s characters for the password."), "error"),
    "PASSWORD_TOO_COMMON": (
        _l("Many people use this password, so it is tried first. Choose another one."),
        "error",
    ),
    "PASSWORD_IS_NAME": (_l("Choose a password that is not your name or e-mail address."), "error"),
    "PASSWORD_MISMATCH": (_l("The two passwords differ."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_l("The two passwords differ."), "error"),
    "PASSWORD_IS_THE_SAME": (_l("Choose a password that differs from the old one."), "error"),
    "INVALID_PASSWORD": (_l("The present password is not right."), "error"),
    "INVALID_REDIRECT": (_l("The address to go on to is not part of this forum."), "error"),
    "PASSWORD_RESET_REQUEST": (
        _l("If %(email)s belongs to an account, a link to set a new password is on its way to it."),
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": (_l("This link has expired. Ask for a new one below."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        _l("This link is not valid or was used before. Ask for a new one below."),
        "error",
    ),
    "PASSWORD_RESET_NO_LOGIN": (_l("The new password is set. Sign in with it."), "success"),
    "PASSWORD_CHANGE": (_l("The new password is set. All your other sessions have been ended."), "success"),
    "DISABLED_ACCOUNT": (
        _l("This account is disabled. Write to the forum to have it opened again."),
        "error",
    ),
    "USER_DOES_NOT_EXIST": (_l("E-mail or password is not right."), "error"),
    "FORGOT_PASSWORD": (_l("Forgot the password?"), "info"),
    "LOGIN": (_l("Sign in, then open the page again."), "info"),
    "REFRESH": (_l("Sign in again to open this page."), "info"),
    "ANONYMOUS_USER_REQUIRED": (_l("You are signed in already."), "error"),
}


class OurCatalogue:
    """Stands where Flask-Security keeps its own translations: the words above are translated already."""

    @staticmethod
    def gettext(string: Any, **variables: Any) -> str:
        text = str(string)
        return text % variables if variables else text

    @staticmethod
    def ngettext(singular: Any, plural: Any, num: int, **variables: Any) -> str:
        return str(singular if num == 1 else plural) % {"num": num, **variables}

    @staticmethod
    def format_list(items: list[str], **_options: Any) -> str:
        return ", ".join(items)
