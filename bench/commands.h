/* The subcommands of `hinge`, one file each: argv[0] is the subcommand's name, the result an exit
 * code. */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

int cmd_angle(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_model(int argc, char **argv);
int cmd_sample(int argc, char **argv);
int cmd_selftest(int argc, char **argv);
int cmd_study(int argc, char **argv);
int cmd_train(int argc, char **argv);
int cmd_variance(int argc, char **argv);

/* `hinge study` over these studies, NULL at the end: cmd_study() is that over all. */
struct study;
int study_command(const struct study *const *rows, int argc, char **argv);

#endif
