"""Public functions and classes of the installed libraries, each with its summary.

They are found with `ast` in the source files, and nothing is imported: first what each file
defines, then the names under which the packages publish it.
"""

import ast
import csv
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import cleandoc
from pathlib import Path

from course_utils.course import project_root
from course_utils.data.installed import (
    kept_in_cache,
    package_root,
    python_files,
    version_of,
    without_markup,
)
from course_utils.errors import InputError
from course_utils.training.bars import progress

# Library -> (name to import, name to install). The standard library has neither.
_LIBRARIES = {
    "standard library": (None, None),
    "numpy": ("numpy", "numpy"),
    "scipy": ("scipy", "scipy"),
    "scikit-learn": ("sklearn", "scikit-learn"),
    "matplotlib": ("matplotlib", "matplotlib"),
    "networkx": ("networkx", "networkx"),
}
# Modules that are no library, are not on every machine, or stand behind another name.
_LEFT_OUT = re.compile(
    r"(.*\.)?(conftest|distutils|f2py|sphinxext|__main__)(\..*)?"
    r"|(antigravity|encodings|genericpath|idlelib|ntpath|nturl2path|this|tkinter)(\..*)?"
)
_PUBLISHED_AS = {"posixpath": "os.path"}
# The modules that a learner meets first.
_COMMON = re.compile(
    r"argparse|base64|bisect|calendar|collections|concurrent\.futures|configparser|contextlib|copy"
    r"|csv|dataclasses|datetime|difflib|fnmatch|fractions|functools|getpass|glob|graphlib|gzip"
    r"|heapq|html|json|logging|os|os\.path|pathlib|pickle|pprint|queue|random|re|secrets|shutil"
    r"|statistics|string|subprocess|tarfile|tempfile|textwrap|threading|timeit"
    r"|urllib\.(parse|request)|uuid|warnings|webbrowser|zipfile"
    r"|numpy(\.(fft|linalg))?"
    r"|scipy\.(integrate|interpolate|io|io\.wavfile|ndimage|optimize|signal|sparse|spatial"
    r"|spatial\.distance|stats)"
    r"|sklearn\.(cluster|compose|covariance|datasets|decomposition|dummy|ensemble"
    r"|feature_extraction|feature_extraction\.text|feature_selection|impute|inspection"
    r"|linear_model|manifold|metrics|mixture|model_selection|naive_bayes|neighbors"
    r"|neural_network|pipeline|preprocessing|svm|tree)"
    r"|matplotlib\.(animation|pyplot)"
    r"|networkx(\.(approximation|bipartite|community))?"
)

_NAME_BREAK = re.compile(r"[._]+|(?<=[a-z])(?=[A-Z])")
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SIGNATURE = re.compile(
    r"[\w.]+\(.*\)(\s*->.*)?(\s*--)?", re.S
)  # the first line of some docstrings


@dataclass(frozen=True)
class Functions:
    """Documented functions and classes.

    Attributes
    ----------
    names : list of str
        As a user writes them, such as "numpy.linalg.solve".
    kinds : list of str
        "function" or "class"; an object that is made once, such as `scipy.stats.norm`, counts as
        its class.
    summaries : list of str
        The first paragraph of each docstring, on one line.
    source : str
    """

    names: list[str]
    kinds: list[str]
    summaries: list[str]
    source: str

    def __len__(self) -> int:
        return len(self.names)

    @property
    def texts(self) -> list[str]:
        """What a search reads of each: the words of its name, and its summary."""
        return [
            f"{_NAME_BREAK.sub(' ', name)}: {summary}"
            for name, summary in zip(self.names, self.summaries, strict=True)
        ]


@dataclass(frozen=True)
class SearchQuestions:
    """Questions of learners who do not know a function's name.

    Attributes
    ----------
    questions : list of str
    listed : list of list of str
        Names of functions and classes that answer each question, written down before any search
        was measured.
    judged : list of list of str
        Further right answers, which were judged among the first results of searches.
    parts : list of str
        "tuning" or "test": what is chosen by looking at results is chosen on the first.
    words : list of str
        "other": the question avoids the words of the documentation on purpose. "usual": it is
        written as one would type it; all of these belong to the test.
    source : str
    """

    questions: list[str]
    listed: list[list[str]]
    judged: list[list[str]]
    parts: list[str]
    words: list[str]
    source: str

    def __len__(self) -> int:
        return len(self.questions)

    @property
    def answers(self) -> list[list[str]]:
        """All right answers to each question: the listed ones, then the judged ones."""
        return [one + more for one, more in zip(self.listed, self.judged, strict=True)]


