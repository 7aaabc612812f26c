/* explain: what the ratio of a row's times on two machines, or with two settings of one, is made of.
 *
 * A row's time is that which its roof asks for over the share of the roof that it reaches: time = least / share. So
 *
 *     speed = time_A / time_B = (least_A / least_B) (share_B / share_A)
 *
 * of B over A, where the last factor is the kernel's. The first one is split by what binds the row:
 *
 *   arithmetic on both   least = flops / peak, and peak = frequency x flops a cycle and core (width) x cores
 *   memory on both       least = bytes / bandwidth. Where another level holds the operands on B, `cache` is what
 *                        that level gives over A's in the roof that binds, the geometric mean of this on A and on
 *                        B. In L1 and L2, which run with the core, what is left is frequency x cores x bytes a
 *                        cycle and core (bandwidth); in L3 and DRAM it is bandwidth
 *   one of each          the FMA peaks are compared as above; by how much the memory's roof lies below the
 *                        peak, where it binds, is bandwidth
 *
 * Every part is the negative of itself where A and B change places, and the parts that are known add up to the
 * logarithm of the speed. What an unknown part would have held is in `rest`: all of it where a file has no
 * roof. Cores are those that the row's threads can be on; a frequency is the one measured with the roof where both
 * files have that, else the one that both systems report, else unknown.
 */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/read.h"

enum part {
    PART_FREQUENCY,
    PART_WIDTH,
    PART_CORES,
    PART_CACHE,
    PART_BANDWIDTH,
    PART_KERNEL,
    PART_REST,
    PART_COUNT
};
/* "frequency", ... */
const char *part_name(enum part part);

struct explanation {
    double speed;            /* log of A's time over B's */
    double part[PART_COUNT]; /* logs; NaN: unknown */
};

/* A row and the file whose context tells of its machine. */
struct explain_side {
    const struct read_file *file;
    const struct read_row *row;
};

/* Both rows are timed. */
struct explanation explain(struct explain_side a, struct explain_side b);
/* Means over n >= 1 rows: they add up likewise. A part that no row knows is unknown. */
struct explanation explain_mean(const struct explanation *of, size_t n);

/* What binds the row: "fma", "L2 load", "" where the file does not say. */
const char *explain_bound(const struct read_row *row, char text[32]);
/* The frequency of one side in MHz, measured or reported; NaN: unknown. */
double explain_mhz(struct explain_side side, bool *measured);
/* Cores that the row's threads can be on. */
double explain_cores(struct explain_side side);

/* A roof of the context by its lane, threads and field; NaN: none. */
double explain_roof(const struct read_file *file, const char *isa, int threads, const char *field);

#endif
