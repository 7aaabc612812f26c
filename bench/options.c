#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "nearest.h"

struct options options_default(void)
{
    return (struct options){.isas = OPTION_LANES, .seed = 1};
}

bool options_match(const struct options *options, const char *name)
{
    return !options->filter || regexec(&options->filter_re, name, 0, NULL, 0) == 0;
}

/* Copies the word at *text up to a comma and steps behind it; false where it is empty or too long, or
 * where nothing follows the comma. */
static bool next_word(const char **text, char word[32])
{
    const size_t length = strcspn(*text, ",");
    if (length == 0 || length >= 32) return false;
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    if (**text != ',') return true;
    (*text)++;
    return **text != '\0';
}

enum status parse_isas(const char *option, const char *text, unsigned *isas)
{
    const char *const all = text;
    char word[32];
    *isas = 0;
    do {
        enum isa isa = ISA_COUNT;
        if (next_word(&text, word)) isa = isa_from_name(word);
        if (isa >= ISA_PLUGIN) /* that one runs wherever there is a plug-in */
            return fail(STATUS_USAGE,
                        "%s %s: not a list of lanes; the lanes are scalar, model, omp_avx2, "
                        "omp_avx512, avx2, avx512",
                        option, all);
        *isas |= 1u << isa;
    } while (*text);
    return STATUS_OK;
}

enum status parse_count(const char *option, const char *text, uint64_t least, uint64_t most,
                        uint64_t *value)
{
    char *end;
    errno = 0;
    const unsigned long long x = strtoull(text, &end, 0);
    if (*text < '0' || *text > '9' || *end || errno || x < least || x > most)
        return fail(STATUS_USAGE, "%s %s: not a number from %llu to %llu", option, text,
                    (unsigned long long)least, (unsigned long long)most);
    *value = x;
    return STATUS_OK;
}

enum status parse_time(const char *option, const char *text, double *seconds)
{
    char *end;
    *seconds = strtod(text, &end);
    if (end != text && strcmp(end, "m") == 0)
        *seconds *= 60.0;
    else if (end != text && strcmp(end, "h") == 0)
        *seconds *= 3600.0;
    else if (end == text || (*end && strcmp(end, "s") != 0))
        return fail(STATUS_USAGE, "%s %s: not a time such as 30s, 2m or 1h", option, text);
    return *seconds > 0.0 && isfinite(*seconds)
               ? STATUS_OK
               : fail(STATUS_USAGE, "%s %s: must be longer than nothing", option, text);
}

enum status parse_percent(const char *option, const char *text, double *share)
{
    char *end;
    *share = 0.01 * strtod(text, &end);
    if (end != text && (!*end || strcmp(end, "%") == 0) && *share > 0.0 && *share < 1.0)
        return STATUS_OK;
    return fail(STATUS_USAGE, "%s %s: not a percentage above 0 and below 100, such as 5 or 0.5%%",
                option, text);
}

enum status parse_counts(const char *option, const char *text, uint64_t least, uint64_t most,
                         uint64_t *values, size_t room, size_t *count)
{
    const char *const all = text;
    char word[32];
    *count = 0;
    do {
        if (*count == room)
            return fail(STATUS_USAGE, "%s %s: more than %zu numbers", option, all, room);
        if (!next_word(&text, word))
            return fail(STATUS_USAGE, "%s %s: not a list of numbers, like 1,2", option, all);
        const enum status status = parse_count(option, word, least, most, &values[*count]);
        if (status != STATUS_OK) return status;
        (*count)++;
    } while (*text);
    return STATUS_OK;
}

enum status parse_kernel(const char *text, const struct kernel_spec **kernel)
{
    char near[128];
    *kernel = kernel_spec(text);
    if (*kernel) return STATUS_OK;
    return fail(STATUS_USAGE, "--kernel %s: no such kernel%s; `hinge list` has them", text,
                nearest_kernels(text, near));
}

enum status parse_filter(const char *text, regex_t *filter)
{
    char why[128];
    if (!*text) return fail(STATUS_USAGE, "--filter '': empty; leave it out to match everything");
    const int error = regcomp(filter, text, REG_EXTENDED | REG_NOSUB);
    if (!error) return STATUS_OK;
    regerror(error, filter, why, sizeof why);
    return fail(STATUS_USAGE, "--filter %s: %s", text, why);
}

static enum status parse_threads(struct options *options, const char *text)
{
    uint64_t values[OPTION_THREADS_MAX];
    size_t count;
    const enum status status =
        parse_counts("--threads", text, 1, PAR_THREADS_MOST, values, OPTION_THREADS_MAX, &count);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < count; i++) options->threads[i] = (int)values[i];
    options->thread_count = count;
    return STATUS_OK;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    enum status status;
    switch (key) {
    case 'f':
        status = parse_filter(arg, &options->filter_re);
        if (status == STATUS_OK) options->filter = arg;
        break;
    case 'i':
        status = parse_isas("--isa", arg, &options->isas);
        break;
    case 't':
        status = parse_threads(options, arg);
        break;
    case 's':
        status = parse_count("--seed", arg, 0, UINT64_MAX, &options->seed);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

static const struct argp_option rows[] = {
    {"filter", 'f', "RE", 0, "cases whose name matches this extended regular expression", 0},
    {"isa", 'i', "LANES", 0, "of scalar, model, omp_avx2, omp_avx512, avx2, avx512", 0},
    {"threads", 't', "LIST", 0, "numbers of threads, like 1,2", 0},
    {"seed", 's', "N", 0, "of all random contents (1)", 0},
    {0}};

const struct argp options_argp = {rows, parse, NULL, NULL, NULL, NULL, NULL};