def functions(libraries: tuple[str, ...] | None = None, common: bool = False) -> Functions:
    """Return the documented public functions and classes of installed libraries.

    Left out are tests, private names, methods, and functions in compiled code whose docstring is
    in no Python file, such as those of `math` and `numpy.random`.

    Parameters
    ----------
    libraries : tuple of str, optional
        Of "standard library", "numpy", "scipy", "scikit-learn", "matplotlib" and "networkx";
        by default all.
    common : bool
        Take the modules only that a learner meets first: about half of the entries.

    Raises
    ------
    InputError
        If there is no such library.
    DataError
        If one of the libraries is not installed, or the cache cannot be written.
    """
    chosen = tuple(_LIBRARIES) if libraries is None else tuple(libraries)
    for name in chosen or ("nothing",):
        if name not in _LIBRARIES:
            known = ", ".join(_LIBRARIES)
            raise InputError(f"The functions are those of {known}, but not of {name!r}.")
    versions = {name: version_of(_LIBRARIES[name][1]) for name in chosen}
    entries = [
        entry
        for name in progress(chosen, "reading documentation", "library")
        for entry in _of_library(name, versions[name])
        if not common or _COMMON.fullmatch(entry[0].rpartition(".")[0])
    ]
    names, kinds, summaries = map(list, zip(*entries, strict=True))
    source = f"documentation of {', '.join(f'{name} {versions[name]}' for name in chosen)}"
    return Functions(names, kinds, summaries, source)


def search_questions() -> SearchQuestions:
    """Return questions to search `functions` with, written for this course.

    They stand in `data/search_questions.csv`. Each was written with a list of answers before any
    search was measured. Such a list is never complete, so pooled judgment added to it. The first
    five results of several searches were put together and shuffled. Each result was then judged
    once, without a look at the list or at the search that had found it: does it do directly what
    the question asks? The searches were TF-IDF and a small encoder, with mean pooling, with its
    first token, and with mean pooling of summaries alone. Each searched all functions, the common
    ones, and the common ones without SciPy. Results that none of them found are not judged, so the
    score of another search is a lower bound.

    References
    ----------
    K. Sparck Jones, C. J. van Rijsbergen, Report on the need for and provision of an "ideal"
    information retrieval test collection, 1975. E. M. Voorhees, The philosophy of information
    retrieval evaluation, 2002.
    """
    path = project_root() / "data" / "search_questions.csv"
    with path.open(encoding="utf8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return SearchQuestions(
        [row["question"] for row in rows],
        [row["answers"].split(";") for row in rows],
        [row["judged"].split(";") if row["judged"] else [] for row in rows],
        [row["part"] for row in rows],
        [row["words"] for row in rows],
        "questions of this course about functions",
    )


def _of_library(name: str, version: str) -> list[tuple[str, str, str]]:
    """Return (public name, kind, summary) of what a library publishes."""
    module, package = _LIBRARIES[name]

    def read() -> list[tuple[str, str, str]]:
        return _Library(package_root(module, package), module).published()

    return kept_in_cache(f"functions-{module or 'python'}", {name: version}, __file__, read)


# --- what a file defines ------------------------------------------------------------------------


@dataclass
class _Module:
    """The names of one source file. A definition is called "name" or "Class.method"."""

    listed: set[str] | None = None  # __all__, where it is written out
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> module, name
    starred: list[str] = field(default_factory=list)  # modules of which all is imported
    kinds: dict[str, str] = field(default_factory=dict)  # definition -> function or class
    docstrings: dict[str, str] = field(default_factory=dict)  # definition -> text
    copied: dict[str, tuple[str, dict]] = field(default_factory=dict)  # -> from where, words
    bases: dict[str, list[str]] = field(default_factory=dict)  # class -> names of its parents
    aliases: dict[str, str] = field(default_factory=dict)  # name -> "name" or "instance.method"
    instances: dict[str, str] = field(default_factory=dict)  # name -> class
    newdocs: list[list[ast.expr]] = field(default_factory=list)  # arguments of add_newdoc


def _parse(code: str, package: str) -> _Module:
    """Read one file; its relative imports start from `package`."""
    module = _Module()
    for node in _statements(ast.parse(code).body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                _define(module, node.name, node)
            case ast.ImportFrom():
                _import(module, package, node)
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                module.listed = _texts(value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                more = _texts(value)
                if module.listed is None or more is None:
                    module.listed = None
                else:
                    module.listed |= more
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made))):
                module.instances[name] = made  # its methods may get names of their own
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute()):
                module.aliases.setdefault(name, ast.unparse(node.value))
            case ast.Expr(ast.Call(func=ast.Name("add_newdoc"), args=arguments)):
                module.newdocs.append(arguments)
            case ast.Assign(targets=[ast.Attribute(ast.Name(id=name), "__doc__")], value=value):
                _copy(module, name, value)
    return module


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, those inside `if`, `try` and `with` as well."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _FUNCTION | ast.ClassDef):
            for part in ("handlers", "finalbody", "orelse", "body"):
                waiting += reversed(getattr(node, part, []))


