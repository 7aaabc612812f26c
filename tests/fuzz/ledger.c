/* Ledgers of studies, to go on with: a row that is added is there when the file is read again. */
#include <string.h>

#include "fuzz.h"
#include "studies/ledger.h"

void fuzz_one(const char *data, size_t size)
{
    const struct ledger_plan plan = {.path = fuzz_file(FUZZ_NAME, data, size),
                                     .resume = true,
                                     .run = "fuzz",
                                     .columns = "a,b",
                                     .fields = 2};
    const double row[] = {0.1, -1e300};
    struct ledger ledger;
    enum status status = ledger_open(&ledger, &plan);
    if (status != STATUS_OK) {
        fuzz_insist(status == STATUS_DATA || status == STATUS_USAGE, "the code of bad contents");
        fuzz_insist_sentence(STATUS_DATA, plan.path);
        return;
    }
    const bool known = ledger_find(&ledger, "fuzzed") != NULL;
    fuzz_insist(ledger_append(&ledger, "fuzzed", row) == STATUS_OK, "a row more");
    ledger_close(&ledger);
    status = ledger_open(&ledger, &plan);
    fuzz_insist(status == STATUS_OK, "what was written can be read");
    const double *found = ledger_find(&ledger, "fuzzed");
    fuzz_insist(found && (known || memcmp(found, row, sizeof row) == 0), "the row that was added");
    ledger_close(&ledger);
}
