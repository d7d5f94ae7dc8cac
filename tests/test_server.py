"""The page with live runs: it answers its own page, says what is wrong in one sentence, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import libsbml
import pytest

import ltpath
from ltpath.explorer import explore
from ltpath.server import Laboratory, Server


@pytest.fixture(scope="module")
def server():
    one = Server(Laboratory(explore("calmodulin", perturbations=[])), port=0)
    thread = threading.Thread(target=one.serve_forever)
    thread.start()
    yield one
    one.shutdown()
    one.server_close()
    thread.join(5)
    assert not thread.is_alive()


def ask(server, path, body=None, **headers):
    """Status and content of a request; a body makes it a POST."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, content, kind | headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def sentence(content):
    return json.loads(content)["error"]


def test_the_page_may_ask_its_own_server_and_no_other(server):
    status, content = ask(server, "")
    assert status == 200
    assert b"default-src 'none'; connect-src 'self'" in content
    assert b'"live":{' in content


def test_a_live_run_is_what_simulate_gives(server):
    values = {"calmodulin_total": 5.0}
    status, content = ask(server, "run", {"protocol": "calcium_pulse", "parameters": values})
    assert status == 200
    answer = json.loads(content)
    expected = ltpath.simulate("calmodulin", "calcium_pulse", parameters=values)
    _, high = answer["condition"]["quantities"]["CaM4_free"]
    assert high["max"] == pytest.approx(float(expected["CaM4_free"].max()), rel=1e-5)
    assert answer["condition"]["label"] == "calmodulin_total = 5"
    status, content = ask(server, "csv", {"protocol": "calcium_pulse", "parameters": values})
    assert status == 200
    assert float(content.decode().splitlines()[-1].split(",")[0]) == 600.0
    status, content = ask(server, "sbml", {"protocol": "calcium_pulse", "parameters": values})
    model = libsbml.readSBMLFromString(content.decode()).getModel()
    assert model.getParameter("calmodulin_total").getValue() == 5.0


