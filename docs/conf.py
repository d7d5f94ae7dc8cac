"""The documentation site: `make site`. Pages that say what is in the library are written by it, into docs/generated."""

import sys
from pathlib import Path

import ltpath

sys.path.insert(0, str(Path(__file__).parent))
from catalogue_pages import write_pages

project = "ltpath"
author = "the authors of ltpath"
copyright = "the authors of ltpath; MIT licence"
version = release = ltpath.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "ltpath"
exclude_patterns = ["_build"]

# Headings can be linked to from other pages; what is executed must not fail.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autosummary_generate = False
autodoc_typehints = "none"

write_pages(Path(__file__).parent / "generated")
