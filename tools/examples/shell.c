// A shell on the console: a line is a command about the keys that this process holds. What it can do is what they let it do.
// The commands are in specs/programs/shell.md, and in `help`.
#include <inttypes.h>
#include <ctype.h>
#include <errno.h>
#include <keyvm-keys.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DISCRIM = 6, FIRST_REPLY = 12, REGISTERS = 32, LINE = 4096, WORDS = 16 };

static const char *const kinds[] = {"void",   "number", "page",   "node",    "process",    "start",  "resume",  "bank",
                                    "meter",  "device", "discrim", "checkpoint", "sealer", "unsealer", "forwarder"};
static const char *const codes[] = {"ok",      "void",     "order", "right", "value",
                                    "address", "register", "key",   "space", "itself"};
enum { KINDS = sizeof kinds / sizeof *kinds, CODES = sizeof codes / sizeof *codes };

static const char help[] = "keys                             what is in which register, by the discrim key in register 6\n"
                           "call R ORDER [N...] [key=R...] [\"TEXT]   invokes the key in R and waits; keys come to 12 to 15\n"
                           "send R ORDER [N...] [key=R...] [\"TEXT]   invokes it and goes on\n"
                           "copy R TO, move R TO, clear R    changes registers\n"
                           "weaken R RIGHTS TO               the same key with less rights\n"
                           "buy BANK KIND TO                 a page, node, bank or forwarder\n"
                           "sell BANK R                      a page, node or forwarder\n"
                           "figures BANK                     what it counts, in pages and cells\n"
                           "read PAGE FROM COUNT, write PAGE AT \"TEXT\n"
                           "fetch NODE SLOT TO, store NODE SLOT R\n"
                           "process PROCESS                  what it does, and what it used\n"
                           "start PROCESS, stop PROCESS, end PROCESS, remove PROCESS\n"
                           "invite PROCESS BADGE TO          a start key\n"
                           "take PROCESS N TO, give PROCESS N R       from and into its registers\n";

/// A line in pieces; a piece that begins with a quotation mark reaches to the end of the line.
struct command {
    char *words[WORDS];
    int count;
    char *text; ///< behind the quotation mark; NULL: there is none
};

static struct command split(char *line)
{
    struct command command = {.count = 0};
    line[strcspn(line, "\n")] = 0;
    for (;;) {
        line += strspn(line, " ");
        if (*line == '"') command.text = line + 1;
        if (*line == 0 || *line == '"' || command.count == WORDS) return command;
        command.words[command.count++] = line;
        line += strcspn(line, " ");
        if (*line) *line++ = 0;
    }
}

/// A number in decimal, or behind 0x in hexadecimal. False where it is none.
static bool number(const char *word, uint64_t *value)
{
    bool is_hexadecimal = strncmp(word, "0x", 2) == 0;
    const char *digits = is_hexadecimal ? word + 2 : word;
    char *end;
    // strtoull would take a sign, or another 0x.
    if (!(is_hexadecimal ? isxdigit((unsigned char)*digits) : isdigit((unsigned char)*digits))) return false;
    errno = 0;
    *value = strtoull(digits, &end, is_hexadecimal ? 16 : 10);
    return *end == 0 && errno == 0 && (digits[1] | 32) != 'x';
}

/// The number that piece `index` is; beyond those that there are, a register that there is not.
static bool argument(const struct command *command, int index, uint64_t *value)
{
    return index < command->count && number(command->words[index], value);
}

static int32_t report(int32_t code)
{
    if (code <= 0 && -code < CODES) printf("%s\n", codes[-code]);
    else printf("code %" PRId32 "\n", code);
    return code;
}

static int32_t kind_of(uint32_t key, enum keyvm_kind *kind, uint8_t *rights)
{
    *kind = KEYVM_NOTHING;
    *rights = 0;
    return keyvm_classify(DISCRIM, key, kind, rights);
}

static void list_keys(void)
{
    for (uint32_t key = 0; key < REGISTERS; key++) {
        enum keyvm_kind kind;
        uint8_t rights;
        int32_t code = kind_of(key, &kind, &rights);
        if (code != KEYVM_OK) {
            printf("register %d holds no discrim key: ", DISCRIM);
            report(code);
            return;
        }
        if (kind == KEYVM_NOTHING) continue;
        printf("%2" PRIu32 " %s", key, (unsigned)kind < KINDS ? kinds[kind] : "?");
        if (kind == KEYVM_PAGE || kind == KEYVM_NODE || kind == KEYVM_BANK || kind == KEYVM_FORWARDER)
            printf(" rights %u", rights);
        printf("\n");
    }
}

