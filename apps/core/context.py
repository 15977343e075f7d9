"""What every template may read besides its page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """`viewer` (who is asking, lazy) and `demo` (True in the made-up company)."""
    return {"viewer": getattr(request, "viewer", None), "demo": settings.DEMO}
