"""A packet on paper. A room of its own, because a page sends one and a job makes hundreds.

`content` puts into words what the packet page shows; `printing` sets it as PDF. Who may read what
is decided in reviews, and nothing is added to it here.
"""

from apps.reports.packets.content import file_name, packet_content
from apps.reports.packets.printing import PacketFile, packet_file, packet_files

__all__ = [
    "PacketFile",
    "file_name",
    "packet_content",
    "packet_file",
    "packet_files",
]
