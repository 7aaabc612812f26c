/* What `hinge count` makes of callgrind's file, and of kept counts beside it, without valgrind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "count/compare.h"
#include "count/profile.h"

static int failures;

static void expect(bool good, const char *what)
{
    if (good) return;
    printf("FAIL %s: %s\n", what, status_text());
    failures++;
}

/* ---- callgrind's file */

#define HEAD "# callgrind format\nversion: 1\ncreator: callgrind-0.0.1\n"
#define OWN "ob=/opt/hinge\n"
/* 100 of its own code, 29 and 1 of two calls into libc and libm; all else does not count. */
#define PART(row)                                                                                  \
    "part: 1\ndesc: Trigger: Client Request: row " row "\nevents: Ir\nsummary: 9\n\n"              \
    "ob=/lib/libgomp.so.1\nfl=???\nfn=spin\n0 5000\ncob=/opt/hinge\ncfn=body\ncalls=1 0\n0 "       \
    "99\n\n" OWN "fl=x.c\nfn=body\n7 60\nfi=y.h\n8 20\ncob=/lib/libc.so.6\ncfi=z\ncfn=memcpy\n"    \
    "calls=1 264\n15 29\n9 10\ncfn=other\ncalls=1 264\n15 77\ncob=/lib/libgomp.so.1\n"             \
    "cfn=GOMP_parallel\ncalls=1 0\n16 4000\n17 10\n\nfn=body.cold\n1 0\n"                          \
    "cob=/lib/libm.so.6\ncfn=ldexpf\ncalls=1 0\n2 1\n\n"                                           \
    "fn=team_barrier.part.0\n3 700\ncob=/lib/libc.so.6\ncfn=sched_yield\ncalls=9 0\n4 800\n\n"     \
    "fn=read_call\n5 12\ncfn=body\ncalls=1 0\n6 130\n\n"                                           \
    "ob=/lib/libc.so.6\nfn=memcpy\n264 29\n\ntotals: 9\n\n"

static struct count_row two[2] = {{.name = "a/n:1", .isa = ISA_SCALAR, .threads = 1},
                                  {.name = "a/n:1", .isa = ISA_AVX2, .threads = 2}};

static enum status read_text(const char *text)
{
    struct count_rows rows = {.at = two, .count = 2};
    for (size_t i = 0; i < rows.count; i++) rows.at[i].readings = 0;
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    const enum status status = profile_read(file, "/opt/hinge", &rows);
    fclose(file);
    return status;
}

static void test_profile(void)
{
    expect(read_text(HEAD PART("0") PART("1") PART("0") PART("1")) == STATUS_OK, "a profile");
    for (int i = 0; i < 2; i++) {
        expect(two[i].reading[0] == 130 && two[i].reading[1] == 130, "what counts in a profile");
        expect(count_exact(&two[i]), "two readings alike");
    }
    expect(read_text(PART("0") PART("1") PART("0") PART("1") "part: 9\n" OWN "fn=body\n1 5\n") ==
               STATUS_OK,
           "a part of no row, at the end");
    expect(read_text(PART("0") PART("0") PART("1")) == STATUS_INTERNAL, "a reading short");
    expect(read_text(PART("0") PART("0") PART("0") PART("1") PART("1")) == STATUS_INTERNAL,
           "a reading too many");
    expect(read_text(PART("0") PART("0") PART("1") PART("2")) == STATUS_INTERNAL, "no such row");
    expect(read_text(PART("0") PART("0") PART("1") PART("x")) == STATUS_INTERNAL, "no number");
    expect(read_text("x") == STATUS_INTERNAL, "no profile");
    expect(read_text("part: 1\ndesc: Trigger: Client Request: row 0\n" OWN
                     "fn=0x00012\n1 5\ntotals: 5\n") == STATUS_UNAVAILABLE,
           "a program without symbols");
}

/* ---- kept counts */

static char path[] = "/tmp/test_count.XXXXXX";

static enum status read_csv(const char *text, size_t length)
{
    struct baseline b;
    FILE *file = fopen(path, "w");
    if (!file) abort();
    fwrite(text, 1, length, file);
    fclose(file);
    const enum status status = baseline_read(&b, path);
    baseline_free(&b);
    return status;
}

