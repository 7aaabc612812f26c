/* The contracts of kernels/base: ranges that cover exactly, memory that is refused with a sentence.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cpu.h"
#include "base/par.h"
#include "base/plain.h"
#include "base/status.h"
#include "expect.h"
#include "kernel.h"
#include "threads.h"

enum { MOST = 1000 };

struct cover {
    size_t count, grain;
    unsigned char seen[MOST]; /* ranges are disjoint, so no two threads write one */
};

static void mark(size_t begin, size_t end, void *ctx)
{
    struct cover *c = ctx;
    const bool cut_right = begin % c->grain == 0 && (end % c->grain == 0 || end == c->count);
    if (!cut_right || begin >= end) c->seen[0] = 100;
    for (size_t i = begin; i < end && i < MOST; i++) c->seen[i]++;
}

static void test_par_for(void)
{
    static const size_t counts[] = {0, 1, 2, 7, 16, 63, 64, 65, 999, MOST};
    static const size_t grains[] = {1, 3, 16, 64, 2000};
    for (int threads = 0; threads <= 5; threads++)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
            for (size_t g = 0; g < sizeof grains / sizeof *grains; g++) {
                struct cover c = {.count = counts[i], .grain = grains[g]};
                size_t wrong = 0;
                par_for(threads, c.count, c.grain, mark, &c);
                for (size_t e = 0; e < MOST; e++) wrong += c.seen[e] != (e < c.count);
                par_each(threads, c.count, c.grain, mark, &c);
                for (size_t e = 0; e < MOST; e++) wrong += c.seen[e] != 2 * (e < c.count);
                EXPECT(wrong == 0, "%d threads, %zu by %zu: %zu elements not covered once", threads,
                       c.count, c.grain, wrong);
            }
}

enum { TEAM_MOST = 16, TURNS = 200 };
struct relay {
    int size;
    int at[TEAM_MOST];
    int late[TEAM_MOST];
    unsigned char seen[TEAM_MOST][MOST];
};

/* After a barrier every member sees that all have come as far. */
static void relay(const struct team *team, void *ctx)
{
    struct relay *r = ctx;
    if (team->id == 0) r->size = team->size;
    for (int turn = 1; turn <= TURNS; turn++) {
        r->at[team->id] = turn;
        team_barrier(team);
        for (int i = 0; i < team->size; i++) r->late[team->id] += r->at[i] < turn;
        team_barrier(team);
    }
    const struct range range = team_range(team, MOST, 7);
    for (size_t i = range.begin; i < range.end; i++) r->seen[team->id][i] = 1;
}

static void test_par_team(void)
{
    for (int threads = 1; threads <= 4; threads++) {
        struct relay *r = calloc(1, sizeof *r);
        if (!r) abort();
        par_team(threads, relay, r);
        EXPECT(r->size >= 1 && r->size <= threads, "a team of %d for %d", r->size, threads);
        for (int i = 0; i < r->size; i++)
            EXPECT(r->late[i] == 0, "member %d of %d saw %d late", i, r->size, r->late[i]);
        for (size_t e = 0; e < MOST; e++) {
            int members = 0;
            for (int i = 0; i < r->size; i++) members += r->seen[i][e];
            EXPECT(members == 1, "element %zu has %d members", e, members);
        }
        free(r);
    }
}

