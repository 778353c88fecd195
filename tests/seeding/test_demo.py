"""The demo loads twice without change, is as rich as promised, and names file and line of what is wrong."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml
from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.accounts.models import SIZE_BANDS, VERIFICATION_STATES, Organisation, User
from ppp_match.config import ROOT
from ppp_match.db import db, now
from ppp_match.introductions.models import Introduction, Message, Offer
from ppp_match.lifecycle import LISTING
from ppp_match.listings.fields import missing
from ppp_match.listings.models import CLOSE_REASONS, Listing, ReferenceProject, Revision
from ppp_match.listings.models_references import ReferenceRequest
from ppp_match.recommendations.models import Interest, Match
from ppp_match.seeding.demo import ACCOUNTS, DEMO, load_demo
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.listings import CONFIRMATIONS, join_merged, load_listings
from ppp_match.seeding.people import load_organisations, load_people
from ppp_match.seeding.reference import REFERENCE, load_reference, load_taxonomy, load_vocabularies
from ppp_match.verification.models import VerificationRequest
from ppp_match.vocabularies import forget, sectors
from tests.seeding.story_checks import check_the_story

COUNTED = (
    Organisation,
    User,
    Listing,
    Revision,
    Match,
    Offer,
    Introduction,
    Message,
    Interest,
    audit.AuditEvent,
)


def _counts() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(table)) for table in COUNTED]


@pytest.mark.both_databases
def test_the_demo_loads_whole_and_a_second_loading_changes_nothing(app):
    assert load_demo()
    db.session.commit()
    before = _counts()
    assert not load_demo()
    load_reference()
    db.session.commit()
    assert _counts() == before
    assert audit.first_broken_event() is None

    _check_listings()  # the demo is loaded once for all of these, since that takes its time
    _check_public_needs()
    _check_organisations()
    check_the_story()
    for email in ACCOUNTS:
        assert db.session.scalar(select(User).where(User.email == email)).confirmed_at


def _check_listings() -> None:
    """Every state, reason, language, sector and quarter of a year has a listing, and what should be complete is."""
    sector_codes = {sector.code for sector in sectors()}
    for kind, least in (("need", 64), ("capability", 124)):
        rows = db.session.scalars(select(Listing).where(Listing.kind == kind)).all()
        assert len(rows) >= least
        assert {row.state for row in rows} == set(LISTING.states)
        assert {row.close_reason for row in rows} == {None, *CLOSE_REASONS}
        for row in rows:
            assert (row.close_reason == "merged") == (row.merged_into_id is not None), row.label
            if row.state not in ("draft", "withdrawn"):
                assert not missing(kind, row.shown), f"{row.label}: {missing(kind, row.shown)}"
        amendments = [row.amendment for row in rows if row.amendment]
        assert amendments, f"no published {kind} has a change waiting"
        assert all(not amendment.missing_fields() for amendment in amendments)
        langs = [sorted(row.shown.langs) for row in rows]
        share = {
            "vi": langs.count(["vi"]) / len(rows),
            "en": langs.count(["en"]) / len(rows),
            "two": sum(len(both) > 1 for both in langs) / len(rows),
        }
        assert 0.35 <= share["vi"] <= 0.55, share
        assert 0.2 <= share["en"] <= 0.4, share
        assert 0.15 <= share["two"] <= 0.35, share
        used = {code for row in rows for code in row.shown.codes("sector")}
        assert {code.split(".")[0] for code in used} == {code for code in sector_codes if "." not in code}
        lacking = {code for code in sector_codes if "." in code} - used
        assert not lacking, f"no {kind} in {lacking}"
        ages = [(now() - row.created_at).days for row in rows]
        assert max(ages) > 365
        assert min(ages) < 8
        quarters = {min(age // 91, 4) for age in ages}
        assert quarters == {0, 1, 2, 3, 4}, f"{kind}: nothing in some quarter of the year"


def _check_public_needs() -> None:
    """Published needs reach from pilots to late stages, from millions to trillions, over all of ASEAN."""
    needs = db.session.scalars(select(Listing).where(Listing.kind == "need")).all()
    public = [row.shown for row in needs if row.state == "published"]
    asean = {"BN", "KH", "ID", "LA", "MM", "MY", "PH", "SG", "TH", "VN"}
    assert {revision.city.country for revision in public} == asean
    assert {revision.stage for revision in public} >= {
        "identify", "screen", "appraise", "structure", "procure", "contract", "build", "operate",
    }  # fmt: skip
    assert {code for revision in public for code in revision.codes("contract_form")} >= {
        "BOT", "BTO", "BOO", "BTL", "BLT", "BT", "O&M", "PPP-joint", "ESCO", "performance-based", "service",
        "grant-cofinance", "pilot", "open",
    }  # fmt: skip
    dongs = [revision.amount_max for revision in public if revision.currency == "VND"]
    assert min(dongs) < 500_000_000
    assert max(dongs) > 1_000_000_000_000
    assert sum(revision.anonymous for revision in public) >= 3


def _check_organisations() -> None:
    """Organisations in every state and size, and reference projects of every worth."""
    organisations = db.session.scalars(select(Organisation)).all()
    assert {row.verification for row in organisations} == set(VERIFICATION_STATES)
    assert {row.size_band for row in organisations} == set(SIZE_BANDS)
    suspended = [row for row in organisations if row.suspended_at]
    assert suspended
    assert not any(row.is_verified for row in suspended)
    small = [row for row in organisations if row.kind == "vendor" and row.size_band in ("micro", "small")]
    assert len(small) >= 35
    asked = {state for (state,) in db.session.execute(select(VerificationRequest.state).distinct())}
    assert asked >= {"draft", "submitted", "first_check", "returned", "verified"}
    assert any(row.is_past_term for row in organisations)
    questions = {state for (state,) in db.session.execute(select(ReferenceRequest.state).distinct())}
    assert questions >= {"pending", "confirmed", "refused", "expired"}
    worth = {state for (state,) in db.session.execute(select(ReferenceProject.confirmation).distinct())}
    assert worth == set(CONFIRMATIONS)


def _people_only() -> None:
    """What listings stand on, without the listings: loading the whole demo takes its time."""
    for name in ("organisations", "vendors"):
        load_organisations(DEMO / f"{name}.yaml")
    load_people(DEMO / "people.yaml", "demo-Passw0rd!")
    load_people(DEMO / "vendor-people.yaml", "demo-Passw0rd!")


WAITS = "    state: submitted\n    days_ago: 3\n"  # the head of an amendment


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("  stage: screen", "  stage: nonsense", r"needs-x\.yaml, line \d+: stage: 'nonsense'"),
        ("    amount_max: 46", "    amount_max: some 46", r"line \d+: amount_max is not a number"),
        (WAITS, WAITS.replace("submitted", "accepted"), r"line \d+: state: 'accepted' is not one of"),
        ("  ended_days_ago: 38", "  ended_days_ago: 300", r"line \d+: ended_days_ago 300 lies before"),
        ("", "", None),
    ],
)
def test_a_mistake_in_a_listing_is_named_with_file_and_line(app, tmp_path, before, after, message):
    _people_only()
    text = (DEMO / "needs-provinces.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "needs-x.yaml"
    if message is None:  # the same listings in two files
        load_listings(DEMO / "needs-provinces.yaml", "need")
        message = r"needs-x\.yaml, line 4: key need-dong-thap-lighting stands in an earlier file"
    else:
        assert before in text
    broken.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SeedError, match=message):
        load_listings(broken, "need")


@pytest.mark.parametrize(
    ("into", "message"),
    [
        ("  merged_into: need-nowhere", r"merged_into: no other listing need-nowhere"),
        ("", r"close_reason merged and merged_into go together"),
    ],
)
def test_a_merger_names_another_listing_of_its_kind(app, tmp_path, into, message):
    _people_only()
    text = (DEMO / "needs-provinces.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "needs-x.yaml"
    assert text.count("\n  merged_into: need-hai-phong-lighting\n") == 1
    broken.write_text(text.replace("  merged_into: need-hai-phong-lighting\n", into + "\n"), encoding="utf-8")
    load_listings(broken, "need")
    with pytest.raises(SeedError, match=r"needs-x\.yaml, line \d+: .*" + message):
        join_merged((broken,))


def test_an_amendment_needs_a_published_listing_and_a_change(app, tmp_path):
    _people_only()
    text = (DEMO / "needs-provinces.yaml").read_text(encoding="utf-8")
    start = text.index("- key: need-an-giang-canal-boats")
    record = text[start : text.index("- key: need-an-giang-ransomware")]
    broken = tmp_path / "needs-x.yaml"
    broken.write_text(record.replace("  state: published", "  state: draft", 1), encoding="utf-8")
    with pytest.raises(SeedError, match=r"line \d+: .* is draft: only a published listing is amended"):
        load_listings(broken, "need")
    db.session.rollback()
    _people_only()
    head = record[: record.index("  amendment:")]
    broken.write_text(head + "  amendment: {state: draft, days_ago: 2}\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"line \d+: .* changes nothing"):
        load_listings(broken, "need")


def test_nothing_in_the_demo_can_be_taken_for_real():
    for path in sorted(DEMO.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for address in re.findall(r"[\w.+-]+@[\w.-]+", text):
            assert address.endswith(".example"), f"{path.name}: {address}"
        for site in re.findall(r"https?://[^\s\"']+", text):
            assert site.rstrip("/").endswith(".example"), f"{path.name}: {site}"
    for name in ("organisations.yaml", "vendors.yaml"):
        for record in yaml.safe_load((DEMO / name).read_text(encoding="utf-8")):
            for lang, mark in (("vi", "minh họa"), ("en", "demo")):
                legal = record["name"].get(lang)
                assert legal is None or mark in legal, f"{name}: {legal}"


def test_broken_reference_files_are_named_with_line(app, tmp_path):
    taxonomy = tmp_path / "taxonomy.csv"
    taxonomy.write_text("code,vi,en,ascf_focus_area,d950_group\na.b,Một,One,x,y\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"taxonomy\.csv, line 2"):
        load_taxonomy(taxonomy)
    words = tmp_path / "vocabularies.yaml"
    words.write_text("stage:\n- code: one\n  vi: Một\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"vocabularies\.yaml, line 2: stage: en missing"):
        load_vocabularies(words)
    words.write_text("stage: [\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"vocabularies\.yaml, line"):
        load_vocabularies(words)


def test_a_forum_may_replace_reference_data(app, tmp_path):
    shutil.copytree(REFERENCE, tmp_path / "reference")
    changed = tmp_path / "reference" / "taxonomy.csv"
    changed.write_text(
        changed.read_text(encoding="utf-8").replace("Ngập và thoát nước", "Ngập úng và thoát nước"),
        encoding="utf-8",
    )
    load_reference(tmp_path / "reference")
    forget()
    assert next(s for s in sectors() if s.code == "water.flood").name("vi") == "Ngập úng và thoát nước"
    db.session.rollback()
    forget()


def test_seeds_are_normalised():
    import unicodedata

    for path in sorted((ROOT / "seeds").rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        assert text == unicodedata.normalize("NFC", text), path.name
