// Throwing and catching on core WebAssembly, which has neither exceptions nor a way to read its own stack of calls.
// Owns the buffer into which Asyncify saves the locals of the calls that it ends. They are never put back, since a throw
// only goes outwards; so the buffer is used from its beginning at each throw. Invariant: `target` is set exactly while a
// throw is under way.
#include "throw.h"

#include <stddef.h>

/// What Asyncify is given: where it saves next, and the end of the room for it. It traps rather than go beyond.
struct asyncify_buffer {
    char *position, *end;
};

// wasm-opt --asyncify makes these two; the module that comes out imports nothing of the name.
__attribute__((import_module("asyncify"), import_name("start_unwind"))) void start_unwind(struct asyncify_buffer *);
__attribute__((import_module("asyncify"), import_name("stop_unwind"))) void stop_unwind(void);

// Lua nests at most LUAI_MAXCCALLS (200) calls of C, each of a few frames of up to some hundred bytes.
static char saved[1 << 20];
static struct asyncify_buffer buffer;
static void *target;

/// The stack pointer of C, which frames that are left early do not put back.
static inline char *stack_pointer(void)
{
    char *pointer;
    __asm__ volatile(".globaltype __stack_pointer, i32\n"
                     "global.get __stack_pointer\n"
                     "local.set %0" : "=r"(pointer));
    return pointer;
}

static inline void set_stack_pointer(char *pointer)
{
    __asm__ volatile(".globaltype __stack_pointer, i32\n"
                     "local.get %0\n"
                     "global.set __stack_pointer" : : "r"(pointer));
}

// Not inlined: a function that calls stop_unwind is left as it is by Asyncify, and that may be said of this one only.
__attribute__((noinline)) int keyvm_try(void *mark, void (*body)(struct lua_State *, void *), struct lua_State *state,
                                        void *argument)
{
    char *pointer = stack_pointer();
    body(state, argument);
    if (target == NULL) return 0;
    stop_unwind();
    set_stack_pointer(pointer);
    if (target != mark) return 2;
    target = NULL;
    return 1;
}

__attribute__((noinline)) void keyvm_throw_on(void)
{
    buffer.position = saved;
    buffer.end = saved + sizeof saved;
    start_unwind(&buffer);
}

void keyvm_throw(void *mark)
{
    target = mark;
    keyvm_throw_on();
}
