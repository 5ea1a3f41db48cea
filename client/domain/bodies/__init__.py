"""What an event can say: one module a subject, one frozen class a type. `client.domain.event` knows them all."""
