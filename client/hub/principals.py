"""Principals and their credentials: a bearer token is shown once and stored as a hash.

A credential ends when it is rotated (another takes its place), revoked, or, where a setting says so, by its age.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from client.domain.access import Person
from client.domain.codec import BadInput
from client.domain.event import parse_timestamp, timestamp
from client.domain.ids import new_id
from client.domain.session_log import LogRefused
from client.domain.words import Role
from client.hub.clock import Now
from client.hub.database import Database
from client.hub.secret import hashed, new_token

MAX_NAME = 100  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A principal with its credential: since when it has it, and since when no more."""

    person: Person
    issued: str
    revoked: str | None = None


class Principals:
    """All of them, in memory and in the store. `days` — how long a credential is good; 0: until it is revoked."""

    def __init__(self, database: Database, now: Now, days: int = 0) -> None:
        self._database = database
        self._now = now
        self._days = days
        self._accounts: dict[str, Account] = {}
        self._tokens: dict[bytes, str] = {}
        self.on_void: Callable[[str], None] = lambda _person: None
        for id_, name, role, number, token, made, issued, revoked in database.read_now(
            lambda c: c.execute("SELECT id, name, role, number, token, made, issued, revoked FROM principal").fetchall()
        ):
            person = Person(id=id_, name=name, role=Role(role), number=number)
            self._remember(Account(person=person, issued=issued or made, revoked=revoked), token)

    def _remember(self, account: Account, token: bytes) -> None:
        id_ = account.person.id
        self._tokens = {known: of for known, of in self._tokens.items() if of != id_}
        self._accounts[id_] = account
        self._tokens[token] = id_

    def by_token(self, token: str) -> Person | None:
        """Whose credential this is; `LogRefused` 401 says why one that was good is so no longer."""
        account = self._accounts.get(self._tokens.get(hashed(token), ""))
        if account is None:
            return None
        if account.revoked:
            raise LogRefused(401, "credential-revoked", "this credential was revoked; ask IT for a new one")
        if self.expired(account):
            raise LogRefused(401, "credential-expired", "this credential is too old; ask IT for a new one")
        return account.person

    def expired(self, account: Account) -> bool:
        """True if the credential is older than the settings allow."""
        return bool(self._days) and self._now() > parse_timestamp(account.issued) + timedelta(days=self._days)

    def state(self, account: Account) -> str:
        """`good`, `expired` or `revoked`."""
        return "revoked" if account.revoked else "expired" if self.expired(account) else "good"

    def good(self, id_: str) -> bool:
        """True if this principal's credential opens the hub."""
        account = self._accounts.get(id_)
        return account is not None and self.state(account) == "good"

    def get(self, id_: str) -> Person | None:
        """A principal by id; nobody once revoked."""
        account = self._accounts.get(id_)
        return account.person if account is not None and not account.revoked else None

    def all(self) -> list[Person]:
        """Everyone who was not revoked, by name."""
        return [account.person for account in self.accounts() if not account.revoked]

    def accounts(self) -> list[Account]:
        """Everyone, by name, revoked ones too."""
        return sorted(self._accounts.values(), key=lambda account: (account.person.name, account.person.id))

    async def add(self, name: str, role: Role, number: str = "") -> tuple[Person, str]:
        """A new principal and its token."""
        if not name.strip() or len(name) > MAX_NAME:
            raise BadInput("name", f"must have 1 to {MAX_NAME} characters")
        if len(number) > MAX_NAME:
            raise BadInput("number", f"must be at most {MAX_NAME} characters")
        if role is Role.CITIZEN:
            raise BadInput("role", "a citizen gets a link to one session, not a credential")
        person, token = Person(id=new_id(), name=name.strip(), role=role, number=number), new_token()
        made = timestamp(self._now())
        row = (person.id, person.name, str(role), number, hashed(token), made, made)
        await self._database.write(
            lambda c: (
                c.execute(
                    "INSERT INTO principal (id, name, role, number, token, made, issued) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row,
                ).rowcount
            )
        )
        self._remember(Account(person=person, issued=made), hashed(token))
        return person, token

    async def reissue(self, person: Person) -> str:
        """A new token in the old one's place, for one that was revoked too."""
        token, issued = new_token(), timestamp(self._now())

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE principal SET token = ?, issued = ?, revoked = NULL WHERE id = ?",
                (hashed(token), issued, person.id),
            )

        await self._database.write(work)
        self._remember(Account(person=person, issued=issued), hashed(token))
        self.on_void(person.id)
        return token

    async def revoke(self, id_: str) -> None:
        """Its credential opens nothing from now on. Again is no mistake; 404 for nobody."""
        account = self.account(id_)
        if account.revoked:
            return
        revoked = timestamp(self._now())
        row = (revoked, id_)
        await self._database.write(lambda c: c.execute("UPDATE principal SET revoked = ? WHERE id = ?", row).rowcount)
        self._accounts[id_] = Account(person=account.person, issued=account.issued, revoked=revoked)
        self.on_void(id_)

    def account(self, id_: str) -> Account:
        """By id; `LogRefused` 404 for nobody."""
        if id_ not in self._accounts:
            raise LogRefused(404, "unknown-principal", "there is no principal with this id")
        return self._accounts[id_]
