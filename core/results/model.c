#include <wsq/result.h>

#include "shape.h"

#define FIELD(type, name, kind)                                                                    \
    {                                                                                              \
#name, kind, offsetof(struct type, name), 0, NULL                                          \
    }
#define MANY(type, name, kind, count, items)                                                       \
    {                                                                                              \
#name, kind, offsetof(struct type, name), offsetof(struct type, count), items              \
    }
#define SHAPE(fields, type)                                                                        \
    {                                                                                              \
        fields, sizeof fields / sizeof fields[0], sizeof(struct type)                              \
    }

static const struct wsq_field fault_fields[] = {
    FIELD(wsq_fault, requirement, WSQ_TEXT), FIELD(wsq_fault, verdict, WSQ_GRADED),
    FIELD(wsq_fault, seen, WSQ_FLAG),        FIELD(wsq_fault, line, WSQ_UINT),
    FIELD(wsq_fault, step, WSQ_TEXT),        FIELD(wsq_fault, expected, WSQ_TEXT),
    FIELD(wsq_fault, saw, WSQ_TEXT),         FIELD(wsq_fault, why, WSQ_TEXT),
};
static const struct wsq_shape fault_shape = SHAPE(fault_fields, wsq_fault);

static const struct wsq_field sighting_fields[] = {
    FIELD(wsq_sighting, requirement, WSQ_TEXT),
    FIELD(wsq_sighting, connection, WSQ_TEXT),
    FIELD(wsq_sighting, at, WSQ_U64),
    FIELD(wsq_sighting, sentence, WSQ_TEXT),
};
static const struct wsq_shape sighting_shape = SHAPE(sighting_fields, wsq_sighting);

static const struct wsq_field wire_fields[] = {
    FIELD(wsq_wire, sent, WSQ_FLAG),
    FIELD(wsq_wire, connection, WSQ_TEXT),
    FIELD(wsq_wire, at_ms, WSQ_U64),
    FIELD(wsq_wire, offset, WSQ_U64),
    MANY(wsq_wire, bytes, WSQ_BYTES, kept, NULL),
    FIELD(wsq_wire, length, WSQ_U64),
    FIELD(wsq_wire, what, WSQ_TEXT),
};
static const struct wsq_shape wire_shape = SHAPE(wire_fields, wsq_wire);

static const struct wsq_field attempt_fields[] = {
    FIELD(wsq_attempt, verdict, WSQ_VERDICT),
    FIELD(wsq_attempt, reason, WSQ_TEXT),
    FIELD(wsq_attempt, ms, WSQ_U64),
};
static const struct wsq_shape attempt_shape = SHAPE(attempt_fields, wsq_attempt);

static const struct wsq_field case_fields[] = {
    FIELD(wsq_case, id, WSQ_NAME),
    FIELD(wsq_case, title, WSQ_TEXT),
    FIELD(wsq_case, suite, WSQ_TEXT),
    FIELD(wsq_case, verdict, WSQ_VERDICT),
    FIELD(wsq_case, reason, WSQ_TEXT),
    FIELD(wsq_case, unexpected, WSQ_FLAG),
    FIELD(wsq_case, expectation, WSQ_TEXT),
    MANY(wsq_case, cites, WSQ_TEXTS, cite_count, NULL),
    MANY(wsq_case, autobahn, WSQ_TEXTS, autobahn_count, NULL),
    MANY(wsq_case, faults, WSQ_LIST, fault_count, &fault_shape),
    MANY(wsq_case, violations, WSQ_LIST, violation_count, &sighting_shape),
    MANY(wsq_case, occasions, WSQ_TEXTS, occasion_count, NULL),
    MANY(wsq_case, attempts, WSQ_LIST, attempt_count, &attempt_shape),
    FIELD(wsq_case, slow, WSQ_FLAG),
    FIELD(wsq_case, watch, WSQ_FLAG),
    FIELD(wsq_case, started_ms, WSQ_U64),
    FIELD(wsq_case, ms, WSQ_U64),
    FIELD(wsq_case, waited_ms, WSQ_U64),
    FIELD(wsq_case, script, WSQ_TEXT),
    FIELD(wsq_case, transcript, WSQ_TEXT),
    MANY(wsq_case, wire, WSQ_LIST, wire_count, &wire_shape),
    FIELD(wsq_case, replay, WSQ_TEXT),
};
const struct wsq_shape wsq_case_shape = SHAPE(case_fields, wsq_case);

static const struct wsq_field limit_fields[] = {
    FIELD(wsq_limit, name, WSQ_NAME),   FIELD(wsq_limit, what, WSQ_TEXT),
    FIELD(wsq_limit, unit, WSQ_TEXT),   FIELD(wsq_limit, held, WSQ_U64),
    FIELD(wsq_limit, refused, WSQ_U64), FIELD(wsq_limit, how, WSQ_TEXT),
};
const struct wsq_shape wsq_limit_shape = SHAPE(limit_fields, wsq_limit);

static const struct wsq_field run_fields[] = {
    FIELD(wsq_run, target, WSQ_TEXT),
    FIELD(wsq_run, version, WSQ_TEXT),
    FIELD(wsq_run, started, WSQ_TEXT),
    FIELD(wsq_run, seed, WSQ_SEED),
    FIELD(wsq_run, jobs, WSQ_UINT),
    FIELD(wsq_run, profile, WSQ_TEXT),
    FIELD(wsq_run, server, WSQ_TEXT),
    FIELD(wsq_run, planned, WSQ_SIZE),
    FIELD(wsq_run, shard, WSQ_UINT),
    FIELD(wsq_run, shards, WSQ_UINT),
    FIELD(wsq_run, whole, WSQ_SIZE),
    MANY(wsq_run, watches, WSQ_TEXTS, watch_count, NULL),
    MANY(wsq_run, limits, WSQ_LIST, limit_count, &wsq_limit_shape),
};
const struct wsq_shape wsq_run_shape = SHAPE(run_fields, wsq_run);

static const struct wsq_field end_fields[] = {
    FIELD(wsq_run, ms, WSQ_U64),
    FIELD(wsq_run, complete, WSQ_FLAG),
    FIELD(wsq_run, incomplete, WSQ_TEXT),
    MANY(wsq_run, complaints, WSQ_TEXTS, complaint_count, NULL),
};
const struct wsq_shape wsq_end_shape = SHAPE(end_fields, wsq_run);
