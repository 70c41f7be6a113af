/* wsh/usage.h - processor time, for those who ask what a run costs. */
#ifndef WSH_USAGE_H
#define WSH_USAGE_H

#include <stdint.h>

/* Milliseconds of this process, and of its children that have ended. */
uint64_t wsh_usage_own_ms(void);
uint64_t wsh_usage_children_ms(void);

/* Of all living processes of a process group and those of their children that have ended; 0 where
 * there is no /proc. */
uint64_t wsh_usage_group_ms(long group);

#endif
