"""Who somebody is here: the entry in the directory, the account, the ways in, the mails."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from apps.inbox.access import SAYS_NOTHING, message_gate
from apps.inbox.models import Message, MessageLine
from apps.inbox.states import DutyKind, NoticeKind
from apps.people.access import token_gate
from apps.people.models import ApiToken, Person, User
from apps.reports.bundles.shape import Column, Share

YOU = _("You.")
FOR_ACCOUNTS = _("You, and whoever looks after the accounts.")

PEOPLE = (
    Share(
        "entry",
        Person,
        _("Your entry"),
        _("What HR has entered about you."),
        _(
            "Colleagues see name, address, title, manager, department and location. Your level: also your "
            "two managers above and HR. Dates and number: you, your manager and HR. Days of leave: HR."
        ),
        lambda rows, v: rows.filter(pk=v.person_id),
        (
            Column("name", _("Name")),
            Column("email", _("E-mail address")),
            Column("employee_number", _("Employee number")),
            Column("job_title", _("Title")),
            Column("manager", _("Manager"), "manager__name"),
            Column("department", _("Department"), "department__name"),
            Column("location", _("Location"), "location__name"),
            Column("time_zone", _("Time zone")),
            Column("level", _("Level"), "level__title"),
            Column("role_profile", _("Role profile"), "role_profile__title"),
            Column("mixins", _("Roles"), "title"),
            Column("hired_on", _("First day")),
            Column("left_on", _("First day after leaving")),
            Column("leave_from", _("First day of a leave")),
            Column("leave_until", _("Last day of that leave")),
            Column("is_process_admin", _("HR process admin")),
            Column("is_content_admin", _("HR content admin")),
        ),
        ("pk",),
    ),
    Share(
        "account",
        User,
        _("Your account"),
        _("With what you sign in. Your password is kept as a digest that nobody can read back."),
        FOR_ACCOUNTS,
        lambda rows, v: rows.filter(person=v.person_id),
        (
            Column("email", _("E-mail address")),
            Column("date_joined", _("Made")),
            Column("last_login", _("Last sign-in")),
            Column("is_active", _("May sign in")),
            Column("is_staff", _("May open the admin")),
            Column("is_superuser", _("Looks after the installation")),
            Column("groups", _("Groups"), "name"),
            Column("user_permissions", _("Permissions"), "name"),
        ),
        ("pk",),
    ),
    Share(
        "keys",
        ApiToken,
        _("Your keys for scripts"),
        _("Keys you made. The keys themselves are kept nowhere."),
        YOU,
        lambda rows, v: token_gate.visible(v, rows, "read_token"),
        (
            Column("name", _("For")),
            Column("scope", _("It may")),
            Column("created_at", _("Made")),
            Column("expires_at", _("Ends")),
            Column("last_used_on", _("Last used")),
            Column("revoked_at", _("Revoked")),
        ),
        ("created_at", "pk"),
    ),
)

# Kept by libraries, so no line of fields.txt: held by a test of its own.
ACCOUNT = (
    Share(
        "addresses",
        EmailAddress,
        _("Addresses of your account"),
        _("Where a new password would be sent."),
        FOR_ACCOUNTS,
        lambda rows, v: rows.filter(user__person=v.person_id),
        (
            Column("email", _("E-mail address")),
            Column("verified", _("Confirmed")),
            Column("primary", _("The first one")),
        ),
        ("email", "pk"),
    ),
    Share(
        "second_steps",
        Authenticator,
        _("Second steps at sign-in"),
        _("A phone or a security key that you set up. What it is opened with is left out."),
        FOR_ACCOUNTS,
        lambda rows, v: rows.filter(user__person=v.person_id),
        (
            Column("type", _("Kind")),
            Column("created_at", _("Set up")),
            Column("last_used_at", _("Last used")),
        ),
        ("created_at", "pk"),
    ),
    Share(
        "devices",
        UserSession,
        _("Where you are signed in"),
        _("One line for each sign-in that has not ended."),
        FOR_ACCOUNTS,
        lambda rows, v: rows.filter(user__person=v.person_id),
        (
            Column("created_at", _("Signed in")),
            Column("last_seen_at", _("Last seen")),
            Column("ip", _("Network address")),
            Column("user_agent", _("Browser")),
        ),
        ("created_at", "pk"),
    ),
    Share(
        "admin_deeds",
        LogEntry,
        _("What you changed in the admin"),
        _("When you changed something there. What it was is about others, and left out."),
        FOR_ACCOUNTS,
        lambda rows, v: rows.filter(user__person=v.person_id),
        (Column("action_time", _("When")), Column("action_flag", _("What"))),
        ("action_time", "pk"),
        is_brief=True,
    ),
)

MAILS = (
    Share(
        "mails",
        Message,
        _("Mails to you"),
        _("When a mail was planned and sent. Its words are not kept; they are in your mailbox."),
        _("You, and HR process admins, who see that there was a mail and not what of."),
        lambda rows, v: message_gate.visible(v, rows, "read_message").filter(
            SAYS_NOTHING.q(v), person=v.person_id
        ),
        (
            Column("key", _("Which"), "", "raw"),
            Column("state", _("State")),
            Column("planned_at", _("Planned"), "", "raw"),
            Column("due_at", _("Not before")),
            Column("claimed_at", _("Begun"), "", "raw"),
            Column("sent_at", _("Sent")),
            Column("attempts", _("Tries"), "", "raw"),
        ),
        ("due_at", "pk"),
    ),
    Share(
        "mail_lines",
        MessageLine,
        _("What those mails asked of you"),
        _("One line for each thing that a mail named, and why on that day."),
        _("You."),
        # PRIVACY: a reminder of feedback says that somebody had not answered by that day, and who is
        # known not to have answered leaves fewer voices for the others to be among.
        lambda rows, v: rows.filter(person=v.person_id).exclude(
            duty_kind=DutyKind.GIVE_FEEDBACK.value
        ),
        (
            Column("message", _("Mail"), "message__key", "raw"),
            Column("duty_kind", _("What"), choices=tuple(DutyKind.choices)),
            Column("notice", _("Why"), choices=tuple(NoticeKind.choices)),
            Column("local_day", _("Day")),
        ),
        ("local_day", "duty_kind", "pk"),
    ),
)
