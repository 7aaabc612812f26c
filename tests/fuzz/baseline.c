/* The counts that are kept: results/instructions.csv. */
#include "count/baseline.h"
#include "fuzz.h"

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct baseline baseline;
    const enum status status = baseline_read(&baseline, path);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        fuzz_insist(!baseline.at && !baseline.count, "a failure holds nothing");
        return;
    }
    for (size_t i = 0; i < baseline.count; i++) {
        fuzz_insist_plain(baseline.at[i].compiler);
        fuzz_insist_plain(baseline.at[i].name);
        fuzz_insist(baseline.at[i].isa < ISA_COUNT && baseline.at[i].threads > 0, "a lane");
        fuzz_insist(baseline.at[i].instructions > 0, "a count");
    }
    baseline_free(&baseline);
}
