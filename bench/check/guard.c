#define _GNU_SOURCE /* REG_ERR */
#include "guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/status.h"
#include "fill.h"
#include "watchdog.h"

enum { MARGIN = 256, PAGE = 4096 };

static struct region {
    char *base; /* first readable byte; an unreadable page lies before it and behind base + size */
    size_t size;
    char *data; /* the last placement */
    size_t bytes;
} regions[OPERANDS_MAX];

static bool grow(struct region *r, size_t need)
{
    if (need <= r->size) return true;
    if (r->base) munmap(r->base - PAGE, r->size + 2 * PAGE);
    r->size = 0;
    const size_t size = (need + need / 2 + PAGE - 1) / PAGE * PAGE;
    char *all =
        mmap(NULL, size + 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    r->base = NULL;
    if (all == MAP_FAILED) return false;
    if (mprotect(all, PAGE, PROT_NONE) || mprotect(all + PAGE + size, PAGE, PROT_NONE))
        return false;
    r->base = all + PAGE;
    r->size = size;
    return true;
}

/* The margins of the last placement, cut where the region ends. */
static void margins(const struct region *r, char *from[2], size_t bytes[2])
{
    const size_t before = (size_t)(r->data - r->base);
    const size_t after = r->size - before - r->bytes;
    bytes[0] = before < MARGIN ? before : MARGIN;
    bytes[1] = after < MARGIN ? after : MARGIN;
    from[0] = r->data - bytes[0];
    from[1] = r->data + r->bytes;
}

/* A pattern that depends on nothing but the address's place in its word. */
static char pattern(const char *at)
{
    const uint32_t word = FILL_GAP;
    return (char)(word >> 8 * ((uintptr_t)at % sizeof word));
}

void *guard_place(size_t index, size_t bytes, size_t align, enum place place, size_t shift)
{
    struct region *r = &regions[index];
    if (!grow(r, bytes + 2 * MARGIN + 128)) return NULL;
    r->bytes = bytes;
    switch (place) {
    case PLACE_INSIDE:
        r->data = r->base + MARGIN + shift / align * align;
        break;
    case PLACE_START:
        r->data = r->base;
        break;
    case PLACE_END:
        r->data = r->base + (r->size - bytes) / align * align;
        break;
    }
    char *from[2];
    size_t count[2];
    margins(r, from, count);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < count[side]; i++) from[side][i] = pattern(from[side] + i);
    return r->data;
}

bool guard_intact(size_t index)
{
    char *from[2];
    size_t count[2];
    margins(&regions[index], from, count);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < count[side]; i++)
            if (from[side][i] != pattern(from[side] + i)) return false;
    return true;
}

static unsigned limit; /* seconds of a call; 0: none */

enum { ONE, SEVERAL, UNTOLD }; /* threads */
static sigjmp_buf escape;
static volatile sig_atomic_t inside, many;
static bool by_signal;
static const char *volatile running;
static struct crash last;

static void describe(int number, const siginfo_t *info, const ucontext_t *context)
{
    last = (struct crash){.signal = number, .operand = OPERANDS_MAX};
    if (number != SIGSEGV && number != SIGBUS) return;
    const char *at = info->si_addr;
#ifdef __x86_64__
    last.known = true;
    last.write = context->uc_mcontext.gregs[REG_ERR] >> 1 & 1;
#else
    (void)context;
#endif
    for (size_t o = 0; o < OPERANDS_MAX; o++) {
        const struct region *r = &regions[o];
        if (!r->base || at < r->base - PAGE || at >= r->base + r->size + PAGE) continue;
        last.operand = o;
        last.before = r->data - at;
        last.after = at - (r->data + r->bytes);
    }
}

static void handler(int number, siginfo_t *info, void *context)
{
    if (inside && many == ONE) {
        describe(number, info, context);
        siglongjmp(escape, number);
    }
    if (inside) {
        const char *const text[] = {"FAIL ", running,
                                    number == SIGALRM ? ": did not return, on several threads\n"
                                    : many == UNTOLD  ? ": crashed\n"
                                                      : ": crashed on several threads\n"};
        for (size_t i = 0; i < 3; i++)
            if (write(STDOUT_FILENO, text[i], strlen(text[i])) < 0) break;
        if (!by_signal) _exit(STATUS_WRONG);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static const int caught[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { CAUGHT = sizeof caught / sizeof *caught };

void guard_stack(void)
{
    static char stack[64 << 10];
    stack_t other;
    /* A sanitizer's stays. */
    if (sigaltstack(NULL, &other) == 0 && other.ss_flags & SS_DISABLE)
        sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
}

static void install(void)
{
    static bool installed;
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = handler;
    if (!installed) guard_stack();
    for (size_t i = 0; i < CAUGHT && !installed; i++) sigaction(caught[i], &action, NULL);
    installed = true;
}

static void on_late(void)
{
    handler(SIGALRM, NULL, NULL);
}

void guard_end_by_signal(void)
{
    by_signal = true;
}

void guard_limit(unsigned seconds)
{
    limit = seconds;
}

bool guard_call(void (*body)(void *ctx), void *ctx, int threads, const char *label,
                struct crash *crash)
{
    install();
    running = label;
    many = threads > 1 ? SEVERAL : threads ? ONE : UNTOLD;
    if (sigsetjmp(escape, 1) != 0) {
        if (limit) watchdog_stop();
        inside = 0;
        *crash = last;
        return false;
    }
    inside = 1;
    if (limit) watchdog_start(limit, on_late);
    body(ctx);
    if (limit) watchdog_stop();
    inside = 0;
    return true;
}
