"""Sign-in by e-mail; the account of a request comes with its person in one query."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from apps.people.models import User


class Backend(AuthenticationBackend):
    """The only way in. A second backend would be a second place to forget the check below."""

    def get_user(self, user_id: int) -> User | None:
        """1 query: the account and its person, who is asked for on every page."""
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:
        """Closed accounts and people who have left are out, from their next request on.

        The day counts, and not whether a task has closed the account yet.
        """
        person = getattr(user, "person", None)
        gone = person is not None and person.has_left(on=timezone.localdate())
        return super().user_can_authenticate(user) and not gone
