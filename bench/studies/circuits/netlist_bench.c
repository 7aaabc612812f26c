/* The bench format of the ISCAS circuits: INPUT(a), OUTPUT(b), b = NAND(a, c). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "studies/circuits/netlist.h"

static const struct {
    const char *name;
    enum node_kind kind;
    bool inverted;
    uint32_t least, most;
} gates[] = {{"AND", NODE_AND, false, 1, UINT32_MAX},
             {"NAND", NODE_AND, true, 1, UINT32_MAX},
             {"OR", NODE_OR, false, 1, UINT32_MAX},
             {"NOR", NODE_OR, true, 1, UINT32_MAX},
             {"XOR", NODE_XOR, false, 1, UINT32_MAX},
             {"XNOR", NODE_XOR, true, 1, UINT32_MAX},
             {"NOT", NODE_AND, true, 1, 1},
             {"BUF", NODE_AND, false, 1, 1},
             {"BUFF", NODE_AND, false, 1, 1},
             {"vdd", NODE_AND, false, 0, 0},
             {"gnd", NODE_OR, false, 0, 0}};
enum { GATES = sizeof gates / sizeof *gates };

/* The text from *at up to one of `ends`, without spaces around it; *at is then behind that. False where none of
 * them comes or nothing is before it. */
static bool take(char **at, const char *ends, char **word, size_t *length)
{
    char *begin = *at + strspn(*at, " \t");
    char *end = begin + strcspn(begin, ends);
    *at = *end ? end + 1 : end;
    const bool there = *end || strchr(ends, '\n');
    while (end > begin && isspace((unsigned char)end[-1])) end--;
    *word = begin;
    *length = (size_t)(end - begin);
    return there && end > begin && !memchr(begin, ' ', *length);
}

static enum status malformed(const struct netlist *n, size_t line)
{
    return netlist_wrong(n, line, "a line is INPUT(a), OUTPUT(a) or a = GATE(b, c)");
}

/* INPUT(a) or OUTPUT(a). */
static enum status port(struct netlist *n, size_t line, char *at, bool input)
{
    char *name;
    size_t length;
    uint32_t signal;
    at = strchr(at, '(') + 1;
    if (!take(&at, ")", &name, &length)) return malformed(n, line);
    enum status status = netlist_signal(n, name, length, &signal);
    if (status == STATUS_OK && input) status = netlist_define(n, signal, NODE_INPUT, false, line);
    if (status != STATUS_OK) return status;
    return input ? netlist_put(n, &n->inputs, signal)
                 : netlist_put(n, &n->outputs, literal(signal, false));
}

/* a = DFF(b) */
static enum status flip_flop(struct netlist *n, size_t line, uint32_t holds, char *at)
{
    char *name;
    size_t length;
    uint32_t takes;
    if (!take(&at, ")", &name, &length) || memchr(name, ',', length))
        return netlist_wrong(n, line, "DFF takes one operand");
    enum status status = netlist_signal(n, name, length, &takes);
    if (status == STATUS_OK) status = netlist_define(n, holds, NODE_INPUT, false, line);
    if (status == STATUS_OK) status = netlist_put(n, &n->held, holds);
    return status == STATUS_OK ? netlist_put(n, &n->taken, literal(takes, false)) : status;
}

static enum status operands(struct netlist *n, size_t line, uint32_t signal, char *at)
{
    char *close = strchr(at, ')'), *name;
    size_t length;
    enum status status = STATUS_OK;
    if (!close || close[1 + strspn(close + 1, " \t\r")]) return malformed(n, line);
    *close = '\0';
    while (status == STATUS_OK && *at) {
        uint32_t operand;
        if (!take(&at, ",\n", &name, &length)) return malformed(n, line);
        status = netlist_signal(n, name, length, &operand);
        if (status == STATUS_OK) status = netlist_operand(n, signal, literal(operand, false));
    }
    return status;
}

static enum status gate(struct netlist *n, size_t line, char *at)
{
    char *name, *kind;
    size_t length, i = 0;
    uint32_t signal;
    if (!take(&at, "=", &name, &length)) return malformed(n, line);
    enum status status = netlist_signal(n, name, length, &signal);
    if (status != STATUS_OK) return status;
    if (!take(&at, "(\n", &kind, &length)) return malformed(n, line);
    if (length == 3 && strncasecmp(kind, "DFF", 3) == 0) return flip_flop(n, line, signal, at);
    while (i < GATES && (strncasecmp(gates[i].name, kind, length) != 0 || gates[i].name[length]))
        i++;
    if (i == GATES)
        return netlist_wrong(n, line, "'%.*s' is no gate", length > 60 ? 60 : (int)length, kind);
    status = netlist_define(n, signal, gates[i].kind, gates[i].inverted, line);
    if (status == STATUS_OK && gates[i].most) status = operands(n, line, signal, at);
    const uint32_t count = node_at(n, signal)->count;
    if (status == STATUS_OK && (count < gates[i].least || count > gates[i].most))
        return netlist_wrong(n, line, "%s does not take %u operands", gates[i].name,
                             (unsigned)count);
    return status;
}

enum status netlist_bench(struct netlist *n, char *text)
{
    enum status status = STATUS_OK;
    size_t line = 0;
    for (char *at; status == STATUS_OK && (at = strsep(&text, "\n"));) {
        line++;
        at[strcspn(at, "#")] = '\0';
        at += strspn(at, " \t\r");
        if (!*at) continue;
        const bool equals = strchr(at, '=') != NULL, open = strchr(at, '(') != NULL;
        if (equals)
            status = gate(n, line, at);
        else if (open && strncasecmp(at, "INPUT", 5) == 0)
            status = port(n, line, at, true);
        else if (open && strncasecmp(at, "OUTPUT", 6) == 0)
            status = port(n, line, at, false);
        else
            status = malformed(n, line);
    }
    return status;
}
