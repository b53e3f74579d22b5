"""The bulletin (通报) as Word: the office's own template filled with sentences made here; and as PDF where LibreOffice is installed."""

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import MinshengError
from .bulletin_words import context
from .publication import Publication
from .word_tables import fit_tables

__all__ = ["BulletinError", "bulletin", "bulletin_pdf"]

DAY = (1980, 1, 1, 0, 0, 0)  # of every part of the file, so that the same bulletin has the same bytes
WAIT = 180  # seconds for LibreOffice


class BulletinError(MinshengError):
    """A template that can't be filled, or nothing here to make a PDF with."""


def bulletin(publication: Publication, template: bytes | None = None) -> bytes:
    """The bulletin as a .docx file. *template* is the office's own; its placeholders are those of the shipped one.

    Raises BulletinError for a template that is no Word file, or names something that a bulletin doesn't have.
    """
    try:
        from docxtpl import DocxTemplate
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.exceptions import SecurityError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise BulletinError('通报需要另装：pip install "minsheng-core[publish]"') from None
    content = template if template is not None else files("minsheng_core.publish").joinpath("templates/bulletin.docx").read_bytes()
    said: Mapping[str, Any] = context(publication)

    class Harmless(ImmutableSandboxedEnvironment):
        """A template comes from anywhere: it names and repeats what a bulletin says, and reckons and calls nothing."""

        intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

        def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
            raise SecurityError(f"模板里不能计算（{operator}）")

        def is_safe_callable(self, obj: object) -> bool:
            return False

    harmless = Harmless(undefined=StrictUndefined, autoescape=True)
    harmless.globals.clear()
    known = "、".join(said)
    try:
        named = DocxTemplate(io.BytesIO(content)).get_undeclared_template_variables(harmless)
        document = DocxTemplate(io.BytesIO(content))
        document.render(said, harmless, autoescape=True)
    except TemplateError as error:
        raise BulletinError(f"通报模板里有认不出的内容：{error.message or error}；可用的名称有：{known}") from None
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BulletinError(f"通报模板不是 Word 文件（.docx）：{error}") from None
    except (TypeError, ArithmeticError, AttributeError, LookupError, RuntimeError, SyntaxError) as error:
        raise BulletinError(f"通报模板填不出来：{type(error).__name__} {error}；可用的名称有：{known}") from None
    if not named:
        raise BulletinError(f"通报模板里没有一个可填的名称，印出来是空的；可用的名称有：{known}")
    fit_tables(document.docx)
    out = io.BytesIO()
    document.save(out)
    return _settled(out.getvalue())


def _settled(content: bytes) -> bytes:
    """The same file with every part in the same order and of the same day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            new.writestr(zipfile.ZipInfo(name, DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def bulletin_pdf(word: bytes) -> bytes:
    """The Word file as PDF, by LibreOffice. Raises BulletinError where it isn't installed, or fails."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise BulletinError("这台机器上没有 LibreOffice；可在 Word 或 WPS 中打开通报，另存为 PDF")
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "bulletin.docx").write_bytes(word)
        profile = f"-env:UserInstallation={(here / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(here / "bulletin.docx")]
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
        except subprocess.TimeoutExpired:
            raise BulletinError(f"LibreOffice {WAIT}秒内没有转完 PDF") from None
        made = here / "bulletin.pdf"
        if not made.is_file():
            raise BulletinError(f"LibreOffice 没有转出 PDF：{told.stderr.strip() or told.stdout.strip()}")
        return made.read_bytes()
