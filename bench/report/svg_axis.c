/* Ranges, ticks and numbers of a figure's axes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "svg_draw.h"

static const double LARGEST = 1e300;
/* A range narrower than this share of its values is that of a constant. */
static const double NARROWEST = 1e-9;

bool svg_drawable(const struct svg_axis *axis, double v)
{
    return fabs(v) <= LARGEST && (!axis->log || v >= 1.0 / LARGEST);
}

void svg_range_add(struct svg_range *r, const struct svg_axis *axis, double v)
{
    if (!svg_drawable(axis, v)) return;
    if (!r->any || v < r->lo) r->lo = v;
    if (!r->any || v > r->hi) r->hi = v;
    r->any = true;
}

static void settle_log(struct svg_range *r)
{
    if (!r->any) {
        r->lo = 1.0;
        r->hi = 10.0;
    }
    if (r->hi / r->lo < 1.0 + NARROWEST) {
        r->lo *= 0.5;
        r->hi *= 2.0;
    }
    const double room = 0.04 * (log(r->hi) - log(r->lo));
    r->lo = fmax(exp(log(r->lo) - room), 1.0 / LARGEST);
    r->hi = fmin(exp(log(r->hi) + room), LARGEST);
}

static void settle_linear(struct svg_range *r)
{
    if (!r->any) r->hi = 1.0;
    const double size = fmax(fabs(r->lo), fabs(r->hi));
    if (!(r->hi - r->lo > fmax(NARROWEST * size, 1.0 / LARGEST))) {
        const double some = size > 1.0 / LARGEST ? 0.1 * size : 1.0;
        r->lo -= some;
        r->hi += some;
        return;
    }
    const double room = 0.04 * (r->hi - r->lo);
    r->lo = r->lo >= 0.0 && r->lo < room ? 0.0 : r->lo - room;
    r->hi = r->hi <= 0.0 && -r->hi < room ? 0.0 : r->hi + room;
}

void svg_range_settle(struct svg_range *r, const struct svg_axis *axis)
{
    r->log = axis->log;
    if (axis->lo < axis->hi && svg_drawable(axis, axis->lo) && svg_drawable(axis, axis->hi)) {
        r->lo = axis->lo;
        r->hi = axis->hi;
    } else if (axis->log) {
        settle_log(r);
    } else {
        settle_linear(r);
    }
}

double svg_share(const struct svg_range *r, double v)
{
    if (r->log) return (log(v) - log(r->lo)) / (log(r->hi) - log(r->lo)); /* a quotient overflows */
    return (v - r->lo) / (r->hi - r->lo);
}

/* ---- numbers: whole multiples n of 10^exponent, so that no digit is a matter of rounding */

static int digits_of(long long n)
{
    int digits = 1;
    for (n = llabs(n); n >= 10; n /= 10) digits++;
    return digits;
}

static void plain(struct svg_number *to, long long n, int exponent)
{
    const char *sign = n < 0 ? "\u2212" : "";
    const int places = exponent > 0 ? 0 : exponent > -15 ? -exponent : 15;
    long long unit = 1;
    n = llabs(n);
    for (int i = 0; i < places; i++) unit *= 10;
    for (int e = exponent; e > 0; e--) n *= 10;
    if (places && n)
        snprintf(to->text, sizeof to->text, "%s%lld.%0*lld", sign, n / unit, places, n % unit);
    else
        snprintf(to->text, sizeof to->text, "%s%lld", sign, n / unit);
}

static void scientific(struct svg_number *to, long long n, int exponent)
{
    while (n && n % 10 == 0) {
        n /= 10;
        exponent++;
    }
    const int behind = digits_of(n) - 1, power = exponent + behind;
    struct svg_number factor = {"", ""};
    plain(&factor, n, -behind);
    if (n == 1)
        snprintf(to->text, sizeof to->text, "10");
    else
        snprintf(to->text, sizeof to->text, "%.40s\u00d710", factor.text);
    snprintf(to->power, sizeof to->power, "%s%d", power < 0 ? "\u2212" : "", abs(power));
}

