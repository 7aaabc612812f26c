/* Journals of `hinge bench`: the run's arguments, and each visit as a fork of a row. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "forks.h"
#include "fuzz.h"
#include "journal.h"
#include "worker/record.h"

static void take_visits(const json_t *visits)
{
    static struct row row;
    size_t i;
    json_t *entry;
    row = (struct row){.name = "relu_fwd/n:64", .threads = 1};
    json_array_foreach(visits, i, entry)
    {
        if (record_take(&row, json_object_get(entry, "visit")) == STATUS_OK) continue;
        fuzz_insist_sentence(STATUS_DATA, row.name);
        break;
    }
    fuzz_insist(row.variants <= TASKS_MAX, "room for the variants");
    for (size_t v = 0; v < row.variants; v++) {
        fuzz_insist_plain(row.variant[v].name);
        fuzz_insist_plain(row.variant[v].impl);
    }
    fuzz_insist_plain(row.note);
    fuzz_insist_plain(row.wrong);
    fuzz_insist_plain(row.crash);
    forks_free(&row);
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct journal journal = {.fd = 0};
    const enum status status = journal_read(&journal, path);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
    } else {
        char result[1024];
        int argc = 0;
        char **argv = journal_argv(&journal, &argc);
        fuzz_insist(argv && argc >= 1, "a name of the command");
        for (int i = 0; i < argc; i++) fuzz_insist_plain(argv[i]);
        free(argv);
        journal_result(&journal, result);
        fuzz_insist(strncmp(result, path, strlen(result)) == 0, "the result file beside it");
        take_visits(journal.visits);
    }
    journal_close(&journal);
}
