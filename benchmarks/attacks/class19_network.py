"""Class 19: network and installation."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    oracle,
)


def attacks() -> Iterator[Attack]:
    yield oracle(19, "the network", """
        import socket
        for where in (('1.1.1.1', 53), ('8.8.8.8', 443), ('127.0.0.1', 22), ('169.254.169.254', 80)):
            try:
                socket.create_connection(where, timeout=1).close()
                REACHED = True
            except OSError: pass
        try:
            socket.getaddrinfo('example.org', 80)
            REACHED = True
        except OSError: pass
    """)  # fmt: skip
    yield oracle(19, "datagrams, and sockets of this machine", """
        import os, socket
        for family, kind, where in ((2, 2, ('8.8.8.8', 53)), (1, 1, '/run/dbus/system_bus_socket'),
                                    (1, 1, '/var/run/docker.sock'), (40, 1, (2, 22))):
            try:
                one = socket.socket(family, kind)
                one.settimeout(1)
                one.connect(where)
                one.send(b'x')
                REACHED = True
            except (OSError, TypeError): pass
    """)  # fmt: skip
    yield oracle(19, "installation", """
        import subprocess, sys
        try:
            run = subprocess.run([sys.executable, '-m', 'pip', 'download', '--no-deps', '-d', '/tmp/x', 'iniconfig'],
                                 capture_output=True, timeout=20)
            REACHED = run.returncode == 0
        except Exception: pass
    """)  # fmt: skip
