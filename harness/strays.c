/* strays.c - what a target left outside of its process group: whoever makes a daemon of itself. */
#include "proc.h"
#include "uv_parts.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

void wsh_strays_adopt(void)
{
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* whose parent has ended becomes our child */
#endif
}

static long parent_of(const char *pid)
{
    char line[WSH_PROC_LINE];
    long parent = 0;
    const char *fields = wsh_proc_fields(pid, line);
    return fields && sscanf(fields, " %*c %ld", &parent) == 1 ? parent : 0;
}

/* Ends our children; returns how many there were, those that have ended already included. */
static size_t end_children(void)
{
    DIR *processes = opendir("/proc");
    size_t count = 0;
    if (!processes)
        return 0;
    for (const struct dirent *entry; (entry = readdir(processes));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
            parent_of(entry->d_name) != (long)getpid())
            continue;
        pid_t child = (pid_t)strtol(entry->d_name, NULL, 10);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        count++;
    }
    closedir(processes);
    return count;
}

/* Whose parent is killed becomes our child: until none is left. */
void wsh_strays_end(void)
{
    enum { GENERATIONS_MAX = 1000 };
    for (int i = 0; i < GENERATIONS_MAX && end_children() > 0; i++)
        continue;
}
