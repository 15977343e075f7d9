"""A reader reports a text, HR hides it or lets it stand, and two of HR may open one name.

Nothing is ever rewritten. PRIVACY: no event here names a giver; the object is the concern, or the
disclosure, and the detail of it holds keys of those alone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.feedback.access import READS_OF_TEXT, answer_gate, concern_gate, disclosure_gate
from apps.feedback.models import (
    Answer,
    AnswerPart,
    Concern,
    ConcernDecision,
    ConcernReport,
    Disclosure,
)
from apps.feedback.rules import LONGEST_DECISION, LONGEST_REASON, NotAllowed, name_is_open
from apps.feedback.states import (
    CONCERN_MOVES,
    DISCLOSURE_MOVES,
    ConcernState,
    DisclosureState,
    PerspectiveState,
)
from apps.reviews.models import Participant


@transaction.atomic
def raise_concern(
    participant: Participant, part_id: UUID, *, reason: str, by: Viewer, now: datetime
) -> Concern:
    """A reader says that one text about this participant breaks the rules. At most 11 queries.

    Whether the reader is shown the text at all is the page's answer (pages.raise_concern), which cuts
    it per item; here it must be of an answer they read, and sealed. Result: the case. Errors:
    AnswerPart.DoesNotExist for any other, NotAllowed with a sentence for what this reader reported
    before, or where everybody reads that HR has hidden it.

    PRIVACY: whoever reports a text that waits already is answered like the first, also at the same
    moment: nobody learns that somebody else reported it. HR reads both reports in one case.
    """
    readable = answer_gate.visible(
        by,
        Answer.objects.filter(
            participant=participant, perspective__state=PerspectiveState.SEALED.value
        ),
        *READS_OF_TEXT,
    )
    part = AnswerPart.objects.exclude(text="").get(pk=part_id, answer__in=readable)
    said = _reason(reason, LONGEST_REASON)
    concern = _case_of(part, now=now)
    if concern.state == ConcernState.HIDDEN:
        raise NotAllowed(_("HR has hidden this text."))
    if ConcernReport.objects.filter(concern__part=part, raised_by=by.person_id).exists():
        raise NotAllowed(_("You have reported this text already."))
    ConcernReport.objects.create(
        concern=concern, reason=said, raised_at=now, raised_by_id=by.person_id
    )
    record("raise_concern", concern, by=by, at=now)
    return concern


def _case_of(part: AnswerPart, *, now: datetime) -> Concern:
    """The case that stands, held until the end of the transaction, or a new one. 1 query, 4 for a
    new one."""
    standing = Concern.objects.standing().filter(part=part).select_for_update()
    if case := standing.first():
        return case
    try:
        with transaction.atomic():
            return Concern.objects.create(part=part, raised_at=now)
    except IntegrityError:  # somebody else reported it at the same moment
        return standing.get()


def hide_text(concern: Concern, *, reason: str, by: Viewer, now: datetime) -> None:
    """HR keeps the text from all its readers, who see the reason in its place. No number changes."""
    _decide("hide_text", concern, reason, by, now)


def leave_text(concern: Concern, *, reason: str, by: Viewer, now: datetime) -> None:
    """HR lets it stand; whoever reported it sees the reason."""
    _decide("leave_text", concern, reason, by, now)


def show_text_again(concern: Concern, *, reason: str, by: Viewer, now: datetime) -> None:
    """HR takes the hiding back, for good. Why it was hidden stays, for HR, beside why it is not."""
    _decide("show_text_again", concern, reason, by, now)


@transaction.atomic
def _decide(deed: str, concern: Concern, reason: str, by: Viewer, now: datetime) -> None:
    """Errors: PermissionDenied, NotAllowed without a reason, StaleState when another was faster."""
    concern_gate.require(by, deed, concern)
    said = _reason(reason, LONGEST_DECISION)
    advance(concern, CONCERN_MOVES[deed])
    ConcernDecision.objects.create(
        concern=concern,
        became=concern.state,
        reason=said,
        decided_at=now,
        decided_by_id=by.person_id,
    )
    record(deed, concern, by=by, at=now)


@transaction.atomic
def ask_for_name(concern: Concern, *, reason: str, by: Viewer, now: datetime) -> Disclosure:
    """One person of HR asks for the name behind a reported text; a second one decides.

    Errors: PermissionDenied outside confidential mode; NotAllowed without a reason, with one that was
    refused before, or where the name is asked for already; StaleState for two at the same moment.
    """
    concern_gate.require(by, "ask_for_name", concern)
    said = _reason(reason, LONGEST_REASON)
    before = dict(concern.disclosures.values_list("reason", "state"))
    if {DisclosureState.ASKED, DisclosureState.AGREED} & set(before.values()):
        raise NotAllowed(_("This name was asked for already."))
    if said in before:
        raise NotAllowed(_("This reason was refused. If there is another one, give that."))
    try:
        with transaction.atomic():
            asked = Disclosure.objects.create(
                concern=concern, reason=said, asked_at=now, asked_by_id=by.person_id
            )
    except IntegrityError as lost:
        raise StaleState("the name was asked for at the same moment") from lost
    record("ask_for_name", asked, by=by, at=now, concern=concern.pk)
    return asked


def agree_to_disclosure(disclosure: Disclosure, *, by: Viewer, now: datetime) -> None:
    """The second person of HR opens the name to the two of them. Whose name it is will be told."""
    _settle("agree_to_disclosure", disclosure, by, now)


def refuse_disclosure(disclosure: Disclosure, *, by: Viewer, now: datetime) -> None:
    """The name stays closed. Nobody outside HR hears that it was asked for."""
    _settle("refuse_disclosure", disclosure, by, now)


@transaction.atomic
def _settle(deed: str, disclosure: Disclosure, by: Viewer, now: datetime) -> None:
    disclosure_gate.require(by, deed, disclosure)
    advance(disclosure, DISCLOSURE_MOVES[deed], decided_at=now, decided_by_id=by.person_id)
    record(deed, disclosure, by=by, at=now)


@transaction.atomic
def open_name(disclosure: Disclosure, *, by: Viewer, now: datetime) -> None:
    """Written down before anybody reads the name (pages.opened_name), each time.

    Errors: PermissionDenied for all but the two who opened it; NotAllowed once the time is over.
    """
    disclosure_gate.require(by, "open_name", disclosure)
    if disclosure.decided_at is None or not name_is_open(disclosure.decided_at, at=now):
        raise NotAllowed(_("The name is closed again: thirty days have gone by."))
    record("open_name", disclosure, by=by, at=now)


def _reason(text: str, longest: int) -> str:
    said = text.strip()
    if not said:
        raise NotAllowed(_("Say why, in a sentence or two."))
    if len(said) > longest:
        raise NotAllowed(_("Say it in %(n)s characters.") % {"n": longest})
    return said
