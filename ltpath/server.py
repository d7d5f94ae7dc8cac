"""The page with live runs: a small HTTP server for one person on one machine.

Every run happens in this process, one at a time, so that nothing is left behind when it
ends. A request is answered only where it names this server as its host, and comes from its
own page or from no page: another site in the same browser gets nothing.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from ltpath.errors import BadValue, LtpathError, UnknownName
from ltpath.expansion import ReactionNetwork
from ltpath.explorer import Condition, Page, condition_data, page_frame
from ltpath.exporters.sbml import to_sbml
from ltpath.film import Film, film
from ltpath.pathways.perturbations import PERTURBATIONS
from ltpath.protocol import PerturbationUse, Protocol, load_protocol, protocol_names
from ltpath.simulation import check_parameters, perturbation_names, resolve

LOOPBACK = "127.0.0.1"
PORT = 8017
_LARGEST_BODY = 65_536
_LONGEST_RUN = 20.0
"""Time that one run may take, s."""
_MOST_PULSES = 20_000
_MOST_CHANGES = 20
_WAIT = 30.0
"""How long a request waits for its turn, s."""
_PATIENCE = 10.0
"""How long the server waits for the rest of a request, s."""
_MOST_THREADS = 32
_REMEMBERED = 8
"""Runs and protocols whose results are kept."""
_FIELDS = {"protocol", "perturbations", "parameters", "base"}


class _Late(LtpathError):
    """A run that took too long."""


@dataclass(frozen=True)
class Request:
    """What the controls ask for, checked.

    Attributes
    ----------
    base : str
        The protocol that the page shows now, as `key_of` names it.
    """

    protocol: Protocol
    uses: tuple[PerturbationUse, ...]
    parameters: Mapping[str, float]
    base: str

    @property
    def changed(self) -> bool:
        return bool(self.uses or self.parameters)

    @property
    def label(self) -> str:
        named = [Condition.of(*self.uses).label] if self.uses else []
        return ", ".join([*named, *(f"{n} = {v:g}" for n, v in self.parameters.items())])


def key_of(protocol: Protocol) -> str:
    """A protocol as text: the same for the same stimuli, perturbations and duration."""
    return json.dumps(protocol.to_dict(), sort_keys=True)


def read_request(body: bytes, network: ReactionNetwork) -> Request:
    """Check a request's body.

    Raises
    ------
    LtpathError
        It is not JSON, has a field that means nothing, or asks for what the model cannot do.
    """
    try:
        asked = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadValue("the request's body is not JSON") from None
    if not isinstance(asked, dict):
        raise BadValue('the request must be an object, such as {"protocol": "tetanus"}')
    for name in asked:
        if name not in _FIELDS:
            raise UnknownName("field of the request", name, _FIELDS)
    named = asked.get("protocol", "tetanus")
    if isinstance(named, dict):
        protocol = Protocol.from_dict(named)
    elif isinstance(named, str) and named in protocol_names():
        protocol = load_protocol(named)
    elif isinstance(named, str):
        # A name alone: no file of this machine is read for a request.
        raise UnknownName("protocol", named, protocol_names())
    else:
        raise BadValue("protocol must be a name or the fields of a protocol file")
    listed, values = asked.get("perturbations", []), asked.get("parameters", {})
    if not isinstance(listed, list) or not all(isinstance(one, dict) and {*one} <= {"name", "dose"} for one in listed):
        raise BadValue('perturbations must be a list, such as [{"name": "apv", "dose": "50 uM"}]')
    if not isinstance(values, dict):
        raise BadValue('parameters must be an object, such as {"nmda_gating_magnesium": 0.5}')
    if len(listed) > _MOST_CHANGES or len(values) > _MOST_CHANGES:
        raise BadValue(f"a run takes at most {_MOST_CHANGES} perturbations and {_MOST_CHANGES} parameters")
    uses = tuple(PerturbationUse(name=one.get("name", ""), dose=one.get("dose") or None) for one in listed)
    base = asked.get("base", "")
    request = Request(protocol, uses, check_parameters(values, network), base if isinstance(base, str) else "")
    pulses = sum(getattr(s, "pulses", 1) * getattr(s, "bursts", 1) * s.repeats for s in protocol.stimuli)
    if pulses > _MOST_PULSES:
        raise BadValue(f"a live run takes at most {_MOST_PULSES:,} pulses, not {pulses:,}; use 'ltpath run'")
    resolve(protocol.perturbed(*uses), network, request.parameters)
    return request


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class Laboratory:
    """One model, its page, and the runs that are asked for.

    Parameters
    ----------
    page : Page
        With its stored conditions.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.network = page, page.network
        self._turn = threading.Lock()
        self._controls: dict[str, list[Film]] = {key_of(page.protocol): page.films}
        self._runs: dict[str, Film] = {}

    @cached_property
    def html(self) -> bytes:
        network = self.network
        inputs = {i["name"] for i in network.meta["inputs"]}
        takes = {
            "train": "glutamate",
            "theta_burst": "glutamate",
            "pairing": "glutamate",
            "uncaging": "calcium",
            "calcium": "calcium",
            "spikes": "spike",
        }
        protocols = {n: load_protocol(n) for n in protocol_names()}
        self.page.live = {
            "base": key_of(self.page.protocol),
            "protocol": self.page.protocol.to_dict(),
            "protocols": {
                n: p.to_dict()
                for n, p in protocols.items()
                if all(takes[s.kind] in inputs and {*(s.synapses or ())} <= {*network.synapses} for s in p.stimuli)
            },
            "perturbations": [{"name": n, "dose": PERTURBATIONS[n].dose, "summary": PERTURBATIONS[n].summary} for n in perturbation_names(network)],
        }  # fmt: skip
        return self.page.html.encode()

    def run(self, request: Request) -> dict[str, Any]:
        """The runs that a request needs, as the page takes them."""
        with self._in_turn():
            key = key_of(request.protocol)
            films = self._control(key, request)
            answer: dict[str, Any] = {"base": key, "condition": None}
            if request.base != key:
                answer["page"] = page_frame(self.network, request.protocol, films)
            if request.changed:
                one = self._changed(key, request)
                answer["condition"] = condition_data(self.network, one, films[0]) | {
                    "live": True,
                    "parameters": dict(request.parameters),
                }
            return answer

    def csv(self, request: Request) -> bytes:
        """The trajectory that `ltpath run` would write."""
        with self._in_turn(), tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
            key = key_of(request.protocol)
            one = self._changed(key, request) if request.changed else self._control(key, request)[0]
            path = Path(folder) / "trajectory.csv"
            one.run.to_csv(path)
            return path.read_bytes()

    def sbml(self, request: Request) -> bytes:
        """The model with its protocol, perturbations and changed parameters."""
        values = {**self.network.parameters, **request.parameters}
        changed = replace(
            self.network, meta=self.network.meta | {"values": [values[n] for n in self.network.meta["parameters"]]}, key=""
        )
        with self._in_turn():
            return to_sbml(changed, request.protocol.perturbed(*request.uses)).encode()

    def _in_turn(self) -> _Turn:
        return _Turn(self._turn)

    def _control(self, key: str, request: Request) -> list[Film]:
        if key not in self._controls:
            self._controls[key] = [film(self.network, request.protocol, Condition.of().label, progress=_deadline())]
            _forget(self._controls, keep=key_of(self.page.protocol))
        return self._controls[key]

    def _changed(self, key: str, request: Request) -> Film:
        whole = json.dumps([key, [u.label() for u in request.uses], request.parameters], sort_keys=True)
        if whole not in self._runs:
            self._runs[whole] = film(
                self.network, request.protocol, request.label, request.uses, parameters=request.parameters, progress=_deadline()
            )
            _forget(self._runs)
        return self._runs[whole]


