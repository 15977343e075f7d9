"""Every read of the inbox: the duties, and the pages that show them and the mails about them."""

from apps.inbox.pages.duties import Duty, duties_of, duties_of_everyone, duty_count

__all__ = ["Duty", "duties_of", "duties_of_everyone", "duty_count"]
