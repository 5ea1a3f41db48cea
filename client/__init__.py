"""Ieum: the agent desktop of a public contact centre. No Qt in this package."""

__version__ = "0.1.0"
