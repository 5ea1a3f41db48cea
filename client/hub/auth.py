"""Whose request this is, read off its bearer token."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from client.domain.access import Permission, Person
from client.hub.core import Hub
from client.hub.problems import Refused

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
    """The asker's network address."""
    return request.client.host if request.client else ""


async def asker(request: Request) -> Asker:
    """The principal behind the request; 401 without a valid credential."""
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    person = hub_of(request).principals.by_token(token) if scheme.lower() == "bearer" and token else None
    if person is None:
        raise Refused(401, "no-credential", "a valid credential is required", {"WWW-Authenticate": "Bearer"})
    return Asker(person, origin_of(request))
