#include "window.h"

#include "chars.h"

struct wsc_head_bits wsc_head_scalar(const uint8_t *data)
{
    struct wsc_head_bits bits = {0, 0};
    for (unsigned i = 0; i < WSC_WINDOW; i++) {
        uint8_t byte = data[i], letter = byte | 0x20;
        bool end = (byte < ' ' && byte != '\t') || byte == 0x7f;
        bool stop = (letter < 'a' || letter > 'z') && byte != '-';
        bits.ends |= (uint64_t)end << i;
        bits.stops |= (uint64_t)stop << i;
    }
    return bits;
}

/* The last bytes, and behind them zeros, which are no text. */
WSC_ASIDE static struct wsc_head_bits last_bits(const struct wsc_window *window, size_t at)
{
    uint8_t last[WSC_WINDOW] = {0};
    memcpy(last, window->data + at, window->len - at);
    return wsc_kernels()->head(last);
}

void wsc_window_move(struct wsc_window *window, size_t at)
{
    bool whole = window->len - at >= WSC_WINDOW;
    window->at = at;
    window->bits = whole ? wsc_kernels()->head(window->data + at) : last_bits(window, at);
}
