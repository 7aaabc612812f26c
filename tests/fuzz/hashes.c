/* Tables of hashes: results/hashes.csv. */
#include "fuzz.h"
#include "hash/table.h"

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct hash_table table = {.at = NULL};
    const enum status status = hash_table_read(&table, path);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        fuzz_insist(!table.at && !table.count, "a failure holds nothing");
    }
    for (size_t i = 0; i < table.count; i++) {
        fuzz_insist_plain(table.at[i].name);
        fuzz_insist(hash_table_find(&table, table.at[i].name) == &table.at[i], "a name once");
    }
    hash_table_free(&table);
}