def test_another_protocol_brings_its_own_time_and_control(server):
    protocol = {"title": "x", "duration": "20 s", "stimulus": [{"kind": "calcium", "amplitude": "5 uM", "duration": "1 s"}]}
    answer = json.loads(ask(server, "run", {"protocol": protocol, "base": "something else"})[1])
    assert answer["condition"] is None
    assert answer["page"]["edges"][-1] == 20.0
    assert [c["label"] for c in answer["page"]["conditions"]] == ["control"]
    assert "page" not in json.loads(ask(server, "run", {"protocol": protocol, "base": answer["base"]})[1])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"protocol": "calcium_puls"}, "did you mean 'calcium_pulse'"),
        ({"protocol": "../../etc/passwd.toml"}, "unknown protocol"),
        ({"protocol": "tetanus"}, "takes no glutamate"),
        ({"protocol": 3}, "must be a name"),
        ({"protocol": {"title": "x"}}, "'duration' is missing"),
        ({"protocol": {"title": "x", "duration": "5 Hz"}}, "time"),
        ({"protocol": {"title": "x", "duration": "1 h", "stimulus": [{"kind": "calcium", "pulse": 3}]}}, "did you mean 'pulses'"),
        (
            {"protocol": {"title": "x", "duration": "1 h", "stimulus": [{"kind": "calcium", "pulses": 30000, "duration": "1 ms"}]}},
            "at most 20,000 pulses",
        ),
        ({"protocol": "calcium_pulse", "parameters": {"calmodulin_totl": 1}}, "did you mean 'calmodulin_total'"),
        ({"protocol": "calcium_pulse", "parameters": {"calmodulin_total": -1}}, "negative"),
        ({"protocol": "calcium_pulse", "parameters": {"calmodulin_total": "five"}}, "finite number"),
        ({"protocol": "calcium_pulse", "parameters": [1]}, "parameters must be"),
        ({"protocol": "calcium_pulse", "perturbations": [{"name": "apv"}]}, "unknown perturbation"),
        ({"protocol": "calcium_pulse", "perturbations": ["apv"]}, "perturbations must be"),
        ({"protocol": "calcium_pulse", "dose": 3}, "unknown field of the request"),
        ([], "must be an object"),
        (b"{", "not JSON"),
        (b'{"parameters": {"calmodulin_total": NaN}}', "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_cannot_be_run_gets_the_library_s_sentence(server, body, message):
    status, content = ask(server, "run", body)
    assert status == 400
    assert message in sentence(content)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_other_sites_are_refused(server, headers, status):
    found, content = ask(server, "run", {"protocol": "calcium_pulse"}, **headers)
    assert found == status
    assert sentence(content)


def test_a_page_of_another_origin_cannot_read_the_page_either(server):
    assert ask(server, "", Origin="https://evil.example")[0] == 403
    assert ask(server, "", Host="evil.example")[0] == 421


def test_too_large_a_body_is_not_read(server):
    status, content = ask(server, "run", b"{" + b" " * 70_000 + b"}")
    assert status == 413
    assert "at most 65,536 bytes" in sentence(content)


def raw(server, content):
    """What the server answers to bytes that need not be HTTP."""
    with socket.create_connection(server.server_address, timeout=20) as one:
        one.sendall(content)
        one.shutdown(socket.SHUT_WR)
        found = b""
        try:
            while part := one.recv(65536):
                found += part
        except ConnectionResetError:
            pass
        return found


def test_five_hundred_requests_good_and_bad_leave_it_well(server, capfd):
    host = f"Host: 127.0.0.1:{server.server_port}\r\n".encode()
    head = b"POST /run HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    good = {"protocol": "calcium_pulse", "parameters": {"calmodulin_total": 7.0}}
    bad = [
        b"", b"\r\n\r\n", b"GET", b"GET / HTTP/9.9\r\n\r\n", b"\x00\x01\x02\xff" * 40, b"GET / HTTP/1.1\r\n\r\n",
        b"DELETE / HTTP/1.1\r\n" + host + b"\r\n", b"GET /../../etc/passwd HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + host + b"\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        head + b"\r\n", head + b"Content-Length: -5\r\n\r\n", head + b"Content-Length: 99999999999999999999\r\n\r\n",
        head + b"Content-Length: abc\r\n\r\n{}", head + b"Content-Length: 50\r\n\r\n{}", head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        head + host + b"Content-Length: 2\r\n\r\n{}", b"GET / HTTP/1.1\r\n" + host + b"Origin: http://[\r\n\r\n",
    ]  # fmt: skip
    threads = threading.active_count()
    for i in range(500):
        if i % 5 == 0:
            assert ask(server, "run", good)[0] == 200
        else:
            answer = raw(server, bad[i % len(bad)])
            assert not answer.startswith(b"HTTP/1.0 200")
            assert not answer.startswith(b"HTTP/1.0 500")
    assert ask(server, "run", good)[0] == 200
    limit = time.monotonic() + 20
    while threading.active_count() > threads:
        assert time.monotonic() < limit, "threads of requests are left"
        time.sleep(0.05)
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out


def test_serve_ends_with_ctrl_c_and_leaves_no_process(tmp_path):
    # A test run in the background of a shell would hand on that interrupts are ignored.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        [sys.executable, "-m", "ltpath", "serve", "calmodulin", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    try:
        line = process.stdout.readline()
        address = line.split()[2]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.status == 200
        taken = subprocess.run(
            [sys.executable, "-m", "ltpath", "serve", "calmodulin", "--port", address.rstrip("/").rpartition(":")[2]],
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert taken.returncode == 2
        assert "choose another with --port" in taken.stderr
        assert len(taken.stderr.strip().splitlines()) == 1
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "ended" in out
        assert err == ""
    finally:
        process.kill()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_controls_change_the_curves(server, browser):
    from selenium.webdriver.common.keys import Keys

    browser.get(server.url)
    one = browser.find_element
    names = [e.text for e in browser.find_elements("css selector", "#conditions .choice")]
    one("css selector", "input[name='parameter']").send_keys("calmodulin_total")
    value = one("css selector", "input[name='value']")
    value.click()
    value.send_keys(Keys.CONTROL, "a")
    value.send_keys("5", Keys.ENTER)
    limit = time.monotonic() + 60
    while "done" not in (said := one("css selector", "#said").text):
        assert time.monotonic() < limit, said
        time.sleep(0.05)
    assert [e.text for e in browser.find_elements("css selector", "#conditions .choice")] == [*names, "calmodulin_total = 5"]
    value.send_keys(Keys.CONTROL, "a")
    value.send_keys("-5", Keys.ENTER)
    while "negative" not in (said := one("css selector", "#said").text):
        assert time.monotonic() < limit, said
        time.sleep(0.05)
    # The refused request is the browser's to report; nothing else is.
    assert all("400" in entry["message"] for entry in browser.get_log("browser"))
