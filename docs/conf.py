"""How the documentation site is built: `python -m sphinx -W docs build/site`, then open build/site/index.html from the disk."""

import argparse
from importlib.metadata import version as version_of

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from minsheng_core.cli import _parser

project = "minsheng_core"
author = copyright = "The minsheng_core founders"
version = release = version_of("minsheng-core")
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = f"minsheng_core {version}"
html_copy_source = False
html_theme_options = {"footer_icons": [], "source_view_link": ""}
templates_path, exclude_patterns = [], []
myst_enable_extensions = ["fieldlist"]
myst_heading_anchors = 3
default_role = "code"  # `name` in a docstring
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": True, "exclude-members": "__init__, __new__"}
python_use_unqualified_type_names = True


class Commands(SphinxDirective):
    """Every command with its help, as it is printed."""

    def run(self):
        choices = next(one for one in _parser()._actions if isinstance(one, argparse._SubParsersAction)).choices
        return [self._section(name, parser) for name, parser in choices.items()]

    def _section(self, name, parser):
        parser.formatter_class = lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100)
        section = nodes.section(ids=[name])
        section += nodes.title(text=f"minsheng {name}")
        section += nodes.literal_block(text=parser.format_help(), language="text")
        self.state.document.note_explicit_target(section)
        return section


def setup(app):
    app.add_directive("commands", Commands)
