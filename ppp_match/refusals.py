"""What happened, in words, for each code with which an operation or a guard refuses.

A page that can show a refusal beside the thing it concerns says it there in its own words; these are for the page
of error 409, which answers every other refusal. A test holds the list to the codes that the program uses.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

WORDS: dict[str, Any] = {
    "always_offered": _l("This value cannot be retired: the program or a standard counts on it."),
    "last_offered": _l(
        "It is the last one of its list that forms offer, and without any they could not be sent. Offer another one "
        "first."
    ),
    "code_taken": _l("This code is there already, perhaps retired."),
    "code_unfit": _l("Write a code of small letters and digits without diacritics, such as flood_warning."),
    "vocabulary_fixed": _l("No values are added to this vocabulary."),
    "appeal_closed": _l("There is no decision here that can be appealed against any more."),
    "concern_full": _l("This case holds as much as it can. Tell a new one."),
    "concern_secret": _l("Open the page anew: its secret was not whole."),
    "already_declared": _l("Your side has declared something for this offer already."),
    "declaration_waits": _l(
        "The forum has not decided yet on what your side declared. You are told, and can say yes then."
    ),
    "before_baseline": _l("This day lies before that of the baseline."),
    "day_to_come": _l("This day is still to come."),
    "day_too_early": _l("This day lies before the introduction."),
    "has_values": _l("Values of this indicator have been reported. Take them back first, or leave it."),
    "notice_choice_unknown": _l("There is no such group of notices, or no such way to be told."),
    "link_old": _l("This link is too old."),
    "link_unknown": _l("This link is not known."),
    "not_of_this_side": _l(
        "The person to whom it was sent no longer belongs to the organisation that is asked."
    ),
    "not_ones_own": _l("The other side said this, so only the other side can take it back."),
    "asker_unverified": _l("The forum has not verified your organisation yet. Once it has, you can ask."),
    "question_of_own_need": _l("This is a need of your own organisation."),
    "questions_over": _l(
        "The last day for answers to this need is over, so no more questions are taken. What was answered stays to read."
    ),
    "question_length": _l("A question has 20 to 1,000 characters, an answer 20 to 2,000."),
    "unknown_language": _l("Choose one of the languages in the list."),
    "names_the_company": _l("The company's name stands in the text. Write it without the name."),
    "not_reportable": _l("Choose how it stands."),
    "ones_own": _l("Your side has said this itself; the other side confirms it."),
    "source_missing": _l("Say where the figure comes from."),
    "too_large": _l("This number is too large to be stored. Look at the zeros again."),
    "too_many": _l("There are as many as a partnership can hold. Take one away first."),
    "mail_not_failed": _l("This mail has not failed, or is being tried again already."),
    "mail_link_gone": _l(
        "The link in this mail was thrown away when it failed. Its person asks for a new one on the page of sign-in."
    ),
    "in_the_future": _l("This day is still to come."),
    "interest_in_own": _l(
        "You belong to this organisation, so it counts as yours already and needs no declaration."
    ),
    "personal_interest": _l(
        "You have a declared interest in the other organisation, so a colleague of yours answers."
    ),
    "relation_to_itself": _l("An organisation is not related to itself."),
    "relation_to_nobody": _l("Name the other organisation."),
    "unknown_interest": _l("Choose one of the kinds in the list."),
    "unknown_relation": _l("Choose one of the kinds in the list."),
    "decided_report": _l("Somebody else has decided on this report since you opened the page."),
    "message_hidden": _l("This message is hidden already."),
    "not_there": _l("What this is about is not there any more, or not in public."),
    "phrase_empty": _l("Write at least one word."),
    "phrase_exists": _l("The list holds this phrase already."),
    "unknown_kind_of_report": _l("Choose one of the kinds in the list."),
    "unknown_measure": _l("This cannot be done about a thing of that kind."),
    "checklist_open": _l("Tick every item of the checklist, or write beside it why it is not ticked."),
    "domain_open_to_all": _l(
        "Anybody can have an address there. Enter one at a domain that belongs to the organisation."
    ),
    "link_used": _l("This link was used already."),
    "one_check_is_enough": _l("For this organisation one check is enough."),
    "party_suspended": _l(
        "The forum has suspended one of the two organisations, so the conversation rests until that is lifted."
    ),
    "reference_changed": _l("The text of this reference has changed since the question was sent."),
    "reference_closed": _l("This question is not open any more."),
    "reference_own_address": _l(
        "This is an address of your own organisation. The client has to answer, not you."
    ),
    "reference_incomplete": _l("Name the client, the year and the scope of the reference before you ask."),
    "reviewer_conflict": _l(
        "You belong, or belonged until recently, to this organisation or to a related one, or declared an interest in "
        "it, so a colleague decides."
    ),
    "second_check_missing": _l("A public body is verified only after two moderators have looked."),
    "second_pair_of_eyes": _l("You have looked at this already; a colleague has to be the second."),
    "still_valid": _l("The verification has not ended yet."),
    "suspended_already": _l("This organisation is suspended, or somebody has proposed it already."),
    "too_many_sends": _l("The link was sent as often as is allowed."),
    "verified_already": _l(
        "The organisation is verified for a long time yet, so there is nothing to ask for."
    ),
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
    "copy_asked": _l("A copy of your data is being made or waits for you already."),
    "copy_gone": _l("This copy is past its time and was deleted. Ask for a new one."),
    "corrections_open": _l("Several of your requests wait for an answer already."),
    "erasure_asked": _l("You have asked for erasure already."),
    "erasure_not_due": _l("The waiting time of this erasure is not over yet."),
    "held": _l("Data of yours are held back for a legal matter, so nothing can be erased now."),
    "hold_lifted": _l("This hold was lifted already."),
    "hold_there": _l("A hold on it is open already."),
    "hold_unknown": _l("There is nothing of that kind with that identifier."),
    "retention_too_short": _l("With so few days the service would suffer. The rule names the least."),
    "terms_date_order": _l("A version holds from a later day than the one before it."),
    "terms_date_past": _l("A version cannot hold from a day that is past."),
    "terms_fixed": _l("A published version cannot be changed. Write the next one."),
    "terms_half_written": _l("Write the text in both languages before you publish it."),
    "terms_not_in_force": _l("Another version has come into force. Read that one."),
    "duties_open": _l("Something of yours still waits. The page for closing the account names it."),
    "email_taken": _l("This e-mail address cannot be used."),
    "factor_demanded": _l("Your role asks for a second factor. Add another one before you remove this one."),
    "file_bomb": _l(
        "The file becomes far larger when it is unpacked than a document does, so it was not taken."
    ),
    "file_broken": _l("The file cannot be read. Save it anew and try again."),
    "file_description": _l("Say in a sentence of at most 300 characters what the file shows."),
    "file_disguised": _l(
        "What is in the file is not what its name says, or it holds more than one kind of file."
    ),
    "file_empty": _l("The file is empty."),
    "file_fixed": _l(
        "This file is part of the record and is not removed any more. The forum can take it down."
    ),
    "file_infected": _l(
        "The virus scanner found something in this file, so it was not taken. Have your computer looked at."
    ),
    "file_kind": _l("Files of this kind are not taken."),
    "file_locked": _l("The file is locked with a password, so nobody could look at it. Save it without one."),
    "file_missing": _l("Choose a file."),
    "file_not_utf8": _l(
        "The text is not in UTF-8. Save it as UTF-8 (in a spreadsheet: CSV UTF-8) and try again."
    ),
    "file_pixels": _l("The picture has more than 40 million pixels. Make it smaller."),
    "file_runs": _l("The file holds macros, scripts or embedded files. Save it without them."),
    "file_too_large": _l("The file is too large. Choose a smaller one."),
    "scanner_away": _l(
        "The virus scanner does not answer just now, so no file is taken. Try again in some minutes."
    ),
    "too_many_files": _l("There are as many files as are taken here. Remove one first."),
    "held_by_another": _l("Another moderator has this need in hand."),
    "identity_fixed": _l(
        "The forum has verified the name and number of this organisation, so they stay as they are."
    ),
    "identity_held": _l(
        "One moderator has looked at the name and number of this organisation, and a second one looks next. Until then "
        "they stay as they are."
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
    "lots_out_of_range": _l("For each need 0 to 10 pairs can be drawn by lot."),
    "lexicon_moved": _l(
        "Another version of the matcher ranks since this draft was begun. Bring the draft up to date first."
    ),
    "draft_empty": _l("The draft holds no change."),
    "draft_full": _l("A draft holds at most 200 changes. Save this one as a version first."),
    "draft_unfit": _l("Some changes of the draft do not apply. The draft names them; take them out first."),
    "not_in_draft": _l("The draft does not hold this change any more."),
    "not_in_lexicon": _l("The lexicon does not hold this entry any more."),
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
    "no_factor": _l("Recovery codes come with a second factor. Set one up first."),
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
    "already_active": _l("This version ranks already."),
    "name_missing": _l("Give the version a name."),
    "text_too_long": _l("The name or the note was too long."),
    "weights_refused": _l("The matcher cannot rank with these weights."),
    "nothing_changed": _l("These are the weights that rank now. Change at least one."),
    "too_few_judged": _l("Too few pairs are judged to learn from."),
    "text_says_nothing": _l("The judged pairs contradict the matcher so much that weights cannot be learnt."),
    "note_empty": _l("The note was empty."),
    "note_missing": _l("This answer needs a few words besides."),
    "note_too_long": _l("The note was too long."),
    "nothing_chosen": _l("Choose at least one item to hand over."),
    "own_account": _l("Another administrator does this for you: nobody decides about their own account."),
    "passkey_known": _l("This passkey belongs to an account already."),
    "passkey_not_made": _l("The passkey could not be made. Try again, or set up an app instead."),
    "proposal_exists": _l("A role has been proposed for this person already and waits for a decision."),
    "proposal_own": _l("Another administrator than the one who proposed it decides."),
    "account_closed": _l("This account has been closed for good."),
    "last_administrator": _l("The forum keeps at least one administrator whose account works."),
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
    "too_many_factors": _l("Ten second factors are the most. Remove one that you no longer need."),
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
    "wrong_code": _l("This code is not right or was used before. Wait for the next one and try again."),
}
# "stale" has the page's own words: somebody was a moment earlier.


def words_of(code: str) -> str:
    """What happened, in the reader's language; empty for a code that the page has words for itself."""
    return str(WORDS[code]) if code in WORDS else ""
