/* channel: JSON objects between two processes, one a line. */
#ifndef WORKER_CHANNEL_H
#define WORKER_CHANNEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct channel {
    FILE *in;
    int out;
    char *line; /* the last that was received */
    size_t room;
};

/* Both descriptors become the channel's. False, and nothing is open, where memory is short. */
bool channel_open(struct channel *c, int in, int out);
void channel_close(struct channel *c);

/* Takes the reference. False where nobody listens any more; never a SIGPIPE. */
bool channel_send(struct channel *c, json_t *message);
/* A new reference, its texts plain; NULL at the end, after a signal, or where the line is no JSON object. */
json_t *channel_receive(struct channel *c);

#endif
