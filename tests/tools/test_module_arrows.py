"""The modules include what CMakeLists.txt lets them include, and no more.

CMakeLists.txt declares each module (a folder) with the modules whose headers it may include:

    mneme_module(layers engine engine/base)

This is an arrow from layers to engine and one from layers to engine/base. The tests hold every #include "..." of every
source against these arrows, and check that the arrows have no circle, that each of them is used, and that folders and
files stay small.
"""
import importlib.machinery
import importlib.util
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
loader = importlib.machinery.SourceFileLoader("draw_modules", str(ROOT / "tools" / "draw-modules"))
draw_modules = importlib.util.module_from_spec(importlib.util.spec_from_loader("draw_modules", loader))
loader.exec_module(draw_modules)
TOP_FOLDERS = ("engine", "layers", "optim", "data", "incremental", "apps")
SOURCES = {".h", ".cpp", ".cu", ".cuh"}
# engine/module.cmake compiles these folders into the module engine.
PARTS = {"engine/ops": "engine", "engine/cpu": "engine", "engine/cpu/winograd": "engine", "engine/cuda": "engine"}
MOST_SOURCES_PER_FOLDER = 26
MOST_LINES_PER_SOURCE = 400
INCLUDED = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def circle_in(arrows):
    """The modules of a circle, the first one again at the end; empty if there is no circle."""
    done, path = set(), []

    def visit(module):
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return []
        path.append(module)
        for used in arrows.get(module, []):
            if circle := visit(used):
                return circle
        path.pop()
        done.add(module)
        return []

    for module in arrows:
        if circle := visit(module):
            return circle
    return []


class Modules:
    """What is wrong with the modules below `root`, one line each in `problems`."""

    def __init__(self, root):
        self.root, self.problems, self.used = root, [], set()
        self.arrows = draw_modules.arrows_of((root / "CMakeLists.txt").read_text(encoding="utf-8"))
        self.sources = sorted(path.relative_to(root) for top in TOP_FOLDERS for path in (root / top).rglob("*")
                              if path.suffix in SOURCES)
        self.check_declarations()
        for source in self.sources:
            self.check_source(source)
        self.check_arrows_are_used()
        self.check_folders()

    def module_of(self, path):
        folder = path.parent.as_posix()
        folder = PARTS.get(folder, folder)
        return folder if folder in self.arrows else None

    def check_declarations(self):
        for module, used in self.arrows.items():
            for other in used:
                if other not in self.arrows:
                    self.problems.append(f"CMakeLists.txt: {module} uses {other}, which is not a module")
        if circle := circle_in(self.arrows):
            self.problems.append(f"CMakeLists.txt: the modules form a circle: {' -> '.join(circle)}")

    def check_source(self, source):
        module = self.module_of(source)
        if not module:
            self.problems.append(f"{source}: its folder is not a module; add mneme_module({source.parent} ...) to "
                                 "CMakeLists.txt")
            return
        lines = (self.root / source).read_text(encoding="utf-8").splitlines()
        if len(lines) > MOST_LINES_PER_SOURCE:
            self.problems.append(f"{source}: has {len(lines)} lines; a source has at most {MOST_LINES_PER_SOURCE}")
        for number, line in enumerate(lines, 1):
            if included := INCLUDED.match(line):
                self.check_include(module, f"{source}:{number}", pathlib.PurePosixPath(included[1]))

    def check_include(self, module, place, header):
        other = self.module_of(header)
        if not (self.root / header).is_file():
            self.problems.append(f"{place}: includes {header}, which is not a file of this repository")
        elif not other:
            self.problems.append(f"{place}: includes {header}, whose folder is not a module")
        elif other != module:
            self.used.add((module, other))
            if other not in self.arrows[module]:
                self.problems.append(f"{place}: includes {header}, but CMakeLists.txt has no arrow {module} -> {other}")

    def check_arrows_are_used(self):
        for module, used in self.arrows.items():
            for other in used:
                if (module, other) not in self.used:
                    self.problems.append(f"CMakeLists.txt: no source uses the arrow {module} -> {other}; remove it")

    def check_folders(self):
        folders = {}
        for source in self.sources:
            folders[source.parent] = folders.get(source.parent, 0) + 1
        for folder, count in folders.items():
            if count > MOST_SOURCES_PER_FOLDER:
                self.problems.append(f"{folder}: has {count} sources; a folder has at most {MOST_SOURCES_PER_FOLDER}")


class Repository(unittest.TestCase):
    def test_modules_include_what_they_declare(self):
        problems = Modules(ROOT).problems
        self.assertEqual([], problems, "\n" + "\n".join(problems))

    def test_there_are_modules_and_includes_to_check(self):
        modules = Modules(ROOT)
        self.assertGreater(len(modules.arrows), 15)
        self.assertGreater(len(modules.sources), 200)
        self.assertGreater(len(modules.used), 50)


