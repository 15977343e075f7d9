"""Thanks and feedback that nobody asked for: given, taken back within a day, kept as a note."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState
from apps.feedback.access import unasked_gate
from apps.feedback.models import UnaskedFeedback
from apps.feedback.rules import MOST_TAGS, NotAllowed, may_be_taken_back, quoted
from apps.feedback.states import Audience, UnaskedKind
from apps.ladders.expectations import expectations_of
from apps.people.models import Person
from apps.reviews.actions import NotePlan, add_note
from apps.reviews.models import EvidenceNote

SENT_TWICE = timedelta(hours=1)


@transaction.atomic
def give_unasked(
    receiver: Person,
    *,
    kind: str,
    text: str,
    audience: str = Audience.PERSON,
    competency_ids: Collection[int] = (),
    by: Viewer,
    now: datetime,
) -> UnaskedFeedback:
    """With the giver's name, at once, for good after a day. The same words once more within the hour
    are the same thanks: a form that was sent twice.

    `competency_ids` are of the receiver's ladder. Errors: NotAllowed with a sentence for nothing
    said, too many competencies, or somebody who does not work here any more.
    """
    given = UnaskedFeedback(
        kind=UnaskedKind(kind),
        giver_id=by.person_id,
        receiver=receiver,
        audience=Audience(audience),
        text=text.strip(),
        given_at=now,
    )
    unasked_gate.require(by, "give_unasked", given)
    if not given.text:
        raise NotAllowed(_("Write something first."))
    if receiver.has_left(on=timezone.localdate(now)):
        raise NotAllowed(_("%(name)s does not work here any more.") % {"name": receiver.name})
    if len(set(competency_ids)) > MOST_TAGS:
        raise NotAllowed(_("Choose at most %(n)s competencies.") % {"n": MOST_TAGS})
    if (same := _given_already(given, set(competency_ids))) is not None:
        return same
    given.save()
    given.competencies.set(competency_ids)
    record("give_unasked", given, by=by, at=now, kind=str(given.kind), audience=str(given.audience))
    return given


def _given_already(given: UnaskedFeedback, tags: set[int]) -> UnaskedFeedback | None:
    """The same words a moment ago: a double click, or a form that is sent again. At most 3 queries."""
    # The giver's two requests wait for each other here; on SQLite transactions do so anyway.
    Person.objects.select_for_update(no_key=True).filter(pk=given.giver_id).first()
    twins = UnaskedFeedback.objects.filter(
        kind=given.kind,
        giver=given.giver_id,
        receiver=given.receiver,
        audience=given.audience,
        text=given.text,
        given_at__gt=given.given_at - SENT_TWICE,
    ).prefetch_related("competencies")
    return next((t for t in twins if tags <= {tag.pk for tag in t.competencies.all()}), None)


@transaction.atomic
def withdraw_unasked(given: UnaskedFeedback, *, by: Viewer, now: datetime) -> None:
    """The giver takes it back within a day; it is gone from everywhere. Errors: NotAllowed after it,
    StaleState when another tab was faster."""
    unasked_gate.require(by, "withdraw_unasked", given)
    if not may_be_taken_back(given.given_at, at=now):
        raise NotAllowed(_("It was given more than a day ago and stays."))
    record("withdraw_unasked", given, by=by, at=now)
    _count, deleted = UnaskedFeedback.objects.filter(pk=given.pk).delete()
    if not deleted.get(UnaskedFeedback._meta.label):
        raise StaleState(f"{given} was taken back already")


@transaction.atomic
def keep_unasked(given: UnaskedFeedback, *, by: Viewer, now: datetime) -> EvidenceNote:
    """The receiver quotes it in a private note of their own, with the giver's name. Twice is once."""
    unasked_gate.require(by, "keep_unasked", given)
    UnaskedFeedback.objects.select_for_update(no_key=True).filter(
        pk=given.pk
    ).first()  # a double click
    day = given.given_at.astimezone(ZoneInfo(by.time_zone)).date()
    text = quoted(given.text, name=given.giver.name, on=day)
    kept = EvidenceNote.objects.filter(
        author=by.person_id, about=by.person_id, happened_on=day, text=text
    ).first()
    if kept is not None:
        return kept
    person = given.receiver
    known = {
        c.competency_id
        for c in expectations_of(
            person.level_id, [mixin.pk for mixin in person.mixins.all()]
        ).competencies
    }
    tags = [c.pk for c in given.competencies.all() if c.pk in known]
    return add_note(person, NotePlan(day, text, tuple(tags)), by=by, now=now)
