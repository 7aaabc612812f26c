/* What callgrind writes. */
#include "count/profile.h"
#include "fuzz.h"

void fuzz_one(const char *data, size_t size)
{
    struct count_row row[2] = {{.name = "a/n:1"}, {.name = "b/n:2"}};
    struct count_rows rows = {row, 2, ""};
    FILE *in = size ? fmemopen((void *)data, size, "r") : NULL;
    if (!in) return;
    const enum status status = profile_read(in, "/build/hinge", &rows);
    fclose(in);
    fuzz_insist_plain(rows.counter);
    if (status == STATUS_OK)
        fuzz_insist(row[0].readings == COUNT_READINGS && row[1].readings == COUNT_READINGS,
                    "as many readings as there should be");
    else
        fuzz_insist_plain(status_text());
}
