#include "html/page.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "html/assets.h"
#include "writers.h"

/* ---- slots of the template ---- */

static void put_asset(struct wsr_page *page, const unsigned char *bytes, size_t n)
{
    wsq_text_add(&page->text, (const char *)bytes, n);
}

/* 'sha256-…', by which the policy lets in this one style or script and no other. */
static void put_hash(struct wsr_page *page, const unsigned char *bytes, size_t n)
{
    unsigned char digest[EVP_MAX_MD_SIZE], base64[EVP_MAX_MD_SIZE * 2];
    unsigned length = 0;

    if (EVP_Digest(bytes, n, digest, &length, EVP_sha256(), NULL) != 1) {
        page->text.failed = true;
        return;
    }
    EVP_EncodeBlock(base64, digest, (int)length);
    wsr_put(page, "'sha256-");
    put_asset(page, base64, strlen((const char *)base64));
    wsr_put(page, "'");
}

static void put_style(struct wsr_page *page)
{
    put_asset(page, wsr_page_css, wsr_page_css_length);
}

static void put_style_hash(struct wsr_page *page)
{
    put_hash(page, wsr_page_css, wsr_page_css_length);
}

static void put_script(struct wsr_page *page)
{
    put_asset(page, wsr_page_js, wsr_page_js_length);
}

static void put_script_hash(struct wsr_page *page)
{
    put_hash(page, wsr_page_js, wsr_page_js_length);
}

static void put_target(struct wsr_page *page)
{
    wsr_put_limited(page, page->run->target ? page->run->target : "unnamed target", 2000);
}

static void put_version(struct wsr_page *page)
{
    wsr_put_limited(page, page->run->version, 100);
}

static void put_started(struct wsr_page *page)
{
    wsr_put_limited(page, page->run->started, 100);
}

/* A tab in the browser shows the gate at a glance. */
static void put_light(struct wsr_page *page)
{
    wsr_put(page, wsr_may_ship(page) ? "%%232d7a4b" : "%%23b3372c");
}

static const struct {
    const char *name;
    void (*put)(struct wsr_page *page);
} slots[] = {
    {"style", put_style},       {"style-hash", put_style_hash},
    {"script", put_script},     {"script-hash", put_script_hash},
    {"target", put_target},     {"version", put_version},
    {"started", put_started},   {"light", put_light},
    {"gate", wsr_put_gate},     {"bar", wsr_put_bar},
    {"broke", wsr_put_broke},   {"now", wsr_put_now},
    {"facts", wsr_put_facts},   {"chips", wsr_put_chips},
    {"cases", wsr_put_cases},   {"coverage", wsr_put_coverage},
    {"timing", wsr_put_timing},
};

static void put_slot(struct wsr_page *page, const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        if (strlen(slots[i].name) == n && memcmp(slots[i].name, name, n) == 0)
            slots[i].put(page);
}

/* ---- the page ---- */

static void put_template(struct wsr_page *page, const char *p)
{
    const char *open, *close;

    while ((open = strstr(p, "{{")) != NULL && (close = strstr(open, "}}")) != NULL) {
        wsq_text_add(&page->text, p, (size_t)(open - p));
        put_slot(page, open + 2, (size_t)(close - open - 2));
        p = close + 2;
    }
    wsq_text_puts(&page->text, p);
}

char *wsr_html(const struct wsq_run *run, size_t *length)
{
    struct wsr_page page = {.run = run, .sorted = wsr_by_suite(run)};

    if (!page.sorted)
        return NULL;
    wsq_totals(run, &page.totals);
    page.breaches = wsr_breaches(&page, &page.breach_count);
    page.text.failed = !page.breaches;
    put_template(&page, (const char *)wsr_page_html);
    free(page.breaches);
    free(page.sorted);
    return wsq_text_take(&page.text, length);
}
