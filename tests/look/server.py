"""Serves the drawn pages with the product's own content policy, so that a forbidden style or script shows at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path

import django_htmx

from tests.look.build import PAGES, ROOT, render

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
PLACES = (ROOT / "static", Path(django_htmx.__file__).parent / "static")


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        name = path.strip("/").removesuffix(".html") or "catalogue"
        if name in PAGES:
            self.answer(render(name).encode(), "text/html; charset=utf-8")
            return
        for place in PLACES:
            wanted = place / path.removeprefix("/static/")
            if path.startswith("/static/") and wanted.is_file():
                self.answer(wanted.read_bytes(), guess_type(path)[0] or "application/octet-stream")
                return
        self.send_error(404)

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Silent."""


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", port), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
