"""Choosing whom to be, and becoming them, without a password. Only ever in the demo."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.demo import pages
from apps.demo.context import without_a_way

BACKEND = "apps.people.backend.Backend"
View = Callable[..., HttpResponse]


def only_in_the_demo(view: View) -> View:
    """PRIVACY: the second lock. The first is that the app is not installed anywhere else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@login_not_required
@require_GET
@only_in_the_demo
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    page = pages.people(on=timezone.localdate())
    here = {"page": page, "ribbon": without_a_way(request)}
    return render(request, "demo/people.html", here)


@login_not_required
@require_POST
@only_in_the_demo
def become(request: HttpRequest, person_id: int) -> HttpResponse:
    """Sign in as this person of the made-up company; anybody else does not exist here."""
    playable = pages.playable(on=timezone.localdate()).select_related("user")
    person = get_object_or_404(playable, pk=person_id)
    login(request, person.user, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)
