"""Settings of the test run: the same file, with a key, a quick hasher, and no services of its own.

SQLite unless DATABASE_URL says otherwise; memory unless REDIS_URL says otherwise.
"""

import os
import tempfile
from pathlib import Path

os.environ["DEBUG"] = "false"
os.environ["DEMO"] = "true"  # so that the demo room is tested as well
os.environ.setdefault("SECRET_KEY", "a-key-that-only-the-test-run-knows-0123456789-abcdefghij")
os.environ.setdefault("EMAIL_URL", "memorymail://")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from config.settings import *  # noqa: F403
from config.settings import CACHES, DATABASES, SQLITE

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # allauth takes False for none
CRISPY_FAIL_SILENTLY = False

if SQLITE:
    # A file of this process, not memory: two threads of a race need two connections to one database.
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / f"rungs-test-{os.getpid()}.sqlite3")
    }
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["OPTIONS"].pop("pool")
    # Only a test run may empty guarded tables between tests (apps/core/append_only.py).
    DATABASES["default"]["OPTIONS"]["options"] = "-c rungs.allow_truncate=on"

# Two runs, and two workers of one run, may share a Redis: each has keys and a queue of its own.
CELERY_TASK_DEFAULT_QUEUE = f"rungs-test-{os.getpid()}"
generation = 0


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Keys of this process and of this test; tests/conftest.py begins a new generation for each."""
    return f"rungs-test:{os.getpid()}:{generation}:{version}:{key}"


CACHES["default"].update({"KEY_FUNCTION": cache_key})  # type: ignore[dict-item]  # not only texts
