"""Declarations of interests: relations of organisations, interests of persons, recusals, and the register."""
