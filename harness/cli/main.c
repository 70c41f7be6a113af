/* wsproof - prove a WebSocket implementation by the RFCs. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {&init_command, &run_command,     &list_command,
                                                 &show_command, &explain_command, &check_command,
                                                 &fmt_command,  &limits_command,  &record_command,
                                                 &peer_command, &report_command};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help(FILE *out)
{
    fputs(
        "usage: wsproof COMMAND [OPTION…] [ARGUMENT…]\n\n"
        "Proves a WebSocket implementation (RFC 6455): runs scripted conversations against it and\n"
        "judges every byte.\n\nCommands:\n",
        out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->what);
    fputs("\n`wsproof COMMAND --help` says more; `wsproof --version` prints the version.\n"
          "Exit codes: 0 as expected, 1 something unexpected, 2 wrong usage or a script with "
          "errors,\n"
          "3 target unreachable, 4 run incomplete.\n",
          out);
}

/* Whoever starts us with a closed one does not want a socket in its place. */
static void keep_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* What was printed may have gone nowhere. */
static int finish(int code)
{
    bool failed = ferror(stdout);
    if (fflush(stdout) == 0 && !failed)
        return code;
    fprintf(stderr, "wsproof: standard output: %s\n", strerror(errno));
    return code == EXIT_EXPECTED ? EXIT_USAGE : code;
}

static int run(int count, char **arguments)
{
    const char *word = count > 1 ? arguments[1] : "";
    if (strcmp(word, "--version") == 0) {
        puts("wsproof " WSPROOF_VERSION);
        return EXIT_EXPECTED;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        help(stdout);
        return EXIT_EXPECTED;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i]->name) == 0) {
            int code = commands[i]->run(count - 2, arguments + 2);
            texts_drop_all();
            return code;
        }
    if (*word)
        fprintf(stderr, "wsproof: unknown command \"%s\"\n\n", word);
    help(stderr);
    return EXIT_USAGE;
}

/* What a peer made us keep goes back when it is let go.  Left to itself the allocator of glibc
 * takes ever larger pieces from a heap that one small piece at its end keeps from shrinking. */
static void give_memory_back(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

int main(int count, char **arguments)
{
    keep_standard_streams();
    give_memory_back();
    return finish(run(count, arguments));
}
