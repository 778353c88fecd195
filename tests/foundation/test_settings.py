"""A command that is started with settings it cannot run with says which, and ends with 2."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from ppp_match.cli import main


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "abc"}, "PORT"),
        ({"PPP_MATCH_MODE": "demo", "HOST": "0.0.0.0"}, "loopback"),  # noqa: S104  what must be refused
        ({"PPP_MATCH_MODE": "production"}, "SECRET_KEY"),
        ({"PPP_MATCH_MODE": "nonsense"}, "PPP_MATCH_MODE"),
    ],
)
def test_settings_that_cannot_be_run_with(settings, said, monkeypatch, tmp_path):
    monkeypatch.setenv("PPP_MATCH_INSTANCE", str(tmp_path))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["verify-audit"])
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
