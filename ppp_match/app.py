"""create_app: puts the rooms together. Short register_* calls, nothing else."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ppp_match.config import ROOT, Settings, UnsafeSettings, read_settings
from ppp_match.db import db
from ppp_match.extensions import csrf, limiter, migrate


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application, with settings from the environment unless given.

    Raises config.UnsafeSettings when the settings cannot be run with.
    """
    settings = (settings or read_settings()).check()
    settings.instance.mkdir(mode=0o750, parents=True, exist_ok=True)
    app = Flask(
        "ppp_match",
        root_path=str(ROOT / "ppp_match"),
        instance_path=str(settings.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
    )
    configure(app, settings)
    register_extensions(app, settings)
    register_rooms(app, settings)
    register_limits(app)
    register_background_jobs(app, settings)
    if settings.is_production:
        refuse_demo_accounts(app)
    return app


def refuse_demo_accounts(app: Flask) -> None:
    """Raise UnsafeSettings where the database holds accounts of the demonstration, whose password is public."""
    from sqlalchemy.exc import SQLAlchemyError

    from ppp_match.accounts.queries import demo_people

    with app.app_context():
        try:
            found = demo_people()
        except SQLAlchemyError:
            return  # not migrated yet, or away just now: then nobody can sign in either
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()  # no connection may be shared with the workers that are forked later
    if found:
        raise UnsafeSettings(
            f"The database holds {found} accounts of the demonstration (addresses ending in .example), whose "
            "password is public. Production needs a database of its own: set DATABASE_URL or PPP_MATCH_INSTANCE "
            "to an empty one."
        )


def configure(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.config.update(
        SETTINGS=settings,
        TESTING=settings.mode == "testing",
        DEBUG=False if settings.is_production else app.debug,  # whatever FLASK_DEBUG says
        PPP_MATCH_MODE=settings.mode,
        FORUM_CONTACT=settings.forum_contact,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        # A file somewhat too large comes back with a word beside its field and all that was typed; a larger one is 413.
        MAX_UPLOAD_LENGTH=3 * settings.attachment_bytes + 2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=list(settings.hosts) or None,
        PREFERRED_URL_SCHEME="https" if settings.is_production else "http",
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "ppp_match" / "translations"),
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_ENABLED=settings.rate_limits and settings.mode != "testing",
        RATELIMIT_HEADERS_ENABLED=True,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open overnight must not lose what was typed
    )
    app.jinja_options["extensions"] = ["jinja2.ext.do"]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _engine_options(settings: Settings) -> dict[str, Any]:
    """A database server that was away and came back is found again; one that is away is not waited for long."""
    if settings.database.startswith("sqlite"):
        return {}
    return {"pool_pre_ping": True, "pool_timeout": 10, "connect_args": {"connect_timeout": 5}}


def register_extensions(app: Flask, settings: Settings) -> None:
    from ppp_match.error_pages import register_error_pages
    from ppp_match.logs import register_logs
    from ppp_match.sessions import register_sessions
    from ppp_match.static_files import register_static_files
    from ppp_match.web import register_web

    register_logs(app, settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    limiter.init_app(app)
    register_sessions(app, settings)
    register_web(app)
    register_error_pages(app)
    register_static_files(app, settings)
    import_models()
    import_declarations()


def import_declarations() -> None:
    """Import what each room declares of its tables' personal data: copy, erasure and the public page read it."""
    from ppp_match.accounts import personal as accounts  # noqa: F401
    from ppp_match.attachments import personal as attachments  # noqa: F401
    from ppp_match.complaints import personal as complaints  # noqa: F401
    from ppp_match.consents import personal as consents  # noqa: F401
    from ppp_match.declarations import personal as declarations  # noqa: F401
    from ppp_match.introductions import personal as introductions  # noqa: F401
    from ppp_match.listings import personal as listings  # noqa: F401
    from ppp_match.moderation import personal as moderation  # noqa: F401
    from ppp_match.notifications import personal as notifications  # noqa: F401
    from ppp_match.partnerships import personal as partnerships  # noqa: F401
    from ppp_match.phrases import personal as phrases  # noqa: F401
    from ppp_match.privacy import personal as privacy  # noqa: F401
    from ppp_match.questions import personal as questions  # noqa: F401
    from ppp_match.recommendations import personal as recommendations  # noqa: F401
    from ppp_match.search import personal as search  # noqa: F401
    from ppp_match.steering import personal as steering  # noqa: F401
    from ppp_match.teams import personal as teams  # noqa: F401
    from ppp_match.verification import personal as verification  # noqa: F401


def import_models() -> None:
    """Import every table, so that the metadata is whole whichever room is asked first."""
    from ppp_match import audit, vocabularies, web  # noqa: F401
    from ppp_match.accounts import factor_models as factors  # noqa: F401
    from ppp_match.accounts import models as accounts  # noqa: F401
    from ppp_match.attachments import models as attachments  # noqa: F401
    from ppp_match.complaints import models as complaints  # noqa: F401
    from ppp_match.consents import models as consents  # noqa: F401
    from ppp_match.declarations import models as declarations  # noqa: F401
    from ppp_match.introductions import models as introductions  # noqa: F401
    from ppp_match.listings import join_models  # noqa: F401
    from ppp_match.listings import models as listings  # noqa: F401
    from ppp_match.listings import models_addenda as addenda  # noqa: F401
    from ppp_match.listings import models_references as references  # noqa: F401
    from ppp_match.notifications import models as notifications  # noqa: F401
    from ppp_match.partnerships import models as partnerships  # noqa: F401
    from ppp_match.partnerships import models_plan as plan  # noqa: F401
    from ppp_match.phrases import models as phrases  # noqa: F401
    from ppp_match.privacy import models as privacy  # noqa: F401
    from ppp_match.questions import models as questions  # noqa: F401
    from ppp_match.recommendations import models as recommendations  # noqa: F401
    from ppp_match.search import models as search  # noqa: F401
    from ppp_match.steering import lexicon_models as lexicon  # noqa: F401
    from ppp_match.steering import models as steering  # noqa: F401
    from ppp_match.teams import models as teams  # noqa: F401
    from ppp_match.verification import models as verification  # noqa: F401


def register_rooms(app: Flask, settings: Settings) -> None:
    """Each room's blueprints, template filters and jobs, lower rooms first."""
    from ppp_match import formats, health
    from ppp_match.accounts import views as accounts
    from ppp_match.administration import views as administration
    from ppp_match.attachments import views as attachments
    from ppp_match.complaints import views as complaints
    from ppp_match.declarations import views as declarations
    from ppp_match.home import views as home
    from ppp_match.inspection import views as inspection
    from ppp_match.introductions import views as introductions
    from ppp_match.listings import addenda_views as addenda
    from ppp_match.listings import changes_views as changes
    from ppp_match.listings import files_views, language_views, search_page
    from ppp_match.listings import views as listings
    from ppp_match.moderation import views as moderation
    from ppp_match.notifications import views as notifications
    from ppp_match.partnerships import views as partnerships
    from ppp_match.privacy import views as privacy
    from ppp_match.questions import views as questions
    from ppp_match.recommendations import views as recommendations
    from ppp_match.results import views as results
    from ppp_match.search import views as search
    from ppp_match.steering import views as steering
    from ppp_match.teams import views as teams
    from ppp_match.verification import views as verification

    for room in (
        formats,
        health,
        notifications,
        attachments,
        accounts,
        search,
        listings,
        language_views,
        addenda,
        changes,
        files_views,
        search_page,
        recommendations,
        introductions,
        questions,
        partnerships,
        results,
        verification,
        declarations,
        moderation,
        complaints,
        steering,
        teams,
        privacy,
        inspection,
        administration,
        home,
    ):
        room.register(app, settings)


def register_limits(app: Flask) -> None:
    from ppp_match import limits

    limits.register(app)  # after the rooms, whose views they are put on


def register_background_jobs(app: Flask, settings: Settings) -> None:
    from ppp_match.jobs import register_jobs

    register_jobs(app, settings)  # after the rooms, which name their jobs when imported
