"""Sign-in by e-mail; the account of a request comes with its person in one query."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from apps.people.models import User


class Backend(ModelBackend):
    def get_user(self, user_id: int) -> User | None:
        """1 query: the account and its person, who is asked for on every page."""
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
