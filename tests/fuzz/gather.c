/* A share of a study's rows, the only one: what is gathered of it is a file of rows. */
#include <stdio.h>

#include "fuzz.h"
#include "gather/gather.h"

void fuzz_one(const char *data, size_t size)
{
    char *path = (char *)fuzz_file(FUZZ_NAME, data, size), out[128];
    snprintf(out, sizeof out, "%s/whole.csv", fuzz_folder());
    remove(out);
    const enum status status = gather_ledgers(&path, 1, out);
    FILE *made = fopen(out, "r");
    fuzz_insist((made != NULL) == (status == STATUS_OK), "a file, where all is well");
    if (made) fclose(made);
    if (status == STATUS_OK) return;
    fuzz_insist(status == STATUS_DATA || status == STATUS_NO_INPUT, "the code of bad contents");
    fuzz_insist_plain(status_text());
}
