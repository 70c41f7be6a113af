#include "output.h"
#include "commands.h"
#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wsq/journal.h>

int reports_read(const struct command *command, const struct texts *texts, struct reports *reports)
{
    reports->list = calloc(texts->count + 1, sizeof *reports->list);
    for (size_t i = 0; i < texts->count && reports->list; i++) {
        const char *text = texts->list[i], *equals = strchr(text, '=');
        char name[32] = "";
        size_t length = equals ? (size_t)(equals - text) : 0;
        if (length == 0 || length >= sizeof name || equals[1] == '\0')
            return usage_error(command, "--report: expected FORMAT=PATH, found \"%s\"", text);
        memcpy(name, text, length);
        name[length] = '\0';
        struct report report = {.format = wsr_format(name), .path = equals + 1};
        if (!report.format)
            return usage_error(command, "--report: expected one of %s before `=`, found \"%s\"",
                               reports_help(), name);
        if (!report.format->write && strcmp(report.path, "-") == 0)
            return usage_error(command, "--report: %s is a folder, not standard output", name);
        reports->list[reports->count++] = report;
    }
    return 0;
}

const char *reports_help(void)
{
    static char names[200];
    size_t n = 0;
    const struct wsr_format *format;
    for (size_t i = 0; n == 0 || i > 0; i++) {
        format = wsr_format_at(i);
        if (!format || n + 40 > sizeof names)
            break;
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", format->name);
    }
    return names;
}

static int write_file(const char *path, const char *text, size_t length)
{
    bool to_stdout = strcmp(path, "-") == 0;
    FILE *out = to_stdout ? stdout : fopen(path, "wb");
    bool ok = out && fwrite(text, 1, length, out) == length;
    if (out)
        ok = (to_stdout ? fflush(out) : fclose(out)) == 0 && ok;
    if (!ok)
        fprintf(stderr, "wsproof: %s: %s\n", to_stdout ? "standard output" : path, strerror(errno));
    return ok ? 0 : EXIT_USAGE;
}

/* A file of a report that is a folder. */
static bool put_file(void *context, const char *name, const char *text, size_t length)
{
    const char *folder = context;
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        fprintf(stderr, "wsproof: %s: the path is too long\n", folder);
        return false;
    }
    return write_file(path, text, length) == 0;
}

static int write_folder(const struct report *report, const struct wsq_run *run)
{
    struct wsr_sink sink = {put_file, (void *)(uintptr_t)report->path};
    if (mkdir(report->path, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "wsproof: %s: %s\n", report->path, strerror(errno));
        return EXIT_USAGE;
    }
    return report->format->write_files(run, &sink) == 0 ? 0 : EXIT_USAGE;
}

static int write_text(const struct report *report, const struct wsq_run *run)
{
    size_t length;
    char *text = report->format->write(run, &length);
    int status = text ? write_file(report->path, text, length) : EXIT_INCOMPLETE;
    free(text);
    return status;
}

bool reports_take_stdout(const struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        const char *equals = strchr(texts->list[i], '=');
        if (equals && strcmp(equals + 1, "-") == 0)
            return true;
    }
    return false;
}

