"""Pure: the words, facts and rules of a session. Nothing but the standard library."""