class Drawing(unittest.TestCase):
    CMAKE = "mneme_module(a)\nmneme_module(b/c a)  # mneme_module(no)\nmneme_module(d b/c\n  a)\nmneme_programs(e d)\n"

    def test_the_drawing_of_the_repository_is_up_to_date(self):
        self.assertEqual(0, draw_modules.main(["--check"]), "run tools/draw-modules")

    def test_an_arrow_that_a_longer_way_replaces_is_left_out(self):
        arrows = draw_modules.arrows_of(self.CMAKE)
        self.assertEqual({"a": [], "b/c": ["a"], "d": ["b/c", "a"], "e": ["d"]}, arrows)
        self.assertEqual({"a": [], "b/c": ["a"], "d": ["b/c"], "e": ["d"]}, draw_modules.longest_ways(arrows))

    def test_only_the_drawing_of_the_page_changes(self):
        page = "before\n```mermaid\nold\n```\nafter\n"
        new = draw_modules.redrawn(page, self.CMAKE)
        self.assertRegex(new, r'^before\n```mermaid\nflowchart TD\n  e\["e"\]\n  e --> d\n(?:.*\n)+```\nafter\n$')
        self.assertIn('b_c["b/c"]', new)


class PlantedFaults(unittest.TestCase):
    """Each test damages a copy of the repository and expects the new problem, in addition to those it had before."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copy(ROOT / "CMakeLists.txt", self.root)
        for top in TOP_FOLDERS:
            shutil.copytree(ROOT / top, self.root / top)
        self.before = set(Modules(self.root).problems)

    def new_problems(self):
        return [problem for problem in Modules(self.root).problems if problem not in self.before]

    def change(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_an_undamaged_copy_has_no_new_problem(self):
        self.assertEqual([], self.new_problems())

    def test_an_include_against_the_arrows(self):
        self.change("engine/tensor.h", "#pragma once\n", '#pragma once\n#include "layers/module.h"\n')
        self.assertEqual(["engine/tensor.h:2: includes layers/module.h, but CMakeLists.txt has no arrow "
                          "engine -> layers"], self.new_problems())

    def test_an_include_from_a_folder_that_is_compiled_into_the_engine(self):
        path = self.root / "engine/cpu/winograd/planted.cpp"
        path.write_text('#include "optim/sgd.h"\n', encoding="utf-8")
        self.assertEqual(["engine/cpu/winograd/planted.cpp:1: includes optim/sgd.h, but CMakeLists.txt has no arrow "
                          "engine -> optim"], self.new_problems())

    def test_a_missing_arrow(self):
        self.change("CMakeLists.txt", "mneme_module(optim layers", "mneme_module(optim")
        found = self.new_problems()
        self.assertTrue(found)
        for problem in found:
            self.assertRegex(problem, r"^optim/.*: includes layers/.*, but CMakeLists.txt has no arrow optim -> layers$")

    def test_a_circle(self):
        self.change("CMakeLists.txt", "mneme_module(engine/base", "mneme_module(engine/base layers")
        self.change("engine/base/error.h", "#pragma once\n", '#pragma once\n#include "layers/module.h"\n')
        found = self.new_problems()
        self.assertEqual(1, len(found), found)
        self.assertRegex(found[0], r"^CMakeLists.txt: the modules form a circle: (\S+) -> .* -> \1$")
        self.assertEqual(["a", "b", "c", "a"], circle_in({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}))

    def test_an_arrow_that_nothing_uses(self):
        self.change("CMakeLists.txt", "mneme_module(optim layers",
                    "mneme_module(data/unused)\nmneme_module(optim data/unused layers")
        self.assertEqual(["CMakeLists.txt: no source uses the arrow optim -> data/unused; remove it"],
                         self.new_problems())

    def test_an_arrow_to_something_that_is_not_a_module(self):
        self.change("CMakeLists.txt", "mneme_module(optim layers", "mneme_module(optim lost layers")
        self.assertIn("CMakeLists.txt: optim uses lost, which is not a module", self.new_problems())

    def test_a_folder_that_is_not_a_module(self):
        path = self.root / "layers/extra/planted.h"
        path.parent.mkdir()
        path.write_text("#pragma once\n", encoding="utf-8")
        self.assertEqual(["layers/extra/planted.h: its folder is not a module; add mneme_module(layers/extra ...) to "
                          "CMakeLists.txt"], self.new_problems())

    def test_a_header_that_does_not_exist(self):
        self.change("optim/sgd.h", "#pragma once\n", '#pragma once\n#include "layers/lost.h"\n')
        self.assertEqual(["optim/sgd.h:2: includes layers/lost.h, which is not a file of this repository"],
                         self.new_problems())

    def test_a_long_source_and_a_full_folder(self):
        (self.root / "optim/long.cpp").write_text("\n" * (MOST_LINES_PER_SOURCE + 1), encoding="utf-8")
        self.assertEqual(["optim/long.cpp: has 401 lines; a source has at most 400"], self.new_problems())
        (self.root / "optim/long.cpp").unlink()
        count = len([path for path in (self.root / "optim").iterdir() if path.suffix in SOURCES])
        for number in range(MOST_SOURCES_PER_FOLDER + 1 - count):
            (self.root / f"optim/planted{number}.cpp").write_text("", encoding="utf-8")
        self.assertEqual(["optim: has 27 sources; a folder has at most 26"], self.new_problems())


if __name__ == "__main__":
    unittest.main()
