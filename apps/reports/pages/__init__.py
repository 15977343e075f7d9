"""Every read of reports: figures, their sheets, and files of packets."""

from apps.reports.pages.completion import Completion, completion
from apps.reports.pages.distribution import Distribution, distribution
from apps.reports.pages.exports import (
    Bundles,
    PacketExports,
    bundles,
    export,
    export_file,
    packet_exports,
    packet_file,
    released_packet,
)
from apps.reports.pages.reports import Reports, reports
from apps.reports.pages.sheets import Sheet, SheetFile, sheet_file

__all__ = [
    "Bundles",
    "Completion",
    "Distribution",
    "PacketExports",
    "Reports",
    "Sheet",
    "SheetFile",
    "bundles",
    "completion",
    "distribution",
    "export",
    "export_file",
    "packet_exports",
    "packet_file",
    "released_packet",
    "reports",
    "sheet_file",
]
