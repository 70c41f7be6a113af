#include "edit.h"

#include <string.h>

static void read_again(struct wsp_edit *edit)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t len = wsp_bytes_len(&edit->text);
    enum wsc_http state = edit->head.response
                              ? wsc_http_response(data, len, WSP_EDIT_MAX, &edit->head, NULL)
                              : wsc_http_request(data, len, WSP_EDIT_MAX, &edit->head, NULL);

    edit->readable = state == WSC_HTTP_DONE;
}

void wsp_edit_open(struct wsp_edit *edit, const uint8_t *data, const struct wsc_head *head)
{
    memset(edit, 0, sizeof *edit);
    edit->text.ceiling = WSP_EDIT_MAX;
    edit->head.response = head->response;
    wsp_bytes_add(&edit->text, data, head->length);
    read_again(edit);
}

void wsp_edit_free(struct wsp_edit *edit)
{
    wsp_bytes_free(&edit->text);
}

void wsp_edit_splice(struct wsp_edit *edit, size_t at, size_t old_len, const char *text, size_t len)
{
    struct wsp_bytes spliced = {.ceiling = WSP_EDIT_MAX};
    const uint8_t *old = wsp_bytes_data(&edit->text);
    bool response = edit->head.response;

    if (at + old_len > wsp_bytes_len(&edit->text))
        return;
    wsp_bytes_add(&spliced, old, at);
    wsp_bytes_add(&spliced, text, len);
    wsp_bytes_add(&spliced, old + at + old_len, wsp_bytes_len(&edit->text) - at - old_len);
    if (spliced.broken) {
        wsp_bytes_free(&spliced);
        return;
    }
    wsp_bytes_free(&edit->text);
    edit->text = spliced;
    edit->head.response = response;
    read_again(edit);
}

size_t wsp_edit_at(const struct wsp_edit *edit, const char *span)
{
    return (size_t)((const uint8_t *)span - wsp_bytes_data(&edit->text));
}

/* Index of the byte behind the line that begins at `at`. */
static size_t line_end(const struct wsp_edit *edit, size_t at)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    const uint8_t *end = memchr(data + at, '\n', wsp_bytes_len(&edit->text) - at);

    return end ? (size_t)(end - data) + 1 : wsp_bytes_len(&edit->text);
}

/* A folded field goes on in the lines that begin with white space. */
static size_t field_end(const struct wsp_edit *edit, size_t at)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t end = line_end(edit, at);

    while (end < wsp_bytes_len(&edit->text) && (data[end] == ' ' || data[end] == '\t'))
        end = line_end(edit, end);
    return end;
}

void wsp_edit_start_line(struct wsp_edit *edit, const char *line)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t at = 0, end;

    while (at < wsp_bytes_len(&edit->text) && (data[at] == '\r' || data[at] == '\n'))
        at++;
    end = line_end(edit, at);
    while (end > at && (data[end - 1] == '\r' || data[end - 1] == '\n'))
        end--;
    wsp_edit_splice(edit, at, end - at, line, strlen(line));
}

static bool drop_from(struct wsp_edit *edit, const char *name, size_t n)
{
    const struct wsc_header *field;
    bool dropped = false;

    while (edit->readable && (field = wsc_head_field(&edit->head, name, n)) != NULL) {
        size_t count = edit->head.count, at = field->at;

        wsp_edit_splice(edit, at, field_end(edit, at) - at, "", 0);
        dropped = true;
        if (edit->head.count >= count)
            break;
    }
    return dropped;
}

bool wsp_edit_drop(struct wsp_edit *edit, const char *name)
{
    return drop_from(edit, name, 0);
}

bool wsp_edit_drop_others(struct wsp_edit *edit, const char *name)
{
    return drop_from(edit, name, 1);
}

/* Where the empty line begins. */
static size_t fields_end(const struct wsp_edit *edit)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t end = wsp_bytes_len(&edit->text);

    if (end > 0 && data[end - 1] == '\n')
        end--;
    if (end > 0 && data[end - 1] == '\r')
        end--;
    return end;
}

void wsp_edit_add(struct wsp_edit *edit, const char *name, const char *value)
{
    struct wsp_bytes line = {.ceiling = WSP_EDIT_MAX};

    wsp_bytes_add_text(&line, name);
    wsp_bytes_add_text(&line, ": ");
    wsp_bytes_add_text(&line, value);
    wsp_bytes_add_text(&line, "\r\n");
    if (!line.broken)
        wsp_edit_splice(edit, fields_end(edit), 0, (const char *)wsp_bytes_data(&line),
                        wsp_bytes_len(&line));
    wsp_bytes_free(&line);
}

void wsp_edit_set(struct wsp_edit *edit, const char *name, const char *value)
{
    wsp_edit_drop(edit, name);
    wsp_edit_add(edit, name, value);
}
