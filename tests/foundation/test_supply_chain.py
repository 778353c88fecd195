"""What the product is made of can be listed, and every package of the lock file is pinned by hash."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([a-z0-9.\-]+)(?:\[[a-z,]+\])?==(\S+) \\$", re.MULTILINE)


def test_the_bill_of_materials_names_every_package_of_the_lock(tmp_path):
    """The command of `make sbom`; --validate checks it against the schema of CycloneDX."""
    bill = tmp_path / "sbom.cdx.json"
    command = [Path(sys.executable).parent / "cyclonedx-py", "requirements", "requirements-web.lock"]
    subprocess.run([*command, "--output-reproducible", "--validate", "-o", bill], cwd=ROOT, check=True)  # noqa: S603
    written = json.loads(bill.read_text(encoding="utf-8"))
    locked = dict(PINNED.findall((ROOT / "requirements-web.lock").read_text(encoding="utf-8")))
    assert len(locked) > 40
    assert {one["name"]: one["version"] for one in written["components"]} == locked
    assert written["bomFormat"] == "CycloneDX"


def test_every_package_of_both_locks_has_hashes():
    for name in ("requirements-web.lock", "requirements-dev.lock"):
        blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"))
        pinned = [block for block in blocks if "==" in block.split("\n")[0]]
        assert len(pinned) > 40
        assert [block for block in pinned if "--hash=sha256:" not in block] == []
