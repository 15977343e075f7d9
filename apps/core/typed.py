"""Who wrote the form that was sent, and what was written in it: what a refusal must not lose."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.crypto import constant_time_compare, salted_hmac

FIELD = "typed_by"
OURS = {FIELD, "csrfmiddlewaretoken"}
LONG = 60


def mark_of(request: HttpRequest) -> str:
    """Who is signed in, in a form that names nobody and that nobody else can make; "" for nobody."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return f"{user.pk}-{_seal(str(user.pk))}"


def _seal(pk: str) -> str:
    return salted_hmac("apps.core.typed", pk, algorithm="sha256").hexdigest()[:24]


def mark_in(request: HttpRequest) -> str:
    """The mark of a form that a page of ours sent, "" for everything else.

    What libraries ask for (a password, a code) is never held: it would be written into a page.
    """
    match = request.resolver_match
    if request.method != "POST" or match is None or not match.func.__module__.startswith("apps."):
        return ""
    try:
        return request.POST.get(FIELD, "")
    except (SuspiciousOperation, UnreadablePostError, RawPostDataException):
        return ""  # what cannot be read is refused for that, and was not typed by a person


def was_sent_from_here(request: HttpRequest) -> bool:
    """PRIVACY: a form that another site sends here is never shown as if it had been typed here."""
    pk, _, seal = mark_in(request).partition("-")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return bool(seal) and site == "same-origin" and constant_time_compare(seal, _seal(pk))


def is_written(text: str) -> bool:
    """A sentence, and no choice, number or day: it has more than one word, or is long."""
    return len(text) > LONG or len(text.split()) > 1


def texts_in(request: HttpRequest) -> list[str]:
    """What was written in the form that was sent from here; empty for every other request."""
    if not was_sent_from_here(request):
        return []
    fields = request.POST.lists()
    return [
        text for name, texts in fields if name not in OURS for text in texts if is_written(text)
    ]
