"""The lines that run-exports prints, as data, and the one way in which two transcripts are held against each other.

A programme is a list of lines (specs/compare.md has their form). Both sides are brought to the same wording before they
are compared; what is no difference for a reason is recognised here and nowhere else, and counted under its name.
"""

from dataclasses import dataclass, field

# Engines tell these two apart at their own choice: the standard has one trap for both where an index is out of a table.
SAME_TRAPS = {"undefined element": "out of bounds table access"}
STACK = "call stack exhausted"


@dataclass
class Played:
    """What run-exports printed of one module."""

    path: str
    refused: str | None = None
    skipped: str | None = None
    slices: list[str] = field(default_factory=list)
    programmes: dict[str, list[str]] = field(default_factory=dict)
    gas: int = 0
    reloads: int = 0
    complete: bool = False


def parse(output: str) -> list[Played]:
    """The modules that the output tells of, in order. A module without its `end` is not `complete`."""
    modules: list[Played] = []
    lines: list[str] = []
    for line in output.splitlines():
        if line.startswith("module "):
            modules.append(Played(line[len("module "):]))
            lines = []
        elif not modules:
            continue
        elif line.startswith("refused "):
            modules[-1].refused = line
        elif line.startswith("skipped: "):
            modules[-1].skipped = line
        elif line.startswith("programme "):
            lines = modules[-1].programmes[line.split()[1]] = []
        elif line.startswith("gas "):
            words = line.split()
            modules[-1].gas += int(words[1])
            modules[-1].reloads += int(words[3])
        elif line.startswith("slices differ"):
            modules[-1].slices.append(line)
        elif line == "end":
            modules[-1].complete = True
        else:
            lines.append(line)
    return modules


def ending(line: str) -> str | None:
    """What stands behind the arrow of a line that tells how a call or the instantiation ended."""
    head, arrow, tail = line.partition("=> ")
    return tail if arrow and head in ("  ", "instantiate ") else None


def is_trap(line: str, name: str) -> bool:
    """Whether the line says that a call trapped so."""
    return ending(line) == f"trap: {name}"


def same_wording(line: str) -> str:
    """The line, its trap by the name under which it is compared."""
    head, mark, trap = line.partition("=> trap: ")
    return head + mark + SAME_TRAPS.get(trap, trap) if mark else line


def until_no_gas(lines: list[str]) -> list[str]:
    """The lines before the call that did not end with the gas that it was given; all of them where each did.

    None where that is the start function, as others run it when they instantiate.
    """
    for place, line in enumerate(lines):
        if ending(line) == "no gas":
            while not (lines[place].startswith("call ") or lines[place] == "start"):
                place -= 1
            return [] if lines[place] == "start" else lines[:place]
    return lines


def difference(ours: list[str], theirs: list[str]) -> tuple[str | None, str | None]:
    """The first line that differs, as text, and the name of the reason where it is explained; nothing where all agree.

    The one explained reason is the depth of calls: from the first call on that either side ended for want of stack, all
    that follows depends on where that was, so it is not compared. How deep calls may be is every engine's own.
    """
    for place, (left, right) in enumerate(zip(ours, theirs)):
        if same_wording(left) == same_wording(right):
            if is_trap(left, STACK):
                return None, "stack depth"
            continue
        if exhausted(ours, place) or exhausted(theirs, place):
            return None, "stack depth"
        return f"line {place + 1}: ours '{left}', theirs '{right}'", None
    if len(ours) != len(theirs):
        return f"ours has {len(ours)} lines, theirs {len(theirs)}", None
    return None, None


def exhausted(lines: list[str], place: int) -> bool:
    """Whether the call that the line belongs to ended for want of stack."""
    for line in lines[place:]:
        if ending(line) is not None:
            return is_trap(line, STACK)
    return False
