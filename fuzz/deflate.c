#include <stdlib.h>
#include <wsf/deflate.h>

static void *allocate(void *context, size_t size)
{
    void *memory = malloc(size);

    (void)context;
    WSF_LAW(memory);
    return memory;
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

const struct wsc_memory wsf_heap = {allocate, release, NULL};

struct wsc_deflate_terms wsf_terms(uint8_t choice)
{
    uint8_t bits = (uint8_t)(8 + (choice & 7));

    return (struct wsc_deflate_terms){.server_no_context_takeover = choice & 8,
                                      .client_no_context_takeover = choice & 8,
                                      .server_max_window_bits = bits,
                                      .client_max_window_bits = bits};
}

struct wso_deflate wsf_agreed(const struct wsc_deflate_terms *terms, uint8_t *room)
{
    return (struct wso_deflate){.bits = terms->server_max_window_bits,
                                .takeover = !terms->server_no_context_takeover,
                                .room = room};
}
