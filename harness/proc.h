/* proc.h - what the system says of a process. */
#ifndef WSH_PROC_H
#define WSH_PROC_H

enum { WSH_PROC_LINE = 1024 };

/* The fields of /proc/PID/stat behind the name (proc(5)), from the state on, in `line`; NULL: there is
 * no such process. */
const char *wsh_proc_fields(const char *pid, char line[WSH_PROC_LINE]);

#endif