static void test_arena(void)
{
    struct arena arena;
    const size_t huge = arena_bytes(1000000000000u, sizeof(float));
    EXPECT(huge == 4000000000000u, "%zu", huge);
    EXPECT(arena_bytes(SIZE_MAX / 2, 4) == SIZE_MAX, "an overflow went unseen");
    EXPECT(arena_bytes(SIZE_MAX, 1) == SIZE_MAX, "rounding up wrapped");
    EXPECT(arena_bytes(1, 1) == ARENA_ALIGN, "%zu", arena_bytes(1, 1));
    EXPECT(arena_open(&arena, huge, "a shape") == STATUS_OS, "4 TB were granted");
    EXPECT(strstr(status_text(), "a shape needs 3.6 TiB, ") && strstr(status_text(), " free"), "%s",
           status_text());
    EXPECT(arena_open(&arena, SIZE_MAX, "a shape") == STATUS_OS, "SIZE_MAX was granted");
    EXPECT(strstr(status_text(), "more memory than can be addressed"), "%s", status_text());
    EXPECT(arena_open(&arena, 3 * 64, "three lines") == STATUS_OK, "%s", status_text());
    for (int i = 0; i < 3; i++) {
        const char *taken = arena_take(&arena, 10, sizeof(float));
        EXPECT((uintptr_t)taken % ARENA_ALIGN == 0, "take %d is not aligned", i);
        EXPECT(taken == arena.base + 64 * i, "take %d is misplaced", i);
    }
    const char *base = arena.base;
    EXPECT(arena_renew(&arena, 64, "a line") == STATUS_OK && arena.base == base && !arena.used,
           "what is large enough was not taken again");
    EXPECT(arena_renew(&arena, 1 << 20, "more") == STATUS_OK && arena.size == 1 << 20, "%zu bytes",
           arena.size);
    EXPECT(arena_renew(&arena, huge, "a shape") == STATUS_OS && !arena.base,
           "what was refused left memory");
    arena_close(&arena);
    EXPECT(!arena.base && !arena.size, "closed, yet there");
    struct rlimit former, tight;
    getrlimit(RLIMIT_AS, &former);
    tight = former;
    tight.rlim_cur = 1 << 20;
    setrlimit(RLIMIT_AS, &tight);
    const enum status status = arena_open(&arena, 64 << 20, "a shape");
    setrlimit(RLIMIT_AS, &former);
    EXPECT(status == STATUS_OS && !arena.base, "granted past the limit");
    EXPECT(strcmp(status_text(), "a shape needs 64 MiB, which the system refused") == 0, "%s",
           status_text());
    EXPECT(arena_addressable(1 << 20), "a MiB has no address");
    EXPECT(!arena_addressable(SIZE_MAX / 2), "8 EiB have");
}

static void test_plain(void)
{
    static const struct {
        const char *text, *plain;
    } row[] = {{"", ""},
               {"layer 3 ~", "layer 3 ~"},
               {"\u00e9\u6f22\U0001f642\u00a0", "\u00e9\u6f22\U0001f642\u00a0"},
               {"a\x1b[31mb\n\t\x7f", "a [31mb   "},
               {"\xc2\x9b"
                "31m",
                "  31m"}, /* C1 as UTF-8, */
               {"\x9b"
                "31m",
                " 31m"},                          /* and alone */
               {"\xc0\xaf\xe0\x80\xaf", "     "}, /* longer than need be */
               {"\xed\xa0\x80", "   "},           /* a surrogate */
               {"\xf4\x90\x80\x80", "    "},      /* beyond U+10FFFF */
               {"\xef\xbf\xbe\xef\xbf\xbd", "   \xef\xbf\xbd"},
               {"x\xe6\xbc", "x  "}}; /* cut */
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[32];
        strcpy(text, row[i].text);
        EXPECT(plain_is(text) == (strcmp(text, row[i].plain) == 0), "row %zu", i);
        plain_text(text);
        EXPECT(strcmp(text, row[i].plain) == 0 && plain_is(text), "row %zu: '%s'", i, text);
    }
    EXPECT(plain_character("\xe6\xbc\xa2", 3) == 3 && plain_character("\xe6\xbc\xa2", 2) == 0 &&
               plain_character("a", 0) == 0,
           "a character within its bytes");
}

static void test_status(void)
{
    EXPECT(fail(STATUS_DATA, "line %d", 7) == STATUS_DATA, "another code came back");
    EXPECT(strcmp(status_text(), "line 7") == 0, "%s", status_text());
    fail(STATUS_DATA, "'%s'", "\x1b[31m");
    EXPECT(strcmp(status_text(), "' [31m'") == 0, "%s", status_text());
}

