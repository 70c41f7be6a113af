#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

enum { ROUNDS = 21 };
static const uint64_t ROUND_NS = 2000000;

const char *bench_wanted = "";
bool bench_short;

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double time_job(const struct bench_job *job)
{
    uint64_t begin = cpu_ns();
    for (uint64_t i = 0; i < job->times; i++)
        job->run(job->context);
    return (double)(cpu_ns() - begin) / (double)job->times;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bench_race(struct bench_job *jobs, size_t count, double *median)
{
    double samples[BENCH_JOBS_MAX][ROUNDS];
    for (size_t i = 0; i < count; i++) {
        jobs[i].times = 1;
        median[i] = time_job(&jobs[i]); /* also warms up */
        jobs[i].times = 1 + (uint64_t)((double)ROUND_NS / (median[i] + 1));
    }
    if (bench_short)
        return;
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            size_t turn = (i + round) % count;
            samples[turn][round] = time_job(&jobs[turn]);
        }
    for (size_t i = 0; i < count; i++) {
        qsort(samples[i], ROUNDS, sizeof **samples, by_value);
        median[i] = samples[i][ROUNDS / 2];
    }
}

/* Of the first figure to each: what ours is compared with. */
void bench_print_row(const char *name, const double *figures)
{
    printf("%-24s", name);
    for (size_t i = 0; i <= bench_contender_count; i++) {
        if (figures[i] <= 0)
            printf(" %11s %6s", "-", "");
        else if (i == 0)
            printf(" %11.4g %6s", figures[i], "");
        else
            printf(" %11.4g %5.2fx", figures[i], figures[i] / figures[0]);
    }
    putchar('\n');
    fflush(stdout);
}

void bench_print_titles(const char *what, const char *limit)
{
    printf("\n%-24s", what);
    for (size_t i = 0; i < bench_contender_count; i++)
        printf(" %11.14s %6s", bench_contenders[i]->name, "");
    printf(" %11s\n", limit);
}

void bench_must(bool agreed, const struct bench_contender *contender, const char *what)
{
    if (agreed)
        return;
    fprintf(stderr, "bench: %s does not agree on %s\n",
            contender != NULL ? contender->name : "the limit", what);
    exit(1);
}
