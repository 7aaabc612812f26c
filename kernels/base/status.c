#include "status.h"

#include <stdarg.h>
#include <stdio.h>

#include "plain.h"

static _Thread_local char sentence[1024];

enum status fail(enum status code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    plain_text(sentence);
    return code;
}

const char *status_text(void)
{
    return sentence;
}
