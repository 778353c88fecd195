"""Versions of the matcher: offered, let rank, gone back from; measured beside keywords and chance; weights learnt."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.jobs import perform
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.matching import Capability, Index, Need
from ppp_match.matching.bilingual import Change, default_lexicon
from ppp_match.matching.evaluate import measure as measure_ranking
from ppp_match.matching.score import DEFAULT_WEIGHTS, Weights
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.refresh import follow_changes, recommend_all
from ppp_match.search.models import IndexChange
from ppp_match.search.store import Tuning, index_of, store
from ppp_match.steering import learning, operations, quality, versions
from ppp_match.steering.models import MatcherVersion, QualityRun
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_staff


def with_scale(**scale: float) -> Weights:
    return replace(DEFAULT_WEIGHTS, scale={**DEFAULT_WEIGHTS.scale, **scale})


@pytest.fixture
def admin(app):
    versions.ensure_shipped()
    return actor_of(make_staff("administrator"))


@pytest.fixture
def moderator(app):
    return actor_of(make_staff())


def offered(actor, **scale: float) -> MatcherVersion:
    return versions.offer(actor=actor, name="Thử", weights=with_scale(**(scale or {"sector": 0.9})))


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


# --- states ------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_is_shipped_ranks_first_and_once(app):
    assert versions.ensure_shipped().state == "active"
    assert versions.ensure_shipped() is None
    assert versions.active().number == 1
    assert versions.tuning().weights.scale == DEFAULT_WEIGHTS.scale


@pytest.mark.both_databases
def test_an_offered_version_ranks_only_when_it_is_activated(admin):
    version = offered(admin)
    assert (version.state, version.number, version.before.number) == ("offered", 2, 1)
    versions.activate(version, actor=admin, reason="Tốt hơn trên tập đã chấm.")
    assert [(one.number, one.state) for one in versions.listed()] == [(2, "active"), (1, "retired")]
    versions.activate(versions.to_go_back_to(), actor=admin, reason="Quay lại.")
    assert [(one.number, one.state) for one in versions.listed()] == [(2, "retired"), (1, "active")]
    said = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert said == [
        "version.offered", "version.retired", "version.activated", "version.retired", "version.activated"
    ]  # fmt: skip


@pytest.mark.both_databases
def test_the_database_takes_one_active_version_only(admin):
    version = offered(admin)
    version.state = "active"
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_who_may(admin, moderator):
    version = offered(moderator)
    with pytest.raises(NotPermitted):
        versions.activate(version, actor=moderator, reason="Thử.")
    with pytest.raises(ReasonMissing):
        versions.activate(version, actor=admin, reason=" ")
    with pytest.raises(Refused, match="already_active"):
        versions.activate(versions.active(), actor=admin, reason="Thử.")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": "x" * 81}, "text_too_long"),
        ({"weights": with_scale(sector=-0.1)}, "weights_refused"),
        ({"weights": with_scale(sector=math.nan)}, "weights_refused"),
        ({"weights": replace(DEFAULT_WEIGHTS, scale={"sector": 1.0})}, "weights_refused"),
        ({"weights": DEFAULT_WEIGHTS}, "nothing_changed"),
    ],
)
def test_what_is_refused(admin, values, code):
    with pytest.raises(Refused) as refused:
        versions.offer(actor=admin, **{"name": "Thử", "weights": with_scale(sector=1.0), **values})
    assert refused.value.code == code
    assert count(MatcherVersion) == 1


def test_weights_survive_the_way_through_the_database(admin):
    version = offered(admin, sector=0.123)
    db.session.expire_all()
    assert Weights.from_json(version.weights) == with_scale(sector=0.123)


# --- ranking -----------------------------------------------------------------------------------------------------


def test_activation_reaches_another_process_and_every_match_names_its_version(app, admin):
    need = make_listing("need", state="published", texts={"title": "Cảnh báo ngập"})
    make_listing("capability", state="published", texts={"title": "Flood warning"})
    recommend_all()
    db.session.commit()
    assert "weights.v1+" in db.session.scalar(select(Match.matcher_version))
    other = type(store())(store().folder)  # the indexes of a second process
    before = other.index_of("capability")
    assert before.weights.version == "v1"
    versions.activate(offered(admin), actor=admin, reason="Thử.")
    db.session.commit()
    assert other.index_of("capability").weights == replace(with_scale(sector=0.9), version="v2")
    assert other.index_of("capability") is before  # nothing was fitted anew
    assert follow_changes() == 1
    match = db.session.scalar(select(Match).where(Match.need_id == need.id))
    assert "weights.v2+" in match.matcher_version


def test_another_lexicon_is_read_into_the_index(app, admin):
    make_listing(
        "capability", state="published", texts={"title": "Zorblax platform", "solution": "A zorblax."}
    )
    need = Need(id="n", text="cần một hệ thống mưa bão lạ kỳ", lang="vi")
    assert not _finds(need)
    changes = [Change("add", "pair", "mưa bão lạ kỳ", "zorblax")]
    version = versions.offer(actor=admin, name="Từ mới", origin="lexicon", changes=changes)
    versions.activate(version, actor=admin, reason="Thử.")
    assert _finds(need)
    db.session.commit()
    store().forget()  # the saved index of the old lexicon is not opened
    assert _finds(need)
    assert default_lexicon().fingerprint not in index_of("capability").version


def _finds(need: Need) -> bool:
    terms = [
        term["bridge"]
        for one in index_of("capability").rank(need, rules=False)
        for term in one.explanation["terms"]
    ]
    return any(bridge and "zorblax" in str(bridge) for bridge in terms)


def test_a_changed_lexicon_is_another_one_and_the_first_stays(app):
    first = default_lexicon()
    before = len(first.entries)
    added = first.with_changes([Change("add", "pair", "mưa lạ", "zorblax")])
    assert len(added.entries) == before + 1
    assert added.fingerprint != first.fingerprint
    assert (
        added.with_changes([Change("remove", "pair", "mưa lạ", "zorblax")]).fingerprint == first.fingerprint
    )
    assert len(first.entries) == before
    entry = first.entries[0]
    assert len(first.with_changes([Change("remove", "pair", entry.vi, entry.en)]).entries) == before - 1
    words = first.with_changes([Change("add", "en", "zorblax", "flood")])
    assert len(words.synonyms) == len(first.synonyms) + 1
    assert len(words.with_changes([Change("remove", "en", "flood", "zorblax")]).synonyms) == len(
        first.synonyms
    )


# --- quality -----------------------------------------------------------------------------------------------------


def judged_set(count_: int = 8) -> quality.JudgedSet:
    """Needs of two languages, each with one good answer of its topic among others."""
    topics = ["flood", "waste", "school", "clinic", "bus", "light", "park", "water"][:count_]
    needs = {
        f"n{at}": Need(id=f"n{at}", text=f"{topic} management system", lang="en", sectors=("water",))
        for at, topic in enumerate(topics)
    }
    capabilities = {
        f"c{at}": Capability(id=f"c{at}", text=f"{topic} system of a company", lang="en", sectors=("water",))
        for at, topic in enumerate(topics)
    }
    grades = {f"n{at}": {f"c{at}": 3} for at in range(len(topics))}
    spoken = dict.fromkeys([*needs, *capabilities], "en")
    return quality.JudgedSet(needs, capabilities, grades, "f" * 64, spoken)


def test_the_expected_worth_of_an_order_by_lot_is_that_of_all_orders():
    from itertools import permutations

    grades = {"a": 3, "b": 1}
    worth = [measure_ranking(order, grades, 3)[0] for order in permutations("abcde")]
    assert quality.expected_by_lot(grades.values(), 5, 3) == pytest.approx(sum(worth) / len(worth), abs=1e-12)
    assert quality.expected_by_lot([0], 5) is None


def test_a_measurement_holds_each_system_by_language_and_sector():
    judged = judged_set()
    tuning = Tuning(DEFAULT_WEIGHTS, default_lexicon())
    results = quality.measure(judged, tuning, tuning)
    rows = {(row["kind"], row["name"]): row for row in results["rows"]}
    assert set(rows) == {("overall", ""), ("languages", "en→en"), ("sector", "water")}
    row = rows["overall", ""]
    assert (row["needs"], row["version"], row["before"], row["keywords"]) == (8, 1.0, 1.0, 1.0)
    assert row["random"] == pytest.approx(quality.expected_by_lot([3], 8), abs=1e-6)
    assert results["intervals"]["before"] == [0.0, 0.0, 0.0]
    assert (results["needs"], results["pairs"], results["capabilities"]) == (8, 8, 8)


def test_the_rows_are_those_of_the_matcher_itself():
    judged = judged_set()
    judged.grades["n0"] = {"c3": 3}  # the set disagrees with the matcher about one need
    tuning = Tuning(DEFAULT_WEIGHTS, default_lexicon())
    row = quality.measure(judged, tuning)["rows"][0]
    index = Index.fit(judged.capabilities.values())
    worth = [
        measure_ranking([one.id for one in index.rank(need, 8) if one.score > 0], judged.grades[need.id])[0]
        for need in judged.needs.values()
    ]
    assert row["version"] == pytest.approx(sum(worth) / len(worth), abs=1e-6)
    assert row["version"] < 1.0
    assert "before" not in row


def test_the_job_measures_what_is_new_and_not_again(app, admin):
    need = make_listing("need", state="published", texts={"title": "Cảnh báo ngập"})
    capability = make_listing("capability", state="published", texts={"title": "Cảnh báo ngập sớm"})
    operations.judge(operations.add_pair(need, capability, actor=admin), 3, actor=admin)
    offered(admin)
    db.session.commit()
    assert perform(app, "measure_versions") == 2
    assert perform(app, "measure_versions") == 0
    run = db.session.scalars(select(QualityRun)).first()
    assert run.results["needs"] == 1
    pair = operations.add_pair(
        need, make_listing("capability", state="published"), actor=actor_of(make_staff())
    )
    operations.judge(pair, 0, actor=admin)
    db.session.commit()
    assert perform(app, "measure_versions") == 2  # the judged set is another one


# --- learning ----------------------------------------------------------------------------------------------------


def set_in_which_the_sector_decides(pairs: int = 10) -> quality.JudgedSet:
    """Every need has, for the same words, answers of its sector (good) and of another (not)."""
    rng = np.random.default_rng(7)
    words = ["pump", "sensor", "camera", "bridge", "clinic", "lesson", "solar", "ticket", "forest", "harbour"]
    needs, capabilities, grades = {}, {}, {}
    for at in range(24):
        own, other = ("water", "health") if at % 2 else ("health", "water")
        text = " ".join(rng.choice(words, 6))
        needs[f"n{at}"] = Need(id=f"n{at}", text=text, lang="en", sectors=(own,))
        for number in range(pairs):
            good = number % 2 == 0
            key = f"c{at}-{number}"
            said = " ".join([*text.split()[:3], *rng.choice(words, 4)])
            capabilities[key] = Capability(id=key, text=said, lang="en", sectors=(own if good else other,))
            grades.setdefault(f"n{at}", {})[key] = 3 if good else 0
    spoken = dict.fromkeys([*needs, *capabilities], "en")
    return quality.JudgedSet(needs, capabilities, grades, "f" * 64, spoken)


def test_a_feature_that_decides_gains_weight_and_the_ranking_of_unseen_needs():
    judged = set_in_which_the_sector_decides()
    assert not learning.lacking(judged)
    found = learning.learn(judged, Tuning(with_scale(sector=0.1), default_lexicon()))
    assert found.weights.scale["sector"] > 0.5
    assert abs(found.weights.scale["sdg"] - DEFAULT_WEIGHTS.scale["sdg"]) < 0.05  # nothing was said of it
    assert found.facts["held_out"]["learnt"] > found.facts["held_out"]["before"] + 0.05
    assert found.facts["held_out"]["needs"] == 24
    found.weights.check()


def test_a_pair_by_lot_counts_for_those_that_were_not_drawn():
    """Below the cut the sector does not decide: the more pairs a drawn one stands for, the less the sector weighs."""
    judged = set_in_which_the_sector_decides()
    drawn = {}
    for at, (need_id, grades) in enumerate(judged.grades.items()):
        key = next(one for one, grade in grades.items() if grade == (3 if at % 2 else 0))
        grades[key] = 0 if at % 2 else 3
        drawn[need_id, key] = 1 / 8
    plain = learning.learn(judged, Tuning(with_scale(sector=0.1), default_lexicon()))
    weighed = learning.learn(
        replace(judged, chances=drawn), Tuning(with_scale(sector=0.1), default_lexicon())
    )
    assert (plain.facts["by_lot"], weighed.facts["by_lot"]) == (0, 24)
    assert weighed.weights.scale["sector"] < plain.weights.scale["sector"] - 0.1
    rare, at_most = (dict.fromkeys(drawn, chance) for chance in (1e-6, 1 / learning.HEAVIEST))
    assert weights_by(judged, rare) == weights_by(judged, at_most)


def weights_by(judged, chances):
    return learning.learn(
        replace(judged, chances=chances), Tuning(with_scale(sector=0.1), default_lexicon())
    ).weights


def test_too_few_pairs_teach_nothing():
    judged = judged_set()
    assert learning.lacking(judged) == {"all": 192, "good": 12, "others": 20}
    with pytest.raises(Refused, match="too_few_judged"):
        learning.learn(judged, Tuning(DEFAULT_WEIGHTS, default_lexicon()))


def test_judgements_that_contradict_the_text_teach_nothing():
    judged = set_in_which_the_sector_decides()
    for need_id, grades in judged.grades.items():
        for key in grades:
            judged.capabilities[key] = replace(
                judged.capabilities[key],
                sectors=(),
                text=judged.needs[need_id].text
                if grades[key] == 0
                else "pump sensor and other things entirely",
            )
    with pytest.raises(Refused, match="text_says_nothing"):
        learning.learn(judged, Tuning(DEFAULT_WEIGHTS, default_lexicon()))


def test_the_job_offers_learnt_weights_once_and_activates_nothing(app, admin, monkeypatch):
    judged = set_in_which_the_sector_decides()
    monkeypatch.setattr(quality, "judged_set", lambda: judged)
    learn, writers = learning.learn, []

    def learn_while_somebody_writes(*given):
        if db.engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(db.engine.url.database, timeout=0.2)) as other:
                other.execute("BEGIN IMMEDIATE")
        writers.append("written")
        return learn(*given)

    monkeypatch.setattr(learning, "learn", learn_while_somebody_writes)
    db.session.commit()
    assert perform(app, "propose_weights") == 1
    assert perform(app, "propose_weights") == 0
    assert writers == ["written"]
    version = versions.listed()[0]
    assert (version.origin, version.state) == ("learnt", "offered")
    assert versions.active().number == 1


# --- pages -------------------------------------------------------------------------------------------------------


def test_a_moderator_offers_and_an_administrator_lets_it_rank(client_of, app, admin):
    db.session.commit()
    client = client_of(make_staff())
    scale = {name: str(value) for name, value in DEFAULT_WEIGHTS.scale.items()}
    sent = {**scale, "name": "Nặng lĩnh vực", "sector": "1,2", "idempotency_key": new_key()}
    answer = client.post("/review/versions/new", data=sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert client.post("/review/versions/new", data=sent).location == answer.location  # sent twice, made once
    page = client.get(f"{answer.location}?lang=en").get_data(as_text=True)
    assert "0.600" in page
    assert "1.200" in page
    assert "Let this version rank" not in page
    assert client.post(answer.location, data={"reason": "Thử."}).status_code == 403
    chief = client_of(make_staff("administrator"))
    assert chief.post(answer.location, data={"reason": ""}).status_code == 422
    assert chief.post(answer.location, data={"reason": "Đã đo, tốt hơn."}).status_code == 303
    assert versions.active().name == "Nặng lĩnh vực"
    assert chief.post(answer.location, data={"reason": "Lần nữa."}).status_code == 409
    assert db.session.scalar(select(func.count()).where(IndexChange.listing_kind == "version")) == 1


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Give a number from 0 to 5."), ("vi", "Hãy nhập một số từ 0 đến 5.")]
)
@pytest.mark.parametrize("value", ["-1", "nan", "6", "x", "", "1e999"])
def test_a_weight_that_is_none_is_named_and_kept(client_of, app, admin, lang, words, value):
    db.session.commit()
    client = client_of(make_staff())
    scale = {name: str(value) for name, value in DEFAULT_WEIGHTS.scale.items()}
    sent = {**scale, "name": "Giữ tên này", "sector": value, "idempotency_key": new_key()}
    answer = client.post(f"/review/versions/new?lang={lang}", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert "Giữ tên này" in page
    assert count(MatcherVersion) == 1
