"""What there is to read of feedback in the made-up company: each mode, each way of reading, and what is
kept back."""

from __future__ import annotations

from collections import Counter

import pytest
from django.http import Http404

from apps.feedback import pages
from apps.feedback.models import Perspective
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState
from apps.people.viewers import viewer_of_person
from apps.reviews.models import Participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def found_by_readers():
    """(cycle, kind, mode, reader, what) to how many people, for those it is about and their managers;
    and the kinds themselves, by person and reader."""
    count: Counter[tuple[str, ...]] = Counter()
    seen = []
    sealed = Perspective.objects.filter(state=PerspectiveState.SEALED)
    rows = Participant.objects.filter(cycle__perspectives__in=sealed).distinct()
    for row in rows.select_related("person__manager", "cycle"):
        for reader, person in (("subject", row.person), ("manager", row.person.manager)):
            if person is None:
                continue
            try:
                page = pages.received_feedback(viewer_of_person(person), participant_id=row.pk)
            except Http404:
                continue
            for kind in page.kinds:
                what = kind.why or ("voices" if kind.voices else "batch" if kind.has_texts else "figures")  # fmt: skip
                count[kind.perspective.kind, kind.perspective.mode, reader, what] += 1
                seen.append((reader, kind))
    return count, seen


def test_every_way_of_reading_occurs_and_so_does_what_is_kept_back():
    modes = set(Perspective.objects.filter(kind=PerspectiveKind.PEER).values_list("mode", flat=True))  # fmt: skip
    assert modes == set(Mode)

    count, seen = found_by_readers()

    peer, upward = PerspectiveKind.PEER, PerspectiveKind.UPWARD
    assert count[peer, Mode.NAMED, "subject", "voices"] > 0
    assert count[peer, Mode.CONFIDENTIAL, "manager", "voices"] >= 3
    assert count[peer, Mode.CONFIDENTIAL, "subject", "batch"] >= 3
    assert count[peer, Mode.CONFIDENTIAL, "subject", "too_few"] >= 1
    assert count[peer, Mode.ANONYMOUS, "manager", "batch"] > 0
    assert count[peer, Mode.ANONYMOUS, "manager", "too_few"] > 0
    assert count[upward, Mode.ANONYMOUS, "subject", "batch"] > 0
    assert count[upward, Mode.ANONYMOUS, "subject", "too_few"] > 0
    assert count[upward, Mode.ANONYMOUS, "manager", "figures"] > 0
    assert any(kind.has_spread for _, kind in seen), "nobody sees how voices lie"
    assert any(score.comments for _, kind in seen for score in kind.scores or [])


def test_no_text_stands_twice_with_one_person():
    _, seen = found_by_readers()
    for reader, kind in seen:
        words = Counter(said.text for said in kind.texts())
        assert [text for text, times in words.items() if times > 1] == [], (reader, kind.title)
