"""The outside services: one file a provider, all behind `gateway.Gateway`. They know nothing of sessions and desks."""
