/* wsproof-lws: the bundled server to test against, built on libwebsockets. */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"
#include "gate.h"

enum { LEAVE_S = 3 };

static struct lws_context *context;
static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
    if (context)
        lws_cancel_service(context); /* writes to a pipe: safe in a handler */
}

static unsigned connections;

static int open_echo(struct lws *wsi, struct wsp_lws_echo *echo)
{
    static struct wsp_lws_echo *rooms;
    struct wsp_place place;

    if (!wsp_lws_gate_place(wsi, &place))
        return -1;
    connections++;
    return wsp_lws_echo_open(echo, wsi, &place, &rooms);
}

/* The library tells so of connections too that were never opened. */
static void close_echo(struct wsp_lws_echo *echo)
{
    connections -= echo->wsi != NULL;
    wsp_lws_echo_drop(echo);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return wsp_lws_gate_plain(wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return wsp_lws_gate_upgrade(wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return open_echo(wsi, user);
    case LWS_CALLBACK_RECEIVE:
        return wsp_lws_echo_receive(user, wsi, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return wsp_lws_echo_write(user, wsi);
    case LWS_CALLBACK_TIMER:
        if (stopped)
            wsp_lws_echo_leave(user);
        return wsp_lws_echo_tick(user, wsi);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        wsp_lws_echo_closing(user);
        return 0;
    case LWS_CALLBACK_CLOSED:
        close_echo(user);
        return 0;
    default: /* the library's list is open-ended */
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "echo", .callback = on_event, .per_session_data_size = sizeof(struct wsp_lws_echo)},
    {.name = "chat", .callback = on_event, .per_session_data_size = sizeof(struct wsp_lws_echo)},
    {0},
};

struct options {
    int port;
    const char *certificate, *key;
};

static void print_usage(FILE *out)
{
    fputs("usage: wsproof-lws PORT [--tls CERTIFICATE KEY]\n"
          "\n"
          "A WebSocket server on 127.0.0.1.  PORT 0 takes a free one; once it accepts connections\n"
          "it prints \"listening 127.0.0.1:PORT\".  SIGTERM and SIGINT stop it.\n"
          "\n"
          "  /            echoes messages of at most 16 MiB\n"
          "  /protected   the same for user \"" WSP_SITE_USER
          "\" with password \"" WSP_SITE_PASSWORD "\" (Basic)\n"
          "               or token \"" WSP_SITE_TOKEN "\" (Bearer, cookie session=, query token=)\n"
          "  /foo, /bar   greets with \"foo\" or \"bar\", then echoes\n"
          "  /room/NAME   sends each message to all that are in it\n"
          "  /close/CODE  closes with CODE at once\n"
          "  /moved       redirects to /\n"
          "\n"
          "Told to stop it writes what is queued, closes all connections with 1001, and ends.\n"
          "\n"
          "Pages of a site under .invalid are refused (403).\n"
          "\n"
          "Sub-protocols: chat, echo.\n",
          out);
}

static bool read_port(const char *text, int *port)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end || value < 0 || value > 65535)
        return false;
    *port = (int)value;
    return true;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    if (argc != 2 && argc != 5)
        return false;
    if (!read_port(argv[1], &options->port))
        return false;
    if (argc == 5) {
        if (strcmp(argv[2], "--tls") != 0)
            return false;
        options->certificate = argv[3];
        options->key = argv[4];
    }
    return true;
}

static struct lws_vhost *listen_on(const struct options *options)
{
    struct lws_context_creation_info info = {
        .port = options->port,
        .iface = "127.0.0.1",
        .vhost_name = "wsproof",
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .max_http_header_data = 32768,
    };

    if (options->certificate) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = options->certificate;
        info.ssl_private_key_filepath = options->key;
        info.alpn = "http/1.1";
    }
    context = lws_create_context(&info);
    return context ? lws_create_vhost(context, &info) : NULL;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
}

/* Every connection says goodbye at its next tick; who does not answer is not waited for. */
static void leave(void)
{
    time_t until = time(NULL) + LEAVE_S;

    alarm(LEAVE_S + 1); /* wakes the library, which may have nothing else to wait for */
    while (connections && time(NULL) < until && lws_service(context, 0) >= 0)
        continue;
}

static int serve(const struct options *options)
{
    struct lws_vhost *vhost = listen_on(options);

    if (!vhost) {
        fprintf(stderr, "wsproof-lws: cannot listen on 127.0.0.1:%d\n", options->port);
        return EXIT_FAILURE;
    }
    lws_set_log_level(0, NULL); /* from here on it would only tell what peers do wrong */
    printf("listening 127.0.0.1:%d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);
    while (!stopped && lws_service(context, 0) >= 0)
        continue;
    leave();
    return stopped ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int status;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (!read_options(argc, argv, &options)) {
        print_usage(stderr);
        return 2;
    }
    lws_set_log_level(LLL_ERR, NULL);
    catch_signals();
    status = serve(&options);
    if (context)
        lws_context_destroy(context);
    return status;
}
