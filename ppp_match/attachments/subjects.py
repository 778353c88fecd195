"""What files can be attached to. The rooms above register what is theirs: where it is found, who sees its files."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ppp_match.attachments.models import Attachment
from ppp_match.permissions import Actor


@dataclass(frozen=True)
class Kind:
    """One kind of subject. `private`: a member of the staff who opens a file of it leaves an audit event."""

    find: Callable[[uuid.UUID], Any]
    shown_to: Callable[[Any, Attachment, Actor], bool]
    private: Callable[[Any, Attachment], bool]


KINDS: dict[str, Kind] = {}


def register_subject(name: str, kind: Kind) -> None:
    KINDS[name] = kind
