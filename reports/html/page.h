/* page.h - what the parts of the page share.
 *
 * A part writes markup with wsr_put, whose %s is always escaped: only literals of ours are ever
 * markup.
 */
#ifndef WSR_PAGE_H
#define WSR_PAGE_H

#include <wsq/result.h>
#include <wsq/text.h>

struct wsr_page {
    struct wsq_text text;
    const struct wsq_run *run;
    const struct wsq_case **sorted; /* by suite, then id */
    struct wsq_totals totals;
};

/* %s (escaped; NULL is nothing), %u, %zu, %% and no other; printf's width and precision are not
 * known. */
void wsr_put(struct wsr_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escapes text, at most `limit` bytes of it, and says what was left out. */
void wsr_put_limited(struct wsr_page *page, const char *text, size_t limit);

/* "3 ms", "6.01 s", "2 min 5 s" */
void wsr_put_time(struct wsr_page *page, uint64_t ms);

/* facts.c: the parts of the first screen. */
void wsr_put_gate(struct wsr_page *page);
void wsr_put_bar(struct wsr_page *page);
void wsr_put_chips(struct wsr_page *page);
void wsr_put_facts(struct wsr_page *page);
void wsr_put_complaints(struct wsr_page *page);

/* list.c: all cases in their sections. */
void wsr_put_cases(struct wsr_page *page);

/* case.c: one case, folded. */
void wsr_put_case(struct wsr_page *page, const struct wsq_case *c);

/* code.c: a script or transcript, its lines coloured by who speaks; lines at fault are marked. */
void wsr_put_code(struct wsr_page *page, const char *source, const struct wsq_fault *faults,
                  size_t fault_count, size_t limit);
/* The first `limit` bytes of all chunks, in hex. */
void wsr_put_bytes(struct wsr_page *page, const struct wsq_case *c, size_t limit);

#endif
