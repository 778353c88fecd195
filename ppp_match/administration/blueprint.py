"""The blueprint of this room, by itself so that several files of views can hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("administration", __name__)
