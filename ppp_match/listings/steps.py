"""The steps of a listing's form: which sections stand on which page, what each still lacks, where a field is mended.

The last step shows everything and sends it. "all" is no step but the whole form on one page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ppp_match.listings import labels
from ppp_match.listings.fields import SECTIONS, field_of, fields_of, missing

ALL, REVIEW = "all", "review"
STEPS: dict[str, dict[str, tuple[str, ...]]] = {
    "need": {
        "place": ("place", "classification"),
        "problem": ("problem",),
        "conditions": ("partners", "conditions"),
        "money": ("money", "contact"),
        REVIEW: (),
    },
    "capability": {
        "offer": ("offer",),
        "delivery": ("classification", "delivery"),
        "money": ("money",),
        "evidence": ("evidence",),
        REVIEW: (),
    },
}
# What the form asks in one box although it is kept in several columns.
ASKED_AS = {"amount_min": "amount", "amount_max": "amount", "currency": "amount"}
RADIOS = ("stage", "maturity", "budget_status")


def codes(kind: str) -> list[str]:
    """The steps in their order."""
    return list(STEPS[kind])


def known(kind: str, step: str) -> bool:
    return step == ALL or step in STEPS[kind]


def sections_of(kind: str, step: str) -> tuple[str, ...]:
    return SECTIONS[kind] if step == ALL else STEPS[kind][step]


def fields_on(kind: str, step: str) -> list[str]:
    """Names of the fields that a step asks, `references` among them."""
    sections = sections_of(kind, step)
    found = [field.name for field in fields_of(kind) if field.section in sections]
    return [*found, "references"] if "evidence" in sections else found


def step_of(kind: str, name: str) -> str:
    """The step that asks a field; the first step for a name that no step asks."""
    found = (step for step in STEPS[kind] if name in fields_on(kind, step))
    return next(found, codes(kind)[0])


def neighbour(kind: str, step: str, by: int) -> str:
    """The step before (-1) or after (1) a step; the ends are their own neighbours."""
    order = codes(kind)
    if step not in order:
        return step
    return order[min(max(order.index(step) + by, 0), len(order) - 1)]


def anchor(kind: str, name: str) -> str:
    """The id of a field's first control."""
    if name == "references":
        return "references-0-client"
    asked = ASKED_AS.get(name, name)
    if asked == "amount":
        return asked
    many = field_of(kind, name).store == "terms" or name in RADIOS
    return f"{name}-0" if many else name


@dataclass(frozen=True)
class State:
    """How far a step is: names of what it lacks, how many remarks and findings wait there."""

    code: str
    label: Any
    number: int
    lacking: tuple[str, ...]
    remarks: int
    findings: int

    @property
    def done(self) -> bool:
        return not self.lacking and not self.remarks


def states(kind: str, listing: Any = None, *, findings: tuple[str, ...] = ()) -> list[State]:
    """Every step of a form. `findings`: names of the fields in which contact data were found."""
    lacking = asked_once(missing(kind, listing.edited)) if listing is not None else None
    remarks = [remark.field for remark in listing.open_remarks] if listing is not None else []
    made = []
    for number, code in enumerate(codes(kind), start=1):
        names = set(fields_on(kind, code)) | {ASKED_AS.get(name, name) for name in fields_on(kind, code)}
        made.append(
            State(
                code,
                labels.STEPS[kind][code],
                number,
                tuple(name for name in lacking if name in names) if lacking is not None else (),
                sum(name in names for name in remarks),
                sum(name in names for name in findings),
            )
        )
    return made


def asked_once(names: list[str]) -> list[str]:
    """Names of fields as the form asks them: one amount instead of its columns."""
    return list(dict.fromkeys(ASKED_AS.get(name, name) for name in names))


def first_step(kind: str, listing: Any = None) -> str:
    """Where the form opens: at the first step with a remark to answer, else at the first one."""
    return next((state.code for state in states(kind, listing) if state.remarks), codes(kind)[0])
