"""The API's way in for scripts: "Authorization: Bearer rungs_<prefix>_<secret>"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from apps.people import actions
from apps.people.models import ApiToken, User
from apps.people.rules.tokens import opens, parse_key
from apps.people.states import Scope
from apps.people.viewers import viewer_of_person


class TokenAuthentication(BaseAuthentication):
    """A live token of somebody who works here and may sign in; sets request.user and .viewer."""

    # PRIVACY: one sentence for unknown, expired, revoked and left, so that nothing can be guessed.
    REFUSAL = _("This key opens nothing. Make a new one in your account.")

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """2 queries on the first request of a day, 1 on the others. None without a Bearer header."""
        scheme, _space, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = self._token(given.strip().decode("ascii", "replace"))
        today = timezone.localdate()
        person = token.person if token else None
        user = person.user if person else None
        if (
            token is None
            or person is None
            or user is None
            or not token.is_alive(at=timezone.now())
            or not user.is_active
            or person.has_left(on=today)
        ):
            raise AuthenticationFailed(self.REFUSAL)
        user.person = person
        reads_only = token.scope == Scope.READ
        viewer = replace(viewer_of_person(person, user_id=user.pk), may_write=not reads_only)
        # Both: the view reads the framework's request, middleware and errors the one beneath.
        request._request.viewer = viewer  # type: ignore[attr-defined]  # our own attribute
        request.viewer = viewer  # type: ignore[attr-defined]  # our own attribute
        if reads_only and request.method not in SAFE_METHODS:
            raise PermissionDenied(_("This key only reads."))
        actions.note_token_use(token, on=today)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """With it a refusal is 401, and not 403."""
        return 'Bearer realm="api"'

    @staticmethod
    def _token(given: str) -> ApiToken | None:
        parts = parse_key(given)
        if parts is None:
            return None
        prefix, secret = parts
        token = ApiToken.objects.select_related("person__user").filter(prefix=prefix).first()
        return token if token is not None and opens(secret, token.digest) else None


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema calls it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rungs_<prefix>_<secret>"}
