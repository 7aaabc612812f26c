/* table: the hashes of cases, as a CSV file such as results/hashes.csv.
 *
 * A head "case,inputs,outputs", then a row for each case, in the order of `hinge hash`. Hashes are FNV-1a of 64 bits in
 * sixteen hexadecimal digits. No name holds a comma.
 */
#ifndef HASH_TABLE_H
#define HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

struct hash_row {
    char name[192]; /* of the case */
    uint64_t inputs, outputs;
};

/* Zero: empty. */
struct hash_table {
    struct hash_row *at;
    size_t count, room;
};

enum status hash_table_add(struct hash_table *t, const struct hash_row *row);
/* Whole or not at all. STATUS_NO_INPUT where it cannot be read, STATUS_DATA with the line that is wrong. */
enum status hash_table_read(struct hash_table *t, const char *path);
void hash_table_print(const struct hash_table *t, FILE *out);
/* NULL where there is none of that name. */
const struct hash_row *hash_table_find(const struct hash_table *t, const char *name);
void hash_table_free(struct hash_table *t);

#endif