/// `call` and `send`: false where the line makes no sense.
static bool invoke(const struct command *command, bool waits)
{
    static char buffer[KEYVM_PAGE_BYTES + 1];
    uint64_t key, order;
    if (!argument(command, 1, &key) || !argument(command, 2, &order)) return false;
    if (key > UINT32_MAX || order > UINT32_MAX) return false;
    struct keyvm_message message = keyvm_order((int32_t)order);
    int words = 0, keys = 0;
    for (int i = 3; i < command->count; i++) {
        uint64_t value;
        bool names_key = strncmp(command->words[i], "key=", 4) == 0;
        if (!number(command->words[i] + (names_key ? 4 : 0), &value)) return false;
        if (names_key ? keys == 4 : words == 3) return false;
        if (names_key) message.keys[keys++] = keyvm_register(value < KEYVM_NO_KEY ? (uint32_t)value : UINT32_MAX);
        else message.words[words++] = value;
    }
    if (command->text) {
        message.bytes = command->text;
        message.count = (uint32_t)strlen(command->text);
    }
    if (!waits) return report(keyvm_send((uint32_t)key, &message)), true;
    struct keyvm_received reply = keyvm_buffer(buffer, KEYVM_PAGE_BYTES);
    for (int i = 0; i < 4; i++) reply.keys[i] = (uint8_t)(FIRST_REPLY + i);
    int32_t code = report(keyvm_call((uint32_t)key, &message, &reply));
    if (code < 0) return true;
    printf("  words %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", reply.words[0], reply.words[1], reply.words[2]);
    uint32_t count = reply.count < KEYVM_PAGE_BYTES ? reply.count : KEYVM_PAGE_BYTES;
    if (count > 0) printf("  bytes %" PRIu32 " %.*s\n", reply.count, (int)count, buffer);
    for (uint32_t to = FIRST_REPLY; to < FIRST_REPLY + 4; to++) {
        enum keyvm_kind kind;
        uint8_t rights;
        if (kind_of(to, &kind, &rights) == KEYVM_OK && kind != KEYVM_NOTHING && (unsigned)kind < KINDS)
            printf("  %s in register %" PRIu32 "\n", kinds[kind], to);
    }
    return true;
}

static bool show_figures(const struct command *command)
{
    uint64_t bank;
    struct keyvm_figures figures;
    if (command->count != 2 || !argument(command, 1, &bank) || bank > UINT32_MAX) return false;
    int32_t code = keyvm_bank_figures((uint32_t)bank, &figures);
    if (code != KEYVM_OK) return report(code), true;
    printf("pages: %" PRIu64 " used", figures.used_pages);
    if (figures.available_pages != KEYVM_NO_LIMIT) printf(", %" PRIu64 " left", figures.available_pages);
    printf("; cells: %" PRIu64 " used", figures.used_cells);
    if (figures.available_cells != KEYVM_NO_LIMIT) printf(", %" PRIu64 " left", figures.available_cells);
    printf("\n");
    return true;
}

static bool show_page(const struct command *command)
{
    static char bytes[KEYVM_PAGE_BYTES];
    uint64_t page, from, count;
    if (command->count != 4 || !argument(command, 1, &page) || !argument(command, 2, &from) || !argument(command, 3, &count)) return false;
    if (page > UINT32_MAX) return false;
    if (from > KEYVM_PAGE_BYTES || count > KEYVM_PAGE_BYTES - from) return report(KEYVM_BAD_VALUE), true;
    int32_t code = keyvm_page_read((uint32_t)page, (uint32_t)from, bytes, (uint32_t)count);
    if (code != KEYVM_OK) return report(code), true;
    fwrite(bytes, 1, (size_t)count, stdout);
    printf("\n");
    return true;
}

static bool write_page(const struct command *command)
{
    uint64_t page, at;
    if (command->count != 3 || !argument(command, 1, &page) || !argument(command, 2, &at) || !command->text) return false;
    if (page > UINT32_MAX) return false;
    if (at > KEYVM_PAGE_BYTES) return report(KEYVM_BAD_VALUE), true;
    report(keyvm_page_write((uint32_t)page, (uint32_t)at, command->text, (uint32_t)strlen(command->text)));
    return true;
}

