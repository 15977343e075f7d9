"""People who write while servers are killed, and the book of what they were told is saved."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

FIELDS = ("summary", "private_note")
TOKEN = "t" * 32
BUSY = {429, 500, 502, 503, 504}


@dataclass
class Writer(threading.Thread):
    """One page left open: it saves, and what was not answered it sends again with the same key."""

    port: int
    review_id: int
    cookies: dict[str, str]
    seed: int = 0
    names: tuple[str, ...] = FIELDS
    revision: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    keys: list[tuple[str, int]] = field(default_factory=list)
    trying: tuple[str, str] = ("", "")
    lost_answers: int = 0
    faults: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(self.seed)
        self.ended = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    @property
    def where(self) -> str:
        return f"/reviews/{self.review_id}/autosave/"

    def run(self) -> None:
        try:
            number = 0
            while not self.ended.is_set():
                number += 1
                name = self.names[number % len(self.names)]
                self.save(
                    name, f"{self.review_id}, {number}: " + "word " * self.chance.randint(1, 400)
                )
                time.sleep(self.chance.uniform(0, 0.05))
        except Exception as fault:
            self.faults.append(fault)

    def finish(self) -> None:
        """Let the save that is under way come to its end."""
        self.ended.set()
        self.join(60)

    def save(self, name: str, text: str) -> None:
        key, sent = str(uuid.uuid4()), 0
        self.trying = (name, text)
        while True:
            status, said = self.post(name, text, key)
            sent += 1
            if status == 200:
                self.lost_answers += sent > 1
                self.revision = said["revision"]
                self.keys.append((key, self.revision))
                self.acknowledged[name] = text
                return
            if status is not None and status not in BUSY:
                self.faults.append((status, said))
                self.ended.set()
                return
            time.sleep(0.05 if status is None else 0.2)

    def post(self, name: str, text: str, key: str) -> tuple[int | None, Any]:
        return send(
            self.port,
            self.where,
            {"changed": name, name: text},
            self.cookies,
            **{
                "Accept": "application/json",
                "If-Match": f'"{self.revision}"',
                "Idempotency-Key": key,
            },
        )


@dataclass
class Gives(Writer):
    """The same with a feedback that somebody is asked for; `review_id` is the key of the request."""

    __hash__ = Writer.__hash__

    @property
    def where(self) -> str:
        return f"/feedback/requests/{self.review_id}/draft/"


@dataclass
class HandsIn(threading.Thread):
    """Somebody who hands a whole form in and takes it back, again and again; each leaves a record."""

    port: int
    review_id: int
    cookies: dict[str, str]
    form: dict[str, str]
    done: dict[str, int] = field(default_factory=lambda: {"submit": 0, "reopen": 0})
    faults: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.ended.is_set():
            for deed in ("submit", "reopen"):
                while True:
                    status, said = send(
                        self.port, f"/reviews/{self.review_id}/{deed}/", self.form, self.cookies
                    )
                    if status == 302:
                        self.done[deed] += 1
                        break
                    if status is not None and status not in BUSY:
                        self.faults.append((deed, status, said))
                        return
                    time.sleep(0.05)


def send(
    port: int, where: str, form: dict[str, str], cookies: dict[str, str], **headers: str
) -> tuple[int | None, Any]:
    """The status and the answer; None for a status when no whole answer came."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": TOKEN,
        "Cookie": "; ".join(f"{n}={v}" for n, v in cookies.items()),
        **headers,
    }
    try:
        link.request("POST", where, urlencode(form), headers)
        answer = link.getresponse()
        body = answer.read()
        if answer.status == 200 and not body:
            return None, None  # it died between the first line and the rest
        return answer.status, json.loads(body) if body.startswith(b"{") else body[:300]
    except (OSError, http.client.HTTPException, ValueError):
        return None, None
    finally:
        link.close()
