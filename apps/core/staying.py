"""How long somebody is signed in: asked by an open page, and prolonged by a press of a button."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.core.errors import refuse, wants_json
from apps.core.typed import mark_of


@login_not_required
@require_GET
@never_cache
def sign_in_state(request: HttpRequest) -> JsonResponse:
    """How many seconds are left, whose sign-in it is, and the token that forms need now.

    Asking prolongs nothing.
    """
    return JsonResponse(_state(request))


@require_POST
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """An hour more. 409 when that was asked for ten times: then only signing in again helps."""
    if not request.session.stay():  # type: ignore[attr-defined]  # apps/core/sessions.py
        return refuse(request, 409, _("Sign in again to go on; what you typed stays on the page."))
    if wants_json(request):
        return JsonResponse(_state(request))
    return redirect("/")


def _state(request: HttpRequest) -> dict[str, Any]:
    mark = mark_of(request)
    if not mark:
        return {"signed_in": False}
    return {
        "signed_in": True,
        "seconds": request.session.get_expiry_age(),
        "mark": mark.partition("-")[2],
        "token": get_token(request),
    }
