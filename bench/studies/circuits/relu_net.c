#include "relu_net.h"

#include <stdlib.h>
#include <string.h>

bool net_layer_open(struct net_layer *layer, size_t rows, size_t columns, size_t nnz)
{
    *layer = (struct net_layer){.rows = rows, .columns = columns};
    layer->start = calloc(rows + 1, sizeof *layer->start);
    layer->col = malloc((nnz + 1) * sizeof *layer->col);
    layer->value = malloc((nnz + 1) * sizeof *layer->value);
    layer->bias = malloc((rows + 1) * sizeof *layer->bias);
    return layer->start && layer->col && layer->value && layer->bias;
}

void relu_net_close(struct relu_net *net)
{
    for (size_t l = 0; net->layer && l <= net->depth; l++) {
        free(net->layer[l].start);
        free(net->layer[l].col);
        free(net->layer[l].value);
        free(net->layer[l].bias);
    }
    free(net->layer);
    net->layer = NULL;
}

double net_dense_weights(const struct relu_net *net)
{
    double count = 0.0;
    for (size_t l = 0; l <= net->depth; l++)
        count += (double)net->layer[l].rows * (double)net->layer[l].columns;
    return count;
}

void relu_net_f64(const struct relu_net *net, const double *in, double *out, double *h)
{
    const double *from = h;
    double *to = h + net->inputs;
    memcpy(h, in, net->inputs * sizeof *h);
    for (size_t l = 0; l <= net->depth; l++) {
        const struct net_layer *y = &net->layer[l];
        const bool last = l == net->depth;
        if (last) to = out;
        for (size_t i = 0; i < y->rows; i++) {
            double sum = (double)y->bias[i];
            for (int32_t p = y->start[i]; p < y->start[i + 1]; p++)
                sum += (double)y->value[p] * from[y->col[p]];
            to[i] = !last && sum < 0.0 ? 0.0 : sum;
        }
        if (!net->skip) from = to;
        to += y->rows;
    }
}