static bool buy(const struct command *command)
{
    uint64_t bank, to;
    if (command->count != 4 || !argument(command, 1, &bank) || !argument(command, 3, &to)) return false;
    if (bank > UINT32_MAX || to > UINT32_MAX) return false;
    for (int kind = 1; kind < KINDS; kind++) {
        if (strcmp(command->words[2], kinds[kind]) != 0) continue;
        report(keyvm_bank_buy((uint32_t)bank, (enum keyvm_kind)kind, (uint32_t)to));
        return true;
    }
    return false;
}

static bool show_process(const struct command *command)
{
    static const char *const states[] = {"", "ready", "waiting", "frozen for gas", "frozen for space", "stopped", "faulted", "exited"};
    uint64_t key;
    if (command->count != 2 || !argument(command, 1, &key) || key > UINT32_MAX) return false;
    struct keyvm_process process;
    int32_t code = keyvm_process_figures((uint32_t)key, &process);
    if (code != KEYVM_OK) return report(code), true;
    printf("process %" PRIu64 ": %s", process.id, (unsigned)process.state < sizeof states / sizeof *states ? states[process.state] : "?");
    if (process.state >= KEYVM_FAULTED) printf(", code %" PRId32, process.exit_code);
    printf("; %" PRIu64 " gas, %" PRIu64 " pages\n", process.gas_used, process.pages);
    return true;
}

/// Commands of one to three numbers.
static bool change(const struct command *command)
{
    uint64_t value[3] = {0, 0, 0};
    for (int i = 0; i < command->count - 1; i++)
        if (i == 3 || !argument(command, i + 1, &value[i]) || value[i] > UINT32_MAX) return false;
    uint32_t a = (uint32_t)value[0], b = (uint32_t)value[1], c = (uint32_t)value[2];
    const char *name = command->words[0];
    switch (command->count) {
    case 2:
        if (strcmp(name, "clear") == 0) return report(keyvm_clear(a)), true;
        if (strcmp(name, "start") == 0) return report(keyvm_process_start(a)), true;
        if (strcmp(name, "stop") == 0) return report(keyvm_process_stop(a)), true;
        if (strcmp(name, "end") == 0) return report(keyvm_process_end(a)), true;
        if (strcmp(name, "remove") == 0) return report(keyvm_process_remove(a)), true;
        return false;
    case 3:
        if (strcmp(name, "copy") == 0) return report(keyvm_copy(a, b)), true;
        if (strcmp(name, "move") == 0) return report(keyvm_move(a, b)), true;
        if (strcmp(name, "sell") == 0) return report(keyvm_bank_sell(a, b)), true;
        return false;
    case 4:
        if (strcmp(name, "weaken") == 0) return report(keyvm_weaken(a, b, c)), true;
        if (strcmp(name, "fetch") == 0) return report(keyvm_node_fetch(a, b, c)), true;
        if (strcmp(name, "store") == 0) return report(keyvm_node_store(a, b, c)), true;
        if (strcmp(name, "invite") == 0) return b <= UINT16_MAX && (report(keyvm_process_invite(a, (uint16_t)b, c)), true);
        if (strcmp(name, "take") == 0) return report(keyvm_process_fetch(a, b, c)), true;
        if (strcmp(name, "give") == 0) return report(keyvm_process_store(a, b, c)), true;
        return false;
    default: return false;
    }
}

static bool obey(const struct command *command)
{
    const char *name = command->words[0];
    if (command->count == 1 && strcmp(name, "help") == 0) return fputs(help, stdout), true;
    if (command->count == 1 && strcmp(name, "keys") == 0) return list_keys(), true;
    if (strcmp(name, "call") == 0) return invoke(command, true);
    if (strcmp(name, "send") == 0) return invoke(command, false);
    if (strcmp(name, "process") == 0) return show_process(command);
    if (strcmp(name, "figures") == 0) return show_figures(command);
    if (strcmp(name, "read") == 0) return show_page(command);
    if (strcmp(name, "write") == 0) return write_page(command);
    if (strcmp(name, "buy") == 0) return buy(command);
    return change(command);
}

int main(void)
{
    static char line[LINE];
    while (fgets(line, sizeof line, stdin)) {
        if (!strchr(line, '\n') && !feof(stdin)) {
            int next;
            while ((next = getchar()) != EOF && next != '\n') continue;
            printf("a line has at most %d bytes\n", LINE - 2);
            fflush(stdout);
            continue;
        }
        struct command command = split(line);
        if (command.count > 0 && !obey(&command)) printf("'%s' is no command that way: help\n", command.words[0]);
        fflush(stdout);
    }
    return 0;
}
