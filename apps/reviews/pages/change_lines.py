"""One change outside a cycle as a line: what it is, what follows, and what can be said to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, Func, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Length, Replace
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import Viewer
from apps.ladders.expectations import count_of
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.rules.changes import time_after_leave
from apps.reviews.states import ChangeKind, Phase, ReviewKind, ReviewState


@dataclass(frozen=True)
class AnswerButton:
    """One thing HR may say to a change: a form with hidden fields, or a link where `is_link`."""

    deed: str
    label: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    is_main: bool = False
    is_link: bool = False
    asks_reason: bool = False


@dataclass(frozen=True)
class Change:
    """One line: about whom, what changed, what follows, and what can be said to it."""

    kind: str
    key: int
    name: str
    url: str
    what: str
    follows: tuple[str, ...]
    answers: tuple[AnswerButton, ...]


@dataclass(frozen=True)
class _Draft:
    """What stands in a manager review. Its texts are counted where they are, never read."""

    state: str
    author: str
    rated: int
    words: int

    @property
    def is_begun(self) -> bool:
        return bool(self.rated or self.words)


def lines_of(
    viewer: Viewer, cycle: Cycle, kind: str, keys: Sequence[int], on: date
) -> list[Change]:
    if not keys:
        return []
    rows = list(
        Participant.objects.filter(pk__in=keys)
        .select_related("person__manager__manager", "person__level", "manager__manager", "level")
        .with_time(Phase.COLLECTION)
        .annotate(goal_count=Count("goals"))
        .order_by("person__name", "pk")
    )
    drafts = _drafts(keys)
    counts = _counts_of_today(rows) if kind == ChangeKind.LEVEL else {}
    build = {
        ChangeKind.NO_MANAGER: lambda p, d: _no_manager(p, d, on, viewer),
        ChangeKind.MANAGER: lambda p, d: _manager(p, d, on, viewer),
        ChangeKind.LEFT: _left,
        ChangeKind.LEVEL: lambda p, d: _level(p, d, counts),
        ChangeKind.LEAVE: lambda p, d: _leave(p, cycle),
    }[ChangeKind(kind)]
    return [build(participant, drafts.get(participant.pk)) for participant in rows]


def _line(
    kind: ChangeKind,
    participant: Participant,
    what: str,
    follows: Sequence[str],
    answers: Sequence[AnswerButton],
) -> Change:
    return Change(
        kind=kind.value,
        key=participant.pk,
        name=participant.person.name,
        url=reverse("reviews:participant", args=[participant.pk]),
        what=what,
        follows=tuple(sentence for sentence in follows if sentence),
        answers=tuple(answers),
    )


def _press(
    name: str, participant: Participant, label: str, *, main: bool = False, **fields: str
) -> AnswerButton:
    url = reverse(f"reviews:{name}", args=[participant.pk])
    return AnswerButton(name, label, url, tuple(fields.items()), is_main=main)


def _manager(participant: Participant, draft: _Draft | None, on: date, viewer: Viewer) -> Change:
    new: Any = participant.person.manager
    old = participant.manager
    what = _("Reports to %(new)s now.") % {"new": new.name}
    if old is not None:
        what += " " + _("%(old)s reviews.") % {"old": old.name}
    answers = _hand_over(participant, draft)
    answers += _keep(participant, draft, on, viewer)
    gone = _gone_words(old, on)
    return _line(ChangeKind.MANAGER, participant, what, [gone, _draft_words(draft, new)], answers)


def _hand_over(participant: Participant, draft: _Draft | None) -> list[AnswerButton]:
    if draft is None or not draft.is_begun or _is_in(draft):
        return [_press("hand_over", participant, _("Hand over"), main=True, draft="without")]
    empty, full = _("Hand over, from an empty page"), _("Hand over with the draft")
    return [
        _press("hand_over", participant, empty, main=True, draft="without"),
        _press("hand_over", participant, full, draft="with"),
    ]


def _keep(
    participant: Participant, draft: _Draft | None, on: date, viewer: Viewer
) -> list[AnswerButton]:
    old = participant.manager
    if old is None or (old.has_left(on=on) and not _is_in(draft)):
        return []
    if not participant_gate.may(viewer, "keep_manager", participant):
        return []
    return [_press("keep_manager", participant, _("Keep %(old)s") % {"old": old.name})]


def _no_manager(participant: Participant, draft: _Draft | None, on: date, viewer: Viewer) -> Change:
    today = participant.person.manager
    if today is not None:
        what = _gone_words(today, on) + " " + _("No other manager is entered yet.")
    else:
        what = _("Has no manager today.")
    above = _first_above(participant, on, viewer)
    answers = []
    if above is not None:
        label = _("Give it to %(name)s") % {"name": above.name}
        to, deed = str(above.pk), "delegate_review"
        answers.append(_press(deed, participant, label, main=True, person=to, draft="without"))
        if draft is not None and draft.is_begun and not _is_in(draft):
            label = _("Give it to %(name)s with the draft") % {"name": above.name}
            answers.append(_press(deed, participant, label, person=to, draft="with"))
    choose = reverse("reviews:delegate_review", args=[participant.pk])
    answers.append(AnswerButton("", _("Choose somebody"), choose, is_link=True))
    answers += _keep(participant, draft, on, viewer)
    why = (
        _("%(name)s is the next one above who works here.") % {"name": above.name} if above else ""
    )
    follows = [why, _draft_words(draft, above)]
    return _line(ChangeKind.NO_MANAGER, participant, what, follows, answers)


def _first_above(participant: Participant, on: date, viewer: Viewer) -> Person | None:
    """The manager's manager who works here, is not the person, and is not the one who decides."""
    for manager in (participant.person.manager, participant.manager):
        above = manager.manager if manager is not None else None
        barred = {participant.person_id, participant.manager_id, viewer.person_id}
        if above is not None and above.pk not in barred and not above.has_left(on=on):
            return above
    return None


