"""Administrators' records: every organisation with corrections of its facts; sectors and vocabularies."""
