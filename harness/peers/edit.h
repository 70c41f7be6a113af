/* wsp/edit.h - change the head of a request or a response on its way.
 *
 * The text stays what it was, byte for byte, but for what is changed.  After every change the head
 * is read anew; spans taken from it before do not hold any more.
 */
#ifndef WSP_EDIT_H
#define WSP_EDIT_H

#include <wsc/http.h>

#include "bytes.h"

enum { WSP_EDIT_MAX = 128 << 10 };

struct wsp_edit {
    struct wsp_bytes text;
    struct wsc_head head; /* as read from the text */
    bool readable;        /* false: a change has made it something that our reader cannot follow */
};

/* Copies a head that was read from `data`. */
void wsp_edit_open(struct wsp_edit *edit, const uint8_t *data, const struct wsc_head *head);
void wsp_edit_free(struct wsp_edit *edit);

/* Where a span of the head stands in the text. */
size_t wsp_edit_at(const struct wsp_edit *edit, const char *span);

/* Takes `old_len` bytes at `at` away and puts `text` there. */
void wsp_edit_splice(struct wsp_edit *edit, size_t at, size_t old_len, const char *text,
                     size_t len);

/* The line without its line end. */
void wsp_edit_start_line(struct wsp_edit *edit, const char *line);

/* Removes all lines of that name; false if there were none. */
bool wsp_edit_drop(struct wsp_edit *edit, const char *name);
/* Removes all lines of that name but the first. */
bool wsp_edit_drop_others(struct wsp_edit *edit, const char *name);
/* Appends a line; `value` is taken as it is. */
void wsp_edit_add(struct wsp_edit *edit, const char *name, const char *value);
/* Drop, then add. */
void wsp_edit_set(struct wsp_edit *edit, const char *name, const char *value);

#endif
