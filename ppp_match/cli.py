"""The `ppp-match` command, on the Flask CLI: run, demo, match, rank-all, evaluate, worker, ...

Where the web parts are not installed, `match`, `rank-all` and `evaluate` work alone. A command commits once, at its end;
`recommend` after each need.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import click

from ppp_match.matching.commands import evaluate_command, match_command, rank_all_command
from ppp_match.matching.compiled import warm_up

try:
    from flask import Flask, current_app
    from flask.cli import FlaskGroup

    HAS_WEB = True
except ModuleNotFoundError:
    HAS_WEB = False


def _create_app() -> Flask:
    from environs import EnvError

    from ppp_match.app import create_app
    from ppp_match.config import UnsafeSettings

    try:
        return create_app()
    except (UnsafeSettings, EnvError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)


WORKER_RESTARTS = 5  # after so many ends by itself the forum stops and says so
HELP = """PPP Match: cities' needs and companies' capabilities, matched and explained.

Settings come from the environment; the README lists them. Commands exit with 0 when all is well, 1 when something
failed, 2 when they were called wrongly.
"""

if HAS_WEB:

    class Commands(FlaskGroup):
        """Says in one line that the database is away or has no tables; a trace would need fifty."""

        def invoke(self, ctx: click.Context) -> Any:
            from sqlalchemy.exc import DBAPIError

            try:
                return super().invoke(ctx)
            except DBAPIError as error:
                raise click.ClickException(_trouble_of(str(error.orig))) from error


def _trouble_of(told: str) -> str:
    if "no such table" in told or "no such column" in told or "does not exist" in told:
        return f"The database lacks a table: run `ppp-match db upgrade`, or `ppp-match run`. ({told.splitlines()[0]})"
    return f"The database refuses: {told}"


main: Any = (
    Commands(name="ppp-match", create_app=_create_app, add_default_commands=False, add_version_option=False)
    if HAS_WEB
    else click.Group(name="ppp-match")
)
main.help = HELP
main.add_command(match_command)
main.add_command(rank_all_command)
main.add_command(evaluate_command)

if HAS_WEB:

    @contextlib.contextmanager
    def one_transaction() -> Iterator[None]:
        """Work that commits at the end, or not at all."""
        from ppp_match.db import db, writing
        from ppp_match.seeding.files import SeedError

        token = writing.set(True)
        try:
            yield
            db.session.commit()
        except SeedError as error:
            db.session.rollback()
            raise click.ClickException(str(error)) from error
        except BaseException:
            db.session.rollback()
            raise
        finally:
            writing.reset(token)

    def _progress(label: str) -> Callable[[int, int], None]:
        """A bar on a terminal, silence elsewhere: progress(done, total)."""
        bar: list[Any] = []

        def show(done: int, total: int) -> None:
            if not sys.stderr.isatty():
                return
            if not bar:
                bar.append(click.progressbar(length=total, label=label, file=sys.stderr).__enter__())
            bar[0].update(done - bar[0].pos)
            if done >= total:
                bar[0].render_finish()

        return show

    @main.command()
    @click.option("--workers", default=2, show_default=True, help="Web worker processes.")
    @click.option("--threads", default=4, show_default=True, help="Threads of each web worker.")
    def run(workers: int, threads: int) -> None:
        """Migrate, load what is missing, build the index, then serve with gunicorn and the job worker.

        HOST and PORT say where (127.0.0.1:8000). Ctrl-C stops all of it.
        """
        settings = current_app.extensions["settings"]
        prepare()
        sys.exit(serve(settings, workers, threads))

    def prepare() -> None:
        """Bring the database, the demo data (in demo mode), the index and the matches up to date."""
        from flask_migrate import upgrade

        from ppp_match.seeding.demo import load_demo
        from ppp_match.seeding.phrases import load_phrases
        from ppp_match.seeding.privacy import load_privacy
        from ppp_match.seeding.reference import load_reference
        from ppp_match.steering.versions import ensure_shipped

        settings = current_app.extensions["settings"]
        click.echo("Preparing the matcher (compiled once) and the database ...")
        warm_up()
        upgrade()
        with one_transaction():
            load_reference()
            load_privacy()
            load_phrases()
            ensure_shipped()
        loaded = False
        if settings.is_demo:
            with one_transaction():
                loaded = load_demo(progress=_progress("Loading the demo"))
        click.echo("Demo data loaded." if loaded else "Data is in place.")

    def welcome(settings: Any) -> str:
        lines = ["", f"PPP Match is ready at {settings.address}", ""]
        if settings.is_demo:
            from ppp_match.seeding.demo import DEMO_PASSWORD, demo_accounts

            lines += ["Demo accounts, password " + DEMO_PASSWORD + ":"]
            lines += [f"  {email:28} {what}" for email, what in demo_accounts()]
            lines += ["", "Everything in it is invented. Ctrl-C stops the forum.", ""]
        return "\n".join(lines)

    def serve(settings: Any, workers: int, threads: int) -> int:
        """Run gunicorn and the job worker as children until one ends or a signal comes; returns the exit code."""
        bind = (
            f"[{settings.host}]:{settings.port}"
            if ":" in settings.host
            else f"{settings.host}:{settings.port}"
        )
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "wsgi:app",
            "--bind",
            bind,
            "--preload",
            "--no-control-socket",
        ]
        gunicorn += ["--workers", str(workers), "--threads", str(threads), "--log-level", "warning"]
        gunicorn += ["--logger-class", "ppp_match.gunicorn_log.Lines"]
        gunicorn += ["--worker-class", "ppp_match.gunicorn_worker.Worker", "--limit-request-line", "8190"]
        # A browser that keeps a connection open would hold the stop for longer than we wait for it below.
        gunicorn += ["--graceful-timeout", "5"]
        worker = [sys.executable, "-m", "ppp_match.cli", "worker"]
        root = Path(__file__).resolve().parents[1]
        stopping = greeted = False

        def stop(_signal: int, _frame: FrameType | None) -> None:
            nonlocal stopping
            stopping = True

        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, stop)
        # In a session of their own the children do not see the terminal's Ctrl-C: we stop them, in order.
        environment = {**os.environ, "PPP_MATCH_MODE": settings.mode, "PYTHONFAULTHANDLER": "1"}

        def start(command: list[str]) -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, cwd=root, env=environment, start_new_session=True)  # noqa: S603  our own words  # nosec B603

        children = [start(gunicorn), start(worker)]
        restarts = 0
        while not stopping and children[0].poll() is None:
            time.sleep(0.2)
            if children[1].poll() is not None and not stopping:
                ended = _how_it_ended(children[1].returncode)
                if restarts == WORKER_RESTARTS:
                    break
                restarts += 1
                click.echo(f"The job worker ended by itself ({ended}) and is started again.", err=True)
                children[1] = start(worker)  # its clock finds what was left undone
            if not greeted and _answers(settings):
                click.echo(welcome(settings))
                greeted = True
        code = 0 if stopping else 1
        for child, part in zip(children, ("web server", "job worker"), strict=True):
            if not stopping and child.poll() is not None:
                click.echo(f"The {part} ended by itself ({_how_it_ended(child.returncode)}).", err=True)
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
        return code

    def _how_it_ended(code: int) -> str:
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

    def _answers(settings: Any) -> bool:
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  compared, not bound  # nosec B104
        connection = http.client.HTTPConnection(host, settings.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @main.command()
    @click.option("--yes", is_flag=True, help="Do not ask before everything is thrown away.")
    def demo(yes: bool) -> None:
        """Throw all data away and load the demo afresh (demo and development only)."""
        from flask_migrate import downgrade

        settings = current_app.extensions["settings"]
        if settings.is_production:
            raise click.UsageError("The demo has known passwords; it is not loaded in production.")
        if not yes:
            click.confirm(f"Everything in {settings.database} is thrown away. Go on?", abort=True)
        from ppp_match.db import db

        with contextlib.suppress(Exception):
            downgrade(revision="base")
        db.session.remove()
        from ppp_match.search.store import forget_saved

        forget_saved()
        from flask_migrate import upgrade

        from ppp_match.seeding.demo import load_demo
        from ppp_match.seeding.phrases import load_phrases
        from ppp_match.seeding.privacy import load_privacy
        from ppp_match.seeding.reference import load_reference
        from ppp_match.steering.versions import ensure_shipped

        upgrade()
        with one_transaction():
            load_reference()
            load_privacy()
            load_phrases()
            ensure_shipped()
            load_demo(progress=_progress("Loading the demo"))
        click.echo("Demo data loaded.")

    @main.command()
    @click.option("--check", is_flag=True, help="Build nothing; read the saved indexes to the last byte.")
    def reindex(check: bool) -> None:
        """Build the search index of needs and of capabilities afresh from the database.

        With PPP_MATCH_SEMANTIC=on texts without a vector are read by the sentence model first.
        """
        from ppp_match.matching import IndexUnusable
        from ppp_match.search import embeddings, store
        from ppp_match.search.vectors import semantic_is_on

        if check:
            unusable = False
            for kind in store.KINDS:
                try:
                    store.store().check(kind)
                    click.echo(f"{kind}: whole")
                except IndexUnusable as reason:
                    click.echo(f"{kind}: {reason}", err=True)
                    unusable = True
            sys.exit(1 if unusable else 0)
        warm_up()
        with one_transaction():
            if semantic_is_on():
                read = embeddings.embed_all(progress=_progress("Reading texts"))
                click.echo(f"{read} texts read by the sentence model")
            for kind in ("need", "capability"):
                click.echo(f"{kind}: {store.rebuild(kind)} in the index")

    @main.command()
    def recommend() -> None:
        """Compute the matches of every published need."""
        from ppp_match.jobs import let_others_write
        from ppp_match.recommendations.refresh import recommend_all

        with one_transaction():
            top = current_app.extensions["settings"].matches_per_need
            count = recommend_all(progress=_progress("Matching"), top=top, pause=let_others_write)
        click.echo(f"{count} needs matched")

    @main.command()
    def expire() -> None:
        """Close what is past its date: offers without an answer, needs past their closing date."""
        from ppp_match.introductions.deadline_jobs import expire_offers
        from ppp_match.listings.deadline_jobs import expire_listings

        with one_transaction():
            offers, listings = expire_offers(), expire_listings()
        click.echo(f"{offers} offers and {listings} needs expired")

    @main.command()
    @click.option("--once", is_flag=True, help="Run every job once and leave (for cron).")
    def worker(once: bool) -> None:
        """Run the background jobs: mail, matches, expiry, reminders."""
        from sqlalchemy import select

        from ppp_match import jobs
        from ppp_match.accounts.models import Organisation
        from ppp_match.db import db

        app = current_app._get_current_object()  # type: ignore[attr-defined]
        db.session.scalar(select(Organisation.id).limit(1))  # no tables: say so once, not once for each job
        db.session.rollback()
        if not once:
            jobs.run_worker(app)
            return
        failed = False
        for name in sorted(jobs.JOBS):
            try:
                click.echo(f"{name}: {jobs.perform(app, name)}")
            except Exception as error:
                failed = True
                click.echo(f"{name}: failed, {error}", err=True)
        sys.exit(1 if failed else 0)

    @main.group()
    def judged() -> None:
        """The judged set: pairs whose fit people graded from 0 to 3."""

    @judged.command("import")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--as", "email", required=True, help="Address of the moderator whose judgements these are.")
    def import_judged(file: Path, email: str) -> None:
        """Take the grades of FILE (need_id, cap_id, grade, separated by tabs) over; all of them or none."""
        from flask_babel import force_locale

        from ppp_match.accounts.queries import person_by_email
        from ppp_match.matching.documents import InputError
        from ppp_match.steering import importing, qrels

        person = person_by_email(email)
        if person is None or person.staff_role is None or not person.active:
            raise click.BadParameter("nobody with that address reviews for the forum", param_hint="--as")
        actor = person.as_actor()
        try:
            with one_transaction():
                graded = qrels.find_listings(qrels.read_lines(file), actor)
                done = importing.import_grades(graded, actor=actor)
        except qrels.QrelsError as error:
            place = f"{file}, line {error.line}: " if error.line else f"{file}: "
            with force_locale("en"):
                raise click.UsageError(
                    place + error.words + (f" ({error.value})" if error.value else "")
                ) from None
        except InputError as error:
            raise click.UsageError(str(error)) from None
        click.echo(
            f"{done.grades} grades taken over, {done.unchanged} stood already, {done.pairs} pairs are new"
        )

    @judged.command("export")
    @click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output if not given."
    )
    @click.option(
        "--needs",
        type=click.Path(path_type=Path),
        help="Write the published needs beside it, one JSON a line.",
    )
    @click.option(
        "--capabilities", type=click.Path(path_type=Path), help="Write the published capabilities too."
    )
    def export_judged(output: Path | None, needs: Path | None, capabilities: Path | None) -> None:
        """Write the settled pairs; with the two other files it is all that `ppp-match evaluate` reads."""
        from ppp_match.matching.documents import document_to_json
        from ppp_match.matching.files import write_whole
        from ppp_match.steering import qrels

        for kind, path in (("need", needs), ("capability", capabilities)):
            if path is not None:
                records = (document_to_json(one) for one in qrels.public_documents(kind))
                write_whole(
                    (json.dumps(one, ensure_ascii=False) + "\n" for one in records), path, sys.stdout.buffer
                )
        write_whole(qrels.lines_of_settled(), output, sys.stdout.buffer)

    @main.command("create-admin")
    @click.argument("email")
    @click.option("--name", required=True, help="The person's name.")
    @click.password_option(help="Asked for when not given.")
    def create_admin(email: str, name: str, password: str) -> None:
        """Make an administrator with that e-mail address."""
        from email_validator import EmailNotValidError, validate_email
        from flask_babel import force_locale

        from ppp_match.accounts.operations import create_administrator
        from ppp_match.accounts.passwords import PasswordRules

        try:
            address = validate_email(email, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError as error:
            raise click.BadParameter(str(error), param_hint="EMAIL") from error
        with current_app.test_request_context(), force_locale("en"):
            refused, _normal = PasswordRules(current_app).validate(password, True, email=address, name=name)
            if refused:
                raise click.BadParameter(" ".join(map(str, refused)), param_hint="--password")
        with one_transaction():
            create_administrator(email=address, name=name, password=password)
        click.echo(f"{email} is an administrator.")

    @main.command()
    @click.option("--markdown", is_flag=True, help="As the table of the README.")
    def permissions(markdown: bool) -> None:
        """Print who may do what."""
        from ppp_match import permissions as table

        if markdown:
            click.echo(table.markdown())
            return
        for name, does, relation, held in table.table():
            roles = ", ".join(role for role, yes in held.items() if yes)
            click.echo(f"{name:34} {roles}\n{'':34} {does}{'' if relation == 'any' else f' [{relation}]'}")

    @main.command("check-deployment", with_appcontext=False)
    def check_deployment() -> None:
        """Name every unsafe setting before the forum is opened. Exit code 1 where there is one.

        Reads the environment that the forum will run in, so run it as its user. Starts and changes nothing.
        """
        from environs import EnvError

        from ppp_match.config import UnsafeSettings, unchecked_settings
        from ppp_match.deployment import findings

        try:
            found = findings(unchecked_settings())
        except EnvError as error:
            raise click.UsageError(str(error)) from error
        except UnsafeSettings as error:
            raise click.ClickException(f"UNSAFE  {error}") from None
        for one in found:
            click.echo(
                f"{'UNSAFE' if one.unsafe else 'advice'}  {one.name}: {one.says.removeprefix(one.name + ' ')}"
            )
            click.echo(f"        {one.do}")
        unsafe = sum(one.unsafe for one in found)
        click.echo(
            f"{unsafe} unsafe, {len(found) - unsafe} pieces of advice" if found else "Nothing to mend."
        )
        sys.exit(1 if unsafe else 0)

    @main.command("verify-audit")
    @click.option(
        "--anchor",
        metavar="SEQ:HASH",
        help="The head that an earlier check printed; its event must still be there.",
    )
    def verify_audit(anchor: str | None) -> None:
        """Prove that the audit trail is whole: every event follows from the one before it.

        Prints the head. Kept outside the database and given to the next check as --anchor, it shows that nothing was cut
        off the end either. Exit code 1 where the trail is not whole.
        """
        from ppp_match.audit import check_chain

        noted = None
        if anchor is not None:
            seq, _colon, digest = anchor.partition(":")
            if not (seq.isascii() and seq.isdigit() and len(seq) < 19 and len(digest) == 64):
                raise click.BadParameter(
                    "it is a number, a colon and 64 hexadecimal digits", param_hint="--anchor"
                )
            noted = int(seq), digest.lower()
        found = check_chain(noted)
        if found.broken is not None:
            raise click.ClickException(f"The chain is broken at event {found.broken}: {found.why}.")
        click.echo(f"The audit trail is whole: {found.events} events, {found.erased} notes erased.")
        click.echo(f"Head: {found.last}:{found.head}")


if __name__ == "__main__":
    main()
