"""How a refusal is said, in the form the client asked for: a page, a fragment, or a problem document.

The templates are errors/page.html (whole) and errors/_refusal.html (htmx); both need `refusal`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Refusal:
    """What an error page says. `reason` is a whole sentence; `request_id` helps a search in the log."""

    status: int
    title: str
    reason: str
    request_id: str = ""


def refuse(request: HttpRequest, status: int, reason: str = "") -> HttpResponse:
    """The response for a refusal.

    Arguments: `status` one of 400, 403, 404, 409, 413, 422, 428, 429, 500; `reason` the sentence to
    show instead of the usual one. Result: problem+json for /api/ and for clients that ask for JSON,
    a fragment for htmx, otherwise a page.
    """
    title, usual = _words(status)
    refusal = Refusal(status, title, reason or usual, getattr(request, "request_id", ""))
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            {"type": "about:blank", "title": title, "status": status, "detail": refusal.reason},
            status=status,
            content_type="application/problem+json",
        )
    else:
        fragment = request.headers.get("HX-Request") == "true"
        template = "errors/_refusal.html" if fragment else "errors/page.html"
        response = render(request, template, {"refusal": refusal}, status=status)
    patch_vary_headers(response, ["HX-Request", "Accept"])
    return response


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


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's technical `reason` helps nobody who pressed a button; ours says what to do."""
    return refuse(
        request,
        403,
        _("This page was open for too long. Load it again, then send once more."),
    )


def _words(status: int) -> tuple[str, str]:
    words = {
        400: (_("Not understood"), _("The address or the form held something we cannot read.")),
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
