/* dispatch EXPECTED: which lane applications get here. Exit 0 when it is EXPECTED, 1 when it is another. */
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "kernel.h"

int main(int argc, char **argv)
{
    const struct cpu *cpu = cpu_features();
    const char *chosen = kernel_set_best()->name;
    float x[17], y[17];
    printf("avx512 in CPUID %d, saved by the system %d; avx2 %d, saved %d; chosen %s\n",
           cpu->has_avx512, cpu->os_avx512, cpu->has_avx2, cpu->os_avx, chosen);
    /* The choice must also run. */
    for (int i = 0; i < 17; i++) x[i] = (float)(i - 8);
    kernel_set_best()->relu_fwd(y, x, 17);
    for (int i = 0; i < 17; i++)
        if (y[i] != (i > 8 ? x[i] : 0.0f)) return 1;
    return argc == 2 && strcmp(argv[1], chosen) == 0 ? 0 : 1;
}
