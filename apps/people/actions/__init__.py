"""Every write about people. Open reviews stay as they are: the apps above propose what to do."""

from apps.people.actions.accounts import (
    close_accounts,
    forget_sign_ins,
    leave,
    open_account,
    plan_leave,
    return_to_work,
)
from apps.people.actions.imports import (
    confirm_import,
    discard_import,
    import_people,
    stage_import,
)
from apps.people.actions.offices import grant_office, revoke_office
from apps.people.actions.people import (
    AddressTaken,
    Facts,
    change_manager,
    choose_time_zone,
    create_person,
    edit_person,
)
from apps.people.actions.tokens import TooMany, issue_token, note_token_use, revoke_token

__all__ = [
    "AddressTaken",
    "Facts",
    "TooMany",
    "change_manager",
    "choose_time_zone",
    "close_accounts",
    "confirm_import",
    "create_person",
    "discard_import",
    "edit_person",
    "forget_sign_ins",
    "grant_office",
    "import_people",
    "issue_token",
    "leave",
    "note_token_use",
    "open_account",
    "plan_leave",
    "return_to_work",
    "revoke_office",
    "revoke_token",
    "stage_import",
]
