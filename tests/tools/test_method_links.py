"""Tests that all links between comments, pages and headings have a target.

Comments name an equation by a page and a heading of it, for instance docs/methods/lwf.md#loss. Every such name in a
source, test, script or page must be an existing file and, after the #, an existing heading in GitHub's spelling. The
same holds for relative links in Markdown files, and every page of docs/methods must be in the index there.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = {"", ".cpp", ".h", ".cu", ".cuh", ".py", ".md", ".txt", ".cmake", ".bash", ".c"}
NAMED = re.compile(r"(?<![\w/.-])(docs/[\w./-]*\.md)(#[\w-]*)?")
LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = re.compile(r"^ *(```|~~~)")


def slug(heading):
    """GitHub's anchor of a heading: without link targets and punctuation, in lower case, with hyphens for spaces."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return text.replace(" ", "-")


def without_fences(text):
    """The lines of a Markdown text; the lines of fenced code are replaced by empty lines."""
    inside, lines = False, []
    for line in text.splitlines():
        fence = FENCE.match(line)
        inside ^= bool(fence)
        lines.append("" if fence or inside else line)
    return lines


def anchors(text):
    """All anchors of a page. If headings are equal, the second one gets -1, the third one -2."""
    seen, out = {}, set()
    for line in without_fences(text):
        heading = re.match(r" {0,3}#{1,6}\s+(.*?)\s*#*$", line)
        if not heading:
            continue
        name = slug(heading[1])
        count = seen[name] = seen.get(name, -1) + 1
        out.add(f"{name}-{count}" if count else name)
    return out


def files_of(root):
    """Tracked files, and new files that git does not ignore; all files if there is no git repository."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        names = [root / name for name in listed.stdout.split("\0") if name]
    else:
        names = [path for path in root.rglob("*") if not path.relative_to(root).parts[0].startswith((".", "build"))]
    return [path for path in names if path.is_file() and path.suffix in TEXT]


class Links:
    """The faulty links below `root`, one line each in `problems`."""

    def __init__(self, root):
        self.root, self.known, self.problems = root, {}, []
        for path in sorted(files_of(root)):
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            self.check_names(path, text)
            if path.suffix == ".md":
                self.check_links(path, text)
        self.check_index()

    def check(self, where, target, anchor):
        if not target.exists():
            inside = target.is_relative_to(self.root)
            self.add(f"{where}: there is no {target.relative_to(self.root) if inside else target}")
        elif anchor and target.suffix == ".md":
            if target not in self.known:
                self.known[target] = anchors(target.read_text(encoding="utf-8"))
            if anchor not in self.known[target]:
                self.add(f"{where}: {target.relative_to(self.root)} has no heading #{anchor}")

    def add(self, problem):
        if problem not in self.problems:
            self.problems.append(problem)

    def place(self, path, number):
        return f"{path.relative_to(self.root)}:{number}"

    def check_names(self, path, text):
        if path == pathlib.Path(__file__).resolve():
            return
        for number, line in enumerate(text.splitlines(), 1):
            for name, anchor in NAMED.findall(line):
                self.check(self.place(path, number), self.root / name, anchor[1:])

    def check_links(self, path, text):
        for number, line in enumerate(without_fences(text), 1):
            for link in LINK.findall(line):
                if re.match(r"[a-z]+:", link):
                    continue
                name, _, anchor = link.partition("#")
                target = (path.parent / name).resolve() if name else path
                self.check(self.place(path, number), target, anchor)

    def check_index(self):
        folder = self.root / "docs" / "methods"
        index = folder / "README.md"
        if not index.exists():
            return
        linked = {link.partition("#")[0] for link in LINK.findall(index.read_text(encoding="utf-8"))}
        for page in sorted(folder.glob("*.md")):
            if page != index and page.name not in linked:
                self.add(f"{self.place(index, 1)}: {page.name} is not in the index")


def problems_in(files):
    """The problems of a folder with the files {name: text}."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Links(root).problems


PAGE = "# Title\n\n## POD-spatial: rows, columns\n\n```\n# no heading\n```\n\n## Loss\n\n## Loss\n"


class Checks(unittest.TestCase):
    def test_headings_are_spelled_as_github_spells_them(self):
        self.assertEqual({"title", "pod-spatial-rows-columns", "loss", "loss-1"}, anchors(PAGE))
        self.assertEqual("numpys-legacy-shuffle", slug("NumPy's legacy shuffle"))
        self.assertEqual("ewc-si-mas-and-rwalk", slug("`EWC`, SI, [MAS](mas.md) and **RWalk**"))

    def test_a_comment_that_names_a_heading_is_content(self):
        self.assertEqual([], problems_in({"docs/a.md": PAGE, "b.cpp": "// see docs/a.md#loss-1, docs/a.md.\n"}))

    def test_a_heading_that_is_not_there_is_found_in_comments_and_links(self):
        found = problems_in({"docs/a.md": PAGE + "[x](#lost)\n", "b.h": "\n/// docs/a.md#no-heading\n"})
        self.assertEqual(["b.h:2: docs/a.md has no heading #no-heading",
                          "docs/a.md:12: docs/a.md has no heading #lost"], found)

    def test_a_page_that_is_not_there_is_found_in_comments_and_links(self):
        found = problems_in({"docs/a.md": "[x](../gone.svg) [y](https://a.b/c.md)\n", "b.py": "# docs/gone.md\n"})
        self.assertEqual(["b.py:1: there is no docs/gone.md", "docs/a.md:1: there is no gone.svg"], found)

    def test_links_in_fenced_code_are_no_links(self):
        self.assertEqual([], problems_in({"docs/a.md": "```\n[x](gone.md)\n```\n"}))

    def test_a_page_that_the_index_leaves_out_is_found(self):
        found = problems_in({"docs/methods/README.md": "[a](a.md)\n", "docs/methods/a.md": "", "docs/methods/b.md": ""})
        self.assertEqual(["docs/methods/README.md:1: b.md is not in the index"], found)


class Repository(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        problems = Links(ROOT).problems
        self.assertEqual([], problems, "\n" + "\n".join(problems))

    def test_comments_name_pages_of_methods(self):
        """Without this test, the check above would also pass if no comment named a page."""
        named = sum(len(NAMED.findall(path.read_text(encoding="utf-8", errors="ignore")))
                    for path in files_of(ROOT) if path.suffix in {".cpp", ".h"})
        self.assertGreater(named, 50)


if __name__ == "__main__":
    unittest.main()
