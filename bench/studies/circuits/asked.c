#include "asked.h"

struct circuits_asked circuits_asked;

enum { KEY_CIRCUIT = 0x3000, KEY_MACHINE };

static const struct argp_option rows[] = {
    {"circuit", KEY_CIRCUIT, "FILE", 0, "this circuit alone, as text, .blif, .bench, .aag or .aig",
     0},
    {"machine", KEY_MACHINE, "FILE", 0, "this Turing machine alone", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key != KEY_CIRCUIT && key != KEY_MACHINE) return ARGP_ERR_UNKNOWN;
    *(key == KEY_CIRCUIT ? &circuits_asked.circuit : &circuits_asked.machine) = arg;
    if (circuits_asked.circuit && circuits_asked.machine)
        argp_error(state, "--circuit or --machine: one at a time");
    return 0;
}

const struct argp circuits_argp = {.options = rows, .parser = parse};

const char *circuits_given(void)
{
    return circuits_asked.circuit ? "circuit" : circuits_asked.machine ? "machine" : NULL;
}

bool circuits_own(void)
{
    return circuits_given() != NULL;
}
