"""nginx in front of the gateway, as docs/deploy has it."""

import contextlib
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installed import run
from tests.support.ports import reserve_port
from tests.support.server import ROOT, Server, running_server, wait_until

DEPLOY = ROOT / "docs" / "deploy"
needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
Proxied = tuple[Server, int, ssl.SSLContext]


def is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def write_nginx(folder: Path, gateway: str, port: int, name: str = "nginx.conf") -> Path:
    """Write a configuration around our server block, with a certificate and ports of its own."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = ["-subj", "/CN=tiger.example.com", "-addext", "subjectAltName=DNS:tiger.example.com"]
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, *names])
    block = (DEPLOY / name).read_text()
    for ours, here in (
        ("127.0.0.1:9000", gateway.removeprefix("http://")),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/certs/tiger.example.com.pem", str(certificate)),
        ("/etc/ssl/private/tiger.example.com.key", str(key)),
    ):
        assert ours in block
        block = block.replace(ours, here)
    file = folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file.write_text(
        f"pid {folder}/nginx.pid;\ndaemon off;\nworker_processes 1;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{block}\n}}\n"
    )
    return file


@contextlib.contextmanager
def running_nginx(folder: Path, name: str) -> Iterator[Proxied]:
    """Run the gateway with nginx in front of it, as documented in this file."""
    with running_server(folder, "--workers", "1", TIGER_REST_GATEWAY__TRUSTED_PROXIES="1") as server:
        port = reserve_port()
        file = write_nginx(folder, server.url, port, name)
        process = subprocess.Popen(["nginx", "-c", file], stderr=subprocess.DEVNULL)
        trust = ssl.create_default_context(cafile=folder / "certificate.pem")
        wait_until(lambda: is_open(port), 10)
        yield server, port, trust
        process.send_signal(signal.SIGQUIT)
        process.wait(10)
