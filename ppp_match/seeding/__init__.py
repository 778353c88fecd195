"""Loading of seeds: reference data for every forum, and the demo. Folder `seeds/`; files a forum can replace."""