def _define(module: _Module, name: str, node: _Definition) -> None:
    """Note a function or a class with its methods; of several definitions the first one counts."""
    if name in module.docstrings:
        return
    module.kinds[name] = "class" if isinstance(node, ast.ClassDef) else "function"
    if text := ast.get_docstring(node):
        module.docstrings[name] = text
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    copies = [call for call in calls if "copy" in ast.unparse(call.func) and call.args]
    if copies:  # a decorator copies the docstring of something else, and may fill in words
        module.copied[name] = (ast.unparse(copies[0].args[0]), _words(calls))
    if isinstance(node, ast.ClassDef):
        module.bases[name] = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
        for inner in _statements(node.body):
            match inner:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    _define(module, f"{name}.{inner.name}", inner)
                case ast.Assign(targets=[ast.Attribute(ast.Name(id=method), "__doc__")]):
                    _copy(module, f"{name}.{method}", inner.value)


def _copy(module: _Module, name: str, value: ast.expr) -> None:
    """Note an assignment such as `name.__doc__ = other.__doc__.format(word="x")`."""
    for part in ast.walk(value):
        if isinstance(part, ast.Attribute) and part.attr == "__doc__":
            calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
            module.copied[name] = (ast.unparse(part.value), _words(calls))


def _words(calls: list[ast.Call]) -> dict[str, object]:
    """Return the keywords of calls that are given a constant."""
    keywords = [keyword for call in calls for keyword in call.keywords]
    return {k.arg: k.value.value for k in keywords if k.arg and isinstance(k.value, ast.Constant)}


def _import(module: _Module, package: str, node: ast.ImportFrom) -> None:
    parents = package.split(".")
    start = parents[: len(parents) - node.level + 1] if node.level else []
    source = ".".join([*start, *([node.module] if node.module else [])])
    for alias in node.names:
        if alias.name == "*":
            module.starred.append(source)
        else:
            module.imported[alias.asname or alias.name] = (source, alias.name)


def _texts(node: ast.expr) -> set[str] | None:
    """Return the strings of a list that is written out."""
    try:
        return set(ast.literal_eval(node))
    except (ValueError, TypeError):
        return None


