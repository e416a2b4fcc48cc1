# SPDX-License-Identifier: Apache-2.0
"""Looks at source text: what is code, what is comment, where a function begins and ends."""

import ast
import re

TOKEN = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|\b(?:u8)?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)')
PREPROCESSOR = re.compile(r"^[ \t]*#(?:.*\\\n)*.*", re.MULTILINE)
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")
TEMPLATE = re.compile(r"\btemplate\s*<[^{}]*?>\s*(?=[\w\[:])")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_of(text):
    """The text with comments and literals blanked, every line still in its place."""
    return TOKEN.sub(blank, text)


def includes_of(text):
    """(line, path, is_ours) for every include."""
    for number, line in enumerate(text.split("\n"), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) or match.group(2), match.group(1) is not None


def kind_of(head, outside):
    """What the brace after this text opens: a "scope", a "function" or something "other"."""
    if not outside:
        return "other"
    before_arguments = TEMPLATE.sub("", head).split("(")[0]
    if SCOPE.search(before_arguments):
        return "scope"
    if ")" in head and not re.search(r"=\s*$", head):
        return "function"
    return "other"


def cpp_functions(text):
    """(line, lines) of every function body that stands in a namespace or a class."""
    code = PREPROCESSOR.sub(blank, code_of(text))
    open_braces, began, head_at, line = [], 0, 0, 1
    for position, character in enumerate(code):
        if character == "\n":
            line += 1
        if character not in "{};":
            continue
        outside = all(kind == "scope" for kind in open_braces)
        if character == "{":
            head = code[head_at:position]
            open_braces.append(kind_of(head, outside))
            if open_braces[-1] == "function":
                began = line - head.lstrip().count("\n")
        elif character == "}" and open_braces and open_braces.pop() == "function":
            yield began, line - began + 1
        head_at = position + 1


BLOCK = re.compile(r"(?:[);{}]|\belse|\bdo|\bconst|->\s*[\w:<>&* ,]+)\s*$")


def tries_in_braces(text):
    """The line of every TRY that stands behind another member of a braced list."""
    code = code_of(text)
    for match in re.finditer(r"\bTRY\(", code):
        depth, follows = 0, False
        for position in range(match.start() - 1, -1, -1):
            character = code[position]
            if character in ")]}":
                depth += 1
            elif character in "([{" and depth:
                depth -= 1
            elif character == "{":
                if not BLOCK.search(code[:position]) and follows:
                    yield code.count("\n", 0, match.start()) + 1
                if BLOCK.search(code[:position]) or follows:
                    break
            elif character in "([":
                follows = False
            elif not depth and character == ";":
                break
            elif not depth and character == ",":
                follows = True


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1
