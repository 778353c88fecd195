"""The blueprint of this room; its pages stand in the modules named after what they show."""

from flask import Blueprint

blueprint = Blueprint("steering", __name__)
