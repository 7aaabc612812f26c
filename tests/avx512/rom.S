/* The emulator's 64 KiB system ROM: from the reset vector straight to Linux in long mode, without a BIOS.
 *
 * The memory image of mkboot.c lies at 1 MiB. Bochs hands out its host blocks of 128 KiB in order of first
 * touch, but writes the image as one run from the first block: every block must be touched in ascending
 * order before any other access to memory.
 */
        .set IMAGE, 0x100000
        .set BOOT_PARAMS, IMAGE + 0x10000
        .set ENTRY, BOOT_PARAMS + 0xff8
        .set END, BOOT_PARAMS + 0xffc
        .set ROM, 0xf0000
        .set HOST_BLOCK, 0x20000

        .code16
        .text
        .globl _start
_start:
        cli
        cld
        lgdtl %cs:gdt_pointer
        movl %cr0, %eax
        andl $0x9fffffff, %eax          /* caches on */
        orl $1, %eax                    /* protected mode */
        movl %eax, %cr0
        ljmpl $(code32 - gdt), $(ROM + start32)

        .code32
start32:
        movl $(data - gdt), %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl $IMAGE, %ebx
        movl END, %ecx
touch:  movb (%ebx), %al
        addl $HOST_BLOCK, %ebx
        cmpl %ecx, %ebx
        jb touch
        movl $IMAGE, %eax               /* the page tables */
        movl %eax, %cr3
        movl $0x20, %eax                /* PAE */
        movl %eax, %cr4
        movl $0xc0000080, %ecx          /* EFER */
        rdmsr
        orl $0x100, %eax                /* long mode */
        wrmsr
        movl %cr0, %eax
        orl $0x80000000, %eax           /* paging */
        movl %eax, %cr0
        ljmpl $(code64 - gdt), $(ROM + start64)

        .code64
start64:
        xorl %eax, %eax
        movl %eax, %fs
        movl %eax, %gs
        movl $(BOOT_PARAMS - 0x1000), %esp
        movl $BOOT_PARAMS, %esi         /* what Linux' 64-bit entry expects in rsi */
        movl $ENTRY, %ebx
        movl (%rbx), %eax
        xorl %ebx, %ebx
        xorl %ebp, %ebp
        xorl %edi, %edi
        jmp *%rax

        .balign 16
gdt:    .quad 0, 0
code64: .quad 0x00af9a000000ffff
data:   .quad 0x00cf92000000ffff
code32: .quad 0x00cf9a000000ffff
gdt_pointer:
        .word gdt_pointer - gdt - 1
        .long ROM + gdt

        .org 0xfff0                     /* the reset vector */
        .code16
        ljmp $0xf000, $_start
        .org 0x10000
