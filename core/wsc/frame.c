#include <string.h>

#include <wsc/frame.h>

uint8_t wsc_length_form(uint64_t length)
{
    return length <= 125 ? 7 : length <= 65535 ? 16 : 64;
}

static size_t write_number(uint8_t *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return bytes;
}

size_t wsc_frame_write(const struct wsc_frame *frame, uint8_t out[WSC_HEAD_MAX])
{
    uint8_t form = frame->form != 0 ? frame->form : wsc_length_form(frame->length);
    uint8_t short_length = (uint8_t)(form == 7 ? frame->length & 0x7f : form == 16 ? 126 : 127);
    out[0] = (uint8_t)((frame->fin ? 0x80 : 0) | (frame->rsv & 7) << 4 | (frame->opcode & 15));
    out[1] = (uint8_t)((frame->masked ? 0x80 : 0) | short_length);
    size_t n = 2;
    if (form == 16)
        n += write_number(out + n, frame->length, 2);
    else if (form != 7)
        n += write_number(out + n, frame->length, 8);
    if (frame->masked) {
        memcpy(out + n, frame->key, 4);
        n += 4;
    }
    return n;
}