def _left(participant: Participant, draft: _Draft | None) -> Change:
    what = _("Left on %(day)s.") % {"day": _day(participant.person.left_on)}
    follows = [
        _draft_words(draft, None),
        _(
            "Whoever is excused gets no reminder and stands in no figure; all that is written stays."
        ),
    ]
    answers = [
        _press("excuse_participant", participant, _("Excuse"), main=True),
        _press("keep_leaver", participant, _("Keep in the cycle")),
    ]
    return _line(ChangeKind.LEFT, participant, what, follows, answers)


def _level(participant: Participant, draft: _Draft | None, counts: Mapping[int, int]) -> Change:
    row: Any = participant
    level = participant.person.level
    what = _("Is on %(level)s now.") % {"level": level}
    if participant.level is not None:
        what += " " + _("Reviewed on %(level)s.") % {"level": participant.level}
    new = counts[participant.pk] + row.goal_count
    follows = [
        ngettext(
            "%(new)d part to rate on the new level, %(old)d so far.",
            "%(new)d parts to rate on the new level, %(old)d so far.",
            new,
        )
        % {"new": new, "old": participant.item_count}
    ]
    if draft is not None and draft.rated:
        follows.append(
            ngettext(
                "%(count)d is rated; what the new level asks too stays.",
                "%(count)d are rated; what the new level asks too stays.",
                draft.rated,
            )
            % {"count": draft.rated}
        )
    keep = (
        _("Keep %(level)s") % {"level": participant.level}
        if participant.level
        else _("Keep without a level")
    )
    answers = [_press("keep_level", participant, keep, main=_is_in(draft))]
    if _is_in(draft):
        follows = [_("The manager review is handed in for the earlier level, so that one counts.")]
    else:
        take = _press("take_level", participant, _("Use the new level"), main=True)
        answers.insert(0, take)
    return _line(ChangeKind.LEVEL, participant, what, follows, answers)


def _leave(participant: Participant, cycle: Cycle) -> Change:
    row: Any = participant
    person = participant.person
    if person.leave_until is None:
        what = _("Away from %(first)s on, without a last day.") % {"first": _day(person.leave_from)}
    else:
        what = _("Away from %(first)s to %(last)s.") % {
            "first": _day(person.leave_from), "last": _day(person.leave_until),
        }  # fmt: skip
    follows = [_("The self review is due on %(day)s.") % {"day": _day(row.due_on)}]
    answers = []
    until = time_after_leave(person.leave_until)
    if until is not None:
        label = _("More time, until %(day)s") % {"day": _day(until)}
        fields = {"phase": Phase.COLLECTION.value, "until": until.isoformat()}
        answers.append(_press("give_more_time", participant, label, main=True, **fields))
        passed = [
            p for p in cycle.phases.all() if p.kind != Phase.COLLECTION and p.opens_on <= until
        ]
        if passed:
            words = {"phase": passed[-1].get_kind_display(), "day": _day(passed[-1].opens_on)}
            follows.append(_("By then this phase is open: %(phase)s, from %(day)s.") % words)
    answers.append(_press("excuse_participant", participant, _("Excuse"), main=until is None))
    answers.append(_press("keep_leave", participant, _("Keep the day")))
    return _line(ChangeKind.LEAVE, participant, what, follows, answers)


