"""HTTP over the socket, as any client speaks it: the whole way, and all that can be wrong."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.instance import PROGRAM, Instance, wait_until


class Http:
    """One request a connection, over the Unix socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def raw(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(60)
        connection.sock.connect(str(self._path))
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body)
        status, _, answer = self.raw(method, target, sent, headers)
        return status, json.loads(answer)

    def finish(self, job: str) -> Any:
        while True:
            _, answer = self.ask("GET", f"/test/status/{job}?wait=30")
            if answer["result"] is not None:
                return answer


@pytest.fixture
def server(instance: Instance) -> Iterator[Http]:
    with (instance.state_dir / "test.log").open("wb") as log:
        process = subprocess.Popen([*PROGRAM, "serve"], env=instance.env, stdout=log, stderr=log)
    wait_until(instance.socket.exists, "the socket is there")
    yield Http(instance.socket)
    process.terminate()
    assert process.wait(20) == 0


def run_command(server: Http, folder: Path, *command: str, **more: Any) -> str:
    status, answer = server.ask(
        "POST",
        "/test/submit",
        {"project_path": str(folder), "command": list(command), **more},
    )
    assert status == 202, answer
    return str(answer["job_id"])


def test_curl_alone_is_a_full_client(server: Http, repository: Path) -> None:
    status, submitted = server.ask(
        "POST", "/test/submit", {"project_path": str(repository), "agent_id": "curl"}
    )
    assert status == 202
    assert submitted["status"] == "queued"
    ended = server.finish(submitted["job_id"])
    assert (ended["status"], ended["result"], ended["agent"]) == ("complete", "failed", "curl")

    status, results = server.ask("GET", f"/test/results/{submitted['job_id']}")
    assert status == 200
    assert results["totals"]["passed"] == results["totals"]["failed"] == 1
    assert {test["id"]: test["outcome"] for test in results["tests"]} == {
        "test_shop.py::test_price": "passed",
        "test_shop.py::test_stock": "failed",
    }
    assert results["failures"][0]["message"]
    assert results["exit_code"] == 1

    status, bare = server.ask("GET", f"/test/results/{submitted['job_id']}?tests=false")
    assert status == 200
    assert bare["tests"] == []
    _, headers, junit = server.raw("GET", f"/test/results/{submitted['job_id']}?format=junit")
    assert headers["content-type"] == "application/xml"
    assert b"test_stock" in junit
    status, ctrf = server.ask("GET", f"/test/results/{submitted['job_id']}?format=ctrf")
    assert ctrf["results"]["summary"]["failed"] == 1


def test_the_log_comes_whole_in_ranges_and_as_events(server: Http, repository: Path) -> None:
    job = run_command(server, repository, "printf", "0123456789")
    server.finish(job)
    target = f"/test/logs/{job}"
    assert server.raw("GET", target)[2] == b"0123456789"
    status, headers, part = server.raw("GET", target, None, {"Range": "bytes=2-4"})
    assert (status, headers["content-range"], part) == (206, "bytes 2-4/10", b"234")
    assert server.raw("GET", target, None, {"Range": "bytes=-3"})[2] == b"789"
    assert server.raw("GET", target, None, {"Range": "bytes=7-"})[2] == b"789"
    assert server.raw("GET", target, None, {"Range": "bytes=10-"})[0] == 416
    assert server.raw("GET", target, None, {"Range": "lines=1-2"})[0] == 416
    assert server.raw("GET", f"{target}?follow=true&start=4")[2] == b"456789"
    events = server.raw("GET", target, None, {"Accept": "text/event-stream"})[2]
    assert events == b'event: log\ndata: "0123456789"\n\nevent: end\ndata: {}\n\n'


def test_the_same_key_gives_the_same_job(server: Http, repository: Path) -> None:
    body = {"project_path": str(repository), "command": ["true"]}
    headers = {"Idempotency-Key": "k1"}
    first = server.ask("POST", "/test/submit", body, **headers)[1]
    again = server.ask("POST", "/test/submit", body, **headers)[1]
    other = server.ask("POST", "/test/submit", body, **{"Idempotency-Key": "k2"})[1]
    assert first["job_id"] == again["job_id"] != other["job_id"]


def test_a_queued_and_a_running_job_can_be_cancelled(server: Http, repository: Path) -> None:
    running = run_command(server, repository, "sleep", "600")
    queued = run_command(server, repository, "sleep", "600")
    wait_until(
        lambda: server.ask("GET", f"/test/status/{running}")[1]["status"] == "running", "it runs"
    )
    _, waiting = server.ask("GET", f"/test/status/{queued}")
    assert waiting["queue_position"] == 0
    assert running in waiting["waiting_for"]
    assert server.ask("GET", f"/test/results/{queued}")[0] == 409

    _, answer = server.ask("DELETE", f"/test/cancel/{queued}")
    assert answer == {"job_id": queued, "status": "cancelled", "was_running": False}
    _, answer = server.ask("DELETE", f"/test/cancel/{running}")
    assert answer["was_running"] is True
    assert server.finish(running)["result"] == "cancelled"
    assert server.ask("DELETE", f"/test/cancel/{running}")[1]["was_running"] is False