def _longest_text(node: ast.expr) -> str:
    """Return the longest string in an expression, such as "text {}".format("more")."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return max((text for text in texts if isinstance(text, str)), key=len, default="")


# --- what a library publishes -------------------------------------------------------------------


class _Library:
    """The files of a package, or of the whole standard library."""

    def __init__(self, root: Path, name: str | None):
        self.name = name
        self.modules: dict[str, _Module] = {}
        self.packages: set[str] = set()
        for path, code in python_files(root):
            parts = [*([name] if name else []), *path.relative_to(root).with_suffix("").parts]
            is_package = parts[-1] == "__init__"
            module = ".".join(parts[:-1] if is_package else parts)
            if not _LEFT_OUT.fullmatch(module):
                self._read(module, is_package, code)
        for module in [*self.modules]:
            self._document(module)
        # Where "Class.method" is, and what a class inherits from, for docstrings that are copied.
        self.methods: dict[str, tuple[str, str]] = {}
        self.bases: dict[str, list[str]] = {}
        for module, content in self.modules.items():
            self.methods |= {name: (module, name) for name in content.kinds if "." in name}
            self.bases |= content.bases

    def _read(self, module: str, is_package: bool, code: str) -> None:
        if is_package:
            self.packages.add(module)
        package = module if is_package else module.rpartition(".")[0]
        with suppress(SyntaxError, ValueError):  # a file for another version of Python
            self.modules[module] = _parse(code, package)

    def _document(self, module: str) -> None:
        """Take over docstrings of compiled code: add_newdoc(["module",] "name", "docstring")."""
        calls = self.modules[module].newdocs
        # A class has members: add_newdoc("module", "Class", ("member", "docstring")).
        members = [arguments for arguments in calls if isinstance(arguments[-1], ast.Tuple)]
        classes = {_longest_text(arguments[1]) for arguments in members}
        for arguments in [arguments for arguments in calls if arguments not in members]:
            *place, name, text = map(_longest_text, arguments)
            content = self.modules.setdefault(place[0] if place else module, _Module())
            if text and name not in content.docstrings:
                content.kinds[name] = "class" if name in classes else "function"
                content.docstrings[name] = cleandoc(text)
            if not place:  # the package that the file lies in publishes them
                content.listed = (content.listed or set()) | {name}

    def published(self) -> list[tuple[str, str, str]]:
        """Return (public name, kind, summary) in alphabetical order.

        What has several public names gets the shortest one: modules are gone through level by
        level. Packages that publish by running code count through the `__all__` of their files.
        """
        places: dict[tuple[str, str], str] = {}
        waiting, seen = self._roots(), set()
        while waiting:
            public, module = waiting.pop(0)
            if module in seen:
                continue
            seen.add(module)
            for name in sorted(self._names(module)):
                target = self._resolve(module, name)
                if isinstance(target, tuple):
                    places.setdefault(target, f"{public}.{name}")
                elif target:
                    waiting.append((f"{public}.{name}", target))
        for module, content in self.modules.items():
            package, _, file = module.rpartition(".")
            if package and file.startswith("_") and "._" not in package:
                for name in (content.listed or set()) & content.docstrings.keys():
                    places.setdefault((module, name), f"{package}.{name}")
        entries: dict[str, tuple[str, str, str]] = {}
        for (module, name), public in places.items():
            summary = _summary(self._docstring(module, name))
            if summary and not any(part[0] == "_" for part in public.split(".")):
                entries.setdefault(public, (public, self.modules[module].kinds[name], summary))
        return [entries[public] for public in sorted(entries)]

    def _roots(self) -> list[tuple[str, str]]:
        if self.name:
            return [(self.name, self.name)]
        return [
            (_PUBLISHED_AS.get(module, module), module)
            for module in self.modules
            if module in sys.stdlib_module_names and module[0] != "_"
        ]

    def _names(self, module: str) -> set[str]:
        """Return the public names of a module. Only a package publishes what it imports."""
        content, names = self.modules[module], set()
        if content.listed is not None:
            names |= content.listed
        elif module in self.packages:
            names |= self._star(module, set())
        else:
            names |= content.kinds.keys() | content.aliases.keys() | content.instances.keys()
        if module in self.packages:
            inside = f"{module}."
            names |= {name[len(inside) :] for name in self.modules if name.startswith(inside)}
        return {name for name in names if name.isidentifier() and name[0] != "_"}

    def _star(self, module: str, seen: set[str]) -> set[str]:
        """Return the names that `from module import *` brings."""
        if module in seen or module not in self.modules:
            return set()
        seen.add(module)
        content = self.modules[module]
        if content.listed is not None:
            return content.listed
        own = (
            content.kinds.keys()
            | content.aliases.keys()
            | content.instances.keys()
            | content.imported.keys()
        )
        return own.union(*(self._star(source, seen) for source in content.starred))

    def _resolve(self, module: str, name: str, depth: int = 0) -> tuple[str, str] | str | None:
        """Return (module, name) of a definition, or a module, or nothing."""
        content = self.modules.get(module)
        if content is None or depth > 20:
            return None
        if name in content.kinds:
            return module, name
        if name in content.aliases:
            instance, _, method = content.aliases[name].partition(".")
            if not method:
                return self._resolve(module, instance, depth + 1)
            definition = f"{content.instances.get(instance)}.{method}"
            return (module, definition) if definition in content.kinds else None
        if content.kinds.get(content.instances.get(name, "")) == "class":
            return module, content.instances[name]
        if name in content.imported:
            source, original = content.imported[name]
            inner = f"{source}.{original}"
            found = None if source == module else self._resolve(source, original, depth + 1)
            return found or (inner if inner in self.modules else None)
        for source in content.starred:
            if name in self._star(source, set()):
                return self._resolve(source, name, depth + 1)
        inner = f"{module}.{name}"
        return inner if inner in self.modules else None

    def _docstring(self, module: str, name: str, depth: int = 0) -> str:
        """Return a definition's docstring, from where a decorator copies it if need be."""
        content = self.modules[module]
        if name in content.docstrings or name not in content.copied or depth > 5:
            return content.docstrings.get(name, "")
        source, words = content.copied[name]
        owner = name.rpartition(".")[0]
        place = self._method(".".join(f"{owner}.{source}".split(".")[-2:]))
        origin = place or self._resolve(*source.rpartition(".")[::2])
        text = self._docstring(*origin, depth + 1) if isinstance(origin, tuple) else ""
        for word, meaning in words.items():
            text = text.replace(f"%({word})s", str(meaning)).replace(f"{{{word}}}", str(meaning))
        return text

    def _method(self, name: str, depth: int = 0) -> tuple[str, str] | None:
        """Return the place of "Class.method", in the class or in one that it inherits from."""
        if name in self.methods or depth > 10:
            return self.methods.get(name)
        owner, _, method = name.rpartition(".")
        inherited = (
            self._method(f"{base}.{method}", depth + 1) for base in self.bases.get(owner, [])
        )
        return next(filter(None, inherited), None)


def _summary(docstring: str) -> str:
    """Return the first paragraph on one line, or nothing if words are still to be filled in."""
    for paragraph in re.split(r"\n\s*\n", docstring.strip()):
        if not _SIGNATURE.fullmatch(paragraph) and not paragraph.startswith(".. "):
            return "" if re.search(r"%\(|\{\w+\}", paragraph) else without_markup(paragraph)
    return ""
