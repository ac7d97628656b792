// A shell around QuickJS, whose Python package holds the engine without one: runs the script that standard input holds,
// then the jobs that it left (promises), and gives it `print`. Exit code 1 when the script or a job throws.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quickjs.h"

/// All of standard input with a NUL behind it; ends the program when there is no room for it.
static char *read_all(size_t *bytes)
{
    size_t capacity = 1 << 16, filled = 0;
    char *text = malloc(capacity + 1);
    while (text != NULL) {
        size_t got = fread(text + filled, 1, capacity - filled, stdin);
        filled += got;
        if (got == 0) break;
        if (filled == capacity) {
            capacity *= 2;
            char *larger = realloc(text, capacity + 1);
            if (larger == NULL) free(text);
            text = larger;
        }
    }
    if (text == NULL) {
        fputs("js: the script is too long\n", stderr);
        exit(1);
    }
    text[filled] = 0;
    *bytes = filled;
    return text;
}

/// print(a, b, …): the arguments as strings, a space between any two, and a newline.
static JSValue print(JSContext *context, JSValueConst this, int count, JSValueConst *arguments)
{
    (void)this;
    for (int index = 0; index < count; index++) {
        const char *text = JS_ToCString(context, arguments[index]);
        if (text == NULL) return JS_EXCEPTION;
        printf("%s%s", index > 0 ? " " : "", text);
        JS_FreeCString(context, text);
    }
    putchar('\n');
    return JS_UNDEFINED;
}

/// Says what was thrown, and where.
static void report(JSContext *context)
{
    JSValue thrown = JS_GetException(context);
    const char *text = JS_ToCString(context, thrown);
    fprintf(stderr, "js: %s\n", text != NULL ? text : "an exception that has no text");
    JS_FreeCString(context, text);
    JSValue stack = JS_GetPropertyStr(context, thrown, "stack");
    if (JS_IsString(stack)) {
        const char *calls = JS_ToCString(context, stack);
        if (calls != NULL) fputs(calls, stderr);
        JS_FreeCString(context, calls);
    }
    JS_FreeValue(context, stack);
    JS_FreeValue(context, thrown);
}

int main(void)
{
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *context = runtime != NULL ? JS_NewContext(runtime) : NULL;
    if (context == NULL) {
        fputs("js: out of memory\n", stderr);
        return 1;
    }
    JSValue global = JS_GetGlobalObject(context);
    JS_SetPropertyStr(context, global, "print", JS_NewCFunction(context, print, "print", 1));
    JS_FreeValue(context, global);

    size_t bytes;
    char *script = read_all(&bytes);
    JSValue result = JS_Eval(context, script, bytes, "<stdin>", JS_EVAL_TYPE_GLOBAL);
    int failed = JS_IsException(result);
    JS_FreeValue(context, result);
    free(script);
    JSContext *of_job = context;
    for (int more = 1; !failed && more > 0;) {
        more = JS_ExecutePendingJob(runtime, &of_job);
        failed = more < 0;
    }
    if (failed) report(of_job);
    JS_FreeContext(context);
    JS_FreeRuntime(runtime);
    return failed;
}
