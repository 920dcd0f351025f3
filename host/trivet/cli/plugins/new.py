"""`trivet plugins new`: a project for a plugin of one's own."""

from pathlib import Path

import click

from trivet.authoring.template import KINDS
from trivet.cli import options
from trivet.cli.screen import echo, styled


@click.command(cls=options.Command)
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="tool", show_default=True, help="What it brings.")
@click.option("--folder", metavar="DIR", help="Where to make it; else trivet-NAME in this folder.")
@click.option("--anyway", is_flag=True, help="Even if a plugin has nearly this name.")
def new(name: str, kind: str, folder: str | None, anyway: bool) -> None:
    """Make a project for a plugin called NAME, which works and passes its tests from the start.

    \b
    Examples:
      trivet plugins new weather
      trivet plugins new haiku --kind model --folder ~/code/haiku
    """
    from trivet.authoring.naming import checked_id
    from trivet.authoring.template import project_of, write_project
    from trivet.kernel.discovery import discover
    from trivet.packages.lookalikes import lookalike
    from trivet.packages.trust import FIRST_PARTY
    from trivet.settings import home_directory

    id = checked_id(name)
    installed = {candidate.id: candidate.origin for candidate in discover(home_directory())}
    taken = {*installed, *FIRST_PARTY}
    if id in taken:
        raise click.ClickException(
            f"there is a plugin '{id}' already ({installed.get(id, f'trivet-{id}')}), and ids are unique. Choose another name."
        )
    if not anyway and (other := lookalike(id, taken)):
        raise click.ClickException(
            f"people would take '{id}' for the plugin '{other}'. Choose another name, or add --anyway."
        )
    place = Path(folder or f"trivet-{id}").expanduser()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise click.ClickException(f"{place} is there already and not empty. Name another folder with --folder.")
    files = project_of(kind, id)
    try:
        write_project(files, place)
    except OSError as error:
        raise click.ClickException(
            f"{place} cannot be written: {error.strerror}. Name another folder with --folder."
        ) from None
    echo(f", a plugin with one {kind}, in {len(files)} files.", lead=f"Made {styled(str(place), bold=True)}", gap="")
    echo(f"  cd {place}")
    echo("  pip install --editable '.[dev]'")
    echo("  pytest")
    echo("  trivet plugins check .")
    echo(f"  trivet plugins enable {id}")
