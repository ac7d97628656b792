#!/usr/bin/env python3
"""Makes hostile modules: modules.py --list | modules.py NAME [SIZE] >FILE

Each is made to cost more than its size, to lie, or never to end. The same bytes every time. --list prints a line for
each: name, size, how a run of it has to end, and what it is about, separated by tabs. An end is `refused`, or a state
that `keyvm ps` tells (exited, faulted, frozen-gas, frozen-space), or several with a bar between them.
"""

import struct
import sys

I32, I64, F32, F64, FUNCREF, EXTERNREF = 0x7F, 0x7E, 0x7D, 0x7C, 0x70, 0x6F
BLOCK, LOOP, IF, END, BR, BR_IF, BR_TABLE, RETURN = 0x02, 0x03, 0x04, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
MOST = 2**32 - 1


def leb(number):
    """Unsigned LEB128."""
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def sleb(number):
    """Signed LEB128."""
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        done = (number == 0 and not byte & 0x40) or (number == -1 and byte & 0x40)
        out.append(byte | (0 if done else 0x80))
        if done:
            return bytes(out)


def const(number):
    return b"\x41" + sleb(number)


def name(text):
    data = text if isinstance(text, bytes) else text.encode()
    return leb(len(data)) + data


def section(number, contents):
    return bytes([number]) + leb(len(contents)) + contents


def vector(items):
    items = list(items)
    return leb(len(items)) + b"".join(items)


def function_type(parameters=(), results=()):
    return b"\x60" + leb(len(parameters)) + bytes(parameters) + leb(len(results)) + bytes(results)


def body(code, local_runs=()):
    contents = vector(leb(count) + bytes([kind]) for count, kind in local_runs) + code + bytes([END])
    return leb(len(contents)) + contents


HEADER = b"\0asm\1\0\0\0"
START = name("_start") + b"\0\0"


def module(
    code=b"", types=(), functions=None, bodies=None, imports=(), tables=(), memories=(), globals_=(), exports=(START,),
    start=None, elements=(), data=(), data_count=None, local_runs=(), trailing=b"",
):
    """A module whose function 0, of type 0 (nothing to nothing), is `_start` and has this code."""
    types = [function_type()] + list(types)
    functions = [0] if functions is None else functions
    bodies = [body(code, local_runs)] if bodies is None else bodies
    parts = [HEADER, section(1, vector(types))]
    if imports:
        parts.append(section(2, vector(imports)))
    parts.append(section(3, vector(leb(index) for index in functions)))
    for number, items in ((4, tables), (5, memories), (6, globals_), (7, exports)):
        if items:
            parts.append(section(number, vector(items)))
    if start is not None:
        parts.append(section(8, leb(start)))
    if elements:
        parts.append(section(9, vector(elements)))
    if data_count is not None:
        parts.append(section(12, leb(data_count)))
    parts.append(section(10, vector(bodies)))
    if data:
        parts.append(section(11, vector(data)))
    return b"".join(parts) + trailing


CASES = {}
# What a case is linked to: a function of its size that gives names and modules, in order.
LINKS = {}


def case(size, end, about):
    """Registers a maker of modules, which takes the size."""

    def register(make):
        CASES[make.__name__.replace("_", "-")] = (size, end, about, make)
        return make

    return register


def linked(make_links):
    """Links the case to what the function gives."""

    def register(make):
        LINKS[make.__name__.replace("_", "-")] = make_links
        return make

    return register


# --- locals and frames


@case(50_000, "exited", "one function with as many locals as there may be")
def locals_most(size):
    return module(b"\x20" + leb(size - 1) + b"\x1a", local_runs=[(size, I64)])


@case(100_000, "refused", "a frame with more slots than can be addressed")
def locals_too_many(size):
    return module(b"\x20" + leb(size - 1) + b"\x1a", local_runs=[(size, I64)])


@case(5_000_000, "refused", "millions of locals, in one run")
def locals_millions(size):
    return module(local_runs=[(size, I64)])


@case(MOST, "refused", "as many locals as 32 bits count")
def locals_announced(size):
    return module(local_runs=[(size, I64)])


@case(50_000, "exited", "as many runs of locals as there may be locals, each read through a search")
def locals_runs(size):
    reads = b"".join(b"\x20" + leb((index * 7919) % size) + b"\x1a" for index in range(size))
    return module(reads, local_runs=[(1, I32 if index % 2 else I64) for index in range(size)])


