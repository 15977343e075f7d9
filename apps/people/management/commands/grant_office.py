"""The first HR admin is made at the server's shell; later ones by those who are."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.access import COMMAND_VIEWER
from apps.people import actions
from apps.people.models import Person
from apps.people.rules.people_file import email_key
from apps.people.states import Office


class Command(BaseCommand):
    help = "Give a person an office of HR: process_admin runs cycles, content_admin reads content."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("office", choices=Office.values)
        parser.add_argument("--revoke", action="store_true", help="take it back instead")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email__iexact=email_key(options["email"])).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}.", returncode=2)
        action = actions.revoke_office if options["revoke"] else actions.grant_office
        changed = action(person, Office(options["office"]), by=COMMAND_VIEWER, now=timezone.now())
        held = "no longer holds" if options["revoke"] else "holds"
        note = "" if changed else " (as before)"
        self.stdout.write(f"{person.email} {held} {options['office']}{note}.")
