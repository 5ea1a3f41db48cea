"""Whose request this is, read off its bearer token."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from fastapi import Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from client.domain.access import Permission, Person
from client.domain.session_log import LogRefused
from client.hub.core import Hub
from client.hub.problems import Refused

WHO = {"WWW-Authenticate": "Bearer"}
BEARER = HTTPBearer(auto_error=False, description="A principal's credential, given out by an administrator.")


@dataclass(frozen=True, slots=True)
class Asker:
    """A principal and the address it asks from."""

    person: Person
    origin: str

    def require(self, permission: Permission) -> None:
        """Refuse with 403 unless the principal's role gives the permission."""
        if not self.person.may(permission):
            raise Refused(403, "not-permitted", f"your role does not give the permission {permission}")


def hub_of(request: Request) -> Hub:
    """The hub that serves this request."""
    hub: Hub = request.app.state.hub
    return hub


def origin_of(request: Request) -> str:
    """The asker's network address: the peer's, or what the one trusted proxy says of it (its own, last entry)."""
    peer = request.client.host if request.client else ""
    if not peer or peer != hub_of(request).settings.trusted_proxy:
        return peer
    last = request.headers.getlist("x-forwarded-for")[-1:]
    said = last[0].rsplit(",", 1)[-1].strip() if last else ""
    return said if _is_address(said) else peer


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


async def asker(request: Request) -> Asker:
    """The principal behind the request; 401 without a valid credential."""
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    try:
        person = hub_of(request).principals.by_token(token) if scheme.lower() == "bearer" and token else None
    except LogRefused as error:
        raise Refused(error.status, error.code, error.detail, WHO) from error
    if person is None:
        raise Refused(401, "no-credential", "a valid credential is required", WHO)
    return Asker(person, origin_of(request))
