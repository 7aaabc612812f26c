#include "lane.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cpu.h"
#include "hash/fnv.h"
#include "nearest.h"
#include "options.h"
#include "peers.h"
#include "plugin.h"

#define X(room) +1
enum { ROOMS = 0 KERNELS(X) COMPOSED(X), KERNEL_SIZE_MAX = 4096 };
#undef X

static struct {
    struct plugin is;
    struct kernel_set set;
    struct entry {
        const struct kernel_spec *spec;
        enum isa isa;
        bool runs; /* this CPU has that */
        unsigned without;
        uint32_t flags;
    } entry[ROOMS];
    size_t entries;
    unsigned seconds;
} loaded;

const struct plugin *plugin_loaded(void)
{
    return loaded.entries ? &loaded.is : NULL;
}

unsigned plugin_seconds(void)
{
    return loaded.seconds;
}

/* ---- asked of what is loaded */

static const struct entry *entry_of(const struct kernel_spec *spec)
{
    for (size_t i = 0; i < loaded.entries; i++)
        if (strcmp(loaded.entry[i].spec->name, spec->name) == 0) return &loaded.entry[i];
    return NULL;
}

bool plugin_has(const struct kernel_spec *spec)
{
    return entry_of(spec) != NULL;
}

const char *plugin_option(unsigned isas, char text[512])
{
    int used = 0;
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (isa != ISA_PLUGIN && isas >> isa & 1u)
            used += snprintf(text + used, 512 - (size_t)used, "%s%s", used ? "," : "--isa ",
                             isa_name((enum isa)isa));
    if (!used) used = snprintf(text, 512, "--isa scalar");
    if (isas >> ISA_PLUGIN & 1u)
        snprintf(text + used, 512 - (size_t)used, " --plugin '%.400s'", loaded.is.path);
    return text;
}

enum status plugin_offers(const struct kernel_spec *spec)
{
    if (!spec || plugin_has(spec)) return STATUS_OK;
    return fail(STATUS_USAGE, "--kernel %s: %s has no such kernel; its first is %s", spec->name,
                loaded.is.path, loaded.entry[0].spec->name);
}

void plugin_print(FILE *out)
{
    fprintf(out, "plug-in %s%s%s%s%s%s:", loaded.is.name, *loaded.is.release ? " " : "",
            loaded.is.release, *loaded.is.note ? " (" : "", loaded.is.note,
            *loaded.is.note ? ")" : "");
    for (size_t i = 0; i < loaded.entries; i++)
        fprintf(out, "%s %s%s", i ? "," : "", loaded.entry[i].spec->name,
                loaded.entry[i].runs ? "" : " (not on this CPU)");
    fputc('\n', out);
}

enum isa plugin_isa(const struct kernel_spec *spec)
{
    const struct entry *e = entry_of(spec);
    return e ? e->isa : ISA_SCALAR;
}

const char *plugin_refusal(const struct kernel_spec *spec, const struct shape *shape)
{
    const struct entry *e = entry_of(spec);
    if (!e) return "";
    if (!e->runs)
        return e->isa == ISA_AVX512 ? "needs avx512, which this CPU or its system has not"
                                    : "needs avx2, which this CPU or its system has not";
    if (e->flags & HINGE_PLUGIN_OWN_LAYOUT)
        return "dense_pack: its layout is its own, and held to by the kernels that read it";
    return e->without & shape->flags ? "its table says that it does not take them" : NULL;
}

bool plugin_own_layout(void)
{
    const struct entry *e = entry_of(kernel_spec("dense_pack"));
    return e && e->runs && e->flags & HINGE_PLUGIN_OWN_LAYOUT;
}

bool plugin_keeps_words(const struct kernel_spec *spec, enum isa isa)
{
    const struct entry *e = isa == ISA_PLUGIN ? entry_of(spec) : NULL;
    if (isa == ISA_OMP_AVX2 || isa == ISA_OMP_AVX512) return false;
    return isa != ISA_PLUGIN || (e && e->flags & HINGE_PLUGIN_SAME_WORDS);
}

/* ---- the table */

static enum status wrong(const char *format, const char *what)
{
    char text[512];
    snprintf(text, sizeof text, format, what);
    return fail(STATUS_DATA, "%s: %s", loaded.is.path, text);
}

static bool is_taken(const char *name)
{
    for (int i = 0; i < ISA_PLUGIN; i++)
        if (strcmp(name, isa_name((enum isa)i)) == 0) return true;
    for (int p = 0; p < PEER_COUNT; p++)
        if (strcmp(name, peer_name((enum peer)p)) == 0) return true;
    return strncmp(name, "dnnl", 4) == 0 || strncmp(name, "onednn", 6) == 0;
}

