/* status: what can fail outside our control, as an exit code and a sentence. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/* The values are the exit codes of the command: 1 to 3 are verdicts, 64 and up are sysexits(3). */
enum status {
    STATUS_OK = 0,
    STATUS_REGRESSION = 1,
    STATUS_WRONG = 2,
    STATUS_INCONCLUSIVE = 3,
    STATUS_USAGE = 64,       /* an option or its value */
    STATUS_DATA = 65,        /* the contents of a file */
    STATUS_NO_INPUT = 66,    /* a file that is missing or cannot be read */
    STATUS_UNAVAILABLE = 69, /* a library or an instruction set that is not here */
    STATUS_INTERNAL = 70,    /* a defect of ours */
    STATUS_OS = 71,          /* memory, threads */
    STATUS_NO_OUTPUT = 73    /* a file that cannot be written */
};

/* Records the sentence for `code` on this thread and returns `code`: `return fail(STATUS_DATA,
 * ...)`. The sentence names the option, file, line or shape and has no newline. What it quotes of a file steers no
 * terminal: base/plain.h. */
__attribute__((format(printf, 2, 3))) enum status fail(enum status code, const char *format, ...);
#ifdef __clang_analyzer__ /* sees one file at a time: what is returned */
#define fail(code, ...) ((fail)(code, __VA_ARGS__), (code))
#endif

/* Where what cannot report a failure is short of memory: says so, and ends the program with STATUS_OS. */
_Noreturn void out_of_memory(void);

/* The last recorded sentence of this thread, "" before any. */
const char *status_text(void);

#endif
