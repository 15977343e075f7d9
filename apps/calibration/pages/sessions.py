"""Which sessions there are, who may prepare them, and whether they concern somebody at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404

from apps.calibration.access import session_gate
from apps.calibration.models import Membership, Session
from apps.core.access import Viewer
from apps.people.models import Department, Person
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle
from apps.reviews.states import CycleState


@dataclass(frozen=True)
class SessionRow:
    session: Session
    people: int
    decided: int
    may_read_board: bool


@dataclass(frozen=True)
class Sessions:
    rows: list[SessionRow]
    cycles_to_prepare: list[Cycle]


def sessions(viewer: Viewer) -> Sessions:
    """2 queries: the sessions this person may see with their counts, and cycles HR may add to."""
    decided = Count("items", filter=Q(items__decisions__isnull=False), distinct=True)
    found = (
        Session.objects.visible_to(viewer)
        .select_related("cycle", "department", "facilitator")
        .annotate(people=Count("items", distinct=True), decided=decided)
        .annotate(
            is_seated=Exists(
                Membership.objects.filter(session=OuterRef("pk"), person_id=viewer.person_id)
            )
        )
        .order_by("-cycle__period_end", "name")
    )
    content = "content_admin" in viewer.roles
    rows = [
        SessionRow(
            session,
            session.people,
            session.decided,
            content or session.is_seated or session.facilitator_id == viewer.person_id,
        )
        for session in found
    ]
    open_cycles = cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle").filter(
        state__in=[CycleState.COLLECTION, CycleState.MANAGER_REVIEW, CycleState.CALIBRATION]
    )
    return Sessions(rows, list(open_cycles))


def session(viewer: Viewer, *, session_id: int) -> Session:
    """1 query. What you may not see does not exist."""
    return get_object_or_404(
        Session.objects.visible_to(viewer).select_related("cycle", "facilitator", "department"),
        pk=session_id,
    )


def cycle_to_prepare(viewer: Viewer, *, cycle_id: int) -> Cycle:
    """1 query. The cycle for which HR prepares a session."""
    return get_object_or_404(
        cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle"), pk=cycle_id
    )


@dataclass(frozen=True)
class SessionForm:
    session: Session
    cycle: Cycle
    initial: dict[str, str]


def session_form(viewer: Viewer, *, session_id: int) -> SessionForm:
    """2 queries: the session while it can be prepared, and its committee."""
    found = get_object_or_404(
        session_gate.visible(viewer, Session.objects.all(), "prepare_session").select_related(
            "cycle", "facilitator"
        ),
        pk=session_id,
    )
    members = found.members.order_by("name").values_list("email", flat=True)
    return SessionForm(
        found,
        found.cycle,
        {
            "name": found.name,
            "facilitator": found.facilitator.email,
            "members": "\n".join(members),
        },
    )


def departments() -> QuerySet[Department]:
    """Whose ratings a session can compare; 1 query when the form is drawn."""
    return Department.objects.all()


def people_by_address(addresses: Collection[str]) -> dict[str, Person]:
    """Casefolded address to the person who works here. 1 query."""
    found = Person.objects.annotate(address=Lower("email")).filter(
        address__in=addresses, left_on=None
    )
    return {person.email.casefold(): person for person in found}
