/* Masking, and that the scanner reads back any header that the encoder writes. */
#include <string.h>

#include <wsc/frame.h>
#include <wsc/mask.h>

#include "feed.h"
#include "main.h"

START_TEST(mask_is_xor_of_every_byte)
{
    const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
    uint8_t bytes[40], wanted[40];
    size_t len = (size_t)_i;
    for (uint64_t phase = 0; phase < 9; phase++) {
        for (size_t i = 0; i < len; i++) {
            bytes[i] = (uint8_t)(i * 7);
            wanted[i] = (uint8_t)(bytes[i] ^ key[(phase + i) % 4]);
        }
        uint8_t *copy = guarded(bytes, len);
        wsc_mask(copy, len, key, phase);
        ck_assert_int_eq(memcmp(copy, wanted, len), 0);
        wsc_mask(copy, len, key, phase + (UINT64_C(1) << 40));
        ck_assert_int_eq(memcmp(copy, bytes, len), 0);
    }
}
END_TEST

START_TEST(shortest_form)
{
    ck_assert_uint_eq(wsc_length_form(0), 7);
    ck_assert_uint_eq(wsc_length_form(125), 7);
    ck_assert_uint_eq(wsc_length_form(126), 16);
    ck_assert_uint_eq(wsc_length_form(65535), 16);
    ck_assert_uint_eq(wsc_length_form(65536), 64);
    ck_assert_uint_eq(wsc_length_form(UINT64_MAX), 64);
}
END_TEST

START_TEST(length_is_written_modulo_its_width)
{
    uint8_t out[WSC_HEAD_MAX];
    struct wsc_frame frame = {.fin = true, .opcode = WSC_BINARY, .form = 16, .length = 0x12345};
    ck_assert_uint_eq(wsc_frame_write(&frame, out), 4);
    ck_assert_int_eq(memcmp(out, "\x82\x7e\x23\x45", 4), 0);
    frame.form = 7;
    ck_assert_uint_eq(wsc_frame_write(&frame, out), 2);
    ck_assert_uint_eq(out[1], 0x45);
}
END_TEST

/* Reads one frame and joins its pieces. */
struct run {
    struct wsc_scan scan;
    struct wsc_frame frame;
    uint8_t payload[70000];
    size_t len, lasts, firsts;
    const struct wsc_frame *wanted;
    const uint8_t *wanted_payload;
    size_t wanted_len, stream_len;
};

static void begin(void *context)
{
    struct run *run = context;
    memset(&run->scan, 0, sizeof run->scan);
    run->len = run->lasts = run->firsts = 0;
}

static void piece(void *context, uint8_t *bytes, size_t len)
{
    struct run *run = context;
    struct wsc_piece p;
    size_t used;
    while (wsc_scan_next(&run->scan, bytes, len, &used, &p)) {
        if (p.done != run->len || p.at != 0 || wsc_scan_idle(&run->scan) != p.last)
            ck_abort_msg("%zu bytes in, the scanner is out of step", run->len);
        memcpy(run->payload + run->len, p.data, p.len);
        run->len += p.len;
        run->firsts += p.first;
        run->lasts += p.last;
        run->frame = p.frame;
        bytes += used;
        len -= used;
    }
}

static void end(void *context, const char *how)
{
    struct run *run = context;
    const struct wsc_frame *got = &run->frame, *wanted = run->wanted;
    ck_assert_msg(run->firsts == 1 && run->lasts == 1, "%s", how);
    ck_assert_int_eq(got->fin, wanted->fin);
    ck_assert_uint_eq(got->rsv, wanted->rsv);
    ck_assert_uint_eq(got->opcode, wanted->opcode);
    ck_assert_int_eq(got->masked, wanted->masked);
    ck_assert_uint_eq(got->form, wanted->form);
    ck_assert_uint_eq(got->length, wanted->length);
    if (wanted->masked)
        ck_assert_int_eq(memcmp(got->key, wanted->key, 4), 0);
    ck_assert_uint_eq(run->len, run->wanted_len);
    ck_assert_int_eq(memcmp(run->payload, run->wanted_payload, run->len), 0);
    ck_assert_uint_eq(run->scan.offset, run->stream_len);
}

