"""What this room's tables hold of persons."""

from __future__ import annotations

from ppp_match.personal import declare

declare(
    "notification",
    group="notices",
    who="user_id",
    none="id kind subject_type subject_id created_at read_at",
    erased="user_id params",
    rows_go=True,
)
declare(
    "notice_choice",
    group="notices",
    who="user_id",
    none="id group_code frequency changed_at",
    erased="user_id",
    rows_go=True,
)
declare(
    "outbox_message",
    group="notices",
    who="user_id",
    addresses="recipient",
    none="id locale kind state attempts created_at next_attempt_at sent_at last_error digest digest_id",
    erased="user_id recipient context once",
    rows_go=True,
    withheld="context once",  # may hold a link that opens an account
)
