"""Drafts of changes to the lexicon: put a change in, take it out, bring the draft up to date, save it as a version.

What lives here: one verb a function, and `checked`, which says of every change whether it applies. What does not: what
is wrong with an entry (`matching/lexicon_lint.py`), what a draft would do to the rankings (`lexicon_preview.py`),
letting a version rank (`versions.py`).

A draft holds changes to the lexicon that ranked when it was begun. Where another version ranks since, or another
release brought other entries, the draft is behind: nothing is put in and nothing is saved before it is brought up to
date, and whoever does that sees what does not apply any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit, jobs
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.matching.bilingual import Change, Lexicon
from ppp_match.matching.lexicon_lint import Finding, Linter
from ppp_match.permissions import Actor, can
from ppp_match.steering import versions
from ppp_match.steering.lexicon_models import LexiconDraft, LexiconPreview
from ppp_match.steering.models import MatcherVersion

CHANGES_AT_MOST = 200
JOB = "preview_lexicon"
OPPOSITE = {"add": "remove", "remove": "add"}


@dataclass(frozen=True)
class Checked:
    """A change of a draft; `finding` is what speaks against it now, None where it applies."""

    change: Change
    finding: Finding | None = None


def draft_of(actor: Actor) -> LexiconDraft | None:
    """The actor's own draft."""
    return db.session.scalar(select(LexiconDraft).where(LexiconDraft.user_id == actor.user_id))


def lexicon_of(version: MatcherVersion | None) -> Lexicon:
    """What ranks with that version: the shipped lexicon with its changes."""
    return versions.lexicon_with(versions.changes_of(version))


@lru_cache(maxsize=2)
def linter_of(lexicon: Lexicon) -> Linter:
    """What the lexicon holds, as the linter knows it; read once."""
    return Linter(lexicon.as_changes())


@lru_cache(maxsize=2)
def _held(lexicon: Lexicon) -> frozenset[Any]:
    return frozenset(identity(one) for one in lexicon.as_changes())


def identity(change: Change) -> tuple[str, Any]:
    """What makes two changes speak of the same entry: the words as written; of a synonym in either order."""
    sides = (change.one, change.other)
    return change.kind, sides if change.kind == "pair" else frozenset(sides)


def is_behind(draft: LexiconDraft, active: MatcherVersion | None) -> bool:
    """Whether another lexicon or another version ranks than the draft was begun on."""
    if not draft.changes:
        return False
    base = active.id if active is not None else None
    return draft.base_id != base or draft.base_lexicon != lexicon_of(active).fingerprint


def checked(changes: Iterable[Change], lexicon: Lexicon) -> list[Checked]:
    """Each change in turn, with what speaks against it in that lexicon and after the changes before it."""
    linter, held = linter_of(lexicon).after(()), set(_held(lexicon))
    found = []
    for change in changes:
        finding = next(iter(_against(change, linter, held)), None)
        if finding is None:
            linter = linter.after([change])
            (held.add if change.action == "add" else held.discard)(identity(change))
        found.append(Checked(change, finding))
    return found


def _against(change: Change, linter: Linter, held: set[Any]) -> list[Finding]:
    if change.action == "add":
        return linter.findings(change)
    return [] if identity(change) in held else [Finding("one", "not_there")]


def together(changes: Iterable[Change], more: Iterable[Change]) -> tuple[Change, ...]:
    """The changes with more behind them; one that takes an earlier one back leaves neither."""
    found = list(changes)
    for change in more:
        back = next((one for one in found if undoes(change, one)), None)
        if back is not None:
            found.remove(back)
        else:
            found.append(change)
    return tuple(found)


def undoes(change: Change, other: Change) -> bool:
    return identity(change) == identity(other) and change.action == OPPOSITE[other.action]


def put_in(change: Change, *, actor: Actor, version: int) -> list[Finding]:
    """Put a change into the actor's draft, which began at `version` (0: there was none).

    Gives back what the linter has against an entry to add; then nothing is put in. Raises NotPermitted; Refused
    "stale", "lexicon_moved", "draft_full", or "not_in_lexicon" for one to remove.
    """
    draft = _own(actor, version)
    active = versions.active()
    if is_behind(draft, active):
        raise Refused("lexicon_moved")
    if len(draft.changes) >= CHANGES_AT_MOST:
        raise Refused("draft_full")
    lexicon = lexicon_of(active)
    if change.action == "add":
        findings = linter_of(lexicon).after(draft.entries).findings(change)
        if findings:
            return findings
    elif checked([*draft.entries, change], lexicon)[-1].finding is not None:
        raise Refused("not_in_lexicon")
    if not draft.changes:
        draft.base_id, draft.base_lexicon = (active.id if active is not None else None), lexicon.fingerprint
    _write(draft, together(draft.entries, [change]), "lexicon.edited", actor)
    return []


def take_out(change: Change, *, actor: Actor, version: int) -> None:
    """Take a change out of the actor's draft. Raises NotPermitted; Refused "stale", "not_in_draft"."""
    draft = _own(actor, version)
    left = tuple(one for one in draft.entries if one[:4] != change[:4])
    if len(left) == len(draft.changes):
        raise Refused("not_in_draft")
    _write(draft, left, "lexicon.edited", actor)


