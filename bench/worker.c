/* hinge worker: the process that measures for `hinge bench`, which starts it. Its arguments are those of bench that
 * say which rows there are; worker/serve.h has the protocol. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "check/guard.h"
#include "commands.h"
#include "worker/serve.h"

enum { REQUESTS = STDIN_FILENO, ANSWERS = 3 };

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction former[CRASHES]; /* a sanitizer's */

/* From a signal handler. */
static void say_died(void)
{
    static const char before[] = "{\"died\": \"", after[] = "\"}\n";
    const char *variant = call_running();
    if (variant && write(ANSWERS, before, sizeof before - 1) > 0 &&
        write(ANSWERS, variant, strlen(variant)) > 0)
        (void)!write(ANSWERS, after, sizeof after - 1);
}

/* The signal then does what it would have done. */
static void on_crash(int number)
{
    say_died();
    for (int i = 0; i < CRASHES; i++)
        if (crashes[i] == number) sigaction(number, &former[i], NULL);
    raise(number);
}

static void catch_crashes(void)
{
    const struct sigaction catch = {.sa_handler = on_crash, .sa_flags = SA_NODEFER | SA_ONSTACK};
    guard_stack();
    call_when_late(say_died);
    for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &catch, &former[i]);
}

static enum status work(const struct arguments *a, struct data *data, struct rows *rows)
{
    struct server server = {.arguments = a, .data = data, .rows = rows};
    enum status status = arguments_apply(a, data);
    if (status == STATUS_OK) status = rows_make(rows, a, NULL);
    if (status != STATUS_OK) return status;
    catch_crashes();
    if (!channel_open(&server.channel, REQUESTS, ANSWERS)) return fail(STATUS_OS, "no memory");
    status = serve(&server);
    channel_close(&server.channel);
    return status;
}

/* It reads the options of bench; nobody else does. */
const struct argp worker_argp = {.doc =
                                     "Measures for `hinge bench` and `hinge ab`, which start it."};

int cmd_worker(int argc, char **argv)
{
    struct data data = {.x = NULL};
    struct rows rows = {.at = NULL};
    if (fcntl(ANSWERS, F_GETFD) < 0) {
        fputs("hinge worker: measures for `hinge bench`, which starts it, and answers on "
              "descriptor 3: "
              "there is none\n",
              stderr);
        return STATUS_USAGE;
    }
    struct arguments a = arguments_read(argc, argv);
    const enum status status = work(&a, &data, &rows);
    if (status != STATUS_OK) fprintf(stderr, "hinge worker: %s\n", status_text());
    rows_free(&rows);
    data_close(&data);
    arguments_free(&a);
    return (int)status;
}
