"""A sign-in ends at the instant that was said when it began; nothing written later moves that.

Django counts the length anew whenever a session is written: a message, a file that was looked at,
a page that asks by itself would each prolong it. Here only signing in begins a length, and only
`stay`, which a person presses, adds to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

LONGER = timedelta(hours=1)
MOST_TIMES = 10
STAYED = "stayed"


class SessionStore(db.SessionStore):
    """Sessions in the database, each with a fixed end."""

    ends_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # the stubs leave it out
        self.ends_at = row.expire_date if row else None
        return self.decode(row.session_data) if row else {}

    def create(self) -> None:
        """Signing in takes a new key, so its length begins here."""
        self.ends_at = None
        super().create()
        self.ends_at = self.get_expiry_date()

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        self._get_session()  # type: ignore[attr-defined]  # the row knows when it ends
        return self.ends_at or super().get_expiry_date(**kwargs)

    def get_expiry_age(self, **kwargs: Any) -> int:
        self._get_session()  # type: ignore[attr-defined]
        if self.ends_at is None:
            return super().get_expiry_age(**kwargs)
        return max(0, round((self.ends_at - timezone.now()).total_seconds()))

    def stay(self) -> bool:
        """An hour more, for somebody who asks for it. False after ten times: then sign in again."""
        times = self.get(STAYED, 0)
        if times >= MOST_TIMES:
            return False
        self.ends_at = self.get_expiry_date() + LONGER
        self[STAYED] = times + 1
        return True