def discard(*, actor: Actor, version: int) -> None:
    """Empty the actor's draft. Raises NotPermitted; Refused "stale", "draft_empty"."""
    draft = _filled(actor, version)
    _empty(draft, "lexicon.discarded", actor)


def bring_up_to_date(*, actor: Actor, version: int) -> list[Checked]:
    """Let the draft stand on what ranks now, without what does not apply any more, which is given back."""
    draft = _filled(actor, version)
    active = versions.active()
    lexicon = lexicon_of(active)
    found = checked(draft.entries, lexicon)
    draft.base_id, draft.base_lexicon = (active.id if active is not None else None), lexicon.fingerprint
    _write(draft, [one.change for one in found if one.finding is None], "lexicon.rebased", actor)
    return [one for one in found if one.finding is not None]


def ask_preview(*, actor: Actor, version: int) -> LexiconPreview:
    """Have the worker find out what the draft would do to the rankings.

    Raises NotPermitted; Refused "stale", "draft_empty", "lexicon_moved".
    """
    draft = _filled(actor, version)
    active = versions.active()
    if is_behind(draft, active):
        raise Refused("lexicon_moved")
    preview = draft.preview
    if preview is None:
        preview = LexiconPreview(draft_id=draft.id)
        db.session.add(preview)
    preview.draft_version, preview.base_id = draft.version, draft.base_id
    preview.state, preview.asked_at, preview.done_at, preview.results = "asked", now(), None, {}
    db.session.flush()
    jobs.wake(JOB)
    return preview


def is_fresh(preview: LexiconPreview | None, draft: LexiconDraft, active: MatcherVersion | None) -> bool:
    """Whether the preview speaks of the draft as it stands, over what ranks now."""
    return (
        preview is not None
        and preview.draft_version == draft.version
        and preview.base_id == (active.id if active is not None else None)
        and not is_behind(draft, active)
    )


def save(*, actor: Actor, version: int, name: str, note: str = "") -> MatcherVersion:
    """Offer what ranks now with the draft's changes as a version of the matcher, and empty the draft.

    It does not rank before somebody activates it. Raises NotPermitted; Refused "stale", "draft_empty",
    "lexicon_moved", "draft_unfit", and what `versions.offer` refuses.
    """
    draft = _filled(actor, version)
    active = versions.active()
    if active is not None:
        wait_for(active)  # who activates another one at this moment comes before or after, never between
        active = versions.active()
    if is_behind(draft, active):
        raise Refused("lexicon_moved")
    if any(one.finding is not None for one in checked(draft.entries, lexicon_of(active))):
        raise Refused("draft_unfit")
    facts = {}
    if draft.preview is not None and draft.preview.state == "done" and is_fresh(draft.preview, draft, active):
        facts = {
            "preview": {key: draft.preview.results[key] for key in ("compared", "changed", "better", "worse")}
        }
    made = versions.offer(
        actor=actor,
        name=name,
        note=note,
        origin="lexicon",
        changes=together(versions.changes_of(active), draft.entries),
        facts=facts,
    )
    _empty(draft, "lexicon.saved", actor)
    jobs.wake("measure_versions")
    return made


def difference(before: Sequence[Change], after: Sequence[Change]) -> list[Change]:
    """What leads from a lexicon with the changes `before` to the one with `after`."""
    kept = {(one.action, identity(one)) for one in before} & {(one.action, identity(one)) for one in after}
    gone = [
        one._replace(action=OPPOSITE[one.action]) for one in before if (one.action, identity(one)) not in kept
    ]
    return [*gone, *(one for one in after if (one.action, identity(one)) not in kept)]


def _own(actor: Actor, version: int) -> LexiconDraft:
    """The actor's draft, locked and made where there is none, at the version that a form was opened for."""
    if not can(actor, "lexicon.edit") or actor.user_id is None:
        raise NotPermitted("not_permitted", "lexicon.edit")
    draft = draft_of(actor)
    if draft is None:
        draft = LexiconDraft(user_id=actor.user_id, changes=[])
        try:
            with db.session.begin_nested():
                db.session.add(draft)
        except IntegrityError as error:  # another window of theirs was a moment earlier
            raise Refused("stale") from error
        if version:
            raise Refused("stale")
        return draft
    wait_for(draft)
    if draft.version != version:
        raise Refused("stale")
    return draft


def _filled(actor: Actor, version: int) -> LexiconDraft:
    draft = _own(actor, version)
    if not draft.changes:
        raise Refused("draft_empty")
    return draft


def _write(draft: LexiconDraft, changes: Iterable[Change], action: str, actor: Actor) -> None:
    draft.changes, draft.changed_at = [list(one) for one in changes], now()
    if not draft.changes:
        draft.base_id, draft.base_lexicon = None, ""
        draft.preview = None
    db.session.flush()
    audit.record(action, draft, actor=actor, fields=("changes",))


def _empty(draft: LexiconDraft, action: str, actor: Actor) -> None:
    _write(draft, (), action, actor)