def test_time_outs_end_a_run(server: Http, repository: Path) -> None:
    job = run_command(server, repository, "sleep", "600", timeout_seconds=0.3)
    ended = server.finish(job)
    assert (ended["status"], ended["result"]) == ("timeout", "timed_out")


def test_high_priority_runs_first(server: Http, repository: Path) -> None:
    first = run_command(server, repository, "sleep", "1")
    low = run_command(server, repository, "true", priority="low")
    normal = run_command(server, repository, "true")
    high = run_command(server, repository, "true", priority="high")
    starts = {job: server.finish(job)["started_at"] for job in (first, low, normal, high)}
    assert sorted(starts, key=lambda job: starts[job]) == [first, high, normal, low]


def test_a_full_queue_says_when_to_come_again(instance: Instance, repository: Path) -> None:
    settings = instance.state_dir / "server.toml"
    settings.write_text("max_queued = 1\n")
    instance.env["GREENLANE_CONFIG"] = str(settings)
    assert instance.run("run", "--no-wait", "--", "sleep", "600", cwd=repository).returncode == 0
    server = Http(instance.socket)
    wait_until(lambda: server.ask("GET", "/health")[1]["running"] == 1, "the first runs")
    run_command(server, repository, "true")
    body = json.dumps({"project_path": str(repository), "command": ["true"]})
    status, headers, answer = server.raw("POST", "/test/submit", body)
    assert status == 503
    assert int(headers["retry-after"]) > 0
    assert json.loads(answer)["error"] == "queue_full"
    for job in server.ask("GET", "/jobs")[1]["jobs"]:
        server.ask("DELETE", f"/test/cancel/{job['job_id']}")


BAD_BODIES = [
    ('{"project_path": ', 400, "not understood"),
    ("[]", 400, "not understood"),
    ('{"project_path": 7}', 400, "project_path"),
    ('{"project_path": "/x", "surprise": 1}', 400, "surprise"),
    ("{}", 400, "project_path"),
    ('{"project_path": "relative"}', 400, "absolute"),
    ('{"project_path": "/does/not/exist"}', 404, "/does/not/exist"),
    ('{"project_path": "/x\\u0000y"}', 400, "absolute"),
    ('{"project": "nobody"}', 404, "nobody"),
    ('{"project_path": "/", "priority": "urgent"}', 400, "priority"),
    ('{"project_path": "/", "timeout_seconds": -1}', 400, "timeout_seconds"),
    ('{"project_path": "/", "timeout_seconds": 1e999}', 400, "not understood"),
    ('{"project_path": "/", "command": []}', 400, "command"),
    ("[" * 100_000, 400, "not understood"),
    ('"\ud800"'.encode("utf-8", "surrogatepass"), 400, "not understood"),
]


def test_a_bad_submission_is_refused_in_one_shape(server: Http) -> None:
    for body, status, words in BAD_BODIES:
        found, _, answer = server.raw("POST", "/test/submit", body)
        error = json.loads(answer)
        assert (found, set(error)) == (status, {"error", "message", "hint"}), (body, error)
        assert words in error["message"], (body, error)
    assert server.ask("GET", "/jobs")[1]["jobs"] == []


def test_what_a_project_does_not_have_is_named(server: Http, repository: Path) -> None:
    path = str(repository)
    for body, words in (
        ({"test_suite": "defualt"}, "defualt"),
        ({"framework": "pytets"}, "pytets"),
        ({"mode": "elsewhere"}, "mode"),
        ({"env": {"A": "1"}}, "env"),
        ({"callback_url": "file:///etc/passwd"}, "callback_url"),
    ):
        status, error = server.ask("POST", "/test/submit", {"project_path": path, **body})
        assert 400 <= status < 500, error
        assert words in error["message"]
    assert server.ask("GET", "/jobs")[1]["jobs"] == []


def test_a_selection_is_never_a_shell_command(server: Http, repository: Path) -> None:
    victim = repository / "victim"
    victim.write_text("still here")
    for test_id in (
        f"test_shop.py;rm -rf {victim}",
        f";rm -rf {victim}",
        "$(id)",
        "--collect-only",
    ):
        body = {"project_path": str(repository), "select": [test_id]}
        status, error = server.ask("POST", "/test/submit", body)
        assert (status, error["error"]) == (400, "bad_request"), error
    assert server.ask("GET", "/jobs")[1]["jobs"] == []
    assert victim.read_text() == "still here"


