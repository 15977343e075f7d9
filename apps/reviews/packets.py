"""A packet as the person reads it: the one reading of packets that upper apps may import.

Pages stay private; this door hands on the very content that the packet page shows, so that paper
and screen can never differ. It decides nothing itself.
"""

from __future__ import annotations

from datetime import datetime

from apps.core.access import Viewer
from apps.reviews.models import Participant
from apps.reviews.pages.packets import Packet, packet, packet_preview

__all__ = ["Packet", "packet_as_read"]


def packet_as_read(viewer: Viewer, participant: Participant, *, now: datetime) -> Packet:
    """What the person it is about reads, whoever of its readers asks. Queries as the page.

    Errors: Http404 for somebody who may not read it.
    """
    if participant.person_id == viewer.person_id:
        return packet(viewer, participant_id=participant.pk, now=now)
    return packet_preview(viewer, participant_id=participant.pk, now=now)