@case(2_000_000, "exited", "millions of runs of no locals")
def locals_empty_runs(size):
    return module(local_runs=[(0, I32)] * size)


@case(50_000, "exited", "functions of 50,000 locals each, all of them called")
def locals_functions(size):
    calls = b"".join(b"\x10" + leb(index) for index in range(1, size + 1))
    one = body(b"", [(50_000, I64)])
    return module(functions=[0] * (size + 1), bodies=[body(calls)] + [one] * size)


@case(59_000, "exited", "an operand stack nearly as deep as it may be")
def operands_most(size):
    return module(const(1) * size + b"\x1a" * size)


@case(1_000_000, "refused", "a million operands")
def operands_million(size):
    return module(const(1) * size + b"\x1a" * size)


# --- blocks and branches


@case(99_999, "exited", "blocks within each other, as many as there may be, each left by a branch to the outermost")
def blocks_nested(size):
    return module(b"\x02\x40" * size + const(0) + b"\x0d" + leb(size) + b"\x0b" * size)


@case(1_000_000, "refused", "a million blocks within each other")
def blocks_million(size):
    return module(b"\x02\x40" * size + b"\x0b" * size)


@case(90_000, "exited", "loops within each other, and branches to all of them that are not taken")
def loops_nested(size):
    branches = b"".join(const(0) + b"\x0d" + leb(index) for index in range(0, size, 3))
    return module(b"\x03\x40" * size + branches + b"\x0b" * size)


@case(90_000, "exited", "ifs within each other, each with an else")
def ifs_nested(size):
    return module((const(0) + b"\x04\x40") * size + b"\x05\x0b" * size)


@case(500, "exited", "blocks within each other that take and give 1,000 values")
def blocks_wide(size):
    wide = function_type([I64] * 1000, [I64] * 1000)
    values = b"\x42\x00" * 1000
    return module(values + b"\x02\x01" * size + b"\x0b" * size + b"\x1a" * 1000, types=[wide])


@case(300_000, "exited", "blocks one after the other that take and give 1,000 values")
def blocks_wide_row(size):
    wide = function_type([I64] * 1000, [I64] * 1000)
    return module(b"\x42\x00" * 1000 + b"\x02\x01\x0b" * size + b"\x1a" * 1000, types=[wide])


@case(1_000_000, "exited", "a branch table of a million labels")
def branch_table(size):
    return module(b"\x02\x40" + const(size - 1) + b"\x0e" + leb(size) + bytes(size) + b"\x00\x0b")


@case(1_000_000, "exited", "a branch table of a million labels that take 1,000 values")
def branch_table_wide(size):
    wide = function_type([], [I64] * 1000)
    code = b"\x02\x01" + b"\x42\x00" * 1000 + const(7) + b"\x0e" + leb(size) + bytes(size) + b"\x00\x0b"
    return module(code + b"\x1a" * 1000, types=[wide])


@case(200_000, "exited", "branch tables of no label but the default")
def branch_tables(size):
    return module(b"\x02\x40\x41\x00\x0e\x00\x00\x0b" * size)


@case(MOST, "refused", "a branch table that announces as many labels as 32 bits count")
def branch_table_announced(size):
    return module(b"\x02\x40" + const(0) + b"\x0e" + leb(size) + bytes(64) + b"\x0b")


@case(1_000_000, "faulted", "a million instructions that cannot be reached and assume their operands")
def unreachable_operands(size):
    return module(b"\x00" + b"\x6a\x1a" * size)


@case(300_000, "faulted", "calls that cannot be reached and assume 1,000 operands")
def unreachable_calls(size):
    wide = function_type([I64] * 1000, [I64] * 1000)
    code = b"\x00" + b"\x10\x01" * size + b"\x00"
    return module(types=[wide], functions=[0, 1], bodies=[body(code), body(b"\x00")])


@case(90_000, "faulted", "blocks within each other that cannot be reached")
def unreachable_blocks(size):
    return module(b"\x00" + b"\x02\x40" * size + b"\x0b" * size)


# --- many of everything


@case(100_000, "exited", "functions that are all called")
def functions_many(size):
    calls = b"".join(b"\x10" + leb(index) for index in range(1, size + 1))
    return module(functions=[0] * (size + 1), bodies=[body(calls)] + [body(b"")] * size)


