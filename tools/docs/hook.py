"""What MkDocs calls while it builds: adds the pages made from code, and turns links to the site.

`mkdocs.yml` names this file under `hooks`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # the script `mkdocs` does not look where it is called
    sys.path.insert(0, str(ROOT))

from tools.docs import (  # noqa: E402 (found by the path above)
    cards,
    columns,
    command_line,
    environment,
    errors,
    examples,
    notebooks,
    reference,
    repository,
    service,
    training_settings,
    written,
)

_ICON = "src/trackoracle/interfaces/web/icon.svg"


def made_pages() -> dict[str, str]:
    """Return the Markdown of every page that is made from code, by its place in the site."""
    return {
        "cards/starter.md": cards.starter(),
        "cards/catalogs.md": cards.catalogs(),
        "reference/command-line.md": command_line.page(),
        "reference/http.md": service.page(),
        "reference/environment.md": environment.page(),
        "reference/errors.md": errors.page(),
        "reference/columns.md": columns.page(),
        "reference/written.md": written.page(),
        "reference/settings.md": training_settings.page(),
        **reference.pages(),
        **repository.pages(),
        **notebooks.pages(),
    }


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made, the app's icon, and the notebooks to take."""
    for place, text in made_pages().items():
        files.append(File.generated(config, place, content=text))
    for place, path in {"assets/icon.svg": ROOT / _ICON, **notebooks.files()}.items():
        # The scripts are excluded as pages of docs/, and are files to take all the same.
        file = File.generated(
            config, place, abs_src_path=str(path), inclusion=InclusionLevel.INCLUDED
        )
        files.append(file)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files into links between pages, and give the answers that pages show."""
    return examples.with_answers(repository.with_site_links(markdown, page.file.src_uri))
