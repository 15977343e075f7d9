"""Who might be asked about a person: people near them, each with the reason and what is asked of
them already.

PRIVACY: a reason is something the reader knows already. What is promised to stay unknown, namely
who answered without a name, is never a reason, and leaves nobody out either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.access import Viewer
from apps.feedback.access import answer_gate
from apps.feedback.models import Answer, Perspective, Request, on_board, with_load
from apps.feedback.rules import doubts
from apps.feedback.states import OUT, RequestState
from apps.people.models import Person
from apps.reviews.models import Participant

SUGGESTED, FOUND = 12, 12
SHORTEST_SEARCH, MOST_WORDS = 2, 6

WHY = {
    "team": gettext_lazy("same manager"),
    "reports": gettext_lazy("reports to this person"),
    "named": gettext_lazy("you named them before"),
    "wrote": gettext_lazy("gave you feedback with their name"),
    "about": gettext_lazy("you were asked about them"),
    "goals": gettext_lazy("same role and goals"),
    "line": gettext_lazy("same part of the company"),
    "department": gettext_lazy("same department"),
}
FOR_ONESELF = {**WHY, "reports": gettext_lazy("reports to you")}


@dataclass(frozen=True)
class Peer:
    """Somebody who may be chosen. `load`: how many ask them already; `doubt`: a sentence for why not,
    which whoever decides may overrule."""

    person_id: int
    name: str
    job_title: str
    place: str
    chosen: bool
    load: int
    why: str
    doubt: str


@dataclass(frozen=True)
class Suggesting:
    """Finds people to ask about one participant, for one viewer."""

    viewer: Viewer
    participant: Participant
    perspective: Perspective
    today: date

    @classmethod
    def at(
        cls, viewer: Viewer, participant: Participant, perspective: Perspective, now: datetime
    ) -> Suggesting:
        return cls(viewer, participant, perspective, timezone.localdate(now))

    def askable(self) -> QuerySet[Person]:
        """Everybody who may be asked about this person at all, with `load`."""
        person = self.participant.person
        barred = {person.pk, person.manager_id, self.participant.manager_id} - {None}
        people = Person.objects.employed(on=self.today).exclude(pk__in=barred)
        return with_load(people, self.perspective).select_related("department")

    def suggested(self, *, without: set[int], most: int = SUGGESTED) -> list[Peer]:
        """1 query: the nearest of those who can still be asked; nearest first, then the least asked."""
        near = self._near()
        nearness = Case(
            *(When(q, then=Value(place)) for place, q in enumerate(near.values())),
            default=Value(len(near)),
            output_field=IntegerField(),
        )
        people = (
            self.askable()
            .filter(on_board(on=self.today, least_days=self.perspective.least_days))
            .exclude(pk__in=without)
            .annotate(nearness=nearness)
            .filter(nearness__lt=len(near), load__lt=self.perspective.giver_budget)
            .order_by("nearness", "load", "name", "pk")[:most]
        )
        words = FOR_ONESELF if self._is_for_oneself else WHY
        names = [str(words[key]) for key in near]
        return [self.peer(p, why=names[p.nearness]) for p in people]  # type: ignore[attr-defined]

    def found(self, find: str, *, without: set[int]) -> list[Peer]:
        """1 query, or none below two letters: by name or job title."""
        words = find.split()[:MOST_WORDS]
        if len("".join(words)) < SHORTEST_SEARCH:
            return []
        people = self.askable().exclude(pk__in=without)
        for word in words:
            people = people.filter(Q(name__icontains=word) | Q(job_title__icontains=word))
        return [self.peer(p) for p in people.order_by("name", "pk")[:FOUND]]

    def peer(self, person: Person, *, chosen: bool = False, why: str = "") -> Peer:
        load: int = person.load  # type: ignore[attr-defined]  # annotated
        found = doubts(
            {person.pk: (load, person.hired_on)},
            budget=self.perspective.giver_budget,
            least_days=self.perspective.least_days,
            on=self.today,
        )
        return Peer(
            person.pk,
            person.name,
            person.job_title,
            person.department.name if person.department else "",
            chosen,
            load,
            why,
            self._doubt(found.get(person.pk, "")),
        )

    def _doubt(self, why: str) -> str:
        if why == "budget":
            return _("As many are asking as this cycle asks of anybody.")
        if why == "new":
            return _("Here for less than %(days)s days.") % {"days": self.perspective.least_days}
        return ""

    @property
    def _is_for_oneself(self) -> bool:
        return self.participant.person_id == self.viewer.person_id

    def _near(self) -> dict[str, Q]:
        """The reasons that apply, nearest first."""
        person = self.participant.person
        near: dict[str, Q] = {}
        if person.manager_id is not None:
            near["team"] = Q(manager=person.manager_id)
        near["reports"] = Q(manager=person.pk)
        if self._is_for_oneself:
            near |= self._from_earlier_cycles(person)
        if person.role_profile_id is not None:
            near["goals"] = Q(role_profile=person.role_profile_id)
        if person.department_id is not None:
            near["department"] = Q(department=person.department_id)
        if person.manager is not None and person.manager.manager_id is not None:
            near["line"] = Q(manager__manager=person.manager.manager_id)
        return near

    def _from_earlier_cycles(self, person: Person) -> dict[str, Q]:
        """PRIVACY: whom one proposed oneself, whatever came of it; who wrote under a name that one
        has read; about whom one was asked oneself. All three are on the viewer's own pages."""
        peers = Request.objects.of_peers()
        named = peers.filter(participant__person=person, proposed_by=person).exclude(
            participant=self.participant
        )
        about = peers.filter(giver=person, state__in=OUT)
        read = answer_gate.visible(self.viewer, Answer.objects.all(), "read_named_subject")
        return {
            "named": Q(pk__in=named.exclude(state=RequestState.TURNED_DOWN).values("giver")),
            "wrote": Q(pk__in=read.values("author")),
            "about": Q(pk__in=about.values("participant__person")),
        }