@case(999_990, "exited", "nearly as many functions as there may be, none of them called")
def functions_most(size):
    return module(functions=[0] * (size + 1), bodies=[body(b"")] * (size + 1))


@case(100_000, "exited", "types, all different")
def types_many(size):
    kinds = [I32, I64, F32, F64]

    def one(index):
        return function_type([kinds[index >> 2 * place & 3] for place in range(9)], [])

    return module(types=[one(index) for index in range(size)])


@case(5_500, "exited", "types of 1,000 parameters and 1,000 results")
def types_wide(size):
    return module(types=[function_type([I32] * 1000, [I32] * 1000)] * size)


@case(100_000, "refused", "imports of what is not there")
def imports_many(size):
    return module(
        imports=[name("none") + name(f"f{index}") + b"\0\0" for index in range(size)],
        exports=[name("_start") + b"\0" + leb(size)])


@case(100_000, "exited", "imports of one and the same function")
def imports_same(size):
    return module(
        imports=[name("wasi_snapshot_preview1") + name("sched_yield") + b"\0\1"] * size,
        types=[function_type([], [I32])], exports=[name("_start") + b"\0" + leb(size)])


@case(100_000, "exited", "exports of one function under many names")
def exports_many(size):
    return module(exports=[START] + [name(f"export number {index}") + b"\0\0" for index in range(size)])


@case(100_000, "refused", "exports whose last name was there before")
def exports_duplicate(size):
    names = [f"{'a' * 40}{index}" for index in range(size)]
    return module(exports=[START] + [name(each) + b"\0\0" for each in names + names[:1]])


@case(50_000, "exited", "as many globals as there may be")
def globals_most(size):
    return module(b"\x23" + leb(size - 1) + b"\x1a", globals_=[bytes([I32, 1]) + const(1) + b"\x0b"] * size)


@case(100_000, "refused", "more globals than there may be")
def globals_too_many(size):
    return module(globals_=[bytes([I32, 1]) + const(1) + b"\x0b"] * size)


@case(100_000, "exited|refused", "element segments")
def elements_many(size):
    return module(tables=[bytes([FUNCREF, 0, 1])], elements=[b"\x01\x00\x01\x00"] * size)


@case(5_000_000, "exited|frozen-space", "one element segment with millions of functions")
def elements_long(size):
    segment = b"\0" + const(0) + b"\x0b" + leb(size) + bytes(size)
    return module(tables=[bytes([FUNCREF, 0]) + leb(size)], elements=[segment])


@case(2_000_000, "exited", "one passive element segment with millions of expressions")
def elements_expressions(size):
    segment = bytes([5, FUNCREF]) + leb(size) + b"\xd0\x70\x0b" * size
    return module(elements=[segment])


@case(100_000, "exited|refused", "data segments")
def data_many(size):
    return module(memories=[b"\0\1"], data=[b"\1\1a"] * size, data_count=size)


@case(350, "exited", "data segments on top of each other")
def data_stacked(size):
    segment = b"\0" + const(0) + b"\x0b" + leb(32768) + b"x" * 32768
    return module(memories=[b"\0\1"], data=[segment] * size)


