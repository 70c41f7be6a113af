/* driver.c - replay inputs: a fuzz target without an engine.
 *
 *     fuzz-frames FILE|DIRECTORY…
 *
 * Runs every file once, those of a directory in any order.  Says how many there were; fails when it
 * was given none at all, so that an empty seed folder does not look like a success.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsf/fuzz.h>

static unsigned ran;

static void run_file(const char *path)
{
    struct wsf_log input = {0};
    uint8_t *exact;

    wsf_log_file(&input, path);
    /* The name first: if the target aborts, it is the last thing that was said. */
    printf("%s\n", path);
    fflush(stdout);
    exact = wsf_copy(input.p, input.n);
    LLVMFuzzerTestOneInput(exact, input.n);
    free(exact);
    wsf_log_drop(&input);
    ran++;
}

static void run(const char *path)
{
    struct dirent *entry;
    DIR *directory = opendir(path);

    if (!directory) {
        run_file(path);
        return;
    }
    while ((entry = readdir(directory))) {
        char name[4096];

        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
            run_file(name);
    }
    closedir(directory);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    printf("%u inputs\n", ran);
    return ran == 0;
}
