"""Our own addresses: loopback where there is no other, so that a desk without a network can be practised on and tested."""

from __future__ import annotations

import ifaddr

LOOPBACK = "127.0.0.1"


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Addresses to offer. aioice never offers loopback; without any other it would offer nothing."""
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            if isinstance(ip.ip, str):
                if use_ipv4 and ip.ip != LOOPBACK:
                    found.append(ip.ip)
            elif use_ipv6 and ip.ip[0] != "::1" and ip.ip[2] == 0:  # an address that needs a scope cannot be offered
                found.append(ip.ip[0])
    return found or [LOOPBACK]