def joiner_lines(cycle: Cycle, keys: Sequence[int]) -> list[Change]:
    people = list(
        Person.objects.filter(pk__in=keys)
        .select_related("department", "manager", "level", "role_profile")
        .order_by("name", "pk")
    )
    counts = _counts_of_people(people)
    lines = []
    for person in people:
        follows = [
            ngettext("%(count)d part to rate.", "%(count)d parts to rate.", counts[person.pk])
            % {"count": counts[person.pk]},
            _("%(name)s would review them.") % {"name": person.manager.name}
            if person.manager
            else _("Nobody would review them; give them a manager first."),
        ]
        place = person.department.name if person.department else ""
        what = _("Works in %(place)s and is not in this cycle.") % {"place": place or "–"}
        if person.hired_on:
            what += " " + _("Here since %(day)s.") % {"day": _day(person.hired_on)}
        add, out = (
            reverse(f"reviews:{name}", args=[cycle.pk, person.pk])
            for name in ("add_participant", "leave_out")
        )
        answers = (
            AnswerButton("add_participant", _("Add"), add, is_main=True),
            AnswerButton("leave_out", _("Not in this cycle"), out, asks_reason=True),
        )
        url = reverse("people:person", args=[person.pk])
        lines.append(
            Change(
                ChangeKind.JOINED.value, person.pk, person.name, url, what, tuple(follows), answers
            )
        )
    return lines


# --- what it is made of -------------------------------------------------------------------------------


def _drafts(keys: Sequence[int]) -> dict[int, _Draft]:
    """The manager reviews of these participants, in numbers. 1 query.

    PRIVACY: the database counts the words; whoever runs cycles reads none of them.
    """
    rows = (
        Review.objects.filter(participant__in=keys, kind=ReviewKind.MANAGER)
        .annotate(
            rated=Count("items", filter=Q(items__value__isnull=False) | ~Q(items__mark="")),
            said=Coalesce(Sum(_words("items__comment")), 0),
            whole=_words("summary") + _words("departure") + _words("private_note"),
        )
        .values_list("participant", "state", "author__name", "rated", F("said") + F("whole"))
    )
    return {pk: _Draft(*rest) for pk, *rest in rows}


def _words(field: str) -> Case:
    """How many words a text has: its spaces and one."""
    text = Func(F(field), function="TRIM", output_field=CharField())
    spaces = Length(text) - Length(Replace(text, Value(" "), Value("")))
    return Case(
        When(Q(**{f"{field}__isnull": True}) | Q(**{field: ""}), then=Value(0)),
        default=spaces + 1,
        output_field=IntegerField(),
    )


def _draft_words(draft: _Draft | None, to: Person | None) -> str:
    """What becomes of the manager review, in one sentence."""
    if draft is None:
        return _("There is no manager review yet.")
    names = {"author": draft.author, "to": to.name if to else ""}
    if _is_in(draft):
        if to is None:
            return _("The review of %(author)s is handed in.") % names
        return (
            _("The review of %(author)s is handed in and stays; %(to)s talks and releases.") % names
        )
    if not draft.is_begun:
        return _("%(author)s has not begun to write.") % names
    rated = ngettext("%(count)d part rated", "%(count)d parts rated", draft.rated)
    words = ngettext("about %(count)d word", "about %(count)d words", draft.words)
    return _("%(author)s: %(rated)s, %(words)s. They keep a copy that nobody else reads.") % {
        **names, "rated": rated % {"count": draft.rated}, "words": words % {"count": draft.words},
    }  # fmt: skip


def _is_in(draft: _Draft | None) -> bool:
    return draft is not None and draft.state == ReviewState.SUBMITTED


def _gone_words(person: Person | None, on: date) -> str:
    if person is None or not person.has_left(on=on):
        return ""
    return _("%(name)s left on %(day)s.") % {"name": person.name, "day": _day(person.left_on)}


def _day(day: date | None) -> str:
    return formats.date_format(day, "j F") if day else "–"


def _counts_of_today(rows: Sequence[Participant]) -> dict[int, int]:
    counts = _counts_of_people([row.person for row in rows])
    return {row.pk: counts[row.person_id] for row in rows}


def _counts_of_people(people: Sequence[Person]) -> dict[int, int]:
    """Person to the competencies they are rated on as they stand today. 4 queries."""
    mixins: dict[int, set[int]] = {}
    held = Person.mixins.through.objects.filter(person__in=[person.pk for person in people])
    for person_id, mixin_id in held.values_list("person_id", "mixin_id"):
        mixins.setdefault(person_id, set()).add(mixin_id)
    wanted = {p.pk: (p.level_id, frozenset(mixins.get(p.pk, ()))) for p in people}
    counted = count_of(wanted.values())
    return {pk: counted[combination] for pk, combination in wanted.items()}