/* A file that is there keeps what it holds until the run is over; one that is not is not made. */
int output_try(const char *path)
{
    if (strcmp(path, "-") == 0)
        return 0;
    bool existed = access(path, F_OK) == 0;
    FILE *file = fopen(path, "ab");
    if (!file || fclose(file) != 0) {
        fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    if (!existed)
        remove(path);
    return 0;
}

static int folder_try(const char *path)
{
    bool made = mkdir(path, 0777) == 0;
    if ((!made && errno != EEXIST) || access(path, W_OK | X_OK) != 0) {
        fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    if (made)
        rmdir(path);
    return 0;
}

int reports_try(const struct reports *reports)
{
    for (size_t i = 0; i < reports->count; i++) {
        const struct report *report = &reports->list[i];
        int code = report->format->write ? output_try(report->path) : folder_try(report->path);
        if (code != 0)
            return code;
    }
    return 0;
}

int reports_write(const struct reports *reports, const struct wsq_run *run,
                  const struct terminal *terminal)
{
    int code = 0;
    for (size_t i = 0; i < reports->count; i++) {
        const struct report *report = &reports->list[i];
        int status = report->format->write ? write_text(report, run) : write_folder(report, run);
        code = status ? status : code;
        if (status == 0 && !terminal->quiet && strcmp(report->path, "-") != 0)
            fprintf(terminal->out, "report: %s (%s)\n", report->path, report->format->name);
    }
    return code;
}

int expectations_read(const struct command *command, const char *path,
                      struct wsq_expectations *expectations)
{
    char error[1024];
    size_t length;
    char *text = read_file(path, &length);
    if (!text)
        return EXIT_USAGE;
    int status = wsq_expect_parse(path, text, length, expectations, error, sizeof error);
    free(text);
    if (status == 0)
        return 0;
    fprintf(stderr, "%s%s", error, error[strlen(error) - 1] == '\n' ? "" : "\n");
    (void)command;
    return EXIT_USAGE;
}

/* The lines of the file: how many of them name a warning that only --strict would mind. */
static void count_lines(const char *text, size_t *lines, size_t *warns)
{
    *lines = *warns = 0;
    while (*text) {
        size_t n = strcspn(text, "\n"), id = strcspn(text, " \n");
        bool entry = n > 0 && *text != '#';
        const char *verdict = text + id + strspn(text + id, " ");
        *lines += entry;
        *warns += entry && strncmp(verdict, "warn", 4) == 0;
        text += n + (text[n] == '\n');
    }
}

int expectations_write(const char *path, const struct wsq_run *run, const struct terminal *terminal)
{
    char *text = wsq_expect_write(run, true);
    int status = text ? write_file(path, text, strlen(text)) : EXIT_INCOMPLETE;
    size_t lines, warns;
    count_lines(text ? text : "", &lines, &warns);
    if (status == 0 && !terminal->quiet)
        fprintf(terminal->out,
                "expectations: %s (%zu lines; %zu are warnings, which only --strict minds: leave "
                "them out or keep them)\n",
                path, lines, warns);
    free(text);
    return status;
}

int expectations_agree(const char *path, const struct wsq_run *run, const struct terminal *terminal)
{
    char *text = wsq_expect_write(run, false);
    int status = text ? write_file(path, text, strlen(text)) : EXIT_INCOMPLETE;
    size_t lines, warns;
    count_lines(text ? text : "", &lines, &warns);
    if (status == 0 && lines)
        fprintf(
            terminal->out,
            "%zu of these verdicts %s agreed to in %s from now on: give each a reason there, or "
            "mend it and take its line out\n",
            lines, lines == 1 ? "is" : "are", path);
    else if (status == 0)
        fprintf(terminal->out, "nothing fails: %s agrees to nothing\n", path);
    free(text);
    return status;
}

int run_exit_code(const struct wsq_run *run, enum wsh_end end)
{
    struct wsq_totals totals;
    wsq_totals(run, &totals);
    if (end == WSH_UNREACHABLE)
        return EXIT_UNREACHABLE;
    if (end == WSH_INCOMPLETE || totals.judged == 0)
        return EXIT_INCOMPLETE;
    return totals.unexpected > 0 || run->complaint_count > 0 ? EXIT_UNEXPECTED : EXIT_EXPECTED;
}

int journal_load(const struct command *command, const char *path, struct wsq_run *run)
{
    char error[400];
    size_t length;
    char *text = read_file(path, &length);
    if (!text)
        return EXIT_USAGE;
    int status = wsq_journal_read(text, length, run, error, sizeof error);
    free(text);
    return status == 0 ? 0 : usage_error(command, "%s: %s", path, error);
}
