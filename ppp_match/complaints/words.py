"""What reports, measures and appeals are called on pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

REPORT_KIND_NAMES: dict[str, Any] = {
    "misleading": _l("Misleading claim"),
    "personal_data": _l("Contact data or personal data"),
    "offensive": _l("Offensive words"),
    "spam": _l("Spam or advertising"),
    "bribery": _l("Bribery or gift"),
    "copyright": _l("Copyright"),
    "discrimination": _l("Discrimination"),
    "other": _l("Other"),
}
PART_NAMES: dict[str, Any] = {
    "": _l("The text itself"),
    "addendum": _l("An addendum"),
    "reference": _l("One of the reference projects"),
}
SUBJECT_NAMES: dict[str, Any] = {
    "listing": _l("Need or capability"),
    "organisation": _l("Organisation"),
    "message": _l("Message"),
    "attachment": _l("File"),
    "verification_request": _l("Verification refused"),
    "suspension": _l("Suspension"),
    "match": _l("Pair turned down"),
}
MEASURE_NAMES: dict[str, Any] = {
    "none": _l("Leave it as it is"),
    "amend": _l("Ask the organisation to amend it"),
    "hide": _l("Hide the message"),
    "take_down": _l("Take the file down"),
    "withdraw": _l("Withdraw it from the forum"),
    "suspend": _l("Suspend the organisation"),
}
MEASURE_HINTS: dict[str, Any] = {
    "amend": _l("A remark with your reason stands at its text until it is sent again."),
    "hide": _l("Both sides see a placeholder with your reason. The forum can still read it."),
    "take_down": _l("Nobody but the organisation and the forum sees it any more."),
    "withdraw": _l("It leaves the public pages, its pairs are withdrawn and its open offers are closed."),
    "suspend": _l("A moderator proposes it and another one agrees; an administrator suspends at once."),
}
CONCERN_KIND_NAMES: dict[str, Any] = {
    "corruption": _l("Corruption"),
    "misconduct": _l("Misconduct of somebody of the forum or of an organisation"),
    "other": _l("Something else"),
}
