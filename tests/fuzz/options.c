/* Every command's options: the first line names it, each other is a word. What the command would do with them is cut off:
 * the linker has its calls of argp_parse(), argp_error(), regcomp() and regfree() lead here (--wrap). */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fuzz.h"

enum { WORDS = 64, ROOM = 4096, FILTERS = 64 };

/* What a command had when it was cut off is lost: some hundred bytes of each input. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static jmp_buf parsed;
static regex_t filter[FILTERS];
static int filters;

error_t __real_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                          int *arg_index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                          int *arg_index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                          int *arg_index, void *input)
{
    flags |= ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP;
    __real_argp_parse(argp, argc, argv, flags, arg_index, input);
    longjmp(parsed, 1);
}

/* Ends the program elsewhere. */
void __wrap_argp_error(const struct argp_state *state, const char *format, ...);
void __wrap_argp_error(const struct argp_state *state, const char *format, ...)
{
    char sentence[2048];
    va_list args;
    (void)state;
    va_start(args, format);
    const int length = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    fuzz_insist(length > 0 && !strchr(sentence, '\n'), "one sentence");
    longjmp(parsed, 2);
}

/* Kept, to be freed. glibc's takes any amount of memory for repetitions of repetitions: whoever names one, names it to
 * himself. */
int __real_regcomp(regex_t *to, const char *text, int flags);
int __wrap_regcomp(regex_t *to, const char *text, int flags);
int __wrap_regcomp(regex_t *to, const char *text, int flags)
{
    if (strpbrk(text, "{+*") || filters == FILTERS) return REG_BADRPT;
    const int error = __real_regcomp(to, text, flags);
    if (!error) filter[filters++] = *to;
    return error;
}

/* Its words, without which there is no command. */
static int split(char *text, char *word[WORDS + 1])
{
    int words = 0;
    while (words < WORDS && (word[words] = strsep(&text, "\n"))) words++;
    word[words] = NULL;
    return words;
}

/* A command may free the first of two: it is freed here. */
void __real_regfree(regex_t *of);
void __wrap_regfree(regex_t *of);
void __wrap_regfree(regex_t *of)
{
    (void)of;
}

void fuzz_one(const char *data, size_t size)
{
    static char text[ROOM], *word[WORDS + 1];
    memset(text, 0, sizeof text);
    memcpy(text, data, size < ROOM ? size : ROOM - 1);
    static int words;
    words = split(text, word);
    const struct command *command = command_find(word[0]);
    if (!command) return;
    if (setjmp(parsed) == 0) command_run(command, words, word);
    while (filters) __real_regfree(&filter[--filters]);
}
