#include "commands.h"

#include <string.h>

#define X(name, does, flags) {#name, cmd_##name, &name##_argp, does, flags},
const struct command commands[] = {COMMANDS(X){0}};
#undef X

const struct command *command_find(const char *name)
{
    const struct command *c = commands;
    while (c->name && strcmp(c->name, name) != 0) c++;
    return c->name ? c : NULL;
}
