"""The WSGI application, for gunicorn and any other server: `gunicorn wsgi:app`."""

import gc

from ppp_match.app import create_app
from ppp_match.matching.compiled import warm_up

app = create_app()
# Before workers are forked: no request waits for the compiler, and what is shared stays shared.
warm_up()
gc.collect()
gc.freeze()
