#include "proc.h"

#include <wsh/usage.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t ms_of(int who)
{
    struct rusage usage;
    if (getrusage(who, &usage) != 0)
        return 0;
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

uint64_t wsh_usage_own_ms(void)
{
    return ms_of(RUSAGE_SELF);
}

uint64_t wsh_usage_children_ms(void)
{
    return ms_of(RUSAGE_CHILDREN);
}

const char *wsh_proc_fields(const char *pid, char line[WSH_PROC_LINE])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    size_t n = fread(line, 1, WSH_PROC_LINE - 1, file);
    fclose(file);
    line[n] = '\0';
    const char *name = strrchr(line, ')'); /* of which the name itself may hold any number */
    return name ? name + 1 : NULL;
}

/* The clock ticks of one process if it is of the group. */
static uint64_t ticks_of(const char *pid, long group)
{
    char line[WSH_PROC_LINE];
    const char *fields = wsh_proc_fields(pid, line);
    long its_group;
    unsigned long long user, system;
    long long reaped_user, reaped_system;
    int found =
        fields ? sscanf(fields, " %*c %*d %ld %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
                        &its_group, &user, &system, &reaped_user, &reaped_system)
               : 0;
    if (found != 5 || its_group != group)
        return 0;
    return (uint64_t)(user + system) + (uint64_t)(reaped_user + reaped_system);
}

uint64_t wsh_usage_group_ms(long group)
{
    long rate = sysconf(_SC_CLK_TCK);
    DIR *processes = rate > 0 ? opendir("/proc") : NULL;
    uint64_t ticks = 0;
    if (!processes)
        return 0;
    for (const struct dirent *entry; (entry = readdir(processes));)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            ticks += ticks_of(entry->d_name, group);
    closedir(processes);
    return ticks * 1000 / (uint64_t)rate;
}
