#include "commands.h"

#include <stdio.h>
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

int command_run(const struct command *command, int argc, char **argv)
{
    static char title[64];
    snprintf(title, sizeof title, "hinge %s", command->name);
    argv[0] = title;
    return command->run(argc, argv);
}
