"""wasmtime as a peer: does what a transcript of run-exports says was done, and writes down the same kind of lines.

Values go through wasmtime's C interface as bits, so that no NaN is changed on the way. Invariant: nothing of our own
transcript is copied into the peer's lines but what was called with which arguments.
"""

import ctypes
import re
import zlib

import wasmtime
from wasmtime import TrapCode
from wasmtime import _ffi as ffi

ELEMENTS = 1 << 20
PAGE = 4096
ZEROS = bytes(PAGE)
TRAPS = {
    TrapCode.STACK_OVERFLOW: "call stack exhausted",
    TrapCode.MEMORY_OUT_OF_BOUNDS: "out of bounds memory access",
    TrapCode.TABLE_OUT_OF_BOUNDS: "out of bounds table access",
    TrapCode.INDIRECT_CALL_TO_NULL: "uninitialized element",
    TrapCode.BAD_SIGNATURE: "indirect call type mismatch",
    TrapCode.INTEGER_OVERFLOW: "integer overflow",
    TrapCode.INTEGER_DIVISION_BY_ZERO: "integer divide by zero",
    TrapCode.BAD_CONVERSION_TO_INTEGER: "invalid conversion to integer",
    TrapCode.UNREACHABLE: "unreachable",
}
KINDS = {
    "i32": ffi.WASMTIME_I32, "i64": ffi.WASMTIME_I64, "f32": ffi.WASMTIME_F32, "f64": ffi.WASMTIME_F64,
    "funcref": ffi.WASMTIME_FUNCREF, "externref": ffi.WASMTIME_EXTERNREF,
}
NAMES = {kind.value: name for name, kind in KINDS.items()}
VALUE = re.compile(r"(i32|i64|f32|f64|funcref|externref):(\w+)")


def new_engine() -> wasmtime.Engine:
    """An engine that accepts core 2.0 without vectors, as we do, and makes NaNs canonical."""
    config = wasmtime.Config()
    for feature in ("simd relaxed_simd threads tail_call gc function_references exceptions memory64 multi_memory "
                    "wide_arithmetic custom_page_sizes").split():
        setattr(config, f"wasm_{feature}", False)
    config.parallel_compilation = False
    ffi.wasmtime_config_cranelift_nan_canonicalization_set(config.ptr(), True)
    return wasmtime.Engine(config)


class Peer:
    """Replays transcripts of one module after the other."""

    name = "wasmtime"

    def __init__(self) -> None:
        self.engine = new_engine()

    def compiled(self, binary: bytes) -> "wasmtime.Module | None":
        """The module, or None where it is refused."""
        try:
            return wasmtime.Module(self.engine, binary)
        except wasmtime.WasmtimeError:
            return None

    def replay(self, module: wasmtime.Module, ours: list[str]) -> list[str]:
        """The lines of the peer, which did what `ours` says was done."""
        return Replay(self.engine, module).run(ours)