static void test_out_of_memory(void)
{
    char text[64] = "";
    int pipes[2], status = 0;
    if (pipe(pipes) != 0) abort();
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        out_of_memory();
    }
    close(pipes[1]);
    const ssize_t length = read(pipes[0], text, sizeof text - 1);
    close(pipes[0]);
    EXPECT(child > 0 && waitpid(child, &status, 0) == child, "no child");
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_OS, "status %d", status);
    EXPECT(length > 0 && strcmp(text, "hinge: out of memory\n") == 0, "'%s'", text);
}

static void test_cpu(void)
{
    const struct cpu *c = cpu_features();
    EXPECT(!c->avx512 || (c->avx2 && c->os_avx512 && c->has_avx512),
           "AVX-512 without what it needs");
    EXPECT(!c->avx2 || (c->fma && c->has_avx2 && c->os_avx), "AVX2 without what it needs");
    const bool before = cpu_set_ftz(true);
    volatile float tiny = 0x1p-130f;
    EXPECT(tiny * 1.0f == 0.0f, "a subnormal survived FTZ and DAZ");
    EXPECT(cpu_set_ftz(before), "FTZ was not reported as set");
}

static void inside(const struct team *team, void *ctx)
{
    const struct threads_work much = {.flops = 1e15};
    if (team->id == 0) *(int *)ctx = THREADS_WORTH(kernel_set_best(), 2, much);
}

static void test_threads_worth(void)
{
    const struct kernel_set *set = kernel_set_best();
    const struct threads_work none = {0}, much = {.flops = 1e15}, wide = {.bytes = 1e15};
    const struct threads_work apart = {.flops = 1e15, .barriers = 1e15};
    for (int threads = 1; threads <= 5; threads++) {
        EXPECT(THREADS_WORTH(set, threads, none) == 1, "%d threads for no work", threads);
        EXPECT(THREADS_WORTH(set, threads, much) == threads, "%d threads for days", threads);
        EXPECT(THREADS_WORTH(set, threads, wide) == threads, "%d threads for days", threads);
        EXPECT(THREADS_WORTH(set, threads, apart) == 1, "%d threads and barriers alone", threads);
        const struct par_cost cost = par_cost(threads), again = par_cost(threads);
        EXPECT((cost.region_ns > 0.0) == (threads > 1), "%g ns", cost.region_ns);
        EXPECT((cost.barrier_ns > 0.0) == (threads > 1), "%g ns", cost.barrier_ns);
        EXPECT(cost.region_ns == again.region_ns, "measured twice");
    }
    int worth = 0;
    par_team(2, inside, &worth);
    EXPECT(worth == 1, "%d threads inside a region", worth);
    threads_always(true);
    EXPECT(THREADS_WORTH(set, 5, none) == 5, "not all of them");
    threads_always(false);
    EXPECT(THREADS_WORTH(set, 5, none) == 1, "still all of them");
}

/* Before any team is there: its threads would keep the CPUs they have. */
static void test_settings(void)
{
    const int former = par_set_threads(3);
    const struct par_settings s = par_settings();
    EXPECT(par_max_threads() == 3 && s.max_threads == 3, "%d threads for 3", s.max_threads);
    EXPECT(par_set_threads(former) == 3 && par_max_threads() == former, "%d threads for %d",
           par_max_threads(), former);
    EXPECT(s.version >= 201511 && s.procs >= 1, "OpenMP %d on %d CPUs", s.version, s.procs);
    EXPECT(strcmp(s.bind, "unknown") != 0, "a binding without a name");
    EXPECT(!par_inside(), "inside of nothing");
    cpu_set_t cpus;
    par_unbind();
    EXPECT(sched_getaffinity(0, sizeof cpus, &cpus) == 0 &&
               (s.places == 0 || CPU_COUNT(&cpus) >= s.places),
           "%d CPUs for %d places", CPU_COUNT(&cpus), s.places);
}

int main(void)
{
    test_settings();
    test_par_for();
    test_par_team();
    par_release();
    test_par_team();
    test_threads_worth();
    test_arena();
    test_plain();
    test_status();
    test_out_of_memory();
    test_cpu();
    printf("%d failures\n", failures);
    return failures != 0;
}
