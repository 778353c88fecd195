"""What a pair's explanation says in words: of what is asked without evidence, only things that somebody can ask for."""

from __future__ import annotations

from ppp_match.recommendations.sentences import still_unanswered


def test_nobody_asks_for_a_number_or_an_everyday_word(app):
    asked = ["Rào chắn vẫn đóng được khi mất điện lưới", "2025", "Know", "water", "SCADA", "trạm bơm", "3D"]
    assert still_unanswered(asked, []) == [one for one in asked if one not in ("2025", "Know")]
