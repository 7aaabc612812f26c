/* BLIF: one model of .names and .latch. */
#include <string.h>

#include "studies/circuits/netlist.h"

struct blif {
    struct netlist *n;
    struct list words; /* char * */
    size_t line;       /* where the line at hand begins */
    bool names;        /* cover lines may follow, of: */
    uint32_t signal;
    bool covered, on; /* a cover line has come; they say where it is 1 */
    bool ended, modelled;
};

static const char *word(const struct blif *b, size_t i)
{
    return ((char **)b->words.at)[i];
}

static enum status signal_of(const struct blif *b, size_t i, uint32_t *signal)
{
    return netlist_signal(b->n, word(b, i), strlen(word(b, i)), signal);
}

static enum status ports(struct blif *b, bool inputs)
{
    enum status status = STATUS_OK;
    for (size_t i = 1; i < b->words.count && status == STATUS_OK; i++) {
        uint32_t signal;
        status = signal_of(b, i, &signal);
        if (status == STATUS_OK && inputs)
            status = netlist_define(b->n, signal, NODE_INPUT, false, b->line);
        if (status == STATUS_OK)
            status = netlist_put(b->n, inputs ? &b->n->inputs : &b->n->outputs,
                                 inputs ? signal : literal(signal, false));
    }
    return status;
}

/* Operands, then what they make. */
static enum status names(struct blif *b)
{
    const size_t count = b->words.count;
    if (count < 2) return netlist_wrong(b->n, b->line, ".names without a name");
    enum status status = signal_of(b, count - 1, &b->signal);
    if (status == STATUS_OK) status = netlist_define(b->n, b->signal, NODE_COVER, false, b->line);
    for (size_t i = 1; i + 1 < count && status == STATUS_OK; i++) {
        uint32_t operand;
        status = signal_of(b, i, &operand);
        if (status == STATUS_OK) status = netlist_operand(b->n, b->signal, literal(operand, false));
    }
    b->names = true;
    b->covered = false;
    return status;
}

static enum status cover_line(struct blif *b)
{
    if (!b->names) return netlist_wrong(b->n, b->line, "'%.60s' is in no .names", word(b, 0));
    struct node *node = node_at(b->n, b->signal);
    const size_t want = node->count ? 2 : 1;
    const char *cube = want == 2 ? word(b, 0) : "";
    if (b->words.count != want || strlen(cube) != node->count || cube[strspn(cube, "01-")] != '\0')
        return netlist_wrong(b->n, b->line,
                             "a line of a cover has a 0, 1 or - for each of %u inputs",
                             (unsigned)node->count);
    const char *value = word(b, want - 1);
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return netlist_wrong(b->n, b->line, "a cover says 0 or 1, not '%.60s'", value);
    if (b->covered && b->on != (*value == '1'))
        return netlist_wrong(b->n, b->line, "a cover says 0 here and 1 there");
    b->covered = true;
    b->on = *value == '1';
    node->inverted = !b->on;
    char *to = list_add(&b->n->cubes, node->count, 1);
    if (!to) return netlist_no_memory(b->n);
    memcpy(to, cube, node->count);
    node->cubes++;
    return STATUS_OK;
}

/* .latch TAKES HOLDS [type control] [initial value] */
static enum status latch(struct blif *b)
{
    uint32_t takes, holds;
    if (b->words.count < 3) return netlist_wrong(b->n, b->line, ".latch takes two names");
    enum status status = signal_of(b, 1, &takes);
    if (status == STATUS_OK) status = signal_of(b, 2, &holds);
    if (status == STATUS_OK) status = netlist_define(b->n, holds, NODE_INPUT, false, b->line);
    if (status == STATUS_OK) status = netlist_put(b->n, &b->n->held, holds);
    if (status == STATUS_OK) status = netlist_put(b->n, &b->n->taken, literal(takes, false));
    return status;
}

static enum status command(struct blif *b)
{
    const char *name = word(b, 0);
    b->names = false;
    if (strcmp(name, ".model") == 0) {
        if (b->modelled) return netlist_wrong(b->n, b->line, "a second .model: one is read");
        b->modelled = true;
        return STATUS_OK;
    }
    if (strcmp(name, ".inputs") == 0) return ports(b, true);
    if (strcmp(name, ".outputs") == 0) return ports(b, false);
    if (strcmp(name, ".names") == 0) return names(b);
    if (strcmp(name, ".latch") == 0) return latch(b);
    if (strcmp(name, ".end") == 0) {
        b->ended = true;
        return STATUS_OK;
    }
    return netlist_wrong(b->n, b->line,
                         "'%.60s' is not read: .model, .inputs, .outputs, .names, "
                         ".latch, .end are",
                         name);
}

static enum status split(struct blif *b, char *line)
{
    char *rest = NULL;
    for (char *w = strtok_r(line, " \t\r", &rest); w; w = strtok_r(NULL, " \t\r", &rest)) {
        char **to = list_add(&b->words, 1, sizeof *to);
        if (!to) return netlist_no_memory(b->n);
        *to = w;
    }
    return STATUS_OK;
}

enum status netlist_blif(struct netlist *n, char *text)
{
    struct blif b = {.n = n};
    enum status status = STATUS_OK;
    size_t line = 0;
    bool more = false;
    for (char *at; status == STATUS_OK && !b.ended && (at = strsep(&text, "\n"));) {
        line++;
        if (!more) b.line = line;
        if (!more) b.words.count = 0;
        at[strcspn(at, "#")] = '\0';
        /* A line that ends in a backslash goes on in the next. */
        size_t length = strlen(at);
        while (length && strchr(" \t\r", at[length - 1])) at[--length] = '\0';
        more = length && at[length - 1] == '\\';
        if (more) at[length - 1] = '\0';
        status = split(&b, at);
        if (status != STATUS_OK || more || b.words.count == 0) continue;
        status = *word(&b, 0) == '.' ? command(&b) : cover_line(&b);
    }
    list_free(&b.words);
    return status;
}
