/* wsf/head.h - laws that hold for any head, request or response. */
#ifndef WSF_HEAD_H
#define WSF_HEAD_H

#include <wsc/http.h>
#include <wsf/fuzz.h>
#include <wso/heads.h>

enum { WSF_HEAD_LIMIT = 16384 };

/* wsc_http_request or wsc_http_response. */
typedef enum wsc_http wsf_reader(const uint8_t *data, size_t len, size_t limit,
                                 struct wsc_head *head, struct wsc_findings *findings);

/* Reads data whole and as a stream that grows: both must end alike.  The head that is left in *head
 * has its spans in data.  Checks that spans lie in the head, and that lists can be walked to their
 * end. */
enum wsc_http wsf_head_read(wsf_reader *reader, const uint8_t *data, size_t size,
                            struct wsc_head *head, struct wsc_findings *findings);

/* Law: the oracle read what the core did: the same start line, the same fields in the same order.
 */
void wsf_head_same(const struct wsc_head *head, const struct wso_head *other);

/* Law: so it is with `size` bytes in which the core finds no whole head. */
void wsf_head_none(enum wsc_http result, size_t size, const struct wsc_findings *findings,
                   const struct wso_head *other);

/* Reads the body behind a head, whole and cut: the same content, the same end. */
void wsf_body_read(const struct wsc_body *body, const uint8_t *data, size_t size, uint8_t cut);

#endif
