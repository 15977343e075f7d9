"""A form that comes when its writer is signed out, or somebody else is signed in, is held.

It is answered with a page that carries everything that was typed, and does nothing else. After
signing in again, beside it, one press sends it. Every form of ours says who it was made for
(`typed_by`, beside the CSRF token), so what one person typed is never sent as another: neither
here, nor when a page was left open while somebody else signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.errors import refuse, wants_json
from apps.core.typed import OURS, is_written, mark_in, mark_of, was_sent_from_here

COOKIE = "__Host-signed-in" if settings.SECURE else "rungs_signed_in"
Next = Callable[[HttpRequest], HttpResponseBase]


def held(get_response: Next) -> Next:
    """Stands before the middleware that would send a stranger away, and with them what they typed."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        _tell_the_page(request, response)
        return response

    def process_view(
        request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        mark = mark_of(request)
        if not mark and request.headers.get("HX-Request") == "true":
            return refuse(request, 401)  # a redirect would put the sign-in page inside this one
        sent = mark_in(request)
        return hold(request) if sent and sent != mark else None

    middleware.process_view = process_view  # type: ignore[attr-defined]  # Django's hook
    return middleware


def hold(request: HttpRequest) -> HttpResponse | None:
    """The page that carries what was typed; None when this is no form of ours.

    401 for nobody, 409 for somebody else, 403 for the writer whose page is older than this sign-in.
    Runs no query of its own.
    """
    if not was_sent_from_here(request) or wants_json(request):
        return None
    sent, mark = mark_in(request), mark_of(request)
    status = 401 if not mark else 403 if mark == sent else 409
    fields = [
        (name, value, is_written(value))
        for name, values in request.POST.lists()
        if name not in OURS
        for value in values
    ]
    context = {
        "fields": fields,
        "typed_by": sent,
        "signed_out": status == 401,
        "somebody_else": status == 409,
        "with_file": bool(request.FILES),
        "has_text": any(written for *both, written in fields),
    }
    response = render(request, "errors/held.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's technical `reason` helps nobody who pressed a button; ours says what to do."""
    return hold(request) or refuse(
        request,
        403,
        _("This page was open for too long. Load it again, then send once more."),
    )


def _tell_the_page(request: HttpRequest, response: HttpResponseBase) -> None:
    """A cookie that scripts may read: when this sign-in ends, and a mark of whose it is.

    Each open page sees there, without asking anybody, that another tab stayed, left or became
    somebody else. It opens nothing.
    """
    session = getattr(request, "session", None)
    if session is None or not session.accessed:
        return
    mark, known = mark_of(request), request.COOKIES.get(COOKIE)
    if not mark:
        if known is not None:
            response.delete_cookie(COOKIE, path="/", samesite="Lax")  # type: ignore[attr-defined]
        return
    told = f"{int(session.get_expiry_date().timestamp())}.{mark.partition('-')[2]}"
    if told != known:
        response.set_cookie(  # type: ignore[attr-defined]
            COOKIE,
            told,
            max_age=session.get_expiry_age(),
            path="/",
            samesite="Lax",
            secure=settings.SECURE,
        )
