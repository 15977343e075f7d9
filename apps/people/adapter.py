"""What allauth asks about accounts: nobody opens one alone, and nobody learns who has one."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import get_backends
from django.http import HttpRequest, HttpResponse

from apps.people.models import User


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by HR, for people who are entered."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Somebody who has left is told so only after the right password."""
        backend = next(b for b in get_backends() if hasattr(b, "user_can_authenticate"))
        if not backend.user_can_authenticate(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)
