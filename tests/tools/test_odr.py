"""No type is defined twice: the one-definition rule, which compiler and linker do not check across files.

A class, struct, union or enumeration outside anonymous namespaces may be defined in one file only. Where two files define
the same qualified name differently, the linker silently keeps one version of each inline function of the two, so the
program may run code that was compiled for the other type.
"""
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["apps", "data", "engine", "examples", "incremental", "layers", "optim", "tests"]
ENDINGS = {".h", ".cpp", ".cu", ".cuh"}
# Compiled in place of a source of the engine, never beside it.
IN_PLACE_OF = {"tests/cuda_stand_in/plans.cpp": "engine/cuda/cudnn_graph.cu"}
# The alternatives are tried in this order, so that no comment is found inside a string and no string inside a comment.
NOT_CODE = re.compile(r'R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
NAMESPACE = re.compile(r"(?:inline )?namespace ?([\w: ]*)$")
TYPE = re.compile(r"(?:class|struct|union|enum class|enum struct|enum) (?:alignas ?\([^()]*\) ?)?(\w+(?:::\w+)*)(.*)$")


def code_of(text):
    """The text without comments, strings and preprocessor lines."""
    text = NOT_CODE.sub(lambda m: " " if m[0].startswith("/") else '""', text)
    return DIRECTIVE.sub("", text)


def without_template(head):
    """`template <class T, int N> struct X` becomes `struct X`."""
    while head.startswith("template"):
        depth = 0
        for i, c in enumerate(head):
            depth += (c == "<") - (c == ">")
            if c == ">" and depth == 0:
                break
        head = head[i + 1:].strip()
    return head


def type_in(head):
    """The name that the words before a brace define as a type, with a specialisation's arguments; None if they do not."""
    found = TYPE.match(re.sub(r"\[\[.*?\]\] ?", "", without_template(head)))
    if not found:
        return None
    name, rest = found[1], found[2].strip()
    arguments = re.match(r"<.*?>(?= *(?::(?!:)|final\b|$))", rest)
    if arguments:
        name, rest = name + arguments[0].replace(" ", ""), rest[arguments.end():].strip()
    return name if re.match(r"(final\b *)?(:|$)", rest) else None


def types_in(text):
    """The qualified names of all types that a source defines at namespace scope outside anonymous namespaces."""
    names, scopes, head = [], [], ""
    for part in re.split(r"([{};])", code_of(text)):
        if part == "{":
            words = " ".join(head.split())
            inside = None in scopes or False in scopes
            namespace = NAMESPACE.match(words)
            if namespace and False not in scopes:
                scopes.append(namespace[1].replace(" ", "") or None)
            elif words in ('extern ""',):
                scopes.append("")
            else:
                name = None if inside else type_in(words)
                if name:
                    names.append("::".join([s for s in scopes if s] + [name]))
                scopes.append(False)  # neither a namespace nor anonymous: the body of a type, a function or a value
        elif part == "}" and scopes:
            scopes.pop()
        head = part if part not in "{};" else ""
    return names


def sources(root):
    for folder in FOLDERS:
        yield from sorted(p for p in (root / folder).rglob("*") if p.suffix in ENDINGS)


def defined_twice(texts):
    """`texts` are sources by their paths. Returns a line for each name that two of them define."""
    files = {}
    for path, text in texts.items():
        for name in set(types_in(text)):
            files.setdefault(name, []).append(path)
    return [f"{name} is defined in {' and in '.join(paths)}" for name, paths in sorted(files.items()) if len(paths) > 1]


class OneDefinition(unittest.TestCase):
    def test_no_type_of_the_tree_is_defined_twice(self):
        texts = {str(p.relative_to(ROOT)): p.read_text() for p in sources(ROOT)}
        for stand_in, replaced in IN_PLACE_OF.items():
            self.assertIn(replaced, texts)
            del texts[stand_in]
        self.assertGreater(sum(len(types_in(t)) for t in texts.values()), 200, "types are not recognised any more")
        self.assertEqual(defined_twice(texts), [])

    def test_a_planted_second_definition_is_found(self):
        texts = {str(p.relative_to(ROOT)): p.read_text() for p in sources(ROOT)}
        for stand_in, replaced in IN_PLACE_OF.items():
            self.assertIn(replaced, texts)
            del texts[stand_in]
        first, name = next((path, types_in(t)[0]) for path, t in texts.items() if types_in(t))
        space, _, short = name.rpartition("::")
        texts["planted.h"] = f"namespace {space} {{\nstruct {short} {{ int other; }};\n}}\n"
        self.assertEqual(defined_twice(texts), [f"{name} is defined in {first} and in planted.h"])

    def test_what_counts_as_a_definition(self):
        source = """
            #include <x>  // struct Comment {};
            namespace a::b {
            class Declared; struct A final : Base<int> { struct Nested {}; void f() { struct Local {}; } };
            template <class T, class U = X<int>> struct B { }; template <> struct B<int, 2> : C {};
            enum class E : int { one }; struct Outer::Inner { int x; };
            struct A make() { return {}; }  const char* text = "struct String {";
            namespace { struct Hidden {}; namespace deeper { struct AlsoHidden {}; } }
            }  namespace a::c { struct A {}; }
        """
        self.assertEqual(types_in(source), ["a::b::A", "a::b::B", "a::b::B<int,2>", "a::b::E", "a::b::Outer::Inner",
                                            "a::c::A"])

    def test_equal_names_in_two_namespaces_or_hidden_ones_are_no_trouble(self):
        hidden = "namespace a { namespace { struct A {}; } }"
        self.assertEqual(defined_twice({"1": "namespace a { struct A {}; }", "2": "namespace b { struct A {}; }",
                                        "3": hidden, "4": hidden}), [])


if __name__ == "__main__":
    unittest.main()
