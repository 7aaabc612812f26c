/* read: what the structs hold for the files of the corpus and for every committed result. */
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/read.h"

static int failures;

#define EXPECT(truth, ...)                                                                         \
    do {                                                                                           \
        if (truth) break;                                                                          \
        fprintf(stderr, "line %d: not so: %s: ", __LINE__, #truth);                                \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fputc('\n', stderr);                                                                       \
        failures++;                                                                                \
    } while (0)

#define CORPUS "tests/corpus/results/"

static void schema_1(void)
{
    struct read_file f;
    EXPECT(read_file(CORPUS "v1.json", &f) == STATUS_OK, "%s", status_text());
    EXPECT(f.schema == 1 && f.rows == 2, "%zu rows", f.rows);
    const struct read_row *r = &f.row[0];
    EXPECT(strcmp(r->name, "relu_fwd/n:64/threads:1/avx2") == 0, "%s", r->name);
    EXPECT(strncmp(r->name, "relu_fwd/n:64/threads:1/", r->case_length + 1) == 0 &&
               r->case_length == strlen("relu_fwd/n:64/threads:1"),
           "%zu", r->case_length);
    EXPECT(r->forks == 1 && r->samples == 3 && r->medians == 1, "%zu", r->samples);
    EXPECT(fabs(r->median - 10.5) < 1e-12 && r->flops == 100.0 && r->roof_share == 0.5, "%g",
           r->median);
    EXPECT(r->vs_onednn.at == 1.5 && strcmp(r->vs_onednn_impl, "jit:avx2") == 0, "%g",
           r->vs_onednn.at);
    EXPECT(!read_is_library(r) && read_is_library(&f.row[1]) && f.row[1].fell_out, "libraries");
    EXPECT(isnan(f.row[1].vs_onednn.at) && isnan(f.row[1].roof_share), "absent");
    EXPECT(strcmp(read_context_text(&f, "openmp.proc_bind"), "close") == 0 &&
               read_context_number(&f, "openmp.places") == 2.0 &&
               strcmp(read_context_text(&f, "openmp.none"), "unknown") == 0 &&
               isnan(read_context_number(&f, "cpu")),
           "context");
    read_free(&f);
}

static void schema_2(void)
{
    struct read_file f;
    EXPECT(read_file(CORPUS "v2.json", &f) == STATUS_OK, "%s", status_text());
    const struct read_row *r = &f.row[0];
    /* Three processes, one of them without samples. */
    EXPECT(r->forks == 3 && r->medians == 2 && r->samples == 3 && r->count[2] == 0, "%zu",
           r->medians);
    EXPECT(fabs(r->log_median[0] - log(10.5)) < 1e-15 && fabs(r->median - 10.5) < 1e-12, "%g",
           r->median);
    EXPECT(f.row[1].state == READ_UNTIMED && isnan(f.row[1].median), "%s", f.row[1].error);
    read_free(&f);
    EXPECT(read_file(CORPUS "wrong.json", &f) == STATUS_OK, "%s", status_text());
    EXPECT(f.row[0].state == READ_WRONG && strcmp(f.row[0].error, "y[3]: got 1  [31mwant 2") == 0,
           "%s", f.row[0].error);
    read_free(&f);
}

static void google_benchmark(void)
{
    struct read_file f;
    EXPECT(read_file(CORPUS "google.json", &f) == STATUS_OK, "%s", status_text());
    EXPECT(f.schema == 0 && f.rows == 2, "%zu rows", f.rows);
    const struct read_row *r = &f.row[0];
    EXPECT(strcmp(r->name, "BM_copy/64") == 0 && r->samples == 2 && r->forks == 1, "%s", r->name);
    EXPECT(fabs(r->ns[0] - 1500.0) < 1e-9 && fabs(r->median - 1550.0) < 1e-9, "%g", r->median);
    EXPECT(*r->kernel == '\0' && r->case_length == strlen(r->name) && isnan(r->flops), "texts");
    EXPECT(f.row[1].state == READ_WRONG && strcmp(f.row[1].error, "boom") == 0, "%s",
           f.row[1].error);
    read_free(&f);
}

/* The sentence names what is wrong, and where. */
static void sentences(void)
{
    static const struct {
        const char *file, *sentence;
    } bad[] = {{"duplicate_key.json", ":1:24: not JSON: duplicate object key"},
               {"duplicate_row.json", "two rows are named r/threads:1/avx2"},
               {"nan.json", ":1:78: not JSON: invalid token"},
               {"huge_real.json", "real number overflow"},
               {"huge_integer.json", "too big integer"},
               {"too_long.json", "row x: its real_time is not a time"},
               {"negative.json", "a sample is not a time"},
               {"mixed_nesting.json", "samples of schema 2 are arrays"},
               {"schema_3.json", "hinge_schema 3 is not one that this hinge reads: 1 and 2"},
               {"schema_text.json", "not a whole number"},
               {"other_tool.json", "not a result file"},
               {"array.json", "not a result file"},
               {"text.json", ":1:"},
               {"deep.json", "maximum parsing depth"},
               {"no_name.json", "benchmarks[0] has no name"},
               {"not_objects.json", "benchmarks[0] is no object"},
               {"nul.json", "\\u0000"},
               {"latin1.json", "unable to decode byte 0xe9"},
               {"google_units.json", "row h: its time_unit"}};
    struct read_file f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[128];
        snprintf(path, sizeof path, CORPUS "%s", bad[i].file);
        EXPECT(read_file(path, &f) == STATUS_DATA, "%s", path);
        EXPECT(strstr(status_text(), path) && strstr(status_text(), bad[i].sentence), "%s: %s",
               path, status_text());
    }
    EXPECT(read_file(CORPUS "none.json", &f) == STATUS_NO_INPUT, "%s", status_text());
    EXPECT(read_file(CORPUS, &f) == STATUS_NO_INPUT && strstr(status_text(), "folder"), "%s",
           status_text());
    EXPECT(read_file("/dev/zero", &f) == STATUS_NO_INPUT, "%s", status_text());
}

/* A file that says as much in few bytes as memory cannot hold. */
static void many_values(void)
{
    static char text[READ_VALUES_MAX * 2];
    struct read_file f;
    for (size_t i = 0; i + 1 < sizeof text; i += 2) {
        text[i] = i ? ',' : '[';
        text[i + 1] = '1';
    }
    EXPECT(read_bytes("many", text, sizeof text, &f) == STATUS_DATA &&
               strstr(status_text(), "more than"),
           "%s", status_text());
}

static void committed(void)
{
    glob_t found;
    EXPECT(glob("results/runs/*.json", 0, NULL, &found) == 0 && found.gl_pathc > 20,
           "run from the root");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct read_file f;
        EXPECT(read_file(found.gl_pathv[i], &f) == STATUS_OK, "%s", status_text());
        EXPECT(f.rows > 0, "%s", found.gl_pathv[i]);
        for (size_t r = 0; r < f.rows; r++) {
            const double median = json_number_value(json_object_get(f.row[r].json, "median"));
            EXPECT(f.row[r].state != READ_TIMED || f.schema != 1 ||
                       fabs(f.row[r].median - median) < 1e-6 * median,
                   "%s: %g, %g", f.row[r].name, f.row[r].median, median);
        }
        read_free(&f);
    }
    globfree(&found);
}

int main(void)
{
    schema_1();
    schema_2();
    google_benchmark();
    sentences();
    many_values();
    committed();
    printf("%d failures\n", failures);
    return failures ? 2 : 0;
}
