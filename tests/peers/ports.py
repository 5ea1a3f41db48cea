"""Free ports, for programs that must be told one."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of 127.0.0.1 that is free for UDP and TCP, and whose neighbour is too."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            port = udp.getsockname()[1]
            try:
                with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as next_udp:
                    tcp.bind(("127.0.0.1", port))
                    next_udp.bind(("127.0.0.1", port + 1))
                    return port
            except (OSError, OverflowError):
                continue
