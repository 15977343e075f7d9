"""Opening and closing accounts; joining and leaving."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record, record_many
from apps.people.access import person_gate
from apps.people.models import ApiToken, Person, User


@transaction.atomic
def open_account(person: Person, *, by: Viewer, now: datetime) -> None:
    """Let a person sign in: they choose a password by the "forgotten" link of the sign-in page."""
    person_gate.require(by, "open_account", person)
    stored = Person.objects.select_for_update().get(pk=person.pk)  # pressed twice, opened once
    if stored.user_id is None and not stored.has_left(on=timezone.localdate(now)):
        give_accounts([stored])
        record("open_account", stored, by=by, at=now)


@transaction.atomic
def leave(person: Person, left_on: date, *, by: Viewer, now: datetime) -> None:
    """Note the first day on which somebody is no longer employed.

    From that day on the account is closed, its sessions end and its tokens are revoked; what they
    wrote, and who reports to them, stays until somebody decides. Errors: ValueError for a day
    before they joined.
    """
    person_gate.require(by, "leave", person)
    if person.hired_on and left_on < person.hired_on:
        raise ValueError("Nobody leaves before joining.")
    person.left_on = left_on
    person.save(update_fields=["left_on"])
    if person.has_left(on=timezone.localdate(now)):
        shut_out([person.pk], now=now)
    elif person.user_id is not None:
        User.objects.filter(pk=person.user_id).update(is_active=True)
    record("leave", person, by=by, at=now, left_on=left_on)


@transaction.atomic
def return_to_work(person: Person, *, by: Viewer, now: datetime) -> None:
    """Take back a leave, noted by mistake or followed by a return. Tokens stay revoked."""
    person_gate.require(by, "return_to_work", person)
    if person.left_on is None:
        return
    person.left_on = None
    person.save(update_fields=["left_on"])
    if person.user_id is not None:
        User.objects.filter(pk=person.user_id).update(is_active=True)
    record("return_to_work", person, by=by, at=now)


@transaction.atomic
def plan_leave(
    person: Person, *, leave_from: date | None, leave_until: date | None, by: Viewer, now: datetime
) -> None:
    """Note from when until when somebody is away, such as on parental leave; both None for not.

    Arguments: both are days of the leave itself; no last day while it is not known. Errors:
    ValueError for a leave that ends before it begins or has no first day.
    """
    person_gate.require(by, "plan_leave", person)
    if leave_until is not None and (leave_from is None or leave_until < leave_from):
        raise ValueError("A leave runs forward.")
    person.leave_from, person.leave_until = leave_from, leave_until
    person.save(update_fields=["leave_from", "leave_until"])
    # PRIVACY: the audit holds that it was noted, not the days: it can never be erased.
    record("plan_leave", person, by=by, at=now, is_away=leave_from is not None)


@transaction.atomic
def close_accounts(*, now: datetime) -> int:
    """Close what belongs to people whose day has come. Result: how many; 0 when run again."""
    leavers = list(Person.objects.former(on=timezone.localdate(now)).filter(user__is_active=True))
    if leavers:
        shut_out([p.pk for p in leavers], now=now)
        record_many("close_account", leavers, by=SYSTEM_VIEWER, at=now)
    return len(leavers)


def shut_out(person_ids: Collection[int], *, now: datetime) -> None:
    """Close the accounts of these people, end their sessions, revoke their tokens."""
    users = User.objects.filter(person__in=person_ids)
    for session in UserSession.objects.filter(user__in=users):
        session.end()
    ApiToken.objects.filter(person__in=person_ids, revoked_at=None).update(revoked_at=now)
    User.objects.filter(pk__in=list(users.values_list("pk", flat=True))).update(is_active=False)


def give_accounts(people: Collection[Person]) -> int:
    """An account, without a password, for each of these people who has none. Result: how many.

    An account that has the address already, and no person, becomes theirs.
    """
    without = [p for p in people if p.user_id is None]
    known = {u.email: u for u in User.objects.filter(email__in=[p.email for p in without])}
    missing = [
        User(email=p.email, password=make_password(None)) for p in without if p.email not in known
    ]
    User.objects.bulk_create(missing, batch_size=500)
    known |= {u.email: u for u in User.objects.filter(email__in=[u.email for u in missing])}
    held = set(
        Person.objects.filter(user__in=list(known.values())).values_list("user_id", flat=True)
    )
    given = []
    for person in without:
        account = known[person.email]
        if account.pk not in held:
            person.user = account
            given.append(person)
    Person.objects.bulk_update(given, ["user"], batch_size=500)
    return len(given)


@transaction.atomic
def forget_sign_ins(*, now: datetime) -> int:
    """Delete sign-ins that have ended, and where they came from. Result: how many had.

    PRIVACY: address and browser are kept so that a person sees where they are signed in, and for
    nothing else.
    """
    ended, _each = Session.objects.filter(expire_date__lte=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return ended
