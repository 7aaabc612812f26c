/* serve: what a worker does, and the protocol by which it is asked.
 *
 * A worker makes the list of rows that `hinge bench` with the same arguments makes, and checks and samples them one
 * at a time as requests on its standard input ask for it; its answers go to descriptor 3, which no library writes to.
 * Both are JSON objects, one a line. It waits for a request without a thread that spins, and ends with its
 * standard input.
 *
 *     at the start      {"hello": "hinge-worker", "protocol": 1, "version", "commit", "compiler", "onednn",
 *                        "cases": [{"name", "threads"}]}
 *     {"open": NAME, "threads": N, "copies": C, "alone": B, "plant": P, "forms": [..],
 *      "words": {VARIANT: HEX}}
 *                       {"opened": {..}}     the row is made ready: operands, checks, calibration
 *     {"sample": {"rounds": [LEAST, MOST], "seconds": S, "tight": B, "target": T, "seed": N}}
 *                       {"sampled": {..}}    rounds by that plan (measure/sample.h); as often as is asked
 *     {"close": true}   {"closed": {..}}     the outputs are checked once more
 *
 * In a request to open, all but the name and the threads may be left out. alone: our lanes without FTZ, nothing beside
 * them. plant: the share of calls that are made twice, a slowdown that a verdict must find. forms: those of oneDNN that are to be tried. words: of
 * an earlier process, where the oracle found them right: then only these variants are run, and the oracle is asked only
 * where one of them writes other words. seconds: until the row is to be closed; tight: even before LEAST rounds.
 *
 * The answer to a request that cannot be met is {"failed": {"code", "text"}}, a status and its sentence; a row that
 * could not be opened is closed, and so is one in which anything but samples or its end was asked for. A worker that a
 * signal ends says {"died": VARIANT} where it knows which one ran. The other answers are described where they are
 * written (answers.h).
 */
#ifndef WORKER_SERVE_H
#define WORKER_SERVE_H

#include "arguments.h"
#include "channel.h"
#include "rows.h"

struct server {
    const struct arguments *arguments;
    const struct data *data;
    const struct rows *rows;
    struct channel channel;
};

/* Says hello and meets requests until the end. */
enum status serve(struct server *server);

#endif
