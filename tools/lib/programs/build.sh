# shellcheck shell=bash
# How each real program is compiled: its own files as they are, the shims of this folder, and what is defined for them.
# Sourced after sources.sh, never run. Invariants: a program is built from its source and this folder alone, into the
# cache; what is up to date is not built again.

# shellcheck disable=SC2154 # source and programs_cache are set by sources.sh, wasmkit by the script

shims=$root/tools/lib/programs
# A megabyte of stack for C, below everything else, so that running out of it is a trap and never a broken heap.
stack=('-Wl,-z,stack-size=1048576' '-Wl,--stack-first')

# under_wasmkit MODULE ARGUMENTS: runs it with standard input as it is, and room for recursion as deep as a world's.
under_wasmkit() { timeout 600 "$wasmkit" run --stack-size 16777216 "$@"; }

# compile NAME ARGUMENTS: tools/cc into the cache, the same module wherever that is; what the compiler says is shown when it fails.
compile() {
    local name=$1
    shift
    "$root/tools/cc" "$@" "${stack[@]}" -ffile-prefix-map="$programs_cache=." -w -o "$built/$name.wasm" >"$built/$name.log" 2>&1 || {
        cat "$built/$name.log" >&2
        fail "$name could not be compiled" "see the compiler's messages above" "tools/programs build $name"
    }
}

# its files are named in its Makefile as one list; contrib and the like are no part of it
build_minigzip() {
    local file files=()
    for file in adler32 compress crc32 deflate gzclose gzlib gzread gzwrite infback inffast inflate inftrees trees uncompr zutil test/minigzip; do
        files+=("$source/$file.c")
    done
    compile minigzip "${files[@]}" -I "$source" -DHAVE_UNISTD_H
}

# init.scm, which it reads at its start, becomes an array of bytes
build_tinyscheme() {
    {
        echo '#include <stddef.h>'
        echo 'extern const char keyvm_init_scm[];'
        echo 'extern const size_t keyvm_init_scm_bytes;'
        echo 'const char keyvm_init_scm[] = {'
        od -A n -v -t u1 "$source/init.scm" | awk '{ for (i = 1; i <= NF; i++) printf "%s,", $i; print "" }'
        echo '};'
        echo 'const size_t keyvm_init_scm_bytes = sizeof keyvm_init_scm;'
    } >"$built/init.scm.c"
    compile tinyscheme "$source/scheme.c" "$shims/tinyscheme/files.c" "$built/init.scm.c" \
        -I "$source" -DUSE_DL=0 -Wl,--wrap=fopen
}

# let_throw NAME: makes NAME.wasm of NAME.plain.wasm. Asyncify makes the two functions that throw.c imports. Calls of WASI
# never throw, so they count as plain ones.
let_throw() {
    wasm-opt --asyncify --pass-arg=asyncify-ignore-imports -O2 "$built/$1.plain.wasm" -o "$built/$1.wasm" ||
        fail "$1 could not be made to throw" "wasm-opt --asyncify failed" "wasm-opt --version"
}

# throwing is tried by itself first
build_lua() {
    local file files=() code=0
    compile throw-check.plain "$shims/lua/throw-check.c" "$shims/lua/throw.c" -I "$shims/lua"
    let_throw throw-check
    under_wasmkit "$built/throw-check.wasm" || code=$?
    ((code == 0)) || fail "throwing does not work" "check $code of throw-check.c" "wasm-opt --version"
    for file in "$source"/src/l*.c; do
        [[ $file == */luac.c ]] || files+=("$file")
    done
    compile lua.plain "${files[@]}" "$shims/lua/throw.c" "$shims/lua/missing.c" \
        -I "$shims/lua" -include throw.h -DL_tmpnam=20 \
        -D_WASI_EMULATED_SIGNAL -lwasi-emulated-signal -D_WASI_EMULATED_PROCESS_CLOCKS -lwasi-emulated-process-clocks
    let_throw lua
}

# this C library rounds to nearest only, so it has no names for the other two ways that QuickJS asks for
build_quickjs() {
    local engine=$source/upstream-quickjs file files=()
    for file in cutils libbf libregexp libunicode quickjs; do files+=("$engine/$file.c"); done
    compile quickjs "${files[@]}" "$shims/quickjs/main.c" -I "$shims/quickjs" -I "$engine" -D_GNU_SOURCE \
        -DCONFIG_BIGNUM -DCONFIG_VERSION="\"$(<"$engine/VERSION")\"" -DFE_DOWNWARD=1 -DFE_UPWARD=2 \
        -include malloc.h -Wno-incompatible-function-pointer-types
}

# SQLite's own makefile joins its files into one, and so takes Tcl and a compiler for this machine
build_speedtest1() {
    local joined=$built/sqlite3 clang
    clang=$(toolchain_program clang) || fail "the C compiler is missing" "there is no clang beside swift" "swift --version"
    rm -rf "$joined" && mkdir -p "$joined"
    (cd "$joined" && CC=$clang "$source/configure" --disable-tcl --disable-readline --disable-shared && make sqlite3.c) \
        >"$built/sqlite3.log" 2>&1 || {
        tail -n 20 "$built/sqlite3.log" >&2
        fail "SQLite's files could not be joined" "see the messages above" "cat $built/sqlite3.log"
    }
    compile speedtest1 "$joined/sqlite3.c" "$source/test/speedtest1.c" "$shims/speedtest1/vfs.c" -I "$joined" \
        -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_TEMP_STORE=3
}

# up_to_date PROGRAM: whether it was built since its shims, this file and its source were last changed.
up_to_date() {
    local program=$built/$1.wasm
    [[ -f $program && $program -nt $shims/build.sh && $program -nt $source ]] || return 1
    [[ ! -d $shims/$1 || -z $(find "$shims/$1" -name '*.[ch]' -newer "$program") ]]
}

# build_programs NAMES: fetches and builds what is not there yet.
build_programs() {
    local name began
    built=$programs_cache/built
    mkdir -p "$built"
    for name in "$@"; do
        source_of "$name"
        up_to_date "$name" && continue
        began=$SECONDS
        rm -f "$built/$name.wasm"
        "build_$name"
        printf 'built %-12s %8d bytes, %d s\n' "$name" "$(stat -c %s "$built/$name.wasm")" $((SECONDS - began))
    done
}
