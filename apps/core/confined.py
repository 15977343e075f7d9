"""Running a function on what a stranger uploaded: in a process of its own, with little memory and time.

Decided here: how a reading that would eat the machine ends. Not decided here: what is read. The
child gets a function of a module and its arguments, and hands back the result or the exception.
Measured: an interpreter and the reading rules are there in about half a second.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
SECONDS, MEGABYTES = 30, 1024
FULL = 77  # how the child says that its memory did not suffice
CHILD = "from apps.core.confined import _child; _child()"


class TooMuch(Exception):
    """The child needed more time or memory than it was given. `what` is "time" or "memory"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def confined(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a module's function in a child process with SECONDS of time and MEGABYTES of memory.

    Result: what it returns (it must pickle). Errors: what it raises; TooMuch.
    """
    work = pickle.dumps((function, args, kwargs))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter with our own words
            [sys.executable, "-c", CHILD],
            input=work,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as late:
        raise TooMuch("time") from late
    if -done.returncode in (signal.SIGKILL, signal.SIGXCPU):
        raise TooMuch("time")
    if done.returncode < 0 or done.returncode == FULL or b"MemoryError" in done.stderr:
        raise TooMuch("memory")
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    # What comes back was pickled by our own code in the child, from values it built itself.
    well, result = pickle.loads(done.stdout)  # noqa: S301
    if not well:
        raise result
    found: R = result
    return found


def _child() -> None:
    """The other side: limits first, then the work."""
    import resource

    for limit, value in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEGABYTES * 1024 * 1024),
    ):
        resource.setrlimit(limit, (value, value))
    function, args, kwargs = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  from our parent
    answer: tuple[bool, Any]
    try:
        answer = (True, function(*args, **kwargs))
    except MemoryError:
        os._exit(FULL)
    except Exception as wrong:  # noqa: BLE001  handed to the parent, which raises it
        answer = (False, wrong)
    sys.stdout.buffer.write(pickle.dumps(answer))
    sys.stdout.buffer.flush()
