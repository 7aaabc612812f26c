/* A substitute, trained from scratch, for the paper's pretrained GPT-2 that memorizes classes of random triples of
 * numbers: an MLP on one-hot triples, AdamW with decay 0.01 on mini-batches. Nothing that it gives is comparable with
 * GPT-2's figures but that there is a leak, far above that of the shuffled control. */
#include "studies/distillation/school.h"

enum { SHARES = 3 };
static const double share[SHARES] = {0.2, 0.5, 0.8};

static struct student cell(const struct school *school, double rho, bool shuffle)
{
    const size_t numbers = school_pick(school, 10, 100, 1000),
                 c = school_pick(school, 10, 100, 1000);
    const struct training how = {.p = school_pick(school, 20, 200, 1000),
                                 .epochs = school_pick(school, 20, 200, 200),
                                 .batch = 64,
                                 .lr = 2e-3,
                                 .decay = 0.01,
                                 .beta2 = 0.999};
    struct student s = {
        .teacher = {{TRIPLES, numbers, school_pick(school, 60, 1000, 6000), c, 0}, how},
        .how = how,
        .rho = rho,
        .tau = 20.0,
        .shuffle = shuffle};
    s.how.epochs *= 2;
    s.how.batch = 32;
    return s;
}

void school_triples(struct school *school)
{
    const size_t draws = school_pick(school, 1, 3, 3);
    struct interval held[SHARES], mixed[SHARES];
    struct student s;
    for (size_t j = 0; j < SHARES; j++) {
        s = cell(school, share[j], false);
        held[j] = school_mean(school, &s, draws, HELD_OUT);
        s = cell(school, share[j], true);
        mixed[j] = school_mean(school, &s, draws, HELD_OUT);
    }
    school_claim(school, "SUB", held[SHARES - 1], draws);
    school_claim(school, "SUB-b", mixed[SHARES - 1], draws);
    school_series(school, &(struct school_series){"triples-held", "share seen, rho", "share right",
                                                  share, held, SHARES});
    school_series(school, &(struct school_series){"triples-shuffled", "share seen, rho",
                                                  "share right", share, mixed, SHARES});
    school_figure(
        school, "triples",
        &(struct figure){
            .title = "Random triples (a substitute for GPT-2): held-out classes",
            .curves = (const struct figure_curve[]){{"triples-held", "soft labels", SVG_LINE, 1},
                                                    {"triples-shuffled", "shuffled", SVG_LINE, 2}},
            .count = 2});
}
