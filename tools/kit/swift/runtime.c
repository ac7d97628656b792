// What Embedded Swift needs and a KeyVM process has not by itself: memory that is given back, copies and comparisons of bytes, output for
// `print`, randomness for `Hasher`, products and quotients of 128 bits, and the way into the program and out of it.
//
// The heap: blocks one behind the other, each with its size and the size of the one before, so that what is free grows together at once.
// Free blocks hang in lists by the power of two of their size. A block's payload is a multiple of 16. Nothing is ever in two lists;
// two free blocks never touch. Where there is no more memory the program traps, as Swift has no other answer.
//
// Compiled by the same clang with -fno-builtin, without any C library.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

struct piece {
    const void *bytes;
    size_t count;
};

WASI("fd_write") int32_t wasi_fd_write(int32_t descriptor, const struct piece *pieces, size_t count, size_t *written);
WASI("random_get") int32_t wasi_random_get(void *bytes, size_t count);
WASI("proc_exit") _Noreturn void wasi_proc_exit(int32_t code);

// MARK: Bytes

// With bulk memory these are instructions of WebAssembly.
void *memcpy(void *to, const void *from, size_t count) { return __builtin_memcpy(to, from, count); }
void *memmove(void *to, const void *from, size_t count) { return __builtin_memmove(to, from, count); }
void *memset(void *to, int value, size_t count) { return __builtin_memset(to, value, count); }

