"""Principals and their credentials: a bearer token is shown once and stored as a hash."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from client.domain.access import Person
from client.domain.codec import BadInput
from client.domain.ids import new_id
from client.domain.words import Role
from client.hub.database import Database
from client.hub.secret import hashed, new_token

MAX_NAME = 100  # characters


class Principals:
    """All of them, in memory and in the store."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        self._database = database
        self._now = now
        self._people: dict[str, Person] = {}
        self._tokens: dict[bytes, str] = {}
        for id_, name, role, number, token in database.read_now(
            lambda c: c.execute("SELECT id, name, role, number, token FROM principal").fetchall()
        ):
            self._remember(Person(id=id_, name=name, role=Role(role), number=number), token)

    def _remember(self, person: Person, token: bytes) -> None:
        self._tokens = {known: id_ for known, id_ in self._tokens.items() if id_ != person.id}
        self._people[person.id] = person
        self._tokens[token] = person.id

    def by_token(self, token: str) -> Person | None:
        """Whose credential this is."""
        id_ = self._tokens.get(hashed(token))
        return self._people[id_] if id_ else None

    def get(self, id_: str) -> Person | None:
        """A principal by id."""
        return self._people.get(id_)

    def all(self) -> list[Person]:
        """Everyone, by name."""
        return sorted(self._people.values(), key=lambda person: (person.name, person.id))

    async def add(self, name: str, role: Role, number: str = "") -> tuple[Person, str]:
        """A new principal and its token."""
        if not name.strip() or len(name) > MAX_NAME:
            raise BadInput("name", f"must have 1 to {MAX_NAME} characters")
        if len(number) > MAX_NAME:
            raise BadInput("number", f"must be at most {MAX_NAME} characters")
        if role is Role.CITIZEN:
            raise BadInput("role", "a citizen gets a link to one session, not a credential")
        person, token = Person(id=new_id(), name=name.strip(), role=role, number=number), new_token()
        row = (person.id, person.name, str(role), number, hashed(token), self._now())
        await self._database.write(lambda c: c.execute("INSERT INTO principal VALUES (?, ?, ?, ?, ?, ?)", row).rowcount)
        self._remember(person, hashed(token))
        return person, token

    async def reissue(self, person: Person) -> str:
        """A new token in the old one's place."""
        token = new_token()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE principal SET token = ? WHERE id = ?", (hashed(token), person.id))

        await self._database.write(work)
        self._remember(person, hashed(token))
        return token
