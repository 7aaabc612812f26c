/* The guest's first process: runs each line of /run.list ("VAR=value ... /program argument ..."), copies
 * what the programs print to the emulator's debug port, ends each with a line "TEST <line> rc=N", and shuts the
 * emulator down after "DONE <run> run, <failed> failed". A program ended by signal S has rc=128+S. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT_TEXT = 0xe9, PORT_SHUTDOWN = 0x8900, WORDS_MAX = 63, LINE_SIZE = 4096 };

static void put(const char *text, size_t size)
{
    while (size--) outb((unsigned char)*text++, PORT_TEXT);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    char text[LINE_SIZE + 64];
    va_list args;
    va_start(args, format);
    const int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (size > 0) put(text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

/* Does not return. Leading VAR=value words go to the environment. */
static void become(char *line)
{
    char *word[WORDS_MAX + 1], *state = NULL;
    int words = 0;
    for (char *w = strtok_r(line, " \t\n", &state); w && words < WORDS_MAX;
         w = strtok_r(NULL, " \t\n", &state)) {
        char *equals = words == 0 ? strchr(w, '=') : NULL;
        if (equals) {
            *equals = '\0';
            setenv(w, equals + 1, 1);
        } else {
            word[words++] = w;
        }
    }
    word[words] = NULL;
    if (words == 0) _exit(0);
    execv(word[0], word);
    fprintf(stderr, "%s: %s\n", word[0], strerror(errno));
    _exit(127);
}

static int run(char *line)
{
    int ends[2], status = 0;
    char text[4096];
    ssize_t size;
    if (pipe(ends)) return 126;
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        become(line);
    }
    close(ends[1]);
    while ((size = read(ends[0], text, sizeof text)) > 0) put(text, (size_t)size);
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child) return 126;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void)
{
    char line[LINE_SIZE], name[LINE_SIZE];
    int count = 0, failed = 0;
    iopl(3);
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir("/dev", 0755);
    mkdir("/tmp", 0777);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    mkdir("/dev/shm", 01777); /* clang's OpenMP registers itself in shared memory */
    mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL);
    /* Bochs with one processor answers CPUID's leaf 11 with no level of topology at all, and clang 14's OpenMP
     * (libomp) then takes the level before the first: a crash at the first fork. One processor has no affinity. */
    setenv("KMP_AFFINITY", "disabled", 1);
    say("\nINIT\n");
    FILE *list = fopen("/run.list", "r");
    while (list && fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        memcpy(name, line, sizeof name);
        const int code = run(line);
        count++;
        failed += code != 0;
        say("TEST %s rc=%d\n", name, code);
    }
    say("DONE %d run, %d failed\n", count, failed);
    for (const char *c = "Shutdown"; *c; c++) outb((unsigned char)*c, PORT_SHUTDOWN);
    reboot(RB_POWER_OFF);
    for (;;) pause();
}
