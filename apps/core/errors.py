"""How a refusal is said, in the form the client asked for: a page, a fragment, or a problem document.

The templates are errors/<status>.html or errors/page.html for a whole page and
errors/_refusal.html for htmx; they need `refusal` (a Refusal).
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from apps.core.typed import texts_in

log = structlog.get_logger("rungs.errors")


@dataclass(frozen=True)
class Refusal:
    """What an error page says. `reason` is a whole sentence.

    `request_id` helps a search in the log; only a fault of ours has one, so that every 404 has the
    same body.
    """

    status: int
    title: str
    reason: str
    request_id: str = ""
    texts: tuple[str, ...] = ()  # what was written in the form that is refused: it is not lost


def refuse(request: HttpRequest, status: int, reason: str = "") -> HttpResponse:
    """The response for a refusal.

    Arguments: `status` one of 400, 401, 403, 404, 409, 413, 422, 428, 429, 500; `reason` the sentence to
    show instead of the usual one. Result: problem+json for /api/ and for clients that ask for JSON,
    a fragment for htmx, otherwise a page.
    """
    title, usual = _words(status)
    request_id = getattr(request, "request_id", "") if status >= 500 else ""
    refusal = Refusal(status, title, reason or usual, request_id, tuple(texts_in(request)))
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            {"type": "about:blank", "title": title, "status": status, "detail": refusal.reason},
            status=status,
            content_type="application/problem+json",
        )
    else:
        response = _page(request, refusal)
    patch_vary_headers(response, ["HX-Request", "Accept"])
    return response


def _page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    names = [f"errors/{refusal.status}.html", "errors/page.html"]
    if request.headers.get("HX-Request") == "true":
        names.insert(0, "errors/_refusal.html")
    try:
        return render(request, names, {"refusal": refusal}, status=refusal.status)
    except Exception:
        if refusal.status < 500:
            raise
        # What broke may be the very thing a page needs (the database, a template): words suffice.
        log.exception("error_page_failed")
        text = "\n\n".join([refusal.title, refusal.reason, refusal.request_id, *refusal.texts])
        return HttpResponse(text, status=refusal.status, content_type="text/plain; charset=utf-8")


def wants_json(request: HttpRequest) -> bool:
    """True for the API's addresses and for a client that prefers JSON to HTML."""
    if request.path.startswith("/api/"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 403, str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return refuse(request, 500)


def too_many(request: HttpRequest, *, retry_after: int = 60) -> HttpResponse:
    """429, with the seconds to wait; allauth calls it without any for its own limits."""
    response = refuse(request, 429)
    response["Retry-After"] = str(retry_after)
    return response


def _words(status: int) -> tuple[str, str]:
    words = {
        400: (_("Not understood"), _("The address or the form held something we cannot read.")),
        401: (_("You are signed out"), _("Sign in again, then do it once more.")),
        403: (_("Not open to you"), _("You may not do this.")),
        404: (_("Not found"), _("There is nothing here, or it is not yours to read.")),
        409: (
            _("Changed meanwhile"),
            _("This changed while you were looking. Load the page again to see how it stands."),
        ),
        413: (_("Too large"), _("The file is larger than we take.")),
        422: (_("Something is missing"), _("Some of what was sent cannot be taken.")),
        428: (_("Load it first"), _("Load the page again, then send once more.")),
        429: (_("Too many tries"), _("Please wait a little, then try again.")),
        500: (_("Our mistake"), _("Something broke here. What you had saved is still saved.")),
    }
    return words.get(status, (_("Refused"), _("This was not done.")))
