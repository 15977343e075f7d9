"""The desk in words: fields, what is missing, what is doubtful, what was changed twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.reviews.models import Review
from apps.reviews.pages.desk import MARKS, AreaPart, NoteLine, Words
from apps.reviews.rules.fields import anchor_of, notes_in, part_of
from apps.reviews.rules.ratings import COMPETENCY, GOAL, STATEMENT, THE_WHOLE, Subject
from apps.reviews.rules.writing import Content, Doubt, Missing


@dataclass(frozen=True)
class MissingLine:
    anchor: str
    name: str
    section: str
    words: str


def readable_texts(content: Content, *, is_mine: bool) -> dict[str, str]:
    """The review's own fields. PRIVACY: the private note and the word on promotion are, as the form
    says, for their author and the committee, which reads them on its own page."""
    names = {"summary", "overall", "departure"}
    if is_mine:
        names |= {"promotion", "private_note"}
    return {name: content.fields.get(name, "") for name in names}


def profile_title(one: Review) -> str:
    role = one.participant.role_profile
    return role.title if role else ""


def subject_of(competency_id: int | None, goal_id: int | None) -> Subject:
    if competency_id is not None:
        return (COMPETENCY, competency_id)
    return THE_WHOLE if goal_id is None else (GOAL, goal_id)


def whole_names() -> dict[str, str]:
    return {
        "summary": _("Summary"),
        "overall": _("Overall rating"),
        "departure": _("Why the overall rating departs from the profile"),
        "promotion": _("Promotion"),
        "private_note": _("Private note for the committee"),
    }


def column_names() -> dict[str, str]:
    return {
        "value": _("rating"),
        "comment": _("comment"),
        "notes": _("notes it rests on"),
        "shown": _("mark"),
    }


def name_of(name: str, parts: Iterable[AreaPart]) -> str:
    """A field in words: "Ownership: comment"."""
    part = part_of(name)
    if part is None or part.subject is None:
        return whole_names().get(name, name)
    column = column_names()[part.column]
    for area in parts:
        for card in area.cards:
            if card.anchor == anchor_of(part.subject):
                return f"{card.name}: {column}"
            for line in getattr(card, "lines", ()):
                if line.name == name:
                    return f"{card.name}, “{line.text}”"
    return _("A statement of the next level") if part.subject[0] == STATEMENT else name


def missing_lines(gaps: Iterable[Missing], parts: Iterable[AreaPart]) -> list[MissingLine]:
    places = {card.anchor: (part, card) for part in parts for card in part.cards}
    say = {
        "rate": _("not rated yet"),
        "rate_or_comment": _("nothing written yet"),
        "comment": _("nothing written yet"),
        "answer": _("not answered yet"),
        "summary": _("nothing written yet"),
        "overall": _("not chosen yet"),
        "departure": _("one sentence is due"),
    }
    lines = []
    for gap in gaps:
        if gap.subject is None:
            name = whole_names()[gap.why]
            lines.append(MissingLine(f"field-{gap.why}", name, _("Summary"), say[gap.why]))
        else:
            anchor = anchor_of(gap.subject)
            part, card = places[anchor]
            lines.append(MissingLine(anchor, card.name, part.name, say[gap.why]))
    return lines


def missing_problem(gaps: Sequence[Missing]) -> str:
    return ngettext(
        "%(count)d thing is still missing.", "%(count)d things are still missing.", len(gaps)
    ) % {"count": len(gaps)}


def doubt_lines(found: Iterable[Doubt], parts: Iterable[AreaPart]) -> list[MissingLine]:
    names = {card.anchor: card.name for part in parts for card in part.cards}
    say = {
        "jump": _("two steps or more from the last cycle"),
        "bare_extreme": _("an outer point without a comment"),
        "all_the_same": _("every competency has the same rating"),
    }
    lines = []
    for doubt in found:
        if doubt.subject is None:
            name = _("All ratings") if doubt.why == "all_the_same" else _("Overall rating")
            lines.append(MissingLine("field-overall", name, "", say[doubt.why]))
        else:
            anchor = anchor_of(doubt.subject)
            lines.append(MissingLine(anchor, names.get(anchor, ""), "", say[doubt.why]))
    return lines


def conflict_lines(
    theirs: Mapping[str, str],
    mine: Mapping[str, str],
    parts: Iterable[AreaPart],
    say: Spoken,
) -> list[tuple[str, str, str, str]]:
    """(anchor, field in words, what was typed, what is saved)."""
    return [
        (_place(name), name_of(name, parts), say.text(name, mine.get(name, "")), say.text(name, text))
        for name, text in theirs.items()
    ]  # fmt: skip


def _place(name: str) -> str:
    return name.partition("-")[0] if "-" in name else f"field-{name}"


class Spoken:
    """What stands in a field, as a person would say it."""

    def __init__(self, words: Words, notes: Iterable[NoteLine] = ()) -> None:
        self.labels = words.labels
        self.notes = {note.note_id: note.text for note in notes}

    def text(self, name: str, text: str) -> str:
        part = part_of(name)
        column = part.column if part else ""
        if column == "shown":
            return str(MARKS.get(text, text))
        if column == "notes":
            return "; ".join(self.notes.get(pk, _("a note")) for pk in notes_in(text))
        return self.labels.get(text, text) if column in {"value", "overall"} else text
