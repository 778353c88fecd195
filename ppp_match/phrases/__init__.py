"""The forum's own list of phrases: what a text is pointed out for, or sent to a moderator."""
