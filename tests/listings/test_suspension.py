"""What a suspended organisation published is hidden from the public and from the matcher, and comes back with it."""

from __future__ import annotations

import pytest

from ppp_match.db import db, now
from ppp_match.home import queries as home
from ppp_match.home.figures import portal_figures
from ppp_match.listings import queries
from ppp_match.listings.documents import published_documents
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.operations import Refused
from ppp_match.recommendations.queries import in_order
from ppp_match.search.store import note_change
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


def suspend(listing):
    listing.organisation.suspended_at = now()
    note_change(listing.id, listing.kind)
    db.session.commit()


@pytest.mark.parametrize("kind", ["need", "capability"])
def test_a_suspended_organisations_listing_is_seen_by_its_people_and_staff_only(app, kind):
    listing = make_listing(kind, state="published")
    own = actor_of(make_member(listing.organisation.kind, organisation=listing.organisation))
    stranger = actor_of(make_member("vendor" if kind == "need" else "city"))
    staff = actor_of(make_staff())
    everybody = (VISITOR, stranger, own, staff)
    for suspended, expected in ((False, [True] * 4), (True, [False, False, True, True])):
        if suspended:
            suspend(listing)
        found = [queries.find(actor, kind, listing.id) is not None for actor in everybody]
        assert found == expected
        assert [queries.is_visible_to(listing, actor) for actor in everybody] == expected


@pytest.mark.parametrize("kind", ["need", "capability"])
def test_it_leaves_lists_counts_figures_and_the_index(app, client, kind):
    listing = make_listing(kind, state="published")
    stays = make_listing(kind, state="published")
    suspend(listing)
    path = f"/{listing.path_kind}"
    assert client.get(f"{path}/{listing.id}").status_code == 404
    page = client.get(path).get_data(as_text=True)
    assert str(stays.id) in page
    assert str(listing.id) not in page
    assert [one.id for one in published_documents(kind, None)] == [str(stays.id)]
    assert in_order([listing.id, stays.id]) == [stays]
    figures = portal_figures()
    assert (figures.needs if kind == "need" else figures.capabilities) == 1
    assert listing not in home.newest_needs()
    assert list(home.open_needs_by_sector().values()) == ([1] if kind == "need" else [])


def test_a_suspended_companys_capability_is_not_paired_and_its_open_pairs_leave(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    moderator = actor_of(make_staff())
    assert refresh.refresh_need(need).added == 1
    match = operations.live_match(need, capability)
    operations.approve_match(match, actor=moderator)
    suspend(capability)
    refresh.refresh_need(need)
    assert match.state == "withdrawn"
    assert refresh.refresh_need(need).added == 0
    with pytest.raises(Refused) as refused:
        operations.add_pair(need, capability, actor=moderator)
    assert refused.value.code == "not_published"


def test_the_pairs_of_a_suspended_citys_need_leave(app):
    need = make_listing("need", state="published")
    make_listing("capability", state="published")
    refresh.refresh_need(need)
    suspend(need)
    assert refresh.refresh_need(need).withdrawn == 1
