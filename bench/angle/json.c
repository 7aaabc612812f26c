/* A run as JSON. Numbers have the digits that tell any two apart. */
#include <jansson.h>
#include <math.h>

#include "angle/angle.h"
#include "kernel.h"
#include "report/context.h"
#include "report/json_file.h"

/* Goes up when a field changes its meaning or goes away. */
enum { ANGLE_SCHEMA_VERSION = 1 };

static json_t *name_json(const struct angle_run *run, size_t l)
{
    if (!run->ask.weights) return json_null();
    const struct mlp_file_layer *y = &run->file.layer[l - 1];
    return json_stringn(y->weight->name, (size_t)y->name);
}

static json_t *row_json(const struct angle_run *run, size_t l)
{
    const struct angle_row *r = &run->row[l - 1];
    json_t *o = json_pack("{s:I, s:o, s:I, s:I, s:b}", "layer", (json_int_t)l, "name",
                          name_json(run, l), "inputs", (json_int_t)r->inputs, "outputs",
                          (json_int_t)r->outputs, "trained", (int)r->trained);
    const struct {
        const char *name;
        double value;
    } number[] = {{"cos", r->cosine},
                  {"theta_degrees", angle_degrees(r)},
                  {"df_rms", r->velocity_rms},
                  {"b_norm", r->backward},
                  {"gradient2", r->grad2},
                  {"rate", r->rate},
                  {"decay", r->decay},
                  {"decay_up_to", r->decay_up_to},
                  {"dead_share", r->dead},
                  {"gap", r->gap},
                  {"cos_law", angle_law(run, l)}};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        json_object_set_new(o, number[i].name, json_number(number[i].value));
    json_object_set_new(o, "no_angle",
                        r->why == ANGLE_THERE ? json_null() : json_string(no_angle_text(r->why)));
    return o;
}

static json_t *network_json(const struct angle_run *run)
{
    const struct angle_request *ask = &run->ask;
    const struct network_plan *p = &ask->plan;
    json_t *o = json_pack("{s:s, s:I, s:I}", "kind", ask->resnet ? "resnet" : "mlp", "depth",
                          (json_int_t)run->depth, "parameters", (json_int_t)run->parameters);
    if (ask->weights) {
        /* What is no UTF-8 has no JSON. */
        json_t *path = json_string(ask->weights);
        json_object_set_new(o, "file", path ? path : json_null());
        return o;
    }
    json_object_set_new(o, "width", json_integer((json_int_t)p->width));
    json_object_set_new(o, "scale", json_real(ask->scale));
    json_object_set_new(o, "train_first", json_boolean(p->train_first));
    if (!ask->resnet) return o;
    json_object_set_new(o, "beta", json_real(p->beta));
    json_object_set_new(o, "branch", json_integer((json_int_t)p->branch));
    return o;
}

static json_t *run_json(const struct angle_run *run)
{
    static struct machine machine;
    const struct angle_request *ask = &run->ask;
    const struct roofs none = {.count = 0};
    char text[ANGLE_TEXT], seed[24];
    json_t *layers = json_array(), *notes = json_array();
    machine_read(&machine);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)ask->seed);
    for (size_t l = 1; l <= run->depth; l++) json_array_append_new(layers, row_json(run, l));
    for (size_t i = 0; angle_note(run, i, text); i++)
        json_array_append_new(notes, json_string(text));
    json_t *o = json_pack("{s:i, s:o, s:s, s:I, s:s, s:s, s:f, s:s, s:i, s:s}", "schema_version",
                          ANGLE_SCHEMA_VERSION, "network", network_json(run), "input",
                          run->input == INPUT_GAUSSIAN ? "gaussian" : run->data.name, "batch",
                          (json_int_t)ask->plan.batch, "loss",
                          run->loss == LOSS_SQUARED ? "squared" : "normal", "rates",
                          ask->fixed ? "fixed" : "equal", "eta", ask->eta, "seed", seed, "threads",
                          ask->threads, "isa", ask->set->name);
    json_object_set_new(o, "loss_value",
                        json_number(run->loss == LOSS_SQUARED ? run->loss_value : NAN));
    json_object_set_new(o, "notes", notes);
    json_object_set_new(o, "layers", layers);
    json_object_set_new(o, "machine", context_json(&machine, &none));
    return o;
}

enum status angle_json(const struct angle_run *run, const char *path)
{
    json_t *root = run_json(run);
    return json_file_write(path, root, 17);
}