def test_a_bad_job_id_is_not_found(server: Http) -> None:
    operations = [("GET", "status"), ("GET", "results"), ("GET", "logs"), ("DELETE", "cancel")]
    ids = ["nope", "..%2F..%2Fetc", "a/b", "%00", "x" * 5000]
    for (method, where), job in product(operations, ids):
        status, error = server.ask(method, f"/test/{where}/{job}")
        assert status == 404
        assert set(error) == {"error", "message", "hint"}


def test_a_body_of_two_gigabytes_is_refused_unread(server: Http) -> None:
    status, _, answer = server.raw("POST", "/test/submit", b"", {"Content-Length": str(2 << 30)})
    assert status == 413
    assert json.loads(answer)["error"] == "too_large"
    endless = (b"x" * 65_536 for _ in range(1_000_000))
    with suppress(BrokenPipeError, ConnectionResetError):  # cut off, or told so
        assert server.raw("POST", "/test/submit", endless)[0] == 413
    assert server.ask("GET", "/health")[0] == 200


def test_methods_and_paths_that_are_not_there(server: Http) -> None:
    status, headers, _ = server.raw("PUT", "/test/submit")
    assert (status, headers["allow"]) == (405, "POST")
    status, headers, _ = server.raw("PATCH", "/projects")
    assert status == 405
    assert {"GET", "POST"} <= set(headers["allow"].replace(" ", "").split(","))
    assert server.ask("GET", "/no/such/path")[1]["error"] == "no_such_path"
    assert server.ask("GET", "/jobs?limit=0")[0] == 400
    assert server.ask("GET", "/jobs?limt=5")[0] == 400


def test_a_garbage_bundle_is_refused(server: Http, repository: Path) -> None:
    _, answer = server.ask(
        "POST",
        "/projects/resolve",
        {"path": str(repository), "common_dir": str(repository / ".git")},
    )
    target = f"/projects/{answer['project']}/snapshots?commit={'a' * 40}&tree={'b' * 40}"
    for body in (b"", b"garbage", b"# v2 git bundle\n\nPACK", os.urandom(10_000)):
        status, _, error = server.raw("POST", target, body)
        assert status == 422, error
    status, _, _ = server.raw("POST", "/projects/nobody/snapshots?commit=a&tree=b", b"")
    assert status == 400
    submit = {"project": answer["project"], "snapshot": {"commit": "a" * 40, "tree": "b" * 40}}
    assert server.ask("POST", "/test/submit", submit)[0] == 404


def test_events_and_metrics(server: Http, repository: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.settimeout(30)
    listener.connect(str(server._path))
    listener.sendall(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
    heard = b""
    while b": greenlane" not in heard:
        heard += listener.recv(65_536)
    job = run_command(server, repository, "true")
    server.finish(job)
    while heard.count(b"event: job") < 3:
        heard += listener.recv(65_536)
    listener.close()
    for phase in ("queued", "running", "ended"):
        assert f'"phase":"{phase}"'.encode() in heard
    metrics = server.raw("GET", "/metrics")[2].decode()
    assert 'greenlane_jobs_ended_total{outcome="passed"} 1.0' in metrics


def test_a_webhook_tells_the_end(server: Http, repository: Path) -> None:
    heard: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        receiver.timeout = 30
        url = f"http://127.0.0.1:{receiver.server_port}/done"
        job = run_command(server, repository, "false", callback_url=url)
        receiver.handle_request()
    assert (heard[0]["job_id"], heard[0]["outcome"]) == (job, "failed")


def test_another_user_may_not_bring_a_command_or_a_path(instance: Instance) -> None:
    if os.getuid() != 0:
        pytest.skip("by design: only root can become another user")
    listed = instance.run("project", "list", "--json", cwd=Path("/"))
    assert listed.returncode == 0
    for path in (instance.state_dir, instance.socket):
        path.chmod(0o777)
    ask = (
        "import os,socket,sys;os.setuid(65534);s=socket.socket(socket.AF_UNIX);"
        "s.connect(sys.argv[1]);b=sys.argv[2].encode();"
        "s.sendall(b'POST /test/submit HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %d\\r\\n"
        "Connection: close\\r\\n\\r\\n' % len(b) + b);"
        "print(s.makefile().read())"
    )
    body = json.dumps({"project_path": "/", "command": ["true"]})
    done = subprocess.run(
        ["/usr/bin/python3", "-c", ask, str(instance.socket), body],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "403 Forbidden" in done.stdout
    assert "own user" in done.stdout