int memcmp(const void *one, const void *other, size_t count)
{
    const unsigned char *a = one, *b = other;
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

size_t strlen(const char *text)
{
    size_t count = 0;
    while (text[count]) count++;
    return count;
}

// MARK: The heap

enum { USED = 1, UNIT = 16, HEADER = 8, BINS = 32, WASM_PAGE = 65536, LOOKS = 16 };
#define MOST_BYTES ((size_t)1 << 30)

/// Lies 8 bytes before a multiple of 16. The links are there where it is free.
struct block {
    uint32_t size;     ///< with its header, a multiple of 16; lowest bit: it is in use
    uint32_t previous; ///< size of the block that ends where this begins; 0: it is the first of its stretch of memory
    struct block *next, **link;
};

extern unsigned char __heap_base;

static struct block *bins[BINS];
static uint32_t filled; ///< which bins are not empty
static uintptr_t end;   ///< of the memory that the heap has; 0: it has none yet

static size_t size_of(const struct block *block) { return block->size & ~(uint32_t)USED; }
static struct block *behind(struct block *block) { return (struct block *)((char *)block + size_of(block)); }
static int bin_of(size_t size) { return 31 - __builtin_clz((uint32_t)size); }

static void hang(struct block *block)
{
    int bin = bin_of(block->size);
    block->next = bins[bin];
    block->link = &bins[bin];
    if (block->next) block->next->link = &block->next;
    bins[bin] = block;
    filled |= 1u << bin;
}

static void unhang(struct block *block)
{
    *block->link = block->next;
    if (block->next) block->next->link = block->link;
    int bin = bin_of(size_of(block));
    if (!bins[bin]) filled &= ~(1u << bin);
}

/// Gives a block back, with the free ones on both sides of it.
static void release(struct block *block)
{
    size_t size = size_of(block);
    struct block *next = behind(block);
    if (!(next->size & USED)) {
        unhang(next);
        size += next->size;
    }
    if (block->previous) {
        struct block *previous = (struct block *)((char *)block - block->previous);
        if (!(previous->size & USED)) {
            unhang(previous);
            size += previous->size;
            block = previous;
        }
    }
    block->size = (uint32_t)size;
    behind(block)->previous = (uint32_t)size;
    hang(block);
}

/// Lets a block in use be `size` large; what is left of it is free.
static void cut(struct block *block, size_t size)
{
    size_t rest = size_of(block) - size;
    if (rest < UNIT) return;
    block->size = (uint32_t)size | USED;
    struct block *left = behind(block);
    left->size = (uint32_t)rest | USED;
    left->previous = (uint32_t)size;
    behind(left)->previous = (uint32_t)rest;
    release(left);
}

/// More memory, in which a block of this size has room. False where there is none.
static bool grow(size_t size)
{
    uintptr_t have = __builtin_wasm_memory_size(0) * (uintptr_t)WASM_PAGE;
    uintptr_t from = end;
    if (end == 0) {
        // The first is what the module has behind its data.
        uintptr_t base = ((uintptr_t)&__heap_base + UNIT - 1) & ~(uintptr_t)(UNIT - 1);
        from = base + HEADER;
    }
    if (end != 0 || have < from + size + 2 * UNIT) {
        size_t units = (size + 4 * UNIT + WASM_PAGE - 1) / WASM_PAGE;
        size_t before = __builtin_wasm_memory_grow(0, units);
        if (before == SIZE_MAX) return false;
        // Somebody else may have grown it: what lies between is not ours.
        if (end != 0 && before * WASM_PAGE != end) from = before * WASM_PAGE + HEADER, end = 0;
        have = (before + units) * WASM_PAGE;
    }
    // A stretch ends with a block in use that is a header alone, and begins there again when it goes on.
    struct block *block;
    if (end == 0) {
        block = (struct block *)from;
        block->previous = 0;
        block->size = (uint32_t)(have - HEADER - from) | USED;
    } else {
        block = (struct block *)(end - HEADER);
        block->size = (uint32_t)(have - end) | USED;
    }
    end = have;
    struct block *last = behind(block);
    last->size = HEADER | USED;
    last->previous = (uint32_t)size_of(block);
    release(block);
    return true;
}

/// A free block of at least this size, out of its list; NULL: there is none.
static struct block *find(size_t size)
{
    int bin = bin_of(size);
    struct block *block = bins[bin];
    for (int looks = 0; block && looks < LOOKS; looks++, block = block->next)
        if (block->size >= size) return unhang(block), block;
    uint32_t larger = filled & ~((2u << bin) - 1);
    if (!larger) return NULL;
    block = bins[__builtin_ctz(larger)];
    unhang(block);
    return block;
}

static void *take(size_t count, size_t alignment)
{
    if (count > MOST_BYTES || alignment > MOST_BYTES) return NULL;
    size_t size = (count + HEADER + UNIT - 1) & ~(size_t)(UNIT - 1);
    size_t slack = alignment > UNIT ? alignment : 0;
    struct block *block = find(size + slack);
    if (!block) {
        if (!grow(size + slack)) return NULL;
        block = find(size + slack);
        if (!block) return NULL;
    }
    block->size |= USED;
    uintptr_t payload = (uintptr_t)block + HEADER;
    size_t gap = slack ? -payload & (alignment - 1) : 0;
    if (gap) {
        struct block *front = block;
        size_t whole = size_of(front);
        block = (struct block *)((char *)front + gap);
        block->size = (uint32_t)(whole - gap) | USED;
        block->previous = (uint32_t)gap;
        behind(block)->previous = (uint32_t)(whole - gap);
        front->size = (uint32_t)gap | USED;
        release(front);
    }
    cut(block, size);
    return (char *)block + HEADER;
}

/// Memory, aligned to a power of two. It traps where there is none: Swift writes to what it asked for.
int posix_memalign(void **to, size_t alignment, size_t count)
{
    void *memory = take(count, alignment);
    if (!memory) __builtin_trap();
    *to = memory;
    return 0;
}

/// Memory, or NULL.
void *malloc(size_t count) { return take(count, UNIT); }

void *aligned_alloc(size_t alignment, size_t count) { return take(count, alignment); }

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    void *memory = take(bytes, UNIT);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void free(void *memory)
{
    if (memory) release((struct block *)((char *)memory - HEADER));
}

void *realloc(void *memory, size_t count)
{
    if (!memory) return malloc(count);
    size_t there = size_of((struct block *)((char *)memory - HEADER)) - HEADER;
    if (count <= there) return memory;
    void *larger = malloc(count);
    if (!larger) return NULL;
    memcpy(larger, memory, there);
    free(memory);
    return larger;
}

// MARK: Output

static char line[1024];
static size_t length;

/// Writes what `print` has not written yet: by lines it does so itself. What the console does not take is lost.
void keyvm_flush(void)
{
    size_t done = 0;
    while (done < length) {
        struct piece piece = {line + done, length - done};
        size_t written = 0;
        if (wasi_fd_write(1, &piece, 1, &written) != 0 || written == 0) break;
        done += written;
    }
    length = 0;
}

int putchar(int character)
{
    line[length++] = (char)character;
    if (character == '\n' || length == sizeof line) keyvm_flush();
    return (unsigned char)character;
}

// MARK: Randomness

/// What seeds `Hasher` and `SystemRandomNumberGenerator`: the world's generator, by the key in register 4.
void arc4random_buf(void *bytes, size_t count)
{
    enum { MOST = 4096 };
    for (char *at = bytes; count > 0;) {
        size_t part = count < MOST ? count : MOST;
        // Without that key it is zeros: hashes are then the same each time.
        if (wasi_random_get(at, part) != 0) memset(at, 0, part);
        at += part;
        count -= part;
    }
}

// MARK: 128 bits

typedef unsigned __int128 wide;
typedef __int128 signed_wide;

/// Of halves, since the compiler makes a product of 128 bits a call of this function.
wide __multi3(wide a, wide b)
{
    uint64_t low_a = (uint64_t)a, low_b = (uint64_t)b;
    uint64_t al = (uint32_t)low_a, ah = low_a >> 32, bl = (uint32_t)low_b, bh = low_b >> 32;
    uint64_t first = al * bl, second = ah * bl + (first >> 32), third = al * bh + (uint32_t)second;
    uint64_t high = ah * bh + (second >> 32) + (third >> 32) + low_a * (uint64_t)(b >> 64) + (uint64_t)(a >> 64) * low_b;
    return (wide)high << 64 | third << 32 | (uint32_t)first;
}

static wide divide(wide a, wide b, wide *rest)
{
    if (b == 0) __builtin_trap();
    if (a >> 64 == 0 && b >> 64 == 0) {
        *rest = (uint64_t)a % (uint64_t)b;
        return (uint64_t)a / (uint64_t)b;
    }
    wide quotient = 0, left = 0;
    for (int bit = 127; bit >= 0; bit--) {
        bool carries = left >> 127;
        left = left << 1 | (a >> bit & 1);
        if (!carries && left < b) continue;
        left -= b;
        quotient |= (wide)1 << bit;
    }
    *rest = left;
    return quotient;
}

wide __udivti3(wide a, wide b)
{
    wide rest;
    return divide(a, b, &rest);
}

wide __umodti3(wide a, wide b)
{
    wide rest;
    divide(a, b, &rest);
    return rest;
}

static wide magnitude(signed_wide a) { return a < 0 ? -(wide)a : (wide)a; }

signed_wide __divti3(signed_wide a, signed_wide b)
{
    wide rest, quotient = divide(magnitude(a), magnitude(b), &rest);
    return (signed_wide)((a < 0) != (b < 0) ? -quotient : quotient);
}

signed_wide __modti3(signed_wide a, signed_wide b)
{
    wide rest;
    divide(magnitude(a), magnitude(b), &rest);
    return (signed_wide)(a < 0 ? -rest : rest);
}

// MARK: In and out

int __main_argc_argv(int count, char **arguments);
void __wasm_call_ctors(void);

/// Ends the program with a code, when what it printed is written.
_Noreturn void exit(int code)
{
    keyvm_flush();
    wasi_proc_exit(code);
}

_Noreturn void abort(void)
{
    keyvm_flush();
    __builtin_trap();
}

__attribute__((export_name("_start"))) void _start(void)
{
    __wasm_call_ctors();
    exit(__main_argc_argv(0, NULL));
}
