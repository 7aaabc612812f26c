/* mkboot BZIMAGE VMLINUX INITRD MIB "KERNEL ARGUMENTS" OUT
 *
 * One memory image for the emulator to load at 1 MiB: page tables, the kernel's boot parameters, its command
 * line, the unpacked kernel and the initial file system, as rom.S expects them.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Offsets in the image; rom.S knows ENTRY, END and BOOT_PARAMS too. */
enum {
    PDPT = 0x1000,
    PAGE_DIRECTORIES = 0x2000,
    BOOT_PARAMS = 0x10000,
    ENTRY = BOOT_PARAMS + 0xff8,
    END = BOOT_PARAMS + 0xffc,
    COMMAND_LINE = 0x11000,
    COMMAND_LINE_SIZE = 2048,
    GIB_MAPPED = 4
};
static const uint64_t BASE = 0x100000, TWO_MIB = 0x200000;

struct blob {
    unsigned char *data;
    size_t size;
};

static void die(const char *what, const char *path)
{
    fprintf(stderr, "mkboot: %s %s\n", what, path);
    exit(1);
}

static struct blob read_file(const char *path)
{
    struct blob b = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) die("cannot read", path);
    const long size = ftell(file);
    rewind(file);
    b.size = (size_t)size;
    b.data = malloc(b.size + 1);
    if (size < 0 || !b.data || fread(b.data, 1, b.size, file) != b.size) die("cannot read", path);
    fclose(file);
    return b;
}

static void set32(unsigned char *at, uint64_t value)
{
    const uint32_t v = (uint32_t)value;
    memcpy(at, &v, sizeof v);
}

static void set64(unsigned char *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

/* Maps the first four GiB onto themselves in pages of 2 MiB. */
static void set_page_tables(unsigned char *image)
{
    const uint64_t present = 3, large = 0x83;
    set64(image, (BASE + PDPT) | present);
    for (uint64_t g = 0; g < GIB_MAPPED; g++) {
        const uint64_t directory = PAGE_DIRECTORIES + g * 0x1000;
        set64(image + PDPT + 8 * g, (BASE + directory) | present);
        for (uint64_t i = 0; i < 512; i++)
            set64(image + directory + 8 * i, (g << 30 | i * TWO_MIB) | large);
    }
}

/* The 64-bit boot protocol, Documentation/x86/boot.rst: the setup header of the bzImage, then what the
 * loader fills in. */
static void set_boot_params(unsigned char *bp, const struct blob *bz, uint64_t initrd, size_t size,
                            uint64_t memory)
{
    const size_t header = 0x1f1, header_end = 0x202u + bz->data[0x201];
    memcpy(bp + header, bz->data + header, header_end - header);
    bp[0x210] = 0xff; /* type_of_loader: none that is registered */
    set32(bp + 0x218, initrd);
    set32(bp + 0x21c, size);
    set32(bp + 0x228, BASE + COMMAND_LINE);
    bp[0x1e8] = 2; /* e820 entries: 20 bytes each, address, size, type RAM */
    unsigned char *e820 = bp + 0x2d0;
    set64(e820 + 8, 0x9f000);
    set32(e820 + 16, 1);
    set64(e820 + 20, BASE);
    set64(e820 + 28, memory - BASE);
    set32(e820 + 36, 1);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fputs("usage: mkboot BZIMAGE VMLINUX INITRD MIB ARGUMENTS OUT\n", stderr);
        return 64;
    }
    const struct blob bz = read_file(argv[1]), kernel = read_file(argv[2]),
                      files = read_file(argv[3]);
    const uint64_t memory = strtoull(argv[4], NULL, 10) << 20;
    Elf64_Ehdr elf;
    uint64_t top = 0;
    if (bz.size < 0x300 || kernel.size < sizeof elf) die("not a kernel:", argv[1]);
    memcpy(&elf, kernel.data, sizeof elf);
    if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) die("not an ELF file:", argv[2]);
    const Elf64_Phdr *part = (const Elf64_Phdr *)(const void *)(kernel.data + elf.e_phoff);
    for (int i = 0; i < elf.e_phnum; i++)
        if (part[i].p_type == PT_LOAD && part[i].p_paddr + part[i].p_memsz > top)
            top = part[i].p_paddr + part[i].p_memsz;
    const uint64_t initrd = (top + 2 * TWO_MIB - 1) / TWO_MIB * TWO_MIB, end = initrd + files.size;
    if (end + (32u << 20) > memory) die("too little memory for", argv[3]);
    if (strlen(argv[5]) >= COMMAND_LINE_SIZE) die("too long:", argv[5]);

    unsigned char *image = calloc(1, end - BASE);
    if (!image) die("no memory for", argv[6]);
    for (int i = 0; i < elf.e_phnum; i++)
        if (part[i].p_type == PT_LOAD)
            memcpy(image + part[i].p_paddr - BASE, kernel.data + part[i].p_offset,
                   part[i].p_filesz);
    memcpy(image + initrd - BASE, files.data, files.size);
    set_page_tables(image);
    set_boot_params(image + BOOT_PARAMS, &bz, initrd, files.size, memory);
    memcpy(image + COMMAND_LINE, argv[5], strlen(argv[5]) + 1);
    set32(image + ENTRY, elf.e_entry);
    set32(image + END, end);

    FILE *out = fopen(argv[6], "wb");
    if (!out || fwrite(image, 1, end - BASE, out) != end - BASE || fclose(out))
        die("cannot write", argv[6]);
    return 0;
}