class Replay:
    """One instance and what it did."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self.store = wasmtime.Store(engine)
        self.store.set_limits(table_elements=ELEMENTS)
        self.context = self.store._context()
        self.module = module
        self.lines: list[str] = []
        self.callbacks: list[object] = []

    def run(self, ours: list[str]) -> list[str]:
        has_start = "start" in ours[1:2]
        before = ["instantiate => ok", "start"] if has_start else []
        try:
            imports = [self.stub(place, one.type) for place, one in enumerate(self.module.imports)]
            instance = wasmtime.Instance(self.store, self.module, imports)
        except wasmtime.Trap as trap:
            return before + self.lines + [("  => " if has_start else "instantiate => ") + self.trap(trap)]
        self.lines = before + self.lines + ["  => ()"] if has_start else ["instantiate => ok"]
        exports = instance.exports(self.store).by_index
        for line in ours:
            if line.startswith("call "):
                self.lines.append(line)
                place = int(line.split()[1])
                self.call(exports[place], VALUE.findall(line.partition("(")[2]))
        if any(line.startswith(("memory ", "table ", "global ")) for line in ours):
            for place, export in enumerate(exports):
                self.state(place, export)
        return self.lines

    def stub(self, place: int, kind: object) -> object:
        """An imported function that notes its arguments and returns zeros."""
        if not isinstance(kind, wasmtime.FuncType):
            raise ValueError("only functions are imported")
        # The package calls external references by their older name.
        results = [str(one).replace("anyref", "externref") for one in kind.results]

        def callback(_env, _caller, arguments, count, answers, _answers):  # type: ignore[no-untyped-def]
            self.lines.append(f"  host {place}({' '.join(self.text(arguments[i]) for i in range(count))})")
            for index, name in enumerate(results):
                self.fill(answers[index], name, "null" if name.endswith("ref") else "0")
            return 0

        typed = ffi.wasmtime_func_callback_t(callback)
        self.callbacks.append(typed)
        made = ffi.wasmtime_func_t()
        finalizer = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))
        ffi.wasmtime_func_new(self.context, kind.ptr(), typed, None, finalizer, ctypes.byref(made))
        return wasmtime.Func._from_raw(made)

    def call(self, function: wasmtime.Func, arguments: list[tuple[str, str]]) -> None:
        kind = function.type(self.store)
        count = len(kind.results)
        given = (ffi.wasmtime_val_t * max(1, len(arguments)))()
        answers = (ffi.wasmtime_val_t * max(1, count))()
        for index, (name, digits) in enumerate(arguments):
            self.fill(given[index], name, digits)
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        error = ffi.wasmtime_func_call(
            self.context, ctypes.byref(function._func), given, len(arguments), answers, count, ctypes.byref(trap))
        if error:
            raise wasmtime.WasmtimeError._from_ptr(error)
        if trap:
            self.lines.append("  => " + self.trap(wasmtime.Trap._from_ptr(trap)))
        else:
            self.lines.append(f"  => ({' '.join(self.text(answers[i]) for i in range(count))})")

    def fill(self, value: ffi.wasmtime_val_t, name: str, digits: str) -> None:
        value.kind = KINDS[name].value
        if name in ("i32", "f32"):
            value.of.i64 = int(digits, 16)
        elif name in ("i64", "f64"):
            value.of.i64 = int(digits, 16) - (1 << 64 if int(digits, 16) >> 63 else 0)
        elif name == "funcref":
            value.of.funcref = ffi.wasmtime_func_t()
        elif digits == "null":
            value.of.externref = ffi.wasmtime_externref_t()
        else:
            # The reference's data is the number itself.
            nothing = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))
            if not ffi.wasmtime_externref_new(
                    self.context, ctypes.c_void_p(int(digits)), nothing, ctypes.byref(value.of.externref)):
                raise MemoryError("no room for a reference")

    def text(self, value: ffi.wasmtime_val_t) -> str:
        name = NAMES[value.kind]
        if name in ("i32", "f32"):
            return f"{name}:{value.of.i32 & 0xFFFFFFFF:08x}"
        if name in ("i64", "f64"):
            return f"{name}:{value.of.i64 & 0xFFFFFFFFFFFFFFFF:016x}"
        if name == "funcref":
            return "funcref:function" if value.of.funcref.store_id else "funcref:null"
        if not value.of.externref.store_id:
            return "externref:null"
        number = ffi.wasmtime_externref_data(self.context, ctypes.byref(value.of.externref)) or 0
        return f"externref:{number}"

    @staticmethod
    def trap(trap: wasmtime.Trap) -> str:
        code = trap.trap_code
        return f"trap: {TRAPS[code]}" if code in TRAPS else f"trap: {trap.message}"

    def state(self, place: int, export: object) -> None:
        """The line of an exported memory, table or global."""
        if isinstance(export, wasmtime.Memory):
            size = export.data_len(self.store)
            first = ctypes.addressof(export.data_ptr(self.store).contents) if size else 0
            pages = ((page, ctypes.string_at(first + page * PAGE, PAGE)) for page in range(size // PAGE))
            sums = "".join(f" {page}:{zlib.crc32(part):08x}" for page, part in pages if part != ZEROS)
            self.lines.append(f"memory {place} {size} bytes{sums}")
        elif isinstance(export, wasmtime.Table):
            count = export.size(self.store)
            marks = "".join("0" if self.is_null(export, index) else "1" for index in range(min(count, 64)))
            self.lines.append(f"table {place} {count} elements {marks}")
        elif isinstance(export, wasmtime.Global):
            value = ffi.wasmtime_val_t()
            ffi.wasmtime_global_get(self.context, ctypes.byref(export._global), ctypes.byref(value))
            self.lines.append(f"global {place} {self.text(value)}")

    def is_null(self, table: wasmtime.Table, index: int) -> bool:
        value = ffi.wasmtime_val_t()
        if not ffi.wasmtime_table_get(self.context, ctypes.byref(table._table), index, ctypes.byref(value)):
            raise IndexError("an element within the table's size")
        return self.text(value).endswith(":null")
