"""What relations, interests and their states are called on pages and in files."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

# What the other organisation is to the one that declares it.
RELATION_NAMES: dict[str, Any] = {
    "owner": _l("Owner or parent"),
    "subsidiary": _l("Subsidiary, or owned in part"),
    "affiliate": _l("Affiliate, or under the same control"),
    "former_employer": _l("Former employer of people who decide"),
}
INTEREST_NAMES: dict[str, Any] = {
    "employment": _l("I work for it, or am paid by it"),
    "former_employment": _l("I worked for it in the last five years"),
    "ownership": _l("I hold shares in it, or own it in part"),
    "office": _l("I hold an office in it, paid or not"),
    "family": _l("Somebody close to me works there or owns it"),
    "gift": _l("I was given a gift, a journey or an invitation"),
    "other": _l("Something else"),
    "recusal": _l("I recuse myself without a further word"),
}
# The same in a register, where nobody speaks of themselves.
INTEREST_KINDS: dict[str, Any] = {
    "employment": _l("employment"),
    "former_employment": _l("former employment"),
    "ownership": _l("ownership"),
    "office": _l("office"),
    "family": _l("family or close relation"),
    "gift": _l("gift, journey or invitation"),
    "other": _l("other interest"),
    "recusal": _l("recusal"),
}
STATE_NAMES: dict[str, Any] = {
    "declared": _l("in force"),
    "ending": _l("said to have ended"),
    "ended": _l("ended"),
}
STATE_LOOKS = {"declared": ("check", "la"), "ending": ("clock", "wait"), "ended": ("lock", "")}
DECLARATION_NAMES: dict[str, Any] = {
    "open": _l("waits for the forum"),
    "cleared": _l("no obstacle"),
    "barred": _l("stands against it"),
    "lapsed": _l("the offer ended first"),
}
DECLARATION_LOOKS = {
    "open": ("clock", "wait"),
    "cleared": ("check", "la"),
    "barred": ("lock", "son"),
    "lapsed": ("info", ""),
}
