/* Claims as a person reads them: id, claim, expected, measured, interval, verdict. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

enum { ID = 7, CLAIM = 26, BOUNDS = 19, MEASURED = 10, LINE = 100 };

/* Columns that UTF-8 text takes: its bytes but for those within a character. */
static size_t columns(const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++) count += ((unsigned char)text[i] & 0xc0u) != 0x80u;
    return count;
}

/* Bytes of the next line of at most `width` columns, broken at a space where there is one. */
static size_t line_bytes(const char *text, size_t width)
{
    size_t fits = 0, bytes = 0;
    while (text[bytes] && columns(text, bytes + 1) <= width) {
        bytes++;
        if (text[bytes] == ' ' || !text[bytes]) fits = bytes;
    }
    return fits ? fits : bytes;
}

static const char *next_line(const char *text, size_t bytes)
{
    text += bytes;
    return text + strspn(text, " ");
}

static void print_wrapped(FILE *out, const char *text, int indent)
{
    while (*text) {
        const size_t bytes = line_bytes(text, (size_t)(LINE - indent));
        fprintf(out, "%*s%.*s\n", indent, "", (int)bytes, text);
        text = next_line(text, bytes);
    }
}

/* As many digits, up to four, as the column takes. */
static void bounds_text(char text[64], double lo, double hi)
{
    for (int digits = 4; digits > 1; digits--) {
        if (isfinite(lo) && isfinite(hi))
            snprintf(text, 64, "[%.*g, %.*g]", digits, lo, digits, hi);
        else if (isfinite(lo))
            snprintf(text, 64, ">= %.*g", digits, lo);
        else if (isfinite(hi))
            snprintf(text, 64, "<= %.*g", digits, hi);
        else
            snprintf(text, 64, "-");
        if (strlen(text) <= BOUNDS) return;
    }
}

/* With so many digits that it is read as it was judged. */
static void measured_text(char text[32], const struct recorded_claim *c)
{
    for (int digits = 4; digits <= 9; digits++) {
        snprintf(text, 32, "%.*g", digits, c->measured.at);
        if (claim_judge(c->expected, strtod(text, NULL)) == c->verdict) break;
    }
    if (isnan(c->measured.at)) snprintf(text, 32, "-");
}

static void print_claim(FILE *out, const struct claim *claim, const struct recorded_claim *c)
{
    static const char *const verdict[] = {"confirmed", "REFUTED", "out of reach"};
    char expected[64], interval[64], measured[32];
    const size_t bytes = line_bytes(claim->text, CLAIM);
    const int room = CLAIM - (int)columns(claim->text, bytes);
    bounds_text(expected, c->expected.lo, c->expected.hi);
    measured_text(measured, c);
    if (isfinite(c->measured.lo) && isfinite(c->measured.hi))
        bounds_text(interval, c->measured.lo, c->measured.hi);
    else
        snprintf(interval, sizeof interval, "-");
    fprintf(out, "%-*s %.*s%*s %-*s %*s %-*s %s\n", ID, claim->id, (int)bytes, claim->text, room,
            "", BOUNDS, expected, MEASURED, measured, BOUNDS, interval, verdict[c->verdict]);
    for (const char *text = next_line(claim->text, bytes); *text;) {
        const size_t more = line_bytes(text, CLAIM);
        fprintf(out, "%*s %.*s\n", ID, "", (int)more, text);
        text = next_line(text, more);
    }
    if (c->note) print_wrapped(out, c->note, ID + 3);
}

void claims_table(FILE *out, const struct study_run *run)
{
    size_t count[] = {0, 0, 0};
    char took[16];
    fprintf(out, "%-*s %-*s %-*s %*s %-*s %s\n", ID, "claim", CLAIM, "", BOUNDS, "expected",
            MEASURED, "measured", BOUNDS, "95 % interval", "verdict");
    for (size_t i = 0; i < run->study->claim_count; i++) {
        print_claim(out, &run->study->claims[i], &run->claims[i]);
        count[run->claims[i].verdict]++;
    }
    fprintf(out, "\n%zu confirmed, %zu refuted, %zu out of reach, %s\n", count[CONFIRMED],
            count[REFUTED], count[OUT_OF_REACH], human_seconds(run->seconds, took));
}
