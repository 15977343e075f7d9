"""The access bundle: everything about one person, in one file. A room of its own, because a job makes
it and a page asks whether it may still be fetched.

`table` says what belongs to a person and what is left out with a reason; `shape` reads one line of it;
`released` hands on what pages show; `contents` puts it together; `writing` makes the file. Who may
read what is decided below, and nothing is added to it here.
"""

from apps.reports.bundles.contents import Bundle, Open, bundle, open_now
from apps.reports.bundles.writing import write_bundle

__all__ = ["Bundle", "Open", "bundle", "open_now", "write_bundle"]
