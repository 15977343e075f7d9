"""The strip below the bar: that this is the demo, and the way to sign in as somebody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Ribbon:
    """What ui/ribbon.html shows."""

    text: str
    url: str
    label: str
    post: bool = False


def ribbon(request: HttpRequest) -> dict[str, Any]:
    """`ribbon` on every page of the demo. No query: the frame knows the viewer already."""
    if not settings.DEMO:
        return {}
    return {"ribbon": SimpleLazyObject(lambda: _ribbon(request))}


def without_a_way(request: HttpRequest) -> Ribbon:
    """The same strip for the page to which it leads."""
    return replace(_ribbon(request), url="", label="")


def _ribbon(request: HttpRequest) -> Ribbon:
    viewer = getattr(request, "viewer", None)
    if viewer is not None and viewer.person_id is not None:
        text = _("This is the demo. You see Fjordline, a made-up company, as %(name)s.")
        label = _("Sign in as somebody else")
        return Ribbon(text % {"name": viewer.name}, reverse("demo:people"), label)
    text = _("This is the demo of Rungs, with Fjordline, a made-up company.")
    return Ribbon(text, reverse("demo:people"), _("Choose whom to be"))
