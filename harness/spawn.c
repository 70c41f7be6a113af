#include "uv_parts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wsh/spawn.h>
#include <wsh/usage.h>
#include <wsq/text.h>

enum { TAIL_MAX = 8192, WORDS_MAX = 600, STOP_MS = 2000 };

struct wsh_spawn {
    struct wsh_target base;
    struct wsh_uv *uv;
    char *command;
    uv_process_t process;
    uv_pipe_t output;
    uv_pipe_t leash;  /* never written to: its end tells the group that we are gone */
    unsigned handles; /* of the present child, not closed yet */
    bool running;     /* its end has not been seen */
    bool launched;
    char tail[TAIL_MAX]; /* the end of its output */
    size_t tail_length;
    char buffer[4096];
    char *words;
};

unsigned wsh_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return 0;
    bool ok = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &length) == 0;
    close(fd);
    return ok ? ntohs(address.sin_port) : 0;
}

/* ---- its output ---- */

static void keep_tail(struct wsh_spawn *spawn, const char *p, size_t n)
{
    if (n > TAIL_MAX) {
        p += n - TAIL_MAX;
        n = TAIL_MAX;
    }
    size_t kept = spawn->tail_length;
    if (kept > TAIL_MAX - n) {
        memmove(spawn->tail, spawn->tail + (kept - (TAIL_MAX - n)), TAIL_MAX - n);
        kept = TAIL_MAX - n;
    }
    memcpy(spawn->tail + kept, p, n);
    spawn->tail_length = kept + n;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct wsh_spawn *spawn = handle->data;
    *buffer = uv_buf_init(spawn->buffer, sizeof spawn->buffer);
}

static void on_closed(uv_handle_t *handle)
{
    struct wsh_spawn *spawn = handle->data;
    spawn->handles--;
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct wsh_spawn *spawn = stream->data;
    if (n > 0)
        keep_tail(spawn, buffer->base, (size_t)n);
    else if (n < 0 && !uv_is_closing((uv_handle_t *)stream))
        uv_close((uv_handle_t *)stream, on_closed);
}

static const char *last_words(struct wsh_target *target)
{
    struct wsh_spawn *spawn = (struct wsh_spawn *)target;
    size_t n = spawn->tail_length, from = n > WORDS_MAX ? n - WORDS_MAX : 0;
    while (n > from && (spawn->tail[n - 1] == '\n' || spawn->tail[n - 1] == ' '))
        n--;
    struct wsq_text text = {0};
    for (size_t at = from; at < n;) {
        const char *end = memchr(spawn->tail + at, '\n', n - at);
        size_t length = end ? (size_t)(end - spawn->tail) - at : n - at;
        if (at > from)
            wsq_text_puts(&text, " | ");
        wsq_text_visible(&text, spawn->tail + at, length);
        at += length + 1;
    }
    free(spawn->words);
    spawn->words = wsq_text_take(&text, NULL);
    return spawn->words ? spawn->words : "";
}

/* ---- its life ---- */

static void on_exit_seen(uv_process_t *process, int64_t status, int number)
{
    struct wsh_spawn *spawn = process->data;
    char line[80];
    if (number)
        snprintf(line, sizeof line, "(killed by signal %d)\n", number);
    else
        snprintf(line, sizeof line, "(exit status %d%s)\n", (int)status,
                 status ? "" : ": it has to stay in the foreground");
    keep_tail(spawn, line, strlen(line));
    spawn->running = false;
    /* What it left behind in its group must not keep the port.  The group's id is still its own:
     * nobody was waited for but the leader, just now. */
    kill(-process->pid, SIGKILL);
    uv_close((uv_handle_t *)process, on_closed);
    uv_close((uv_handle_t *)&spawn->leash, on_closed);
    if (!uv_is_closing((uv_handle_t *)&spawn->output))
        uv_close((uv_handle_t *)&spawn->output, on_closed);
}

static void settle_handles(struct wsh_spawn *spawn)
{
    while (spawn->handles > 0)
        uv_run(&spawn->uv->loop, UV_RUN_NOWAIT);
}

/* Shell code before the command: its errors go where its output goes; a shell in the background
 * reads the leash.  The command gets a shell of its own, which knows nothing of that one: `wait`
 * would wait for it.  Asked to end, that one waits for the command: it must not die first, since
 * what is left in the group then is killed. */
static const char prelude[] = "exec 2>&1\n"
                              "{ read -r nothing <&3; kill -KILL 0; } >/dev/null 2>&1 &\n"
                              "exec 3<&-\n"
                              "exec /bin/sh -c \"trap : TERM; $0\"";

