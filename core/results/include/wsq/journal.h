/* wsq/journal.h - a run as JSON and as a journal of JSON lines, and back.
 *
 * A journal's first line is {"type":"run",…}, then one {"type":"case",…} a line the moment each is known,
 * and a last {"type":"end",…}.  A journal without its last line is an incomplete run, not an error.  Bytes
 * are base64.  Reading checks types and ranges and says what was expected where.
 */
#ifndef WSQ_JOURNAL_H
#define WSQ_JOURNAL_H

#include <jansson.h>
#include <wsq/result.h>

/* Lines without their '\n', to be freed by the caller; NULL when memory ends. */
char *wsq_journal_begin(const struct wsq_run *run);
char *wsq_journal_case(const struct wsq_case *c);
char *wsq_journal_end(const struct wsq_run *run);

/* Reads a whole journal.  0, or -1 with a message "line 3: …" in error.  A torn last line (no '\n') is
 * dropped; the run is then incomplete. */
int wsq_journal_read(const char *text, size_t length, struct wsq_run *run, char *error, size_t size);

/* The whole run as one JSON document (schema: reports/schema/report.schema.json), new reference. */
json_t *wsq_run_json(const struct wsq_run *run);

#endif
