"""The door of the API: where it begins, how it reports errors (RFC 9457), and its schema.

A room publishes its part by an `api` module with `urlpatterns`; it appears under /api/v1/<room>/.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.core.limits import TooMany
from apps.core.workflow import StaleState

PROBLEM = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turns an exception of a view into a problem document.

    Arguments: the exception and REST framework's context. Result: a response whose body has `type`,
    `title`, `status`, `detail`, and `errors` (field to sentences) for a refused body; None for
    what is a fault of ours, which then becomes a 500.
    """
    if isinstance(error, StaleState):
        error = Stale()
    elif isinstance(error, TooMany):
        error = exceptions.Throttled(wait=error.retry_after)
    elif isinstance(error, Http404):
        error = (
            exceptions.NotFound()
        )  # never the exception's own text: unreadable equals nonexistent
    elif isinstance(error, PermissionDenied) and str(error):
        error = exceptions.PermissionDenied(str(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    data = response.data
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": response.status_text,
        "status": response.status_code,
    }
    if isinstance(error, exceptions.ValidationError):
        body["detail"] = "Some of what was sent cannot be taken."
        body["errors"] = data if isinstance(data, dict) else {"non_field_errors": data}
    else:
        body["detail"] = str(data["detail"]) if isinstance(data, dict) and "detail" in data else ""
    body.update(getattr(error, "extra", {}))  # what a refusal has to say beyond a sentence
    response.data = body
    response.content_type = PROBLEM
    return response


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the schema: what `problem` makes is what every operation answers where it says no.

    Arguments: the schema as REST framework's generator built it. Result: the same, with one more answer
    for each operation.
    """
    result["components"]["schemas"]["Problem"] = {
        "type": "object",
        "description": "RFC 9457. More members may follow, such as `theirs` of a conflict.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "object", "description": "Field to sentences, of a refused body."},
        },
        "required": ["type", "title", "status", "detail"],
    }
    refused = {
        "description": "A problem",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = refused
    return result


class Stale(exceptions.APIException):
    """Someone else was first; what the client saw is out of date."""

    status_code = 409
    default_detail = "This changed while you were looking. Fetch it again."
    default_code = "stale"


parts = [
    path(f"v1/{name}/", include(f"apps.{name}.api"))
    for name in (label.rpartition(".")[2] for label in settings.HOUSE)
    if apps.is_installed(f"apps.{name}") and find_spec(f"apps.{name}.api")
]

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    *parts,
]
