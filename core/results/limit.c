#include <inttypes.h>
#include <string.h>
#include <wsq/result.h>
#include <wsq/text.h>

static void put_time(struct wsq_text *out, const struct wsq_limit *limit)
{
    if (!limit->refused) {
        wsq_text_printf(out, "at least %.1f s", (double)limit->held / 1000);
        return;
    }
    wsq_text_printf(out, limit->refused < 10000 ? "%.2f s" : "%.1f s",
                    (double)limit->refused / 1000);
}

static void put_size(struct wsq_text *out, const struct wsq_limit *limit)
{
    if (!limit->refused)
        wsq_text_printf(out, "at least %" PRIu64 " %s", limit->held, limit->unit);
    else if (limit->held == 0)
        wsq_text_printf(out, "less than %" PRIu64 " %s", limit->refused, limit->unit);
    else if (limit->refused == limit->held + 1)
        wsq_text_printf(out, "%" PRIu64 " %s", limit->held, limit->unit);
    else
        wsq_text_printf(out, "between %" PRIu64 " and %" PRIu64 " %s", limit->held, limit->refused,
                        limit->unit);
}

char *wsq_limit_text(const struct wsq_limit *limit)
{
    struct wsq_text out = {0};
    bool time = limit->unit && strcmp(limit->unit, "ms") == 0;
    wsq_text_printf(&out, "%s: ", limit->what ? limit->what : limit->name);
    if (time)
        put_time(&out, limit);
    else
        put_size(&out, limit);
    if (limit->how && limit->refused) {
        wsq_text_puts(&out, time ? ", then " : "; beyond: ");
        wsq_text_visible(&out, limit->how, strlen(limit->how));
    }
    return wsq_text_take(&out, NULL);
}
