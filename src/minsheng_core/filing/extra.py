"""The packages of the extra ``excel``, brought in where they are used; where they are absent, what to install."""

from importlib import import_module
from typing import Any

from ..errors import ReportError

__all__ = ["excel_package"]


def excel_package(name: str) -> Any:
    """The package *name*. Raises ReportError that names the extra where it isn't installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ReportError(f'读写 Excel 文件需要安装 {name}：pip install "minsheng-core[excel]"') from None
