/* commands.h - the commands of the program; each returns its exit code. */
#ifndef WSPROOF_COMMANDS_H
#define WSPROOF_COMMANDS_H

#include "options.h"

enum exit_code {
    EXIT_EXPECTED = 0,
    EXIT_UNEXPECTED = 1,
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3,
    EXIT_INCOMPLETE = 4
};

#ifndef WSPROOF_VERSION
#define WSPROOF_VERSION "unknown"
#endif

extern const struct command run_command, list_command, show_command, explain_command, check_command,
    fmt_command, limits_command, peer_command, record_command, init_command, report_command;

#endif
