"""gunicorn's own lines (a worker that hung, a request that cannot be read), written as all others are."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from ppp_match.logs import JsonLines


class Lines(Logger):
    """Named by `--logger-class`; where and how much is written stays gunicorn's own setting."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for one in (*self.error_log.handlers, *self.access_log.handlers):
            one.setFormatter(JsonLines())
