"""The blueprint of the moderators' pages; the pages stand in the modules named after what is reviewed."""

from flask import Blueprint

blueprint = Blueprint("moderation", __name__)
