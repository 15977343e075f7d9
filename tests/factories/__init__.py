"""Made-up rows for tests, one module per app. NOON is the fixed instant of the suite."""

from datetime import UTC, datetime

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
