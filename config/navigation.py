"""The bar on every page: where this person can go, and how much is asked of them.

It stands in config because it names rooms of every app. 1 query, and only when a page with the bar
is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.inbox.pages import badge
from apps.people.states import Office

# Notes belong to reviews and have an entry of their own: what is kept all year is needed at once.
NOTES = "reviews:notes"


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    icon: str
    current: bool
    count: int = 0


@dataclass(frozen=True)
class Me:
    name: str
    title: str
    url: str
    settings_url: str


def frame(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `me` for the frame of a page; both lazy, so a fragment pays nothing."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None or viewer.person_id is None:
        return {}
    return {
        "nav": SimpleLazyObject(lambda: _entries(request, viewer)),
        "me": SimpleLazyObject(lambda: _me(request, viewer)),
    }


def _entries(request: HttpRequest, viewer: Viewer) -> list[Entry]:
    asked = badge(viewer)
    offices = {office.value for office in Office} & viewer.roles
    match = request.resolver_match
    room = match.namespace if match else ""
    if room == _room(NOTES) and match and "note" in str(match.url_name):
        room = NOTES
    if match and str(match.url_name).startswith("rehears"):
        room = _room("reviews:my_reviews")  # made in the inbox, and a step of the cycle
    places = [
        (_("Home"), "inbox:home", "home", asked.count),
        (_("Reviews"), "reviews:my_reviews", "pencil-square", 0),
        (_("Feedback"), "feedback:my_feedback", "chat-bubble-left-right", asked.cases),
        (_("Notes"), "reviews:notes", "bookmark", 0),
        (_("People"), "people:directory", "users", 0),
        (_("Ladders"), "ladders:ladders", "bars-arrow-up", 0),
    ]
    if offices or asked.sits_in_session:
        places.append((_("Calibration"), "calibration:sessions", "scale", 0))
    if offices or asked.leads_people:
        places.append((_("Reports"), "reports:reports", "chart-bar", 0))
    return [
        Entry(label, reverse(name), icon, room == (name if name == NOTES else _room(name)), count)
        for label, name, icon, count in places
    ]


def _room(name: str) -> str:
    return name.partition(":")[0]


def _me(request: HttpRequest, viewer: Viewer) -> Me:
    person = request.user.person  # type: ignore[union-attr]  # a viewer with a person has both
    return Me(
        person.name,
        person.job_title,
        reverse("people:person", args=[person.pk]),
        reverse("people:my_account"),
    )
