/* compare.h - the words behind `wsproof report` that read several journals. */
#ifndef WSPROOF_COMPARE_H
#define WSPROOF_COMPARE_H

#include "options.h"

extern const struct command diff_command, matrix_command;

#endif
