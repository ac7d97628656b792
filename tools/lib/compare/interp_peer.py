"""wabt's wasm-interp as a peer, for the programme `plain`: it runs the exported functions without parameters, in order.

It prints floats in decimal with six places and references by its own numbers, so lines are brought to that form.
"""

import re
import struct
import subprocess
from pathlib import Path

TRAPS = (
    ("unreachable executed", "unreachable"),
    ("integer overflow", "integer overflow"),
    ("integer divide by zero", "integer divide by zero"),
    ("invalid conversion to integer", "invalid conversion to integer"),
    ("out of bounds memory access", "out of bounds memory access"),
    ("out of bounds table access", "out of bounds table access"),
    ("undefined table index", "out of bounds table access"),
    ("uninitialized table element", "uninitialized element"),
    ("indirect call signature mismatch", "indirect call type mismatch"),
    ("call stack exhausted", "call stack exhausted"),
)
VALUE = re.compile(r"(i32|i64|f32|f64|funcref|externref):(\w+)")
FEATURES = ["--disable-simd"]


class Peer:
    """Runs wasm-interp once for each module."""

    name = "wasm-interp"

    def run(self, path: Path) -> list[str] | None:
        """What it printed as lines in our order, or None where it refused the module."""
        command = ["wasm-interp", str(path), *FEATURES, "--run-all-exports", "--dummy-import-func"]
        done = subprocess.run(command, capture_output=True, timeout=60)
        output = done.stdout.decode(errors="replace")
        problem = done.stderr.decode(errors="replace")
        if done.returncode < 0:
            return [f"killed by signal {-done.returncode}"]
        if done.returncode != 0 and "=>" not in output:
            trap = trap_of(problem)
            return [f"instantiate => trap: {trap}"] if trap else None
        lines: list[str] = ["instantiate => ok"]
        heard: list[str] = []
        for line in output.splitlines():
            head, arrow, tail = line.rpartition(" =>")
            if line.startswith("called host "):
                heard.append("  host(" + head.partition("(")[2])
            elif arrow:
                lines.append("call " + plain(head.partition("(")[0]) + "()")
                lines += heard
                heard = []
                tail = tail.strip()
                trap = trap_of(tail) if tail.startswith("error: ") else None
                lines.append(f"  => trap: {trap}" if trap else f"  => ({no_numbers(tail.replace(',', ''))})")
        return lines


def trap_of(text: str) -> str | None:
    """Our name for the trap that its message tells of."""
    return next((name for message, name in TRAPS if message in text), None)


def plain(name: str) -> str:
    """An export's name as run-exports prints it."""
    return re.sub(r"[^A-Za-z0-9_.$-]", "?", name)


def no_numbers(values: str) -> str:
    """References by whether they are null."""
    return re.sub(r"(funcref|externref):(\w+)",
                  lambda found: f"{found[1]}:{'null' if found[2] in ('0', 'null') else 'some'}", values)


def decimal(found: "re.Match[str]") -> str:
    """A value of ours as wasm-interp prints it."""
    name, digits = found[1], found[2]
    if name in ("i32", "i64"):
        return f"{name}:{int(digits, 16)}"
    if name == "f32":
        return f"f32:{struct.unpack('<f', struct.pack('<I', int(digits, 16)))[0]:f}"
    if name == "f64":
        return f"f64:{struct.unpack('<d', struct.pack('<Q', int(digits, 16)))[0]:f}"
    return f"{name}:{'null' if digits == 'null' else 'some'}"


def as_interp(ours: list[str]) -> list[str]:
    """Our lines of the programme `plain` in the form that `run` gives."""
    lines = []
    for line in ours:
        if line.startswith(("memory ", "table ", "global ")) or line == "start":
            continue
        if line.startswith("call "):
            line = "call " + line.split(" ", 2)[2]
        line = re.sub(r"^  host \d+\(", "  host(", line)
        line = VALUE.sub(decimal, line)
        if line.startswith("  host("):
            line = line.replace(" ", ", ").replace(", , ", "  ", 1)
        lines.append(line)
    return lines
