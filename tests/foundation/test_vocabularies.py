"""Names of codes, wherever they are asked for."""

from __future__ import annotations

from ppp_match import vocabularies
from ppp_match.db import db


def test_terms_and_sectors_have_names(app):
    vocabularies.forget()
    assert [term.code for term in vocabularies.terms("size_band")] == ["micro", "small", "medium", "large"]
    assert vocabularies.term_name("stage", "identify", "vi") == "Xác định nhu cầu"
    assert vocabularies.term_name("contract_form", "something-else", "en") == "something-else"
    assert vocabularies.sector_name("water.flood", "vi") == "Ngập và thoát nước"
    assert vocabularies.sectors()[0].parent is None
    assert vocabularies.terms("no-such-vocabulary") == []
    db.session.rollback()
    assert (
        vocabularies.term_name("stage", "identify", "en") == "Identification"
    )  # kept rows outlive the session
