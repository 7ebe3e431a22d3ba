"""The package as it is installed: its folders, the files that go with them, and what it offers to Python."""

import ast
import subprocess
import sys
import tomllib

import pytest

import stylecam

from .conftest import REPOSITORY

SETUP = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
CODE = ("models", "training", "export", "realtime")


def _folders():
    """The folders with code, as dotted names."""
    found = {path.parent for folder in CODE for path in (REPOSITORY / folder).rglob("*.py")}
    return {".".join(("stylecam", *path.relative_to(REPOSITORY).parts)) for path in found} | {"stylecam"}


def _folder(package):
    return REPOSITORY.joinpath(*package.split(".")[1:])


def test_every_folder_of_code_is_packaged_once():
    assert set(SETUP["packages"]) == _folders()
    assert len(SETUP["packages"]) == len(_folders())


@pytest.mark.parametrize("package", SETUP["packages"])
def test_every_package_says_in_one_line_what_it_is_for(package):
    text = (_folder(package) / "__init__.py").read_text("utf-8")
    said = ast.get_docstring(ast.parse(text))
    assert said.endswith(".")
    assert "\n" not in said
    if package != "stylecam":
        assert len(text.splitlines()) == 1


def test_every_file_beside_the_code_is_packaged():
    data = {package: globs for package, globs in SETUP["package-data"].items() if package != "stylecam"}
    packaged = {path for package, globs in data.items() for glob in globs for path in _folder(package).glob(glob)}
    beside = {
        path
        for folder in CODE
        for path in (REPOSITORY / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert packaged == beside
    assert all(list(_folder(package).glob(glob)) for package, globs in data.items() for glob in globs)


def test_the_built_page_is_packaged():
    assert SETUP["package-data"]["stylecam"] == ["web/dist/**/*"]


def test_importing_the_package_is_cheap():
    program = (
        "import sys, stylecam; print(sorted({'numpy', 'cv2', 'av', 'onnxruntime', 'torch', 'click'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_package_offers_is_there():
    from stylecam import StyleCatalog, Stylizer
    from stylecam.models import catalog
    from stylecam.realtime.painting import stylizer

    assert (StyleCatalog, Stylizer) == (catalog.StyleCatalog, stylizer.Stylizer)
    assert {"StyleCatalog", "Stylizer"} <= set(dir(stylecam))
    assert all(hasattr(stylecam, name) for name in stylecam.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Styliser'"):
        stylecam.Styliser  # noqa: B018


def test_the_docs_name_what_is_public():
    text = (REPOSITORY / "docs" / "python.md").read_text("utf-8")
    assert all(f"`{name}`" in text for name in stylecam.__all__)
