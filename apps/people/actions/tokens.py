"""Making, using and revoking keys to the API."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.people.access import token_gate
from apps.people.models import ApiToken, Person
from apps.people.rules.tokens import MOST_LIVE, PREFIX_BYTES, SECRET_BYTES, digest_of, key_of
from apps.people.states import Scope


class TooMany(Exception):
    """This person has as many live tokens as anybody needs."""


@transaction.atomic
def issue_token(
    person: Person, *, name: str, scope: Scope, days: int, by: Viewer, now: datetime
) -> tuple[ApiToken, str]:
    """Make a token that lives for `days` days.

    Result: the token and its key. PRIVACY: the key is nowhere else, and cannot be shown again.
    """
    token = ApiToken(
        person=person,
        name=name,
        prefix=secrets.token_hex(PREFIX_BYTES),
        scope=scope,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    token_gate.require(by, "issue_token", token)
    if ApiToken.objects.filter(person=person).alive(at=now).count() >= MOST_LIVE:
        raise TooMany(f"There are {MOST_LIVE} live tokens already")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    token.digest = digest_of(secret)
    token.save()
    record("issue_token", token, by=by, at=now, scope=scope.value, days=days)
    return token, key_of(token.prefix, secret)


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Viewer, now: datetime) -> None:
    """From the next request on the key opens nothing. A second time changes nothing."""
    token_gate.require(by, "revoke_token", token)
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        token.revoked_at = now
        record("revoke_token", token, by=by, at=now)


def note_token_use(token: ApiToken, *, on: date) -> None:
    """Remember the day of the last use: at most one write a day, and no instant."""
    if token.last_used_on != on:
        ApiToken.objects.filter(pk=token.pk).exclude(last_used_on=on).update(last_used_on=on)
