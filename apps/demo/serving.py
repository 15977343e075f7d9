"""Web, worker and beat in one process, until Ctrl-C or SIGTERM. For the demo on one machine only."""

from __future__ import annotations

import signal
import threading
from socketserver import ThreadingMixIn
from types import FrameType

from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.core.wsgi import get_wsgi_application

from apps.core.threads import Background

HOST = "127.0.0.1"
SECONDS_TO_STOP = 0.7


class QuietHandler(WSGIRequestHandler):
    """The log of requests has its own lines; the server adds none."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base's
        return


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request; none of them keeps the process alive."""

    daemon_threads = True


def open_server(port: int) -> Server:
    """Bound and ready to serve. Errors: OSError when the port is taken."""
    server = Server((HOST, port), QuietHandler)
    server.set_app(get_wsgi_application())
    return server


def serve(server: Server) -> bool:
    """Serve until somebody asks to stop, then stop everything within a second or so.

    Result: whether the background stopped as well. If not, it sleeps towards its next tick; nothing
    is lost by leaving it there, because the database knows what is due.
    """
    asked_to_stop = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        asked_to_stop.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    web = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
    background = Background()
    try:
        web.start()
        background.start()
        asked_to_stop.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        server.shutdown()
        server.server_close()
        stopping = threading.Thread(target=background.stop, daemon=True)
        stopping.start()
        stopping.join(SECONDS_TO_STOP)
    return not stopping.is_alive()
