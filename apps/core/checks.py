"""What a production start refuses. Development and the demo may do all of it; production none.

`problems` is the rule; it is read by `manage.py check` and by the production doors (config/wsgi.py,
config/asgi.py), which Django's own checks never see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

TAG = "production"


def problems(given: Any, *, demo_installed: bool) -> list[CheckMessage]:
    """Settings under which nobody's data may be served.

    Arguments: `given` anything with the settings' names; `demo_installed` whether the demo room is
    there. Result: one Error per problem, each with the way out.
    """
    found: list[CheckMessage] = []

    def say(when: bool, number: int, sentence: str, hint: str) -> None:
        if when:
            found.append(Error(sentence, hint=hint, id=f"core.E{number:03}"))

    key = given.SECRET_KEY
    weak = key == given.INSECURE_SECRET_KEY or len(key) < 50 or len(set(key)) < 5
    say(given.DEBUG, 1, "DEBUG is on.", "Leave DEBUG out of the environment.")
    say(weak, 2, "SECRET_KEY is the default or too short.", "Give it 50 random characters.")
    say(
        "*" in given.ALLOWED_HOSTS or not given.ALLOWED_HOSTS,
        3,
        "ALLOWED_HOSTS admits every host.",
        "Name the hosts that you serve, with commas between.",
    )
    say(
        given.DEMO or demo_installed,
        4,
        "The demo company is installed; anyone may sign in as its people.",
        "Leave DEMO out of the environment.",
    )
    say(
        given.REDIS_URL == "",
        5,
        "REDIS_URL is missing, so limits and queues would live in each process alone.",
        "Give the address of a Redis that web, worker and beat share.",
    )
    say(
        not given.SITE_URL.startswith("https://"),
        6,
        "SITE_URL is not an https address, and links in mails begin with it.",
        "Give the public address, for instance https://reviews.your-company.org.",
    )
    return found


@register(TAG)
def unsafe_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """Silent on a machine that says it is for development or for the demo."""
    if settings.LOCAL:
        return []
    return problems(settings, demo_installed=apps.is_installed("apps.demo"))


@register(TAG, "database")
def demo_people(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """A database that held the demo never becomes a real one: its passwords are printed in a manual."""
    if settings.LOCAL or not databases:
        return []
    users = get_user_model()
    if not {"default"} & set(databases):
        return []
    try:
        if users._meta.db_table not in connections["default"].introspection.table_names():
            return []
        suffix = f"@{settings.DEMO_EMAIL_DOMAIN}"
        if not users._default_manager.filter(email__iendswith=suffix).exists():
            return []
    except DatabaseError:  # not reachable or not migrated yet: /readyz says so
        return []
    return [
        Error(
            "The database holds people of the demo company.",
            hint="Start with an empty database.",
            id="core.E007",
        )
    ]


def refuse_unsafe_start() -> None:
    """Raises ImproperlyConfigured, naming every problem. The production doors call it; DEBUG is no excuse there."""
    found = [
        *problems(settings, demo_installed=apps.is_installed("apps.demo")),
        *run_checks(tags=["database"], databases=["default"]),
    ]
    serious = {m.id: m for m in found if m.is_serious()}
    if serious:
        raise ImproperlyConfigured(
            "Refusing to start. " + " ".join(f"{m.msg} {m.hint or ''}" for m in serious.values())
        )
