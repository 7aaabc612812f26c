#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "plain.h"

static _Thread_local char sentence[1024];

enum status(fail)(enum status code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    plain_text(sentence);
    return code;
}

/* From any thread, with no memory for a buffer and no handlers of exit(). */
_Noreturn void out_of_memory(void)
{
    static const char text[] = "hinge: out of memory\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(STATUS_OS);
}

const char *status_text(void)
{
    return sentence;
}
