#include "summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twins.h"

/* The whole machine is, or this build's way to run that lane. */
static bool emulated(enum isa isa)
{
    const char *value = getenv("HINGE_EMULATED");
    return (value && strcmp(value, "1") == 0) || kernel_set_emulated(isa);
}

static void print_lane(const struct check_tally *t, enum isa isa)
{
    const struct readout *worst = &t->worst[isa];
    if (t->skipped[isa])
        printf("  %-11s SKIPPED %zu: %s\n", isa_name(isa), t->skipped[isa],
               isa == ISA_PLUGIN ? t->plugin_reason : "this CPU or its system cannot run it");
    if (!t->ran[isa]) return;
    printf("  %-11s %s %6zu, wrong %zu; worst error %.3g ULP, %.1f %% of the bound\n",
           isa_name(isa),
           kernel_set_emulated(isa) ? "ran emulated (SIMDe)"
           : emulated(isa)          ? "ran emulated"
                                    : "ran",
           t->ran[isa], t->failed[isa], worst->max_ulp, 100.0 * worst->bound_used);
}

static void print_peer(const struct check_tally *t, enum peer peer)
{
    const char *version = peer_version(peer);
    if (strcmp(version, "none") == 0) {
        printf("  %-11s SKIPPED: %s\n", peer_name(peer), status_text());
        return;
    }
    printf("  %-11s ran %6zu, wrong %zu (%s, held to the same oracle)\n", peer_name(peer),
           t->peer[peer].ran, t->peer[peer].failed, version);
    if (t->peer[peer].skipped)
        printf("  %-11s SKIPPED %zu: %s\n", peer_name(peer), t->peer[peer].skipped,
               t->peer[peer].reason);
}

void summary_print(const struct check_tally *t, bool twins, bool peers)
{
    size_t ran[2] = {0}, skipped = 0, failed = 0;
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        ran[emulated((enum isa)isa)] += t->ran[isa];
        skipped += t->skipped[isa];
        failed += t->failed[isa];
        print_lane(t, (enum isa)isa);
    }
    if (t->grads_ran)
        printf("  differences ran %6zu, wrong %zu: %zu derivatives of the forward pass, %zu beside "
               "a kink "
               "left out; %.1f %% of what is allowed\n",
               t->grads_ran, t->grads_failed, t->grads_elements, t->grads_kinks,
               100.0 * t->grads_worst.bound_used);
    if (t->twins_ran)
        printf("  %-11s ran %6zu, wrong %zu (held to the same oracle)\n", twins_version(),
               t->twins_ran, t->twins_failed);
    if (!twins) printf("  %-11s left out (--no-twins)\n", "oneDNN");
    if (twins && (t->twins_skipped || !t->twins_ran))
        printf("  %-11s SKIPPED %zu%s%s\n", twins_version(), t->twins_skipped,
               *t->twin_reason ? ": " : "", t->twin_reason);
    if (peers)
        for (int p = 0; p < PEER_COUNT; p++) print_peer(t, (enum peer)p);
    printf("%zu cases; variants: %zu ran, %zu ran emulated, %zu skipped, %zu wrong\n", t->cases,
           ran[false], ran[true], skipped, failed);
    if (t->ended)
        printf(
            "kernels that ended their process, whose other cases are not in these numbers: %zu\n",
            t->ended);
}

/* ---- of drawn cases */

/* Cases of each kernel, as many columns as fit. */
static void print_kernels(const struct fuzz *fuzz, const struct fuzz_tally *t)
{
    enum { COLUMNS = 3 };
    for (size_t i = 0; i < fuzz->draw.spec_count; i++)
        printf("  %-18s %7llu%s", fuzz->draw.specs[i]->name, (unsigned long long)t->kernel[i],
               (i + 1) % COLUMNS == 0 || i + 1 == fuzz->draw.spec_count ? "\n" : "");
}

void summary_print_fuzz(const struct fuzz *fuzz, const struct fuzz_tally *t)
{
    const struct check_tally *c = &t->check;
    size_t ran = 0, skipped = 0;
    print_kernels(fuzz, t);
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        ran += c->ran[isa];
        skipped += c->skipped[isa];
        print_lane(c, (enum isa)isa);
    }
    puts("  oneDNN and differences left out: `hinge check` has them");
    printf("%llu cases%s in %.1f s, %.3g output elements; variants: %zu ran, %zu skipped, %zu "
           "MISTRUSTED; %llu cases wrong\n",
           (unsigned long long)t->cases, t->interrupted ? " until the interrupt" : "", t->seconds,
           c->elements, ran, skipped, c->found[VERDICT_MISTRUSTED], (unsigned long long)t->failed);
}
