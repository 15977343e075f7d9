"""What is promised to a giver before the first key press: who reads what, from when, with which name.

PRIVACY: each line says in words what its own facts say, and `tests/feedback/test_promise.py` holds the
facts to the gate. Whoever changes the one without the other is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.feedback.rules.asking import SPARE
from apps.feedback.states import Mode


class Who(StrEnum):
    PERSON, MANAGERS, MANAGER, COMMITTEE = "person", "managers", "manager", "committee"


class Since(StrEnum):
    SENDING, SEALING, RELEASE = "sending", "sealing", "release"


@dataclass(frozen=True)
class Reads:
    """One reader and what is read. `fewest` is how many answers it takes before any is read (0 where
    one is enough); `texts` is False for means and spread alone."""

    who: Who
    since: Since
    with_name: bool
    texts: bool
    fewest: int
    words: str


@dataclass(frozen=True)
class Promise:
    """With which `name`, in a few words; who reads, line by line; then what holds for all of it."""

    name: str
    reads: list[Reads]
    notes: list[str]


def promise(
    mode: str, *, upward: bool, threshold: int, asked: int, person: str, released_on: date | None
) -> Promise:
    """The promise of one form.

    Arguments: `asked` how many are asked about this person, the giver among them; `person` whom it
    is about; `released_on` the day from which packets are released, where it is set.
    """
    if released_on is None:
        release = _("after release")
    else:
        release = _("after release, from %(day)s") % {"day": date_format(released_on, "j F")}
    told = {"person": person, "k": threshold, "n": asked, "release": release}
    if mode == Mode.NAMED:
        return _named(told)
    if mode == Mode.CONFIDENTIAL:
        return _confidential(told, asked, threshold)
    return _without_names(told, asked, threshold, upward=upward)


def short_promise(mode: str, *, upward: bool) -> str:
    """The same in one clause, for a list: with which name it will be read."""
    if mode == Mode.NAMED:
        return _("read with your name")
    if mode == Mode.CONFIDENTIAL:
        return _("your name for the manager, not for the person")
    if upward:
        return _("read without your name, together with others of the team")
    return _("read without your name, together with others")


Told = dict[str, object]


def _named(told: Told) -> Promise:
    managers = _(
        "The manager, or whoever writes the review in their place, and the manager’s manager read "
        "every word with your name, as soon as you send it."
    )
    person = _("%(person)s reads every word with your name, %(release)s.")
    committee = _("A calibration committee reads it without your name, once collection is over.")
    return Promise(
        _("With your name, for %(person)s and the managers") % told,
        [
            Reads(Who.MANAGERS, Since.SENDING, True, True, 0, managers),
            Reads(Who.PERSON, Since.RELEASE, True, True, 0, person % told),
            Reads(Who.COMMITTEE, Since.SEALING, False, True, 0, committee),
        ],
        [
            _until_sealed(),
            _(
                "HR reads a text only when one of its readers reports it. If it breaks the rules HR "
                "hides it and says why, and you are told; nobody ever rewrites it."
            ),
        ],
    )


def _confidential(told: Told, asked: int, threshold: int) -> Promise:
    managers = _(
        "The manager, or whoever writes the review in their place, and the manager’s manager read "
        "it with your name, as soon as you send it."
    )
    person = _(
        "%(person)s never reads it with your name: only mixed with the others, question by question, "
        "in no order, and each question only once %(k)s people or more have answered it, %(release)s. "
        "With fewer, %(person)s reads nothing of it."
    )
    committee = _(
        "A calibration committee reads it in the same way, without names, once collection is over. "
        "Nobody who is asked about %(person)s reads it there."
    )
    if asked < threshold:
        few = ngettext("Only %(n)s person is asked", "Only %(n)s people are asked", asked)
        so = _("fewer than %(k)s: %(person)s will not read it, nor will a committee. The managers will.")  # fmt: skip
        group = f"{few % told}, {so % told}"
    else:
        group = _small_group(told, asked, threshold)
    return Promise(
        _("With your name for the managers, without it for %(person)s") % told,
        [
            Reads(Who.MANAGERS, Since.SENDING, True, True, 0, managers),
            Reads(Who.PERSON, Since.RELEASE, False, True, threshold, person % told),
            Reads(Who.COMMITTEE, Since.SEALING, False, True, threshold, committee % told),
        ],
        [
            group,
            _until_sealed(),
            _(
                "HR reads a text only when one of its readers reports it, and without your name. It "
                "takes two people of HR and a written reason to open the name; that is written down, "
                "and you are told. If the text breaks the rules HR hides it and says why, and you are "
                "told; nobody ever rewrites it."
            ),
        ],
    )


def _without_names(told: Told, asked: int, threshold: int, *, upward: bool) -> Promise:
    return Promise(
        _("Without your name, for everyone, for good"),
        _upward_lines(told, threshold) if upward else _peer_lines(told, threshold),
        [
            _(
                "While you write, the draft is kept under your name, for you alone. On sending, the "
                "link between you and your words is cut: nobody can find out who wrote them, and "
                "nothing can be changed, taken back or asked about afterwards."
            ),
            _small_group(told, asked, threshold),
            _(
                "With fewer than %(k)s nothing is shown to anybody. Nobody who is asked about "
                "%(person)s reads the others’ answers, whatever else they are."
            )
            % told,
            _(
                "HR reads a text only when one of its readers reports it. If it breaks the rules HR "
                "hides it and says why; nobody ever rewrites it, and nobody knows whom to tell."
            ),
        ],
    )


def _peer_lines(told: Told, threshold: int) -> list[Reads]:
    managers = _(
        "The manager, or whoever writes the review in their place, and the manager’s manager read it "
        "mixed with the others, question by question, in no order, and each question only once %(k)s "
        "people or more have answered it, when collection is over."
    )
    committee = _("A calibration committee reads the same, in the same way.")
    person = _("%(person)s reads the same, in the same way, %(release)s.")
    return [
        Reads(Who.MANAGERS, Since.SEALING, False, True, threshold, managers % told),
        Reads(Who.COMMITTEE, Since.SEALING, False, True, threshold, committee),
        Reads(Who.PERSON, Since.RELEASE, False, True, threshold, person % told),
    ]


def _upward_lines(told: Told, threshold: int) -> list[Reads]:
    person = _(
        "%(person)s reads it mixed with the others, question by question, in no order, and each "
        "question only once %(k)s people or more have answered it, %(release)s."
    )
    manager = _(
        "%(person)s’s own manager reads only the mean and the spread of a competency, never a text, "
        "from as many answers on, when collection is over."
    )
    committee = _("A calibration committee reads what that manager reads, and never a text.")
    return [
        Reads(Who.PERSON, Since.RELEASE, False, True, threshold, person % told),
        Reads(Who.MANAGER, Since.SEALING, False, False, threshold, manager % told),
        Reads(Who.COMMITTEE, Since.SEALING, False, False, threshold, committee),
    ]


def _until_sealed() -> str:
    return _(
        "Until you send it, the draft is yours alone. You can change what you sent until collection "
        "closes."
    )


def _small_group(told: Told, asked: int, threshold: int) -> str:
    """How many are asked, and that style speaks. With fewer than two more than the promise takes it
    is said that they are few."""
    if asked < threshold + SPARE:
        said = ngettext("Only %(n)s person is asked.", "Only %(n)s people are asked.", asked)
        style = _("Among so few, the way you write, or a story only you know, can give you away.")
    else:
        said = ngettext("%(n)s person is asked.", "%(n)s people are asked.", asked)
        style = _("The way you write, or a story only you know, can still give you away.")
    return f"{said % told} {style}"
