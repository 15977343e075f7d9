"""The table of the bundle against fields.txt: whatever is somebody's is in it, or left out in words."""

from __future__ import annotations

from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models

from apps.core.access import Viewer
from apps.reports.bundles.shape import read
from apps.reports.bundles.table import BY_PACKET, BY_ROW, LEFT_OUT, ROOMS
from tests.architecture.test_fields import LINES, STORED, name_of, our_models

SHARES = [share for room in ROOMS for share in room.shares]
IN = {name for share in SHARES for name in share.fields()}
BY_THE_WAY = {*BY_PACKET, *BY_ROW}
OUT = Counter(name for left in LEFT_OUT for name in left.fields)
OF_SOMEBODY = {"subject", "author", "third", "secret"}
# The other half of a many-to-many is a table that Django makes; its field says it already.
HALVES = {
    name
    for model in our_models()
    if model._meta.auto_created
    for name in STORED
    if name.startswith(f"{name_of(model)}.")
}


def library_models() -> list[type[models.Model]]:
    """Tables of libraries that hold something of an account."""
    ours = set(our_models())
    account = get_user_model()
    return [
        model
        for model in apps.get_models()
        if model not in ours and any(f.related_model is account for f in model._meta.local_fields)
    ]


def test_every_field_of_a_person_is_in_the_bundle_or_left_out_with_a_reason():
    placed = IN | OUT.keys() | BY_THE_WAY
    missing = [
        name
        for name, line in LINES.items()
        if line.holds in OF_SOMEBODY and name not in placed and name not in HALVES
    ]
    assert missing == [], "add to a share of apps/reports/bundles, or to left_out with its reason"


def test_no_field_is_both_in_and_out():
    assert sorted(IN & OUT.keys()) == []
    assert [name for name, times in OUT.items() if times > 1] == []


def test_no_line_of_the_table_outlives_its_field():
    known = set(STORED)
    ours = {name for name in IN if apps.get_model(name.rpartition(".")[0]) in set(our_models())}
    assert sorted((ours | OUT.keys() | BY_THE_WAY) - known) == []


def test_what_is_nobodys_is_not_left_out_with_a_reason():
    assert sorted(n for n in OUT if LINES[n].holds == "none") == []


def test_no_secret_is_in():
    assert sorted(n for n in IN if n in LINES and LINES[n].holds == "secret") == []


def test_names_of_third_people_are_in_where_the_site_shows_them_and_nowhere_else():
    """Each of these was judged: the page that shows it to this person is named beside it."""
    assert sorted(n for n in IN if n in LINES and LINES[n].holds == "third") == [
        "feedback.ConcernDecision.decided_at",  # the answer to what one reported oneself
        "feedback.ConcernDecision.reason",
        "feedback.ConcernReport.concern",
        "feedback.ConcernReport.raised_at",
        "feedback.ConcernReport.raised_by",
        "feedback.ConcernReport.reason",
        "feedback.Disclosure.asked_at",  # one's own name that was opened
        "feedback.Disclosure.asked_by",
        "feedback.Disclosure.decided_at",
        "feedback.Disclosure.decided_by",
        "feedback.Disclosure.reason",
        "people.Person.manager",  # the directory
        "reviews.Dispute.arbiter",  # one's packet
        "reviews.Participant.manager",  # one's own page in the cycle
    ]


def test_every_table_of_a_library_about_an_account_is_in_the_bundle():
    assert {s.model for s in SHARES} >= set(library_models())
    assert len(library_models()) >= 4


def test_shares_are_called_once_and_say_who_reads_them():
    names = Counter(share.name for share in SHARES)

    assert [name for name, times in names.items() if times > 1] == []
    assert [s.name for s in SHARES if not (str(s.title) and str(s.what) and str(s.readers))] == []
    assert [str(left.title) for left in LEFT_OUT if len(str(left.why)) < 40] == []


@pytest.mark.django_db
@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.name)
def test_nobody_has_a_bundle(share):
    """`author=None` would be IS NULL, and so every answer without a name."""
    with pytest.raises(PermissionDenied):
        read(share, Viewer())


@pytest.mark.django_db
@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.name)
def test_each_line_of_the_table_is_one_query_at_most(share, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert read(share, Viewer(person_id=0)).rows == []
