"""What changed outside a cycle that runs, and what each answer would do, before it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.people.models import Person
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, Participant
from apps.reviews.models.changes import FLAGS
from apps.reviews.pages.change_lines import Change, joiner_lines, lines_of
from apps.reviews.rules.changes import ANSWERS
from apps.reviews.states import ChangeKind

PER_PAGE = 25
# More than these are counted as "and more"; they come up as others are answered.
MOST = 500
FOUND_SHOWN = 8
KIND_OF = dict(
    zip(
        FLAGS,
        (
            ChangeKind.NO_MANAGER,
            ChangeKind.MANAGER,
            ChangeKind.LEFT,
            ChangeKind.LEVEL,
            ChangeKind.LEAVE,
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class ChangeCount:
    kind: str
    label: str
    count: int


@dataclass(frozen=True)
class BulkAnswer:
    """One answer for all the lines of a kind on this page for which it can be given."""

    answer: str
    label: str
    keys: tuple[int, ...]


@dataclass(frozen=True)
class ChangesPage:
    cycle: Cycle
    counts: list[ChangeCount]
    kind: str
    label: str
    lines: Page
    bulk: list[BulkAnswer]
    has_more: bool
    who: str
    found: list[Person]

    @property
    def total(self) -> int:
        return sum(count.count for count in self.counts)


Keys = dict[str, list[int]]


def changes(
    viewer: Viewer,
    *,
    cycle_id: int,
    on: date,
    kind: str = "",
    number: str | int = 1,
    who: str = "",
) -> ChangesPage:
    """At most 11 queries: cycle, phases, who changed, who is missing, the lines' people, their
    drafts and mixins, 3 of the ladder, and who is looked for. For HR; 404 for everybody else."""
    found = get_object_or_404(
        cycle_gate.visible(viewer, Cycle.objects.prefetch_related("phases"), "add_participant"),
        pk=cycle_id,
    )
    keys = changed_keys(viewer, found, on)
    counts = counts_of_changes(keys)
    there = [count.kind for count in counts]
    kind = kind if kind in there else (there[0] if there else "")
    page: Page = Paginator(keys.get(kind, []), PER_PAGE).get_page(number)
    shown = list(page.object_list)
    joined = kind == ChangeKind.JOINED
    lines = joiner_lines(found, shown) if joined else lines_of(viewer, found, kind, shown, on)
    page.object_list = lines  # type: ignore[assignment]  # keys before, lines now
    return ChangesPage(
        cycle=found,
        counts=counts,
        kind=kind,
        label=str(ChangeKind(kind).label) if kind else "",
        lines=page,
        bulk=_bulk(kind, lines),
        has_more=any(count.count >= MOST for count in counts),
        who=who,
        found=_outside(viewer, found, on, who) if who else [],
    )


@dataclass(frozen=True)
class ChangeCounts:
    cycle: Cycle
    counts: list[ChangeCount]

    @property
    def total(self) -> int:
        return sum(count.count for count in self.counts)


def change_counts(viewer: Viewer, *, cycle_id: int, on: date) -> ChangeCounts:
    """3 queries: the cycle, who changed, who is missing. For the card above the board."""
    cycle = changing_cycle(viewer, cycle_id=cycle_id)
    return ChangeCounts(cycle, counts_of_changes(changed_keys(viewer, cycle, on)))


def changing_cycle(viewer: Viewer, *, cycle_id: int) -> Cycle:
    """The cycle whose changes this viewer answers. 1 query; 404 for everybody else."""
    rows = cycle_gate.visible(viewer, Cycle.objects.all(), "add_participant")
    return get_object_or_404(rows, pk=cycle_id)


def changed_keys(viewer: Viewer, cycle: Cycle, on: date) -> Keys:
    """Kind to keys: of participants, of people for those who are not in yet. 2 queries."""
    rows = (
        Participant.objects.visible_to(viewer)
        .filter(cycle=cycle)
        .exclude(person=viewer.person_id)  # nobody decides about themself
        .changed_since_launch(on=on)
        .order_by("person__name", "pk")
        .values_list("pk", *FLAGS)[:MOST]
    )
    keys: Keys = {kind: [] for kind in ChangeKind.values}
    for pk, *flags in rows:
        for flag, is_so in zip(FLAGS, flags, strict=True):
            if is_so:
                keys[KIND_OF[flag]].append(pk)
    outside = cycle.people(on=on).exclude(participations__cycle=cycle).exclude(pk=viewer.person_id)
    keys[ChangeKind.JOINED] = list(outside.values_list("pk", flat=True)[:MOST])
    return keys


def counts_of_changes(keys: Keys) -> list[ChangeCount]:
    """How many of each kind, in the order of the vocabulary; kinds without any are left out."""
    return [ChangeCount(k.value, str(k.label), len(keys[k])) for k in ChangeKind if keys.get(k)]


def _outside(viewer: Viewer, cycle: Cycle, on: date, who: str) -> list[Person]:
    return list(
        Person.objects.employed(on=on)
        .exclude(pk=viewer.person_id)
        .exclude(participations__cycle=cycle)
        .matching(who)
        .select_related("department")[:FOUND_SHOWN]
    )


def changes_of(viewer: Viewer, participant: Participant, on: date) -> list[Change]:
    """What changed about one person, for their page. 1 query, and up to 7 for each change."""
    row = (
        Participant.objects.filter(pk=participant.pk)
        .exclude(person=viewer.person_id)
        .changed_since_launch(on=on)
        .values(*FLAGS)
        .first()
    )
    kinds = [KIND_OF[flag] for flag, is_so in (row or {}).items() if is_so]
    lines: list[Change] = []
    for kind in kinds:
        lines += lines_of(viewer, participant.cycle, kind, [participant.pk], on)
    return lines


def _bulk(kind: str, lines: Sequence[Change]) -> list[BulkAnswer]:
    """The answers that can be given to several of these lines at once."""
    if not kind or len(lines) < 2:
        return []
    labels = {
        "hand_over": _("Hand all over, from empty pages"),
        "hand_over_with_draft": _("Hand all over with their drafts"),
        "keep_manager": _("Keep all earlier managers"),
        "excuse_participant": _("Excuse all"),
        "keep_leaver": _("Keep all in the cycle"),
        "take_level": _("Use the new levels for all"),
        "keep_level": _("Keep all earlier levels"),
        "give_more_time": _("More time for all"),
        "keep_leave": _("Keep all days"),
        "add_participant": _("Add all"),
    }
    offers = []
    for answer in ANSWERS.get(ChangeKind(kind), ()):
        deed = answer.removesuffix("_with_draft")
        keys = tuple(line.key for line in lines if deed in {b.deed for b in line.answers})
        if len(keys) > 1:
            offers.append(BulkAnswer(answer, labels[answer], keys))
    return offers
