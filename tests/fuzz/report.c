/* Whatever `hinge report` takes, result file, machine card or study: its page. */
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "fuzz.h"
#include "report/report.h"

/* Lines of what may be shown. */
static void insist_page(char *page)
{
    for (char *line; (line = strsep(&page, "\n"));) fuzz_insist_plain(line);
}

void fuzz_one(const char *data, size_t size)
{
    char *path = (char *)fuzz_file(FUZZ_NAME, data, size), *page = NULL;
    size_t bytes = 0;
    struct report report;
    const enum status status = report_read(&report, &path, 1);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        return;
    }
    FILE *out = open_memstream(&page, &bytes);
    fuzz_insist(out && report_write(&report, out) && fclose(out) == 0, "a page");
    insist_page(page);
    free(page);
    report_free(&report);
}
