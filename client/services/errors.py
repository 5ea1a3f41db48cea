"""What a service answers when it cannot do what the agent asked."""

from __future__ import annotations


class NotPossible(Exception):
    """`key` names the reason for the interface (`store_full`, `no_call`, `code_required`, …); `detail` is a short fact."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(f"{key}: {detail}" if detail else key)
        self.key = key
        self.detail = detail
