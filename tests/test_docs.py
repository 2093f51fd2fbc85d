"""What is written down is what is: settings, words, generated pages, links. Each comparison can fail, and is shown to."""

import importlib.util
import re

import pytest
from django.apps import apps
from django.utils import translation

from tests import codebase
from tests.codebase import ROOT, SRC

DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
# Words that would tell a reader about a machine instead of the project.
MACHINE = re.compile(r"/(?:home|root|work|tmp)/")


def table_rows(text):
    """Cells of every table row of a Markdown text, without heads and rules."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= set("-: ")]


def documented_settings():
    rows = table_rows((DOCS / "settings.md").read_text())
    return {cells[0].strip("`") for cells in rows if cells[0].startswith("`")}


def test_every_setting_is_documented_and_every_documented_setting_is_read():
    read = codebase.settings_read((SRC / "config" / "settings.py").read_text())

    assert documented_settings() == set(read)


def test_a_setting_that_is_read_is_seen():
    assert codebase.settings_read('X = env.number("LICHENG_PLANTED", 3)') == ["LICHENG_PLANTED"]


def words_of_models():
    with translation.override("zh-hant"):
        return {
            model._meta.label: str(model._meta.verbose_name)
            for model in apps.get_models()
            if model.__module__.startswith("licheng.")
        }


def glossary():
    rows = table_rows((DOCS / "glossary.md").read_text())
    return {cells[3]: cells[1] for cells in rows if len(cells) == 4 and "." in cells[3]}


def test_every_model_is_in_the_glossary_under_its_own_word():
    assert glossary() == words_of_models()


def made_documents():
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.documents()


@pytest.fixture
def tools_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


def test_generated_pages_are_current(tools_importable):
    made = made_documents()

    assert {name: (DOCS / name).read_text() for name in made} == made
    assert set(made) == {"permissions.md", "states.md"}


def dead_links(text, folder):
    """Links of a Markdown text that lead to no file."""
    return [target for target in LINK.findall(text) if not (folder / target).exists()]


@pytest.mark.parametrize(
    "path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.relative_to(DOCS).as_posix()
)
def test_links_lead_somewhere_and_no_page_speaks_of_a_machine(path):
    text = path.read_text()

    assert dead_links(text, path.parent) == []
    assert MACHINE.findall(text) == []


def test_a_dead_link_and_a_path_of_a_machine_are_found():
    assert dead_links("see [x](gone.md) and [y](https://example.org)", DOCS) == ["gone.md"]
    assert MACHINE.findall("kept under /home/somebody/x") == ["/home/"]


def test_every_decision_is_numbered_once_and_has_its_three_parts():
    decisions = sorted((DOCS / "adr").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [f"{n:04d}" for n in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert [
            part for part in ("**Context.**", "**Decision.**", "**Consequences.**") if part not in text
        ] == []


def test_every_command_is_in_a_runbook():
    said = "".join(path.read_text() for path in (DOCS / "runbooks").glob("*.md"))
    commands = {path.stem for path in SRC.rglob("management/commands/*.py")} - {"__init__"}

    assert commands
    assert {
        command for command in commands if f"`manage.py {command}" not in said and f"`{command}`" not in said
    } == set()


def cited_sections(text):
    """Sections of the domain reference that a text leans on."""
    return set(re.findall(r"domain reference §?(\d+\.\d+)", text))


def test_numbers_in_code_name_a_source_that_is_written_down():
    sources = "".join(path.read_text() for path in (DOCS / "sources").glob("*.md"))
    files = codebase.python_files(SRC, codebase.EXCHANGE / "src")
    cited = {section for path in files for section in cited_sections(path.read_text())}

    assert {section for section in cited if f"§{section}" not in sources} == set()
    assert cited_sections("three days (domain reference §4.10)") == {"4.10"}
