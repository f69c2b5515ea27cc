"""Under which names a package publishes what its files define."""

import ast
import re
import sys
from contextlib import suppress
from inspect import cleandoc
from pathlib import Path

from course_utils.data.definitions import Module, longest_text, parse
from course_utils.data.installed import python_files, without_markup

# Modules that are no library, are not on every machine, or stand behind another name.
_LEFT_OUT = re.compile(
    r"(.*\.)?(conftest|distutils|f2py|sphinxext|__main__)(\..*)?"
    r"|(antigravity|encodings|genericpath|idlelib|ntpath|nturl2path|this|tkinter)(\..*)?"
)
_PUBLISHED_AS = {"posixpath": "os.path"}
# The first line of some docstrings.
_SIGNATURE = re.compile(r"[\w.]+\(.*\)(\s*->.*)?(\s*--)?", re.S)


class Library:
    """The files of a package, or of the whole standard library.

    Parameters
    ----------
    root : Path
        The folder of the package.
    name : str or None
        The name to import; None is the standard library.
    """

    def __init__(self, root: Path, name: str | None) -> None:
        self.name = name
        self.modules: dict[str, Module] = {}
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
            self.modules[module] = parse(code, package)

    def _document(self, module: str) -> None:
        """Take over docstrings of compiled code: add_newdoc(["module",] "name", "docstring")."""
        calls = self.modules[module].newdocs
        # A class has members: add_newdoc("module", "Class", ("member", "docstring")).
        members = [arguments for arguments in calls if isinstance(arguments[-1], ast.Tuple)]
        classes = {longest_text(arguments[1]) for arguments in members}
        for arguments in [arguments for arguments in calls if arguments not in members]:
            *place, name, text = map(longest_text, arguments)
            content = self.modules.setdefault(place[0] if place else module, Module())
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
            text = summary(self._docstring(module, name))
            if text and not any(part[0] == "_" for part in public.split(".")):
                entries.setdefault(public, (public, self.modules[module].kinds[name], text))
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


def summary(docstring: str) -> str:
    """Return the first paragraph on one line, or nothing if words are still to be filled in."""
    for paragraph in re.split(r"\n\s*\n", docstring.strip()):
        if not _SIGNATURE.fullmatch(paragraph) and not paragraph.startswith(".. "):
            return "" if re.search(r"%\(|\{\w+\}", paragraph) else without_markup(paragraph)
    return ""
