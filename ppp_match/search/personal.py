"""What this room's tables hold of persons: nothing."""

from __future__ import annotations

from ppp_match.personal import declare

declare("index_change", none="seq listing_id listing_kind at")
declare("text_vector", none="listing_id digest vector at")
declare("work_cursor", none="name seq")
