/* Shortest paths in tropical circuits: Floyd and Warshall's cubic one, squaring of the distance matrix, Bellman and
 * Ford. */
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/app.h"

/* No edge: so far that no path of true edges is as long, and a sum of six stays exact. */
enum { EDGE_MOST = 1000, FAR = 1 << 20, GRAPHS = 256 };

/* Wire of each pair; the diagonal is no wire. */
static uint32_t *distances(struct app *a)
{
    const size_t n = a->n;
    uint32_t *d = calloc(n * n, sizeof *d);
    if (!d) {
        a->circuit.status = fail(STATUS_OS, "no memory for a graph of %zu vertices", n);
        return NULL;
    }
    for (size_t i = 0; i < n * n; i++)
        if (i / n != i % n) d[i] = circuit_input(&a->circuit, 0, FAR);
    a->cases = GRAPHS;
    return d;
}

static uint32_t shorter(struct circuit *c, uint32_t direct, uint32_t first, uint32_t second)
{
    return circuit_2(c, GATE_MIN, direct, circuit_2(c, GATE_SUM, first, second));
}

static void output_distances(struct circuit *c, const uint32_t *d, size_t n)
{
    for (size_t i = 0; i < n * n; i++)
        if (i / n != i % n) circuit_output(c, d[i]);
}

static void floyd_warshall(struct app *a)
{
    const size_t n = a->n;
    uint32_t *d = distances(a);
    for (size_t k = 0; d && k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (i != j && i != k && j != k)
                    d[i * n + j] = shorter(&a->circuit, d[i * n + j], d[i * n + k], d[k * n + j]);
    if (d) output_distances(&a->circuit, d, n);
    free(d);
}

/* The least of d_ij and d_ik + d_kj over all k, once for each doubling of the number of edges. */
static void min_plus(struct app *a)
{
    const size_t n = a->n;
    uint32_t *d = distances(a), *next = calloc(n * n, sizeof *next), *way = calloc(n, sizeof *way);
    if (d && !(next && way)) a->circuit.status = fail(STATUS_OS, "no memory for %zu vertices", n);
    for (size_t edges = 1; d && next && way && edges < n - 1; edges *= 2) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                size_t ways = 0;
                if (i == j) continue;
                way[ways++] = d[i * n + j];
                for (size_t k = 0; k < n; k++)
                    if (k != i && k != j)
                        way[ways++] = circuit_2(&a->circuit, GATE_SUM, d[i * n + k], d[k * n + j]);
                next[i * n + j] = circuit_of(&a->circuit, GATE_MIN, ways, way);
            }
        memcpy(d, next, n * n * sizeof *d);
    }
    if (d) output_distances(&a->circuit, d, n);
    free(d);
    free(next);
    free(way);
}

/* From vertex 0, n - 1 rounds over all edges. */
static void bellman_ford(struct app *a)
{
    const size_t n = a->n;
    struct circuit *c = &a->circuit;
    uint32_t *w = distances(a), *d = calloc(n, sizeof *d), *next = calloc(n, sizeof *next);
    uint32_t *way = calloc(n, sizeof *way);
    const bool room = w && d && next && way;
    if (!room) c->status = fail(STATUS_OS, "no memory for %zu vertices", n);
    for (size_t j = 1; room && j < n; j++) d[j] = w[j];
    for (size_t round = 2; room && round < n; round++) {
        for (size_t j = 1; j < n; j++) {
            size_t ways = 0;
            way[ways++] = d[j];
            for (size_t i = 1; i < n; i++)
                if (i != j) way[ways++] = circuit_2(c, GATE_SUM, d[i], w[i * n + j]);
            next[j] = circuit_of(c, GATE_MIN, ways, way);
        }
        memcpy(d, next, n * sizeof *d);
    }
    for (size_t j = 1; room && j < n; j++) circuit_output(c, d[j]);
    free(w);
    free(d);
    free(next);
    free(way);
}

/* Each edge is there with probability 1/2 to 1/5, by the graph's number,. */
static void draw_graph(const struct app *a, size_t i, int64_t *in)
{
    const int64_t sparse = (int64_t)(i % 4) + 1;
    for (size_t e = 0; e < a->n * (a->n - 1); e++) {
        const bool there = app_random(a, i, 2 * e, 0, sparse) == 0;
        in[e] = there ? app_random(a, i, 2 * e + 1, 0, EDGE_MOST) : FAR;
    }
}

/* Dijkstra from every vertex, or from the first. */
static void dijkstra(size_t n, const int64_t *edge, size_t from, int64_t *dist, bool *done)
{
    for (size_t v = 0; v < n; v++) {
        dist[v] = v == from ? 0 : FAR;
        done[v] = false;
    }
    for (size_t round = 0; round < n; round++) {
        size_t best = n;
        for (size_t v = 0; v < n; v++)
            if (!done[v] && (best == n || dist[v] < dist[best])) best = v;
        done[best] = true;
        for (size_t v = 0; v < n; v++) {
            if (v == best) continue;
            /* The diagonal is left out of the inputs. */
            const int64_t way = dist[best] + edge[best * (n - 1) + v - (v > best)];
            if (way < dist[v]) dist[v] = way;
        }
    }
}

enum { VERTICES_MOST = 256 };

static void judge_all(const struct app *a, const int64_t *in, int64_t *want)
{
    int64_t dist[VERTICES_MOST];
    bool done[VERTICES_MOST];
    for (size_t i = 0; i < a->n; i++) {
        dijkstra(a->n, in, i, dist, done);
        for (size_t j = 0; j < a->n; j++)
            if (j != i) *want++ = dist[j];
    }
}

static void judge_first(const struct app *a, const int64_t *in, int64_t *want)
{
    int64_t dist[VERTICES_MOST];
    bool done[VERTICES_MOST];
    dijkstra(a->n, in, 0, dist, done);
    memcpy(want, dist + 1, (a->n - 1) * sizeof *want);
}

const struct app_kind app_floyd_warshall = {.name = "floyd-warshall",
                                            .what = "vertices",
                                            .build = floyd_warshall,
                                            .draw = draw_graph,
                                            .judge = judge_all};
const struct app_kind app_min_plus = {.name = "min-plus",
                                      .what = "vertices",
                                      .build = min_plus,
                                      .draw = draw_graph,
                                      .judge = judge_all};
const struct app_kind app_bellman_ford = {.name = "bellman-ford",
                                          .what = "vertices",
                                          .build = bellman_ford,
                                          .draw = draw_graph,
                                          .judge = judge_first};
