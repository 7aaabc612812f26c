/* What a run says in words: its network, and which layers' numbers are not what they seem. */
#include <math.h>
#include <stdio.h>

#include "angle/angle.h"
#include "studies/feature_speed/laws.h"

const char *angle_network_text(const struct angle_run *run, char text[ANGLE_TEXT])
{
    const struct angle_request *ask = &run->ask;
    const struct network_plan *p = &ask->plan;
    char branches[64] = "";
    if (ask->weights) {
        snprintf(text, ANGLE_TEXT, "%.300s, an MLP of %zu layer%s, %zu inputs, %zu outputs",
                 ask->weights, run->depth, run->depth > 1 ? "s" : "", p->inputs, p->width);
        return text;
    }
    if (ask->resnet)
        snprintf(branches, sizeof branches, ", branches of %zu layer%s times %.3g", p->branch,
                 p->branch > 1 ? "s" : "", p->beta);
    snprintf(text, ANGLE_TEXT, "a fresh %s of depth %zu, width %zu, scale %g%s",
             ask->resnet ? "ResNet" : "MLP", p->depth, p->width, ask->scale, branches);
    return text;
}

const char *no_angle_text(enum no_angle why)
{
    static const char *const text[] = {[ANGLE_THERE] = "",
                                       [ANGLE_NOT_FINITE] = "values that are not finite",
                                       [ANGLE_UNTRAINED] = "nothing is trained up to there",
                                       [ANGLE_NO_BACKWARD] = "the backward pass is 0",
                                       [ANGLE_STILL] = "the features do not move"};
    return text[why];
}

/* The kinds of notes: reasons for no angle, then marks. */
enum { WHYS = ANGLE_STILL, KINDS = WHYS + MARK_COUNT };

static bool of_kind(const struct angle_row *r, size_t kind)
{
    return kind < WHYS ? (size_t)r->why == kind + 1 : (r->marks & 1u << (kind - WHYS)) != 0;
}

static bool bad_weights(const struct angle_run *run)
{
    for (size_t l = 0; l < run->depth; l++)
        if (run->row[l].marks & MARK_WEIGHTS) return true;
    return false;
}

static void say(const struct angle_run *run, size_t kind, char text[ANGLE_TEXT])
{
    static const char *const mark[MARK_COUNT] = {
        "weights or biases are not finite",   "features are not finite",
        "some features are subnormal",        "all features are 0",
        "the backward pass is not finite",    "the backward pass is partly subnormal",
        "squares in the gradients leave f32", "the learning rate leaves f32",
        "feature updates are not finite",     "feature updates are subnormal"};
    if (kind < WHYS)
        snprintf(text, ANGLE_TEXT, "no angle, %s:", no_angle_text((enum no_angle)(kind + 1)));
    else if (1u << (kind - WHYS) == MARK_FEATURES && !bad_weights(run))
        snprintf(text, ANGLE_TEXT, "features overflow");
    else
        snprintf(text, ANGLE_TEXT, "%s", mark[kind - WHYS]);
}

/* " in layers 3-5, 9"; " from layer 37 on". */
static void where(const struct angle_run *run, size_t kind, char *text, size_t room)
{
    enum { RANGES = 3 };
    size_t used = 0, ranges = 0, layers = 0;
    for (size_t l = 1; l <= run->depth; l++) layers += of_kind(&run->row[l - 1], kind);
    if (layers == run->depth) {
        snprintf(text, room, " in all layers");
        return;
    }
    for (size_t l = 1; l <= run->depth; l++) {
        if (!of_kind(&run->row[l - 1], kind)) continue;
        const size_t first = l;
        while (l < run->depth && of_kind(&run->row[l], kind)) l++;
        if (ranges == 0 && l == run->depth && l > first) {
            snprintf(text, room, " from layer %zu on", first);
            return;
        }
        if (ranges == RANGES) {
            snprintf(text + used, room - used, ", ...: %zu layers", layers);
            return;
        }
        const char *lead = ranges++ ? ", " : layers == 1 ? " in layer " : " in layers ";
        used += (size_t)(l > first ? snprintf(text + used, room - used, "%s%zu-%zu", lead, first, l)
                                   : snprintf(text + used, room - used, "%s%zu", lead, first));
    }
}

const char *angle_note(const struct angle_run *run, size_t i, char text[ANGLE_TEXT])
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        char words[ANGLE_TEXT], layers[256];
        bool there = false;
        for (size_t l = 0; l < run->depth && !there; l++) there = of_kind(&run->row[l], kind);
        if (!there || i-- > 0) continue;
        say(run, kind, words);
        where(run, kind, layers, sizeof layers);
        snprintf(text, ANGLE_TEXT, "%.120s%.255s", words, layers);
        return text;
    }
    return NULL;
}

double angle_degrees(const struct angle_row *row)
{
    /* A cosine may be rounded to more than 1; fmin() would hide a NaN. */
    return acos(row->cosine > 1.0 ? 1.0 : row->cosine) * 180.0 / M_PI;
}

double angle_law(const struct angle_run *run, size_t l)
{
    const struct angle_request *ask = &run->ask;
    const struct network_plan *p = &ask->plan;
    const size_t trained = p->train_first ? l : l - 1;
    if (ask->weights || ask->resnet || run->loss != LOSS_NORMAL || trained == 0) return NAN;
    /* Fixed rates weigh layers by their gradients, which are of one size at He's scale alone, but for the embedding's. */
    if (ask->fixed && (ask->scale != 1.0 || p->train_first)) return NAN;
    if (p->batch > 1 && (run->input != INPUT_GAUSSIAN || p->train_first)) return NAN;
    return law_chain(2.0, (double)trained) * law_batch((double)p->batch);
}