/* No byte put in the place of another makes the reader crash; most are refused. */
static void test_hostile(void)
{
    const char good[] = "compiler,case,lane,threads,instructions\n"
                        "gcc 1,a/n:1,scalar,1,10\ngcc 1,a/n:1,avx2,2,9223372036854775807\n";
    static const char bad[] = {0, '\n', ',', '"', '-', '9', (char)0xff};
    char text[sizeof good];
    expect(read_csv(good, strlen(good)) == STATUS_OK, "a good file");
    for (size_t i = 0; i + 1 < sizeof good; i++) {
        const enum status cut = read_csv(good, i);
        expect(cut == STATUS_DATA || (i && good[i - 1] == '\n' && cut == STATUS_OK), "a cut file");
        for (size_t b = 0; b < sizeof bad; b++) {
            memcpy(text, good, sizeof good);
            text[i] = bad[b];
            const enum status status = read_csv(text, strlen(good));
            expect(status == STATUS_OK || status == STATUS_DATA, "a byte changed");
        }
    }
}

static struct count_row row(const char *name, enum isa isa, uint64_t first, uint64_t second)
{
    struct count_row r = {.isa = isa, .threads = 1, .reading = {first, second}, .readings = 2};
    snprintf(r.name, sizeof r.name, "%s", name);
    return r;
}

static void test_compare(void)
{
    const char kept[] = "compiler,case,lane,threads,instructions\n"
                        "gcc 1,a/n:1,avx2,1,1000\ngcc 1,a/n:2,avx2,1,1000\n"
                        "gcc 1,a/n:3,avx2,1,1000\ngcc 1,a/n:4,avx2,1,1000\n"
                        "gcc 1,a/n:5,avx2,1,1000\ngcc 1,a/n:6,avx2,1,1000\n"
                        "gcc 1,a/n:6,avx2,2,1000\ngcc 1,a/n:6,avx512,1,1000\n"
                        "gcc 2,a/n:7,avx2,1,1000\n";
    struct count_row at[] = {row("a/n:1", ISA_AVX2, 1000, 1000), row("a/n:2", ISA_AVX2, 1005, 1005),
                             row("a/n:3", ISA_AVX2, 1006, 1006), row("a/n:4", ISA_AVX2, 999, 999),
                             row("a/n:5", ISA_AVX2, 1000, 1001), row("a/n:7", ISA_AVX2, 1, 1)};
    static const enum change want[] = {CHANGE_SAME,   CHANGE_MORE, CHANGE_GREW, CHANGE_FELL,
                                       CHANGE_VARIES, CHANGE_NEW,  CHANGE_GONE};
    const struct count_rows rows = {.at = at, .count = sizeof at / sizeof *at};
    struct options options = options_default();
    struct baseline b;
    options.threads[0] = 1;
    options.thread_count = 1;
    expect(read_csv(kept, strlen(kept)) == STATUS_OK && baseline_read(&b, path) == STATUS_OK,
           "kept counts");
    for (int other = 0; other < 2; other++) {
        const char *compiler = other ? "gcc 3" : "gcc 1";
        const struct selection selection = {&options, NULL, compiler};
        struct comparison c = {.compiler = compiler, .kept_in = path, .tolerance = 0.5};
        expect(compare(&c, &rows, &b, &selection) == STATUS_OK, "a comparison");
        expect(c.count == rows.count + !other, "what is compared");
        for (size_t i = 0; i < c.count && !other; i++)
            expect(c.at[i].change == want[i], c.at[i].name);
        expect(comparison_verdict(&c) == (other ? STATUS_UNAVAILABLE : STATUS_REGRESSION),
               "the verdict");
        comparison_free(&c);
    }
    baseline_free(&b);
}

int main(void)
{
    const int fd = mkstemp(path);
    if (fd < 0) return 1;
    close(fd);
    test_profile();
    test_hostile();
    test_compare();
    unlink(path);
    printf("%d failures\n", failures);
    return failures != 0;
}
