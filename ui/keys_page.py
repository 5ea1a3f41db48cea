"""The page of keys in `resources/help/keys.md`, made from their declaration: `python -m ui.keys_page > resources/help/keys.md`."""

from __future__ import annotations

from ui.language import load_table
from ui.shortcuts import SHORTCUTS, Group

HEAD = """# 이음의 단축키

기본 키입니다. 설정(`Ctrl+,`)에서 바꿀 수 있고, 창에서 `F1`을 누르면 지금 쓰는 키가 보입니다.
전화 받기와 끊기는 기능 키 하나로만 하며, 글을 쓰다가 잘못 눌리지 않도록 편집 키나 보내기 키로 바꿀 수 없습니다.
전화가 막 오거나 바뀐 뒤 0.5초 동안과 키를 누르고 있을 때는 받기·끊기 키가 듣지 않습니다.
"""


def page() -> str:
    """Markdown: one table a group, in Korean."""
    table = load_table("ko")
    parts = [HEAD]
    for group in Group:
        rows = [f"| `{one.key}` | {table[one.label]} |" for one in SHORTCUTS if one.group is group]
        parts.append(f"\n## {table[group.value]}\n\n| 키 | 하는 일 |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    print(page(), end="")
