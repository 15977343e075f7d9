"""One address, one page, one fragment of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """htmx asks for a part, and not for a whole page that it restores or boosts."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def becomes_the_page(request: HttpRequest) -> bool:
    """Whether a person sees the answer as a page: not a script, not a part of a page, and not a
    browser that loads ahead. What was said for the next page waits for one of these."""
    headers = request.headers
    if request.method == "HEAD" or "prefetch" in headers.get("Sec-Purpose", ""):
        return False
    if headers.get("HX-Request") == "true":
        return not wants_fragment(request)
    return headers.get("Sec-Fetch-Dest", "document") == "document"


def screen(
    request: HttpRequest, whole: str, page: object, *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Render a page, or only the part of it that htmx asked for.

    Arguments: `whole` and `fragment` template names (without a fragment the whole page is always
    sent); `page` a frozen dataclass from `pages`, the only thing the template reads; `status` the
    HTTP status. Result: a response that varies on HX-Request.
    """
    part = fragment and wants_fragment(request)
    response = render(request, fragment if part else whole, {"page": page}, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted"])
    return response
