#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report/read_text.h"

bool channel_open(struct channel *c, int in, int out)
{
    *c = (struct channel){.in = fdopen(in, "r"), .out = out};
    if (c->in) return true;
    close(in);
    if (out != in) close(out);
    return false;
}

void channel_close(struct channel *c)
{
    if (!c->in) return;
    if (c->out != fileno(c->in)) close(c->out);
    fclose(c->in);
    free(c->line);
    *c = (struct channel){.out = -1};
}

/* A pipe or a terminal, where a person plays the parent, is no socket. */
static ssize_t put(int fd, const char *text, size_t bytes)
{
    const ssize_t sent = send(fd, text, bytes, MSG_NOSIGNAL);
    return sent < 0 && errno == ENOTSOCK ? write(fd, text, bytes) : sent;
}

bool channel_send(struct channel *c, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    json_decref(message);
    if (!text) return false;
    const size_t bytes = strlen(text) + 1;
    text[bytes - 1] = '\n';
    size_t done = 0;
    while (done < bytes) {
        const ssize_t sent = put(c->out, text + done, bytes - done);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) break;
        done += (size_t)sent;
    }
    free(text);
    return done == bytes;
}

json_t *channel_receive(struct channel *c)
{
    if (!c->in || getline(&c->line, &c->room, c->in) <= 0) return NULL;
    json_t *message = json_loads(c->line, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(message) && read_plain(message)) return message;
    json_decref(message);
    return NULL;
}
