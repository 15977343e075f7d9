"""Two at once: two tabs, a request sent twice, a double click."""

import threading

import pytest
from django.db import connection

from apps.core.models import AuditEvent
from apps.reviews.actions.drafts import CONFLICT, SAVED
from apps.reviews.models import RatingEvent, Review, ReviewVersion
from tests.reviews.desks import make_desk, save, submit


def race(*deeds):
    """Let the deeds go together, each in a thread of its own; their results in order."""
    gate, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(n, deed):
        gate.wait()
        try:
            results[n] = deed()
        except Exception as raised:
            results[n] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return results


@pytest.mark.django_db(transaction=True)
def test_two_tabs_let_go_together_one_wins_and_the_other_text_is_kept():
    desk = make_desk()
    for n in range(25):
        base = Review.objects.get(pk=desk.manager_review.pk).revision
        texts = [f"tab one, {n}", f"tab two, {n}"]

        savings = race(
            *(
                lambda t=t: save(
                    desk,
                    {"summary": t},
                    base=base,
                    key=f"race-{t}".replace(" ", "-").replace(",", ""),
                )
                for t in texts
            )
        )

        review = Review.objects.get(pk=desk.manager_review.pk)
        assert sorted(s.outcome for s in savings) == [CONFLICT, SAVED]
        lost = next(s for s in savings if s.outcome == CONFLICT)
        kept = review.versions.get(revision=lost.revision).content["kept"]["fields"]["summary"]
        assert lost.theirs == {"summary": review.summary}
        assert {review.summary, kept} == set(texts)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_with_different_fields_let_go_together_both_live():
    desk = make_desk()
    a, b = (c.pk for c in desk.competencies[:2])
    for n in range(10):
        base = Review.objects.get(pk=desk.manager_review.pk).revision

        savings = race(
            *(lambda pk=pk: save(desk, {f"c{pk}-comment": f"{pk} {n}"}, base=base) for pk in (a, b))
        )

        assert [s.outcome for s in savings] == [SAVED, SAVED]
        assert set(desk.manager_review.items.values_list("comment", flat=True)) == {
            f"{a} {n}",
            f"{b} {n}",
        }


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_twice_at_once_makes_one_version():
    desk = make_desk()

    one, two = race(*[lambda: save(desk, {"summary": "once"}, base=0, key="key-00000009")] * 2)

    assert one == two
    assert ReviewVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_submits_once():
    desk = make_desk()
    save(desk, desk.complete())

    results = race(*[lambda: submit(desk)] * 2)

    assert sorted(type(r).__name__ for r in results) == ["Review", "StaleState"]
    assert (
        RatingEvent.objects.count(),
        AuditEvent.objects.filter(verb="submit_review").count(),
    ) == (4, 1)
