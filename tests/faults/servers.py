"""Servers that are killed: the web server in the way it really runs, and a PostgreSQL of our own."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; other work on the machine makes a start slow and not wrong
GUNICORN = [
    "--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket",
    "--graceful-timeout=20", "--worker-tmp-dir=/dev/shm", "--log-level=critical",
]  # fmt: skip
# Without a Redis there is no production: then it is the demo's own server, worker and beat inside.
DEMO_SERVER = """
import django, sys; django.setup()
from apps.demo.serving import open_server, serve
serve(open_server(int(sys.argv[1])))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(done: Any, what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < ends, f"{what} took longer than {PATIENCE} s"
        time.sleep(0.05)


class Web:
    """gunicorn as in the Dockerfile when there is a Redis, otherwise the demo's server."""

    def __init__(self, database_url: str) -> None:
        self.port = free_port()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")}
        self.env = kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url,
            "SECRET_KEY": settings.SECRET_KEY,
            "EMAIL_URL": "memorymail://",
            "LOG_LEVEL": "CRITICAL",
            "DEBUG": "false",
            "DEMO": "true",
        }
        self.command = [sys.executable, "-c", DEMO_SERVER, str(self.port)]
        if settings.REDIS_URL:
            self.env |= {
                "DEMO": "false",
                "REDIS_URL": settings.REDIS_URL,
                "SITE_URL": "https://localhost",
                "SECURE_SSL_REDIRECT": "false",
            }
            bind = f"--bind=127.0.0.1:{self.port}"
            self.command = [sys.executable, "-m", "gunicorn", "config.wsgi", bind, *GUNICORN]
        self.process: subprocess.Popen[bytes] | None = None
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the server

    @property
    def name(self) -> str:
        return "gunicorn" if settings.REDIS_URL else "the demo's server"

    @property
    def cookie_names(self) -> tuple[str, str]:
        """Those of the session and of the CSRF token."""
        if settings.REDIS_URL:
            return "__Host-session", "__Host-csrf"
        return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=self.env, start_new_session=True,
            stdout=self.said, stderr=self.said,
        )  # fmt: skip
        until(self.answers, "the web server's start")

    def answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            self.said.seek(0)
            raise AssertionError(self.said.read()[-3000:].decode())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """-9, for every process of it at once."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def manage(self, *words: str) -> str:
        run = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return run.stdout


class Postgres:
    """A cluster of its own, with the settings that PostgreSQL has by itself: fsync is on."""

    def __init__(self) -> None:
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [
            shutil.which("initdb") or ""
        ]
        if not found[-1]:
            pytest.skip("no PostgreSQL binaries here (initdb); install postgresql to run this")
        self.bin = Path(found[-1]).parent
        self.user = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
        self.folder = Path(tempfile.mkdtemp(prefix="rungs-killed-"))
        if self.user:
            shutil.chown(self.folder, self.user)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/killed"

    def _run(self, name: str, *words: str) -> None:
        subprocess.run([self.bin / name, *words], check=True, capture_output=True, user=self.user)

    def start(self) -> None:
        """May have to wait until the children of a killed one are gone."""

        def up() -> bool:
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(
                    [self.bin / "postgres", "-D", self.data, "-p", str(self.port),
                     "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"],
                    user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            try:
                psycopg.connect(self.url.replace("/killed", "/postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            return True

        until(up, "PostgreSQL's start")

    def copy_of(self, name: str) -> None:
        """The database that the tests run on, with everything in it."""
        with psycopg.connect(
            self.url.replace("/killed", "/postgres"), autocommit=True
        ) as connection:
            connection.execute("CREATE DATABASE killed")
        given = settings.DATABASES["default"]
        source = [
            self.bin / "pg_dump", "--no-owner", "-h", given["HOST"] or "127.0.0.1",
            "-p", str(given["PORT"] or 5432), "-U", given["USER"], name,
        ]  # fmt: skip
        env = os.environ | {"PGPASSWORD": given["PASSWORD"] or ""}
        dump = subprocess.run(source, env=env, check=True, capture_output=True).stdout
        subprocess.run(
            [self.bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", self.url],
            input=dump, check=True, capture_output=True,
        )  # fmt: skip

    def kill(self) -> None:
        """-9 for the first process; the others notice and go."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def away(self) -> None:
        self.kill()
        time.sleep(0.5)  # the last children
        shutil.rmtree(self.folder, ignore_errors=True)
