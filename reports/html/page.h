/* page.h - what the parts of the page share.
 *
 * A part writes markup with wsr_put, whose %s is always escaped: only literals of ours are ever
 * markup.
 */
#ifndef WSR_PAGE_H
#define WSR_PAGE_H

#include <wsq/result.h>
#include <wsq/text.h>

/* What a page of some hundred cases can bear; the JSON report has all. */
enum {
    WSR_MOST_LINE = 2000, /* bytes of a title, a reason, a sentence */
    WSR_MOST_ITEMS = 50,  /* faults, sightings, attempts, citations of a case */
    WSR_BREACH_CASES = 3 /* cases that are named for a requirement */
};

/* What broke: the cases that one requirement was broken in, or that share another trouble. */
struct wsr_breach {
    const struct wsq_requirement *row; /* NULL: see words */
    const char *words;                 /* not ours: a title, a reason */
    enum wsq_verdict verdict;          /* the worst; pass: better than the expectations say */
    size_t case_count, unexpected;     /* cases; how many of them are unexpected */
    const struct wsq_case *cases[WSR_BREACH_CASES + 1], *last;
    size_t order; /* as the catalogue has it */
};

struct wsr_page {
    struct wsq_text text;
    const struct wsq_run *run;
    const struct wsq_case **sorted; /* by suite, then id */
    struct wsq_totals totals;
    struct wsr_breach *breaches; /* from what is worst to what is least */
    size_t breach_count;
};

/* %s (escaped; NULL is nothing), %u, %zu, %% and no other; printf's width and precision are not
 * known. */
void wsr_put(struct wsr_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escapes text, at most `limit` bytes of it, and says what was left out. */
void wsr_put_limited(struct wsr_page *page, const char *text, size_t limit);

/* "3 ms", "6.01 s", "2 min 5 s" */
void wsr_put_time(struct wsr_page *page, uint64_t ms);

/* "1 case", "2 cases" */
void wsr_put_count(struct wsr_page *page, size_t n, const char *thing);

/* A case's id as the anchor of its entry, in an attribute; as a link to it. */
void wsr_put_anchor(struct wsr_page *page, const char *id);
void wsr_put_case_link(struct wsr_page *page, const char *id);

/* A link to the sentence's place in its RFC, and its level: "RFC 6455, section 5.1  MUST". */
void wsr_put_place(struct wsr_page *page, const struct wsq_requirement *row);

/* A sentence of the catalogue: what stands between backquotes is code. */
void wsr_put_prose(struct wsr_page *page, const char *text);

/* A command or text that a button copies. */
void wsr_put_copied(struct wsr_page *page, const char *text, size_t limit);

/* The verdicts, from what wants attention to what does not. */
extern const enum wsq_verdict wsr_verdict_order[WSQ_ERROR + 1];

/* breaches.c: to be freed; NULL when memory ends. */
struct wsr_breach *wsr_breaches(const struct wsr_page *page, size_t *count);

/* May it ship: the gate is open, and something was judged. */
bool wsr_may_ship(const struct wsr_page *page);

/* gate.c, broke.c, now.c, facts.c: the parts of the first screen. */
void wsr_put_gate(struct wsr_page *page);
void wsr_put_bar(struct wsr_page *page);
void wsr_put_broke(struct wsr_page *page);
void wsr_put_now(struct wsr_page *page);
void wsr_put_facts(struct wsr_page *page);

/* list.c: the filters; all cases in their sections. */
void wsr_put_chips(struct wsr_page *page);
void wsr_put_cases(struct wsr_page *page);

/* coverage.c, timing.c: which requirements were judged; where the time went. */
void wsr_put_coverage(struct wsr_page *page);
void wsr_put_timing(struct wsr_page *page);

/* case.c: one case, folded. */
void wsr_put_case(struct wsr_page *page, const struct wsq_case *c);

/* code.c: the lines of a script or transcript, coloured by who speaks.  A script's lines at fault
 * are marked; in a transcript the place where the conversation left the script is. */
void wsr_put_script(struct wsr_page *page, const struct wsq_case *c, size_t limit);
void wsr_put_transcript(struct wsr_page *page, const struct wsq_case *c, size_t limit);

/* bytes.c: the first `limit` bytes of all chunks: heads as text, frames field by field, the rest in
 * hex. */
void wsr_put_bytes(struct wsr_page *page, const struct wsq_case *c, size_t limit);

/* dissect.c: one frame, field by field.  False, and nothing is written, if the chunk is not one
 * frame from its first byte on. */
bool wsr_put_frame(struct wsr_page *page, const struct wsq_wire *wire, size_t limit);

/* One row: the bytes in hex, `width` of them making the column, and no line end. */
void wsr_put_hex(struct wsr_page *page, const uint8_t *bytes, size_t n, size_t width);

/* n bytes as ASCII, a dot for what is none. */
void wsr_put_ascii(struct wsr_page *page, const uint8_t *bytes, size_t n);

#endif
