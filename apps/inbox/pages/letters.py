"""What a mail says. The mail that goes out and the one that a rehearsal shows are made here alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inbox.duties import Duty


@dataclass(frozen=True)
class Line:
    """One duty as the mail prints it; `whose` is set for what is late in the reader's team."""

    words: str
    about: str
    due_on: date
    cycle: str
    late: bool
    whose: str = ""


def line_of(duty: Duty, today: date, *, whose: str = "") -> Line:
    """`today` is a day where the person asked is."""
    late = duty.due_on < today
    return Line(str(duty.kind.label), duty.about, duty.due_on, duty.cycle, late, whose)


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def letter(
    name: str, own: Sequence[Line], above: Sequence[Line], *, by_hand: bool = False
) -> Letter:
    """The mail to `name`, in the language of the house. 0 queries.

    Arguments: `own` what is asked of the reader, `above` what is late in their team; `by_hand` when
    HR asked for it to be sent now.
    """
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "name": name,
            "own": sorted(own, key=_order),
            "above": sorted(above, key=_order),
            "by_hand": by_hand,
            "site": settings.SITE_URL,
        }
        return Letter(
            _subject(len(own), len(above), by_hand=by_hand),
            render_to_string("inbox/mail/digest.txt", context),
            render_to_string("inbox/mail/digest.html", context),
        )


def news(name: str, *, decided: bool, waits: bool) -> Letter:
    """The mail to `name` that there is something to read: `decided` about feedback they gave or read,
    or `waits` for them in HR. 0 queries. PRIVACY: one subject for all, and the same words for whoever
    wrote a text and whoever reported it."""
    with translation.override(settings.LANGUAGE_CODE):
        context = {"name": name, "decided": decided, "waits": waits, "site": settings.SITE_URL}
        return Letter(
            _("There is something for you to read"),
            render_to_string("inbox/mail/news.txt", context),
            render_to_string("inbox/mail/news.html", context),
        )


def _order(line: Line) -> tuple[date, str, str, str]:
    return line.due_on, line.whose, line.words, line.about


def _subject(own: int, above: int, *, by_hand: bool) -> str:
    # PRIVACY: a subject line is read over shoulders and on lock screens; it names nobody.
    if not own:
        words = ngettext(
            "%(n)d thing in your team is late", "%(n)d things in your team are late", above
        )
        return words % {"n": above}
    words = ngettext("%(n)d thing asks for you", "%(n)d things ask for you", own) % {"n": own}
    return _("Reminder: %(words)s") % {"words": words} if by_hand else words
