/* wsq/journal.h - a run as JSON and as a journal of JSON lines, and back.
 *
 * A journal's first line is {"type":"run",…}, then one {"type":"case",…} a line the moment each is known,
 * and a last {"type":"end",…}.  A journal without its last line is an incomplete run, not an error.  Bytes
 * are base64; a seed is a decimal string, since JSON's numbers are not that exact.  Text that is no valid
 * UTF-8 is written with U+FFFD in place of each bad byte, so writing never fails but for memory.
 * Reading checks types and ranges and says what was expected where; members that it does not know are passed
 * over, those that are missing or null are zero.  Expectations are applied to a run, not to a journal: a case
 * that is written the moment it is known has none yet.
 */
#ifndef WSQ_JOURNAL_H
#define WSQ_JOURNAL_H

#include <jansson.h>
#include <wsq/result.h>

/* Lines without their '\n', to be freed by the caller; NULL when memory ends. */
char *wsq_journal_begin(const struct wsq_run *run);
char *wsq_journal_case(const struct wsq_case *c);
char *wsq_journal_end(const struct wsq_run *run);

/* Reads a whole journal into *run, whatever it held.  0, or -1 with "line 3: faults[1].line: expected …,
 * found …" in error and an empty run.  A torn last line (no '\n') is dropped; the run is then incomplete, and
 * its time is that of its last case. */
int wsq_journal_read(const char *text, size_t length, struct wsq_run *run, char *error, size_t size);

/* The whole run as one JSON document (schema: reports/schema/report.schema.json), new reference; NULL when
 * memory ends.  Adds the totals and, of the catalogue, the requirements that the run speaks of. */
json_t *wsq_run_json(const struct wsq_run *run);

#endif
