/* window.h - finds where names and lines of a head end, 64 bytes at a time; private to the core. */
#ifndef WSC_WINDOW_H
#define WSC_WINDOW_H

#include "kernels.h"

enum { WSC_WINDOW = 64 };

/* `at` is a multiple of its width. */
struct wsc_window {
    const uint8_t *data;
    size_t len, at;
    struct wsc_head_bits bits;
};

/* Lets it begin at `at`, which is inside the data. */
void wsc_window_move(struct wsc_window *window, size_t at);

static inline void wsc_window_show(struct wsc_window *window, size_t at)
{
    at -= at % WSC_WINDOW;
    if (at != window->at)
        wsc_window_move(window, at);
}

/* The first place from `at` on, which is inside the data, that is no text; the data's end if there
 * is none. */
static inline size_t wsc_window_end(struct wsc_window *window, size_t at)
{
    while (at < window->len) {
        wsc_window_show(window, at);
        uint64_t bits = window->bits.ends >> at % WSC_WINDOW;
        if (bits != 0)
            return at + wsc_lowest(bits);
        at += WSC_WINDOW - at % WSC_WINDOW;
    }
    return window->len;
}

/* The same, for what is neither a letter nor a hyphen. */
static inline size_t wsc_window_stop(struct wsc_window *window, size_t at)
{
    while (at < window->len) {
        wsc_window_show(window, at);
        uint64_t bits = window->bits.stops >> at % WSC_WINDOW;
        if (bits != 0)
            return at + wsc_lowest(bits);
        at += WSC_WINDOW - at % WSC_WINDOW;
    }
    return window->len;
}

#endif
