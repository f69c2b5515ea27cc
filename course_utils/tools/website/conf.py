"""Settings of Sphinx for the site. Nothing here asks for the network, when made or when read."""

project = "How machines learn language"
html_title = project
project_copyright = "the authors of the course. Text and figures: CC BY 4.0. Code: MIT"
language = "en"

extensions = [
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "course_utils.tools.website.mathml",
    "course_utils.tools.website.harmless",
    "course_utils.tools.website.deeper",
]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"
highlight_language = "none"  # a code block without a language is no Python

html_theme = "sphinx_book_theme"
html_theme_options = {
    "show_toc_level": 2,
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
html_static_path = ["static", "../../visualization/steps.js", "../../visualization/words.js"]
html_css_files = ["course.css"]
html_js_files = ["quiz.js", "deeper.js", "steps.js", "words.js"]
html_copy_source = False
html_show_search_summary = False  # a page that was opened from a folder may not read its neighbors
copybutton_exclude = ".linenos, .gp, .go"
copybutton_selector = "div.highlight-python pre"
