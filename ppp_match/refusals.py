"""What happened, in words, for each code with which an operation or a guard refuses.

A page that can show a refusal beside the thing it concerns says it there in its own words; these are for the page
of error 409, which answers every other refusal. A test holds the list to the codes that the program uses.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

WORDS: dict[str, Any] = {
    "addendum_needs_published": _l("Addenda belong to a published text, and this one is not published now."),
    "addendum_text_missing": _l("Write the addendum in at least one language."),
    "already_answered": _l("Your organisation has answered this offer already. Each side answers once."),
    "already_offered": _l("Both sides of this pair have been asked already."),
    "answers_missing": _l("Both sides have to say yes before they are introduced."),
    "assignee_conflict": _l(
        "This colleague belongs to one of the organisations concerned, so somebody else looks after it."
    ),
    "assignee_unknown": _l("This person does not review for the forum."),
    "blocked": _l(
        "A hard rule stands against this pair, so it cannot be offered. The workbench names the rule."
    ),
    "contact_data": _l(
        "The text seems to hold contact data. Mend it, or confirm in the form that it is no private contact data."
    ),
    "decided_already": _l("Somebody else has decided on this pair since you opened the page."),
    "date_is_past": _l("The new last day for answers is over already. Choose a later one."),
    "date_not_later": _l(
        "The last day for answers can only be put off: choose a day after the one that is published now."
    ),
    "date_not_of_capability": _l("Only a need has a last day for answers."),
    "declaration_missing": _l("A yes needs the declaration that there is no conflict of interest."),
    "held_by_another": _l("Another moderator has this need in hand."),
    "identity_fixed": _l(
        "The forum has verified the name and number of this organisation, so they stay as they are."
    ),
    "in_other_hands": _l("Another moderator has this text in hand."),
    "incomplete": _l("Some things are still missing. The form names them."),
    "interest_exists": _l("Your organisation has expressed interest in this need already."),
    "language_taken": _l(
        "The text has been written in this language besides, so its first language cannot become the same one."
    ),
    "invitation_closed": _l("This invitation is no longer open."),
    "invited_already": _l("This address has been invited already, and the invitation is still open."),
    "last_owner": _l("An organisation keeps at least one owner. Make somebody else an owner first."),
    "leave_instead": _l("To leave yourself, use the page for leaving."),
    "interest_withdrawn": _l("This interest was taken back already."),
    "listing_not_published": _l("One of the two texts of this pair is no longer published."),
    "member_already": _l("This person belongs to the organisation already."),
    "join_exists": _l("Your city has joined this need, or asked to, already."),
    "join_own_need": _l("This is a need of your own organisation."),
    "merge_exists": _l("A merge of this listing has been proposed already and waits for an answer."),
    "merge_impossible": _l(
        "One of the two has changed its state in the meantime, so they cannot be merged any more."
    ),
    "merge_not_consented": _l("Not everybody who has to consent has done so."),
    "merge_with_itself": _l("A listing is merged into another one of the same kind."),
    "message_empty": _l("The message was empty."),
    "message_too_long": _l("The message was too long."),
    "need_ended": _l("This need is not open any more."),
    "need_at_procurement": _l(
        "The need has reached the selection of partners. Private contact rests from here on."
    ),
    "not_a_member": _l("This person no longer belongs to the organisation."),
    "not_drawn": _l("This step is not possible from the state that the item is in now."),
    "not_editable": _l("This text cannot be edited any more."),
    "not_in_organisation": _l(
        "The form was opened for an organisation to which you do not belong (any more). Nothing was saved."
    ),
    "not_published": _l("One of the two texts is not published."),
    "not_theirs": _l("Somebody handed one of these over a moment earlier. Look at the list again."),
    "note_empty": _l("The note was empty."),
    "note_missing": _l("This answer needs a few words besides."),
    "note_too_long": _l("The note was too long."),
    "nothing_chosen": _l("Choose at least one item to hand over."),
    "offer_closed": _l("This offer is no longer open."),
    "offer_expired": _l("The offer expired before the answer arrived."),
    "offer_still_open": _l("The offer is still open: its date has not passed."),
    "organisation_unverified": _l(
        "The forum has not verified the organisation yet, so nothing of it is published."
    ),
    "pair_exists": _l("This pair is on the workbench already."),
    "reason_missing": _l("This step needs a reason, and none was given."),
    "remarks_missing": _l("A text is returned with at least one remark, and none was written."),
    "sent_just_now": _l("This invitation was sent a moment ago. Wait some minutes before you send it again."),
    "successor_missing": _l("What is still open needs a successor. Choose one."),
    "successor_unfit": _l("The successor has to be another person of the organisation whose account works."),
    "too_many_invitations": _l("Many invitations wait for an answer already. Revoke some of them first."),
    "unchanged": _l("A rejected pair returns only when one side has changed its published text."),
    "undo_nothing": _l("There is no such decision to take back."),
    "undo_overtaken": _l("Something else happened to the pair since, so the decision stands."),
    "undo_too_late": _l("The minute is over, so the decision stands."),
    "under_review": _l("The text waits for review. Recall it first to edit it."),
    "unknown_addendum_kind": _l("This kind of addendum does not exist."),
    "unknown_field": _l("One of the remarks named a field that does not exist."),
    "unknown_grade": _l("A grade is 0, 1, 2 or 3."),
    "unknown_kind": _l("This kind of organisation does not exist."),
    "unknown_reason": _l("This reason is not one of those that can be chosen."),
    "unknown_role": _l("This role does not exist."),
}
# "stale" has the page's own words: somebody was a moment earlier.


def words_of(code: str) -> str:
    """What happened, in the reader's language; empty for a code that the page has words for itself."""
    return str(WORDS[code]) if code in WORDS else ""