static int launch(struct wsh_target *target, char *error, size_t size)
{
    struct wsh_spawn *spawn = (struct wsh_spawn *)target;
    settle_handles(spawn);
    wsh_strays_end();
    wsh_strays_adopt();
    spawn->tail_length = 0;
    uv_pipe_init(&spawn->uv->loop, &spawn->output, 0);
    uv_pipe_init(&spawn->uv->loop, &spawn->leash, 0);
    spawn->output.data = spawn->leash.data = spawn->process.data = spawn;
    char shell[] = "/bin/sh", option[] = "-c", script[sizeof prelude];
    memcpy(script, prelude, sizeof prelude);
    char *arguments[] = {shell, option, script, spawn->command, NULL};
    const uv_stdio_flags written = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    const uv_stdio_flags read = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE);
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = written, .data.stream = (uv_stream_t *)&spawn->output},
        {.flags = UV_IGNORE},
        {.flags = read, .data.stream = (uv_stream_t *)&spawn->leash}};
    uv_process_options_t options = {.file = shell,
                                    .args = arguments,
                                    .exit_cb = on_exit_seen,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = stdio,
                                    .stdio_count = sizeof stdio / sizeof stdio[0]};
    int status = uv_spawn(&spawn->uv->loop, &spawn->process, &options);
    spawn->handles = 3;
    spawn->launched = true;
    if (status != 0) {
        snprintf(error, size, "cannot start the target: %s", uv_strerror(status));
        uv_close((uv_handle_t *)&spawn->process, on_closed);
        uv_close((uv_handle_t *)&spawn->output, on_closed);
        uv_close((uv_handle_t *)&spawn->leash, on_closed);
        return -1;
    }
    spawn->running = true;
    uv_read_start((uv_stream_t *)&spawn->output, on_alloc, on_output);
    return 0;
}

static void stop(struct wsh_target *target)
{
    struct wsh_spawn *spawn = (struct wsh_spawn *)target;
    if (spawn->running)
        kill(-spawn->process.pid, SIGTERM);
}

static void end(struct wsh_target *target)
{
    struct wsh_spawn *spawn = (struct wsh_spawn *)target;
    struct wsh_loop *loop = wsh_uv_loop(spawn->uv);
    uint64_t limit = loop->now(loop) + STOP_MS;
    stop(target);
    while (spawn->running && loop->now(loop) < limit)
        loop->turn(loop, limit);
    if (spawn->running)
        kill(-spawn->process.pid, SIGKILL);
    while (spawn->running)
        loop->turn(loop, UINT64_MAX);
    if (spawn->launched)
        wsh_strays_end();
}

static bool dead(struct wsh_target *target)
{
    const struct wsh_spawn *spawn = (const struct wsh_spawn *)target;
    return spawn->launched && !spawn->running;
}

/* ---- making one ---- */

/* The port in place of each `{port}`. */
static char *fill_in(const char *command, unsigned port)
{
    struct wsq_text text = {0};
    for (const char *p = command; *p;) {
        const char *hole = strstr(p, "{port}");
        wsq_text_add(&text, p, hole ? (size_t)(hole - p) : strlen(p));
        if (!hole)
            break;
        wsq_text_printf(&text, "%u", port);
        p = hole + strlen("{port}");
    }
    return wsq_text_take(&text, NULL);
}

struct wsh_spawn *wsh_spawn_new(struct wsh_uv *uv, const char *command, unsigned port)
{
    struct wsh_spawn *spawn = calloc(1, sizeof *spawn);
    if (!spawn)
        return NULL;
    spawn->base = (struct wsh_target){
        .launch = launch, .dead = dead, .last_words = last_words, .stop = stop, .end = end};
    spawn->uv = uv;
    spawn->command = fill_in(command, port);
    if (!spawn->command) {
        free(spawn);
        return NULL;
    }
    return spawn;
}

struct wsh_target *wsh_spawn_target(struct wsh_spawn *spawn)
{
    return &spawn->base;
}

uint64_t wsh_spawn_cpu_ms(const struct wsh_spawn *spawn)
{
    uint64_t living = spawn->running ? wsh_usage_group_ms(spawn->process.pid) : 0;
    return living + wsh_usage_children_ms();
}

void wsh_spawn_free(struct wsh_spawn *spawn)
{
    if (!spawn)
        return;
    end(&spawn->base);
    settle_handles(spawn);
    free(spawn->command);
    free(spawn->words);
    free(spawn);
}