static enum status take_name(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz",
                      all[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    char shown[64];
    if (!name) return wrong("its table has no name%s", "");
    snprintf(shown, sizeof shown, "%.60s", name);
    const size_t length = strlen(name);
    if (!length || length >= sizeof loaded.is.name || !strchr(first, *name) ||
        strspn(name, all) != length)
        return wrong("its name '%s' is not up to 11 of a-z 0-9 _ . -, a letter first", shown);
    if (is_taken(name)) return wrong("its name '%s' is a lane's or a library's", shown);
    strcpy(loaded.is.name, name);
    return STATUS_OK;
}

/* UTF-8 without control characters: it goes into tables and files. */
static enum status take_text(char *to, size_t size, const char *text, const char *what)
{
    if (!text) return STATUS_OK;
    const size_t length = strlen(text);
    json_t *good = json_string(text);
    json_decref(good);
    bool plain = good != NULL && length < size;
    for (size_t i = 0; plain && i < length; i++) plain = (unsigned char)text[i] >= ' ';
    if (!plain) return wrong("its %s is too long, or no line of UTF-8", what);
    strcpy(to, text);
    return STATUS_OK;
}

static enum status take_isa(struct entry *e, const char *isa)
{
    const struct cpu *cpu = cpu_features();
    e->isa = isa ? isa_from_name(isa) : ISA_SCALAR;
    e->runs = !isa || (e->isa == ISA_AVX512 ? cpu->avx512 : cpu->avx2);
    if (!isa || e->isa == ISA_AVX2 || e->isa == ISA_AVX512) return STATUS_OK;
    return fail(STATUS_DATA, "%s: %s: isa '%.30s' is neither avx2 nor avx512", loaded.is.path,
                e->spec->name, isa);
}

static enum status take_without(struct entry *e, const char *list)
{
    while (list && *list) {
        const size_t length = strcspn(list, ",");
        int flag = 0;
        while (flag < FLAGS_MAX &&
               !(e->spec->flag_names[flag] && strlen(e->spec->flag_names[flag]) == length &&
                 strncmp(e->spec->flag_names[flag], list, length) == 0))
            flag++;
        if (flag == FLAGS_MAX)
            return fail(STATUS_DATA, "%s: %s: without '%.*s': its cases have no such flag",
                        loaded.is.path, e->spec->name, (int)length, list);
        e->without |= 1u << flag;
        list += length + (list[length] == ',');
    }
    return STATUS_OK;
}

static enum status check_flags(const struct entry *e, const struct hinge_plugin_kernel *k)
{
    const uint32_t known = HINGE_PLUGIN_SAME_WORDS | HINGE_PLUGIN_OWN_LAYOUT;
    if (k->flags & ~known)
        return fail(STATUS_DATA, "%s: %s: flags %#x: this hinge knows no more than %#x",
                    loaded.is.path, e->spec->name, k->flags, known);
    if (!(k->flags & HINGE_PLUGIN_OWN_LAYOUT) || strcmp(e->spec->name, "dense_pack") == 0)
        return STATUS_OK;
    return fail(STATUS_DATA, "%s: %s: only dense_pack has a layout of its own", loaded.is.path,
                e->spec->name);
}

/* Into the set; false for a composed room. */
static bool take_call(const char *room, hinge_plugin_call *call, bool runs)
{
#define X(kernel)                                                                                  \
    if (strcmp(room, #kernel) == 0) {                                                              \
        if (call && runs) loaded.set.kernel = (kernel##_fn *)call;                                 \
        return true;                                                                               \
    }
    KERNELS(X)
#undef X
    return false;
}

static enum status take_kernel(const struct hinge_plugin_kernel *k)
{
    char near[128];
    if (!k->room) return wrong("a kernel of its table has no room%s", "");
    const struct kernel_spec *spec = kernel_spec(k->room);
    if (!spec)
        return fail(STATUS_DATA, "%s: no kernel is called '%.40s'%s; `hinge list` has them",
                    loaded.is.path, k->room, nearest_kernels(k->room, near));
    if (entry_of(spec)) return wrong("its table has %s twice", spec->name);
    struct entry *e = &loaded.entry[loaded.entries];
    *e = (struct entry){.spec = spec, .flags = k->flags};
    enum status status = take_isa(e, k->isa);
    if (status == STATUS_OK) status = take_without(e, k->without);
    if (status == STATUS_OK) status = check_flags(e, k);
    if (status != STATUS_OK) return status;
    if (take_call(spec->name, k->call, e->runs) != (k->call != NULL))
        return wrong(k->call ? "%s is composed of kernels: it takes no function"
                             : "%s has no function",
                     spec->name);
    loaded.entries++;
    return STATUS_OK;
}

static enum status take_kernels(const struct hinge_plugin *table)
{
    const char *at = (const char *)table->kernels;
    if (!at || !table->kernel_count) return wrong("its table has no kernels%s", "");
    for (uint32_t i = 0; i < table->kernel_count; i++, at += table->kernel_size) {
        struct hinge_plugin_kernel k;
        memcpy(&k, at, sizeof k); /* members that a newer header added lie behind */
        const enum status status = take_kernel(&k);
        if (status != STATUS_OK) return status;
    }
    size_t run = 0;
    for (size_t i = 0; i < loaded.entries; i++) run += loaded.entry[i].runs;
    if (run) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s: none of its kernels runs here: they need %s",
                loaded.is.path, isa_name(loaded.entry[0].isa));
}

static enum status take_table(const struct hinge_plugin *table)
{
    if (table->version != HINGE_PLUGIN_VERSION)
        return fail(table->version > HINGE_PLUGIN_VERSION ? STATUS_UNAVAILABLE : STATUS_DATA,
                    "%s: built with the plugin.h of version %u; this hinge has %d: build it again",
                    loaded.is.path, table->version, HINGE_PLUGIN_VERSION);
    if (table->size < sizeof *table || table->kernel_size < sizeof *table->kernels ||
        table->kernel_size > KERNEL_SIZE_MAX)
        return wrong("its table states sizes that no plugin.h has%s", "");
    loaded.set = *kernel_set_best();
    loaded.set.isa = ISA_PLUGIN;
    loaded.set.name = loaded.is.name;
    enum status status = take_name(table->name);
    if (status == STATUS_OK)
        status = take_text(loaded.is.release, sizeof loaded.is.release, table->release, "release");
    if (status == STATUS_OK)
        status = take_text(loaded.is.note, sizeof loaded.is.note, table->note, "note");
    return status == STATUS_OK ? take_kernels(table) : status;
}

/* ---- the file */

static enum status hash_file(const char *path)
{
    unsigned char bytes[65536];
    struct stat there;
    ssize_t got = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fail(STATUS_NO_INPUT, "--plugin %s: %s", path, strerror(errno));
    const bool regular = fstat(fd, &there) == 0 && S_ISREG(there.st_mode);
    loaded.is.hash = FNV_START;
    while (regular && (got = read(fd, bytes, sizeof bytes)) > 0)
        loaded.is.hash = fnv(loaded.is.hash, bytes, (size_t)got);
    close(fd);
    if (regular && got == 0) return STATUS_OK;
    return fail(STATUS_NO_INPUT, "--plugin %s: %s", path,
                regular ? strerror(errno) : "not a regular file");
}

static enum status take_seconds(void)
{
    enum { USUAL = 60, A_DAY = 86400 };
    const char *text = getenv("HINGE_PLUGIN_SECONDS");
    uint64_t seconds = USUAL;
    const enum status status =
        text ? parse_count("HINGE_PLUGIN_SECONDS", text, 1, A_DAY, &seconds) : STATUS_OK;
    loaded.seconds = (unsigned)seconds;
    return status;
}

enum status plugin_load(const char *path)
{
    char file[4096];
    if (loaded.is.path)
        return fail(STATUS_USAGE, "--plugin %s: one plug-in a run, and that is %s", path,
                    loaded.is.path);
    enum status status = take_seconds();
    if (status == STATUS_OK) status = hash_file(path);
    if (status != STATUS_OK) return status;
    /* Without a slash it would be sought in the folders of the system. */
    if (snprintf(file, sizeof file, "%s%s", strchr(path, '/') ? "" : "./", path) >=
        (int)sizeof file)
        return fail(STATUS_NO_INPUT, "--plugin %s: the path is too long", path);
    loaded.is.path = path;
    void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!object) return fail(STATUS_DATA, "--plugin: not a shared object to load: %s", dlerror());
    const struct hinge_plugin *table = dlsym(object, "hinge_plugin");
    if (!table)
        return fail(STATUS_DATA, "%s: no plug-in: it has no symbol hinge_plugin (hinge/plugin.h)",
                    path);
    status = take_table(table);
    if (status == STATUS_OK)
        kernel_set_plug(&loaded.set);
    else
        loaded.entries = 0;
    return status;
}
