"""What every request passes: its id, its viewer, its headers, and how a refusal is said.

Domain exceptions become HTTP here, in one place; views never catch StaleState or PermissionDenied.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from apps.core import errors
from apps.core.limits import TooMany
from apps.core.typed import texts_in
from apps.core.workflow import StaleState

Next = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger("rungs.request")
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_log(get_response: Next) -> Next:
    """Gives each request an id and writes one line about it.

    PRIVACY: the line names the route, never the address: a query string can hold a person's name.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by templates/errors
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        try:
            response = get_response(request)
            response["X-Request-ID"] = request_id
            match = request.resolver_match
            log.info(
                "request",
                method=request.method,
                route=(match.view_name or match.route) if match else "unknown",
                status=response.status_code,
                ms=round((time.monotonic() - started) * 1000),
            )
            return response
        finally:
            structlog.contextvars.clear_contextvars()

    return middleware


def security_headers(get_response: Next) -> Next:
    """Headers that Django and django-csp do not set. Outermost, so that error pages carry them too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


@cache
def _factory(dotted: str) -> Callable[[HttpRequest], Any]:
    return import_string(dotted)  # type: ignore[no-any-return]


def viewer(get_response: Next) -> Next:
    """`request.viewer`: who is asking, built once and only when somebody asks."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.viewer = SimpleLazyObject(  # type: ignore[attr-defined]  # our own attribute
            lambda: _factory(settings.VIEWER_FACTORY)(request)
        )
        return get_response(request)

    return middleware


def time_zone(get_response: Next) -> Next:
    """Times are shown in the reader's zone; without a reader, in the house's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        zone = ""
        if _signed_in(request):
            zone = getattr(request.viewer, "time_zone", "")  # type: ignore[attr-defined]  # set above
        try:
            timezone.activate(zone or settings.TIME_ZONE)
        except (ZoneInfoNotFoundError, ValueError):
            timezone.activate(settings.TIME_ZONE)
        try:
            return get_response(request)
        finally:
            timezone.deactivate()

    return middleware


def no_store(get_response: Next) -> Next:
    """What a signed-in person sees stays out of every cache, the browser's own included."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if _signed_in(request):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


BEYOND_KEYS = 2**63


def numbers(get_response: Next) -> Next:
    """A number in an address that no database can hold is read as 0, which is nobody's key.

    Handed on, it would be a fault of ours: Django compares a foreign key without looking at the size.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(
        request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        for name, value in kwargs.items():
            if isinstance(value, int) and value >= BEYOND_KEYS:
                kwargs[name] = 0

    middleware.process_view = process_view  # type: ignore[attr-defined]  # Django's hook
    return middleware


def refusals(get_response: Next) -> Next:
    """StaleState is 409, TooMany 429, PermissionDenied 403 with its sentence; 404 says nothing but 404.

    A view that says an error and leads elsewhere has refused as well: if something was written, it
    would be lost on the way, so the refusal is answered here, with the text.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if 300 <= response.status_code < 400 and _said_an_error(request) and texts_in(request):
            return errors.refuse(request, 422, _take_back_errors(request))
        return response

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, StaleState):
            return errors.refuse(request, 409)
        if isinstance(exception, TooMany):
            return errors.too_many(request, retry_after=exception.retry_after)
        if isinstance(exception, PermissionDenied):
            return errors.refuse(request, 403, str(exception))
        if isinstance(exception, Http404):
            # PRIVACY: one body for unreadable and nonexistent, whatever the exception says.
            return errors.refuse(request, 404)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # Django's hook
    return middleware


def _said_now(request: HttpRequest) -> list[Message]:
    """What was said in this request, without using it up, nor what waits from earlier ones."""
    said: list[Message] = getattr(messages.get_messages(request), "_queued_messages", [])
    return said


def _said_an_error(request: HttpRequest) -> bool:
    return any(message.level >= messages.ERROR for message in _said_now(request))


def _take_back_errors(request: HttpRequest) -> str:
    """The errors of this request in one text; the refusal says them, so the next page must not.

    Everything else that was said waits until a page shows it.
    """
    said = _said_now(request)
    refused = [message for message in said if message.level >= messages.ERROR]
    said[:] = [message for message in said if message not in refused]
    return " ".join(str(message) for message in refused)


def _signed_in(request: HttpRequest) -> bool:
    """Asks the session only when there is a cookie, so that a probe costs no query."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES and not hasattr(request, "_cached_user"):
        return False
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated)