static const size_t lengths[] = {0, 1, 2, 3, 4, 5, 9, 125, 126, 127, 300, 65535, 65536};

/* Every first byte in turn, with every length and form that can hold it, masked or not. */
static void round_trip(unsigned first, size_t length, uint8_t form, bool masked)
{
    static struct run run;
    static uint8_t stream[WSC_HEAD_MAX + 70000], payload[70000];
    struct wsc_frame frame = {.fin = first >> 7,
                              .rsv = first >> 4 & 7,
                              .opcode = first & 15,
                              .masked = masked,
                              .key = {0xa1, 0xb2, 0xc3, 0xd4},
                              .form = form,
                              .length = length};
    for (size_t i = 0; i < length; i++)
        payload[i] = (uint8_t)(i * 31 + first);
    size_t n = wsc_frame_write(&frame, stream);
    memcpy(stream + n, payload, length);
    if (masked)
        wsc_mask(stream + n, length, frame.key, 0);
    run.wanted = &frame;
    run.wanted_payload = payload;
    run.wanted_len = length;
    run.stream_len = n + length;
    struct feed f = {begin, piece, end, &run};
    feed(&f, stream, n + length);
}

START_TEST(any_first_byte_comes_back)
{
    for (unsigned first = (unsigned)_i * 16; first < (unsigned)(_i + 1) * 16; first++) {
        round_trip(first, 3, 7, true);
        round_trip(first, 0, 64, false);
    }
}
END_TEST

START_TEST(any_length_comes_back)
{
    size_t length = lengths[_i];
    for (unsigned masked = 0; masked < 2; masked++) {
        if (length <= 125)
            round_trip(0x81, length, 7, masked != 0);
        if (length <= 65535)
            round_trip(0x82, length, 16, masked != 0);
        round_trip(0x02, length, 64, masked != 0);
    }
}
END_TEST

/* The scanner judges nothing: a length with its top bit set is a frame that does not end. */
START_TEST(top_bit_is_kept)
{
    struct wsc_scan scan = {0};
    struct wsc_piece p;
    uint8_t in[] = {0x82, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3};
    size_t used;
    ck_assert(wsc_scan_next(&scan, in, sizeof in, &used, &p));
    ck_assert_uint_eq(used, sizeof in);
    ck_assert_uint_eq(p.frame.length, UINT64_MAX);
    ck_assert_uint_eq(p.len, 3);
    ck_assert(p.first && !p.last && !wsc_scan_idle(&scan));
}
END_TEST

START_TEST(a_copy_is_a_checkpoint)
{
    uint8_t in[] = {0x81, 0x83, 1, 2, 3, 4, 'a' ^ 1, 'b' ^ 2, 'c' ^ 3};
    uint8_t again[sizeof in];
    memcpy(again, in, sizeof in);
    struct wsc_scan scan = {0};
    struct wsc_piece p;
    size_t used;
    ck_assert(!wsc_scan_next(&scan, in, 4, &used, &p));
    struct wsc_scan copy = scan;
    ck_assert(wsc_scan_next(&scan, in + 4, 5, &used, &p));
    ck_assert_int_eq(memcmp(p.data, "abc", 3), 0);
    ck_assert(wsc_scan_next(&copy, again + 4, 5, &used, &p));
    ck_assert_int_eq(memcmp(p.data, "abc", 3), 0);
    ck_assert(p.last);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("frame");
    TCase *tcase = add_tcase(suite, "frame");
    tcase_add_loop_test(tcase, mask_is_xor_of_every_byte, 0, 40);
    tcase_add_test(tcase, shortest_form);
    tcase_add_test(tcase, length_is_written_modulo_its_width);
    tcase_add_loop_test(tcase, any_first_byte_comes_back, 0, 16);
    tcase_add_loop_test(tcase, any_length_comes_back, 0, (int)(sizeof lengths / sizeof *lengths));
    tcase_add_test(tcase, top_bit_is_kept);
    tcase_add_test(tcase, a_copy_is_a_checkpoint);
    return run_suite(suite);
}
