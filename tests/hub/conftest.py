"""One served hub a test."""

from __future__ import annotations

import pytest

from tests.running_hub import running


@pytest.fixture
async def served(tmp_path):
    async with running(tmp_path / "hub") as made:
        yield made
