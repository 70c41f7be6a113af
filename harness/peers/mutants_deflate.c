/* Mutants that negotiate permessage-deflate as nobody may: RFC 7692, sections 5 and 7.1. */
#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

static const char field[] = "Sec-WebSocket-Extensions";
static const char name[] = "permessage-deflate";

/* ---- what was offered ---- */

static bool is_offer(struct wsc_text element)
{
    struct wsc_text begin = {element.p, element.n < strlen(name) ? element.n : strlen(name)};

    return wsc_text_is(begin, name);
}

/* How many offers there are; *last is the last of them. */
static size_t offers(const struct wsc_head *request, struct wsc_text *last)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    size_t count = 0;

    while (wsc_head_list(request, field, &cursor, &element)) {
        if (is_offer(element)) {
            *last = element;
            count++;
        }
    }
    return count;
}

static bool holds(struct wsc_text text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, word, n) == 0)
            return true;
    return false;
}

/* Does the last offer say this? */
static bool offers_with(const struct wsc_head *request, const char *word)
{
    struct wsc_text last = {0};

    return request && offers(request, &last) > 0 && holds(last, word);
}

enum fault { NO_FAULT, UNKNOWN, VALUE, REPEATED };

/* What is wrong with the only offer. */
static enum fault fault_of(const struct wsc_head *request)
{
    struct wsc_findings findings = {0};
    struct wsc_deflate_terms terms;
    struct wsc_text offer = {0};
    enum fault found = UNKNOWN;

    if (offers(request, &offer) != 1 || wsc_deflate_read(offer, false, &terms))
        return NO_FAULT;
    wsc_request_check(request, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        const char *row = wsc_rule_info(findings.list[i].rule)->name;

        if (strcmp(row, "request.deflate-repeated") == 0)
            return REPEATED;
        if (strncmp(row, "request.deflate-", strlen("request.deflate-")) == 0)
            found = VALUE;
    }
    return found;
}

/* ---- offers that must be declined are taken ---- */

static bool overlook(struct wsp_filter *filter, struct wsp_event *event, enum fault fault)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || fault_of(head) != fault)
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, field, name);
    return false;
}

bool wsp_accept_unknown_deflate(struct wsp_filter *filter, struct wsp_event *event)
{
    return overlook(filter, event, UNKNOWN);
}

bool wsp_accept_bad_deflate_value(struct wsp_filter *filter, struct wsp_event *event)
{
    return overlook(filter, event, VALUE);
}

bool wsp_accept_repeated_deflate(struct wsp_filter *filter, struct wsp_event *event)
{
    return overlook(filter, event, REPEATED);
}

bool wsp_last_offer_first(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    struct wsc_text last;
    char text[WSC_DEFLATE_TEXT];

    if (!head || offers(head, &last) < 2 || last.n >= sizeof text)
        return false;
    wsp_fire(filter);
    snprintf(text, sizeof text, "%.*s", (int)last.n, last.p);
    wsp_edit_set(event->head, field, text);
    return false;
}

/* ---- handshakes are refused, or offers declined, that need not be ---- */

static bool refuse(struct wsp_filter *filter, bool wanted, const char *status)
{
    char answer[128];

    snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
             status);
    return wanted && wsp_answer(filter, answer);
}

bool wsp_refuse_two_offers(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    struct wsc_text last;

    return refuse(filter, head && offers(head, &last) > 1, "400 Bad Request");
}

bool wsp_refuse_small_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return refuse(filter, offers_with(wsp_request_in(event), "server_max_window_bits=8"),
                  "500 Internal Server Error");
}

bool wsp_refuse_takeover(struct wsp_filter *filter, struct wsp_event *event)
{
    return refuse(filter, offers_with(wsp_request_in(event), "server_no_context_takeover"),
                  "400 Bad Request");
}

bool wsp_decline_takeover(struct wsp_filter *filter, struct wsp_event *event)
{
    if (offers_with(wsp_request_in(event), "server_no_context_takeover")) {
        wsp_fire(filter);
        wsp_edit_drop(event->head, field);
    }
    return false;
}

/* ---- what the 101 says ---- */

/* An answer to a request that offered the extension; *agreed: and agrees to it. */
static bool answers_offer(const struct wsp_filter *filter, const struct wsp_event *event)
{
    struct wsc_text last;

    return wsp_is_status(event, WSP_OUT, 101) && wsp_request(filter) &&
           offers(wsp_request(filter), &last) > 0;
}

static bool agrees(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return answers_offer(filter, event) && filter->deflate;
}

static bool say(struct wsp_filter *filter, struct wsp_event *event, const char *text)
{
    wsp_fire(filter);
    wsp_edit_set(event->head, field, text);
    return false;
}

bool wsp_accept_two_offers(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_text last;

    return agrees(filter, event) && offers(wsp_request(filter), &last) > 1 &&
           say(filter, event, "permessage-deflate, permessage-deflate");
}

bool wsp_answer_declined(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_offer(filter, event) && !filter->deflate && say(filter, event, name);
}

bool wsp_repeat_parameter(struct wsp_filter *filter, struct wsp_event *event)
{
    return agrees(filter, event) && filter->agreed.server_no_context_takeover &&
           say(filter, event,
               "permessage-deflate; server_no_context_takeover; server_no_context_takeover");
}

/* The answer without what the endpoint said of takeover and windows, and with this behind it. */
static bool say_instead(struct wsp_filter *filter, struct wsp_event *event, const char *parameter)
{
    char text[WSC_DEFLATE_TEXT];

    snprintf(text, sizeof text, "%s%s%s", name, *parameter ? "; " : "", parameter);
    return say(filter, event, text);
}

static bool asked(const struct wsp_filter *filter, const struct wsp_event *event, const char *word)
{
    return agrees(filter, event) && offers_with(wsp_request(filter), word);
}

bool wsp_drop_takeover(struct wsp_filter *filter, struct wsp_event *event)
{
    return asked(filter, event, "server_no_context_takeover") && say_instead(filter, event, "");
}

bool wsp_server_takeover_value(struct wsp_filter *filter, struct wsp_event *event)
{
    return asked(filter, event, "server_no_context_takeover") &&
           say_instead(filter, event, "server_no_context_takeover=true");
}

bool wsp_client_takeover_value(struct wsp_filter *filter, struct wsp_event *event)
{
    return asked(filter, event, "client_no_context_takeover") &&
           say_instead(filter, event, "client_no_context_takeover=true");
}

bool wsp_drop_server_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return asked(filter, event, "server_max_window_bits") && say_instead(filter, event, "");
}

bool wsp_larger_server_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return agrees(filter, event) && filter->agreed.server_max_window_bits > 0 &&
           filter->agreed.server_max_window_bits < 15 &&
           say_instead(filter, event, "server_max_window_bits=15");
}

bool wsp_misspelt_server_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return agrees(filter, event) && filter->agreed.server_max_window_bits == 9 &&
           say_instead(filter, event, "server_max_window_bits=09");
}

bool wsp_unasked_client_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return agrees(filter, event) && !offers_with(wsp_request(filter), "client_max_window_bits") &&
           say_instead(filter, event, "client_max_window_bits=15");
}

bool wsp_bare_client_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return asked(filter, event, "client_max_window_bits") &&
           say_instead(filter, event, "client_max_window_bits");
}