@case(11 << 20, "exited", "one data segment of 11 MiB")
def data_long(size):
    pages = (size >> 16) + 1
    return module(memories=[b"\0" + leb(pages)], data=[b"\0" + const(0) + b"\x0b" + leb(size) + b"data" * (size // 4)])


@case(1_000, "exited|refused", "tables of the largest size there may be")
def tables_many(size):
    return module(tables=[bytes([FUNCREF, 0]) + leb(10_000_000)] * size)


@case(MOST, "refused", "a table that begins with as many elements as 32 bits count")
def table_announced(size):
    return module(tables=[bytes([FUNCREF, 0]) + leb(size)])


@case(1_000_000, "exited", "function names, of which each stands for another function")
def names_many(size):
    names = vector(leb(index) + name("n") for index in range(size))
    return module(trailing=section(0, name("name") + b"\1" + leb(len(names)) + names))


@case(8_000_000, "exited", "one function name of megabytes")
def name_long(size):
    names = leb(1) + b"\0" + leb(size) + b"n" * size
    return module(trailing=section(0, name("name") + b"\1" + leb(len(names)) + names))


@case(2_000_000, "exited", "custom sections without contents")
def custom_many(size):
    return module(trailing=b"\x00\x01\x00" * size)


# --- long bodies


@case(7_600_000, "exited", "a body of millions of instructions of one byte")
def body_nops(size):
    return module(b"\x01" * size)


@case(10_000_000, "refused", "a body of ten megabytes")
def body_ten_megabytes(size):
    return module(b"\x01" * size)


@case(2_500_000, "exited", "a body of millions of constants that are dropped")
def body_constants(size):
    return module(b"\x41\x01\x1a" * size)


@case(1_900_000, "exited", "a body of millions of branches to its end")
def body_branches(size):
    return module(b"\x41\x00\x0d\x00" * size)


@case(140, "exited", "functions of 64 KiB, all of them called")
def bodies_long(size):
    calls = b"".join(b"\x10" + leb(index) for index in range(1, size + 1))
    return module(functions=[0] * (size + 1), bodies=[body(calls)] + [body(b"\x01" * 65536)] * size)


@case(14, "refused", "more code than a world for this memory loads, in MiB")
def code_too_much(size):
    return module(functions=[0] * (16 * size + 1), bodies=[body(b"")] + [body(b"\x01" * 65536)] * 16 * size)


# --- bytes that lie


@case(MOST, "refused", "a section that announces more bytes than there are")
def section_too_long(size):
    return HEADER + b"\x01" + leb(size) + b"\x00"


@case(3, "refused", "a section that ends before its contents")
def section_too_short(size):
    return HEADER + b"\x01" + leb(size) + b"\x02" + function_type() * 2


@case(5, "refused", "a section that ends after its contents")
def section_beyond(size):
    return HEADER + b"\x01" + leb(size) + b"\x01" + function_type() + b"\x00" * 8


@case(1 << 20, "refused", "a body that ends before its last instruction")
def body_cut(size):
    contents = leb(0) + b"\x41" * size
    return HEADER + section(1, vector([function_type()])) + section(3, vector([leb(0)])) + section(
        10, leb(1) + leb(len(contents)) + contents)


def announced(number):
    """A section of that number whose vector announces as many items as 32 bits count."""

    def make(size):
        return HEADER + section(number, leb(size) + bytes(16))

    make.__name__ = f"items_announced_{number}"
    return make


for each in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11):
    case(MOST, "refused", f"section {each}: a vector that announces as many items as 32 bits count")(announced(each))


@case(1_000_000, "refused", "a number written with a million bytes")
def number_overlong(size):
    return HEADER + b"\x01" + b"\x80" * size + b"\x00"


@case(1, "exited", "numbers written with all the bytes they may have")
def numbers_padded(size):
    types = b"\x01\x88\x80\x80\x80\x00" + b"\x81\x80\x80\x80\x00" + function_type()
    functions = b"\x03\x8a\x80\x80\x80\x00" + b"\x81\x80\x80\x80\x00" + b"\x80\x80\x80\x80\x00"
    return HEADER + types + functions + section(7, vector([START])) + section(10, vector([body(b"")]))


@case(1, "refused", "the name of an export that is no UTF-8")
def export_not_unicode(size):
    return module(exports=[START, name(b"\xff\xfe") + b"\0\0"])


@case(1, "refused", "the name of a custom section that is no UTF-8")
def custom_not_unicode(size):
    return module(trailing=section(0, name(b"\xc0\x80")))


@case(1, "exited", "a function's name in the name section that is no UTF-8")
def names_not_unicode(size):
    names = vector([b"\0" + name(b"\xed\xa0\x80")])
    return module(trailing=section(0, name("name") + b"\1" + leb(len(names)) + names))


# --- what never ends, and what wants everything


@case(1, "frozen-gas", "an endless loop")
def loop_endless(size):
    return module(b"\x03\x40\x0c\x00\x0b")


@case(1, "faulted", "endless recursion")
def recursion_endless(size):
    return module(b"\x10\x00")


@case(50_000, "faulted", "endless recursion with frames as large as they may be")
def recursion_large(size):
    return module(b"\x10\x00", local_runs=[(size, I64)])


@case(65_536, "frozen-gas|frozen-space", "a memory of 4 GiB, filled in one instruction")
def memory_fill(size):
    code = const(0) + const(1) + const(-1) + b"\xfc\x0b\x00"
    return module(code, memories=[b"\0" + leb(size)])


@case(65_536, "exited", "a memory of 4 GiB, read at every page")
def memory_read(size):
    # local 0 goes from 0 to 4 GiB by 4,096
    code = b"\x03\x40" + b"\x20\x00\x28\x02\x00\x1a" + b"\x20\x00" + const(4096) + b"\x6a\x22\x00" + b"\x0d\x00\x0b"
    return module(code, memories=[b"\0" + leb(size)], local_runs=[(1, I32)])


@case(65_536, "frozen-gas|frozen-space", "a memory of 4 GiB, written at every page")
def memory_write(size):
    code = b"\x03\x40" + b"\x20\x00" + const(1) + b"\x36\x02\x00" + b"\x20\x00" + const(4096) + b"\x6a\x22\x00" + b"\x0d\x00\x0b"
    return module(code, memories=[b"\0" + leb(size)], local_runs=[(1, I32)])


@case(500_000, "exited", "a memory that is asked half a million times to grow by more than there is, and by nothing")
def memory_grow(size):
    code = b"\x03\x40" + const(65_536) + b"\x40\x00\x1a" + const(0) + b"\x40\x00\x1a"
    code += b"\x20\x00" + const(1) + b"\x6a\x22\x00" + const(size) + b"\x49\x0d\x00\x0b"
    return module(code, memories=[b"\0\1"], local_runs=[(1, I32)])


@case(10_000_000, "frozen-gas|frozen-space|exited", "a table of ten million elements, filled in one instruction")
def table_fill(size):
    code = const(0) + b"\xd2\x00" + const(size) + b"\xfc\x11\x00"
    return module(code, tables=[bytes([FUNCREF, 0]) + leb(size)])


@case(10_000_000, "frozen-gas|frozen-space|exited", "a table that grows by ten million elements at once")
def table_grow(size):
    code = b"\xd2\x00" + const(size) + b"\xfc\x0f\x00\x1a"
    return module(code, tables=[bytes([FUNCREF, 0, 0])])


@case(1_000_000, "exited|frozen-gas", "a million host calls that write nothing")
def host_calls(size):
    # local 0 goes from 0 to the size
    code = b"\x03\x40" + (const(1) + const(0) * 2 + const(8) + b"\x10\x00\x1a")
    code += b"\x20\x00" + const(1) + b"\x6a\x22\x00" + const(size) + b"\x49\x0d\x00\x0b"
    return module(
        code, imports=[name("wasi_snapshot_preview1") + name("fd_write") + b"\0\1"], memories=[b"\0\1"],
        types=[function_type([I32] * 4, [I32])], exports=[name("_start") + b"\0\1"], local_runs=[(1, I32)])


@case(1_000, "exited", "a thousand turns given away")
def turns_given(size):
    code = b"\x03\x40\x10\x00\x1a" + b"\x20\x00" + const(1) + b"\x6a\x22\x00" + const(size) + b"\x49\x0d\x00\x0b"
    return module(
        code, imports=[name("wasi_snapshot_preview1") + name("sched_yield") + b"\0\1"],
        types=[function_type([], [I32])], exports=[name("_start") + b"\0\1"], local_runs=[(1, I32)])


# --- linked


def imported(library, item, kind):
    return name(library) + name(item) + kind


@linked(lambda size: [
    ("a", module(exports=[name("f") + b"\0\0"])),
    ("b", module(
        functions=[], bodies=[], imports=[imported("a", "f", b"\0\0")] * size,
        exports=[name(f"e{index}") + b"\0" + leb(index) for index in range(size)])),
])
@case(30_000, "exited", "imports of what another module imports and exports under as many names")
def links_functions(size):
    return module(
        imports=[imported("b", f"e{index}", b"\0\0") for index in range(size)], exports=[name("_start") + b"\0" + leb(size)])


@linked(lambda size: [
    ("a", module(
        globals_=[bytes([I32, 1]) + const(7) + b"\x0b"] * size,
        exports=[START] + [name(f"g{index}") + b"\3" + leb(index) for index in range(size)])),
])
@case(49_000, "exited", "imports of another module's globals")
def links_globals(size):
    return module(imports=[imported("a", f"g{index}", bytes([3, I32, 1])) for index in range(size)])


@linked(lambda size: [(f"m{index}", module()) for index in range(size)])
@case(1_023, "frozen-gas", "as many modules as a process may have, and an endless loop")
def links_most(size):
    return module(b"\x03\x40\x0c\x00\x0b")


@linked(lambda size: [("a", module(tables=[bytes([FUNCREF, 0, 1])], exports=[name("t") + b"\1\0"]))] + [
    (f"m{index}", module(imports=[imported("a", "t", bytes([1, FUNCREF, 0, 0]))] * 900)) for index in range(size)])
@case(100, "frozen-gas", "a table that is imported 90,000 times, and grows by nothing for ever")
def links_table(size):
    code = b"\x03\x40\xd0" + bytes([FUNCREF]) + const(0) + b"\xfc\x0f\x00\x1a\x0c\x00\x0b"
    return module(code, imports=[imported("a", "t", bytes([1, FUNCREF, 0, 0]))])


def scattered():
    """A byte on each of 1,023 pages."""
    return module(
        memories=[b"\0" + leb(64)], data=[b"\0" + const(4096 * index) + b"\x0b\1x" for index in range(1_023)])


@linked(lambda size: [(f"m{index}", scattered()) for index in range(size)])
@case(300, "frozen-gas|frozen-space|exited", "small modules that would fill many pages")
def links_images(size):
    return module()


@case(1_000_000, "frozen-gas", "calls of the host with a long list of which the last is bad")
def host_lists(size):
    # local 0 goes from 0 to the size; the last of 1,024 buffers has all of 32 bits
    code = const(8192) + const(-1) + b"\x36\x02\x00" + const(8196) + const(-1) + b"\x36\x02\x00"
    code += b"\x03\x40" + const(1) + const(8) + const(1024) + const(0) + b"\x10\x00\x1a"
    code += b"\x20\x00" + const(1) + b"\x6a\x22\x00" + const(size) + b"\x49\x0d\x00\x0b"
    return module(
        code, imports=[name("wasi_snapshot_preview1") + name("fd_write") + b"\0\1"], memories=[b"\0\1"],
        types=[function_type([I32] * 4, [I32])], exports=[name("_start") + b"\0\1"], local_runs=[(1, I32)])


# --- programs that do not fit together into the working set, and loop for ever: how many, what each is about, and a
# maker of one, which takes its number, so that no two are the same, and gives it with what it is linked to

TOGETHER = {}
LOOP_FOR_EVER = b"\x03\x40\x0c\x00\x0b"


def together(count, about):
    def register(make):
        TOGETHER[make.__name__.replace("_", "-")] = (count, about, make)
        return make

    return register


@together(2, "programs of 7 MB of code")
def together_code(index):
    rest = body((const(1) + b"\x1a") * (2_400_000 + index))
    return module(functions=[0, 0], bodies=[body(LOOP_FOR_EVER), rest]), []


@together(12, "programs of 100,000 types")
def together_types(index):
    kinds = [I32, I64, F32, F64]
    types = [function_type([kinds[each >> 2 * place & 3] for place in range(9)]) for each in range(100_000 + index)]
    return module(LOOP_FOR_EVER, types=types), []


@together(4, "programs of nearly as many functions as there may be")
def together_functions(index):
    size = 999_980 + index
    return module(functions=[0] * (size + 1), bodies=[body(LOOP_FOR_EVER)] + [body(b"")] * size), []


@together(15, "programs of blocks that take and give 1,000 values")
def together_blocks(index):
    wide = function_type([I64] * 1000, [I64] * 1000)
    rest = body(b"\x42\x00" * 1000 + b"\x02\x01\x0b" * (300_000 + index) + b"\x1a" * 1000)
    return module(types=[wide], functions=[0, 0], bodies=[body(LOOP_FOR_EVER), rest]), []


@together(3, "programs of an element segment with millions of functions")
def together_elements(index):
    size = 5_000_000 + index
    segment = b"\1\0" + leb(size) + bytes(size)
    return module(LOOP_FOR_EVER, elements=[segment]), []


@together(6, "programs of as many modules as a process may have")
def together_instances(index):
    return module(LOOP_FOR_EVER + b"\x01" * index), [(f"m{each}", module()) for each in range(1_023)]


def main(arguments):
    if arguments == ["--list"]:
        for each, (size, end, about, _) in CASES.items():
            print(each, size, end, about, sep="\t")
        for each, (count, about, _) in TOGETHER.items():
            print(each, count, "ready", about, sep="\t")
        return 0
    if len(arguments) not in (1, 2) or arguments[0] not in CASES:
        print(__doc__, file=sys.stderr)
        return 64
    size, _, _, make = CASES[arguments[0]]
    sys.stdout.buffer.write(make(int(arguments[1]) if len(arguments) == 2 else size))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