/* largest: of all numbers of an axis, which are written alike. */
static struct svg_number number(long long n, int exponent, long long largest)
{
    enum { MOST_ZEROS = 4, MOST_DIGITS = 6 };
    struct svg_number r = {"0", ""};
    const int first =
        digits_of(largest) + exponent; /* digits before the point; < 0: zeros behind it */
    if (n == 0) return r;
    if (first > MOST_DIGITS || first < 1 - MOST_ZEROS)
        scientific(&r, n, exponent);
    else
        plain(&r, n, exponent);
    return r;
}

struct svg_number svg_value(double v, int digits)
{
    struct svg_number r = {"\u2013", ""};
    if (v == 0.0) return (struct svg_number){"0", ""};
    if (!(fabs(v) <= LARGEST) || fabs(v) < 1.0 / LARGEST) return r;
    int exponent = (int)floor(log10(fabs(v))) - digits + 1;
    long long n = llround(exponent < 0 ? v * pow(10.0, -exponent) : v / pow(10.0, exponent));
    while (n && n % 10 == 0) {
        n /= 10;
        exponent++;
    }
    return number(n, exponent, n);
}

/* ---- ticks */

static double times_power(long long n, int exponent)
{
    return exponent < 0 ? (double)n / pow(10.0, -exponent) : (double)n * pow(10.0, exponent);
}

static size_t linear_ticks(const struct svg_range *r, size_t most, struct svg_tick *tick)
{
    static const int factor[] = {1, 2, 5, 10};
    const double least = (r->hi - r->lo) / (double)most;
    int exponent = (int)floor(log10(least)), f = 0;
    while (f < 3 && times_power(factor[f], exponent) < least * (1.0 - 1e-9)) f++;
    int step = factor[f];
    if (step == 10) {
        step = 1;
        exponent++;
    }
    const double unit = times_power(step, exponent);
    const long long from = (long long)ceil(r->lo / unit - 1e-6);
    const long long to = (long long)floor(r->hi / unit + 1e-6);
    const long long largest = (llabs(from) > llabs(to) ? from : to) * step;
    size_t count = 0;
    for (long long i = from; i <= to && count < SVG_TICKS; i++)
        tick[count++] =
            (struct svg_tick){times_power(i * step, exponent), number(i * step, exponent, largest)};
    return count;
}

static bool within(const struct svg_range *r, double v)
{
    const double share = svg_share(r, v);
    return share >= -1e-9 && share <= 1.0 + 1e-9;
}

static size_t log_ticks(const struct svg_range *r, size_t most, struct svg_tick *tick)
{
    const int from = (int)floor(log10(r->lo)), to = (int)ceil(log10(r->hi));
    const int decades = to - from; /* with those that the range cuts */
    const int powers = (int)floor(log10(r->hi) + 1e-9) - (int)ceil(log10(r->lo) - 1e-9) + 1;
    const int stride = powers > (int)most ? (powers + (int)most - 1) / (int)most : 1;
    /* Below three decades, powers of ten alone may be too few labels. */
    const bool fives = log10(r->hi) - log10(r->lo) < 2.999;
    /* Powers are written alike, as 10^k unless all are short. */
    const bool is_short = from >= -4 && to <= 5;
    size_t count = 0;
    for (int k = from; k <= to; k++)
        for (int n = 1; n <= 9 && count < SVG_TICKS; n++) {
            struct svg_tick t = {times_power(n, k), {"", ""}};
            const bool labelled =
                (n == 1 && k % stride == 0) || (fives && stride == 1 && (n == 2 || n == 5));
            if (!within(r, t.at) || (n > 1 && (decades > 12 || stride > 2))) continue;
            if (!labelled && decades >= SVG_TICKS) continue;
            if (labelled && is_short)
                plain(&t.label, n, k);
            else if (labelled)
                scientific(&t.label, n, k);
            tick[count++] = t;
        }
    return count;
}

size_t svg_ticks(const struct svg_range *r, size_t most, struct svg_tick tick[SVG_TICKS])
{
    size_t labels = 0;
    const size_t count = r->log ? log_ticks(r, most, tick) : 0;
    for (size_t i = 0; i < count; i++) labels += tick[i].label.text[0] != '\0';
    /* Within a decade a logarithmic axis may have too few. */
    if (r->log && (labels >= 3 || r->hi / r->lo >= 10.0)) return count;
    return linear_ticks(r, most, tick);
}