class _Turn:
    """One run at a time; who waits too long is told so."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_WAIT):
            raise _Late("other runs are waiting; try again in a moment")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _forget(remembered: dict[str, Any], keep: str = "") -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(key for key in remembered if key != keep)]


def _deadline() -> Any:
    ends = time.monotonic() + _LONGEST_RUN

    def check(_: float) -> None:
        if time.monotonic() > ends:
            raise _Late(f"this run takes longer than {_LONGEST_RUN:g} s; use fewer pulses, or 'ltpath run'")

    return check


# -- HTTP --------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Serves one laboratory.

    Parameters
    ----------
    laboratory : Laboratory
    host : str
        Where to listen; the loopback address unless the user wants others to reach it.
    port : int
        0 takes a free one.

    Raises
    ------
    BadValue
        The address cannot be used.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, laboratory: Laboratory, host: str = LOOPBACK, port: int = PORT) -> None:
        self.laboratory = laboratory
        self._free = threading.BoundedSemaphore(_MOST_THREADS)
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BadValue(
                f"port {port} of {host} cannot be used: {reason}; choose another with --port, 0 for any that is free"
            ) from None
        names = {host, "localhost", LOOPBACK} if host == LOOPBACK else {host}
        self.hosts = {f"{name}:{self.server_port}" for name in names} | (names if self.server_port == 80 else set())

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]}:{self.server_port}/"

    def server_bind(self) -> None:
        # HTTPServer asks for the machine's name here, which may ask the network.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[0], self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke; whoever made it is gone."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _PATIENCE
    server_version = "ltpath"
    sys_version = ""

    def do_GET(self) -> None:
        if not self._allowed():
            return
        if self.path.partition("?")[0] != "/":
            self._refuse(HTTPStatus.NOT_FOUND, f"nothing is at {self.path[:80]!r}; the page is at /")
            return
        self._answer(HTTPStatus.OK, "text/html; charset=utf-8", self.server.laboratory.html)

    def do_POST(self) -> None:
        laboratory = self.server.laboratory
        ways = {
            "/run": (laboratory.run, "application/json"),
            "/csv": (laboratory.csv, "text/csv"),
            "/sbml": (laboratory.sbml, "application/xml"),
        }
        if not self._allowed():
            return
        if self.path not in ways:
            self._refuse(HTTPStatus.NOT_FOUND, f"nothing is at {self.path[:80]!r} (allowed: {', '.join(ways)})")
            return
        if self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the request must be of type application/json")
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "the request must say its length")
            return
        if len(length) > 9 or int(length) > _LARGEST_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {_LARGEST_BODY:,} bytes")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self._refuse(HTTPStatus.BAD_REQUEST, "the request is shorter than it says")
            return
        way, kind = ways[self.path]
        try:
            found = way(read_request(body, laboratory.network))
            content = found if isinstance(found, bytes) else json.dumps(found, allow_nan=False).encode()
        except _Late as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        except LtpathError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except (ArithmeticError, ValueError, TypeError, MemoryError) as error:
            # Numbers that are allowed one by one and impossible together.
            self._refuse(HTTPStatus.BAD_REQUEST, f"the model cannot run with these values ({type(error).__name__})")
        else:
            self._answer(HTTPStatus.OK, kind, content)

    def _allowed(self) -> bool:
        """Whether the request means this server, and comes from its page or from none."""
        hosts, origins = self.headers.get_all("Host") or [], self.headers.get_all("Origin") or []
        if len(hosts) != 1 or hosts[0].lower() not in self.server.hosts:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, f"this server answers only as {' or '.join(sorted(self.server.hosts))}")
            return False
        from_elsewhere = self.command == "POST" and self.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
        if from_elsewhere or any(o.lower() != f"http://{hosts[0].lower()}" for o in origins):
            self._refuse(HTTPStatus.FORBIDDEN, "this server answers only its own page")
            return False
        return True

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        self._answer(status, "application/json", json.dumps({"error": message}).encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself, in the same form."""
        status = HTTPStatus(code)
        self._refuse(status, f"{message or status.phrase}"[:200])

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the page says what went wrong."""
