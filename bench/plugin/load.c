/* The loading of a plug-in: its file, its table, and what may be wrong with either. */
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
#include "loaded.h"
#include "nearest.h"
#include "options.h"
#include "peers.h"

enum { KERNEL_SIZE_MAX = 4096 };

static enum status wrong(const char *format, const char *what)
{
    char text[512];
    snprintf(text, sizeof text, format, what);
    return fail(STATUS_DATA, "%s: %s", plugin_state.is.path, text);
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
    if (!length || length >= sizeof plugin_state.is.name || !strchr(first, *name) ||
        strspn(name, all) != length)
        return wrong("its name '%s' is not up to 11 of a-z 0-9 _ . -, a letter first", shown);
    if (is_taken(name)) return wrong("its name '%s' is a lane's or a library's", shown);
    strcpy(plugin_state.is.name, name);
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

static enum status take_isa(struct plugin_entry *e, const char *isa)
{
    const struct cpu *cpu = cpu_features();
    e->isa = isa ? isa_from_name(isa) : ISA_SCALAR;
    e->runs = !isa || (e->isa == ISA_AVX512 ? cpu->avx512 : cpu->avx2);
    if (!isa || e->isa == ISA_AVX2 || e->isa == ISA_AVX512) return STATUS_OK;
    return fail(STATUS_DATA, "%s: %s: isa '%.30s' is neither avx2 nor avx512", plugin_state.is.path,
                e->spec->name, isa);
}

static enum status take_without(struct plugin_entry *e, const char *list)
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
                        plugin_state.is.path, e->spec->name, (int)length, list);
        e->without |= 1u << flag;
        list += length + (list[length] == ',');
    }
    return STATUS_OK;
}

static enum status check_flags(const struct plugin_entry *e, const struct hinge_plugin_kernel *k)
{
    const uint32_t known = HINGE_PLUGIN_SAME_WORDS | HINGE_PLUGIN_OWN_LAYOUT;
    if (k->flags & ~known)
        return fail(STATUS_DATA, "%s: %s: flags %#x: this hinge knows no more than %#x",
                    plugin_state.is.path, e->spec->name, k->flags, known);
    if (!(k->flags & HINGE_PLUGIN_OWN_LAYOUT) || strcmp(e->spec->name, "dense_pack") == 0)
        return STATUS_OK;
    return fail(STATUS_DATA, "%s: %s: only dense_pack has a layout of its own",
                plugin_state.is.path, e->spec->name);
}

/* Into the set; false for a composed room. */
static bool take_call(const char *room, hinge_plugin_call *call, bool runs)
{
#define X(kernel)                                                                                  \
    if (strcmp(room, #kernel) == 0) {                                                              \
        if (call && runs) plugin_state.set.kernel = (kernel##_fn *)call;                           \
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
                    plugin_state.is.path, k->room, nearest_kernels(k->room, near));
    if (plugin_entry(spec)) return wrong("its table has %s twice", spec->name);
    struct plugin_entry *e = &plugin_state.entry[plugin_state.entries];
    *e = (struct plugin_entry){.spec = spec, .flags = k->flags};
    enum status status = take_isa(e, k->isa);
    if (status == STATUS_OK) status = take_without(e, k->without);
    if (status == STATUS_OK) status = check_flags(e, k);
    if (status != STATUS_OK) return status;
    if (take_call(spec->name, k->call, e->runs) != (k->call != NULL))
        return wrong(k->call ? "%s is composed of kernels: it takes no function"
                             : "%s has no function",
                     spec->name);
    plugin_state.entries++;
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
    for (size_t i = 0; i < plugin_state.entries; i++) run += plugin_state.entry[i].runs;
    if (run) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s: none of its kernels runs here: they need %s",
                plugin_state.is.path, isa_name(plugin_state.entry[0].isa));
}

static enum status take_table(const struct hinge_plugin *table)
{
    if (table->version != HINGE_PLUGIN_VERSION)
        return fail(table->version > HINGE_PLUGIN_VERSION ? STATUS_UNAVAILABLE : STATUS_DATA,
                    "%s: built with the plugin.h of version %u; this hinge has %d: build it again",
                    plugin_state.is.path, table->version, HINGE_PLUGIN_VERSION);
    if (table->size < sizeof *table || table->kernel_size < sizeof *table->kernels ||
        table->kernel_size > KERNEL_SIZE_MAX)
        return wrong("its table states sizes that no plugin.h has%s", "");
    plugin_state.set = *kernel_set_best();
    plugin_state.set.isa = ISA_PLUGIN;
    plugin_state.set.name = plugin_state.is.name;
    enum status status = take_name(table->name);
    if (status == STATUS_OK)
        status = take_text(plugin_state.is.release, sizeof plugin_state.is.release, table->release,
                           "release");
    if (status == STATUS_OK)
        status = take_text(plugin_state.is.note, sizeof plugin_state.is.note, table->note, "note");
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
    plugin_state.is.hash = FNV_START;
    while (regular && (got = read(fd, bytes, sizeof bytes)) > 0)
        plugin_state.is.hash = fnv(plugin_state.is.hash, bytes, (size_t)got);
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
    plugin_state.seconds = (unsigned)seconds;
    return status;
}

enum status plugin_load(const char *path)
{
    char file[4096];
    if (plugin_state.is.path)
        return fail(STATUS_USAGE, "--plugin %s: one plug-in a run, and that is %s", path,
                    plugin_state.is.path);
    enum status status = take_seconds();
    if (status == STATUS_OK) status = hash_file(path);
    if (status != STATUS_OK) return status;
    /* Without a slash it would be sought in the folders of the system. */
    if (snprintf(file, sizeof file, "%s%s", strchr(path, '/') ? "" : "./", path) >=
        (int)sizeof file)
        return fail(STATUS_NO_INPUT, "--plugin %s: the path is too long", path);
    plugin_state.is.path = path;
    void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!object) return fail(STATUS_DATA, "--plugin: not a shared object to load: %s", dlerror());
    const struct hinge_plugin *table = dlsym(object, "hinge_plugin");
    if (!table)
        return fail(STATUS_DATA, "%s: no plug-in: it has no symbol hinge_plugin (hinge/plugin.h)",
                    path);
    status = take_table(table);
    if (status == STATUS_OK)
        kernel_set_plug(&plugin_state.set);
    else
        plugin_state.entries = 0;
    return status;
}
