"""Received feedback as its page shows it: a reading that upper apps may import.

Pages stay private; this door hands on the very content of the page, cut and shuffled as it stands
there, so that a file and the screen can never differ. It decides nothing itself.
"""

from __future__ import annotations

from apps.feedback.pages.received import ReceivedFeedback, received_feedback

__all__ = ["ReceivedFeedback", "received_feedback"]
