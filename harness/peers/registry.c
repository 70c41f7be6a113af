#include "registry.h"

#include <string.h>

struct row {
    struct wsp_filter_info info;
    wsp_filter_function *function;
};

static const struct row mutants[] = {
#define MUTANT(id, requirement, kind, function, killed_by, what)                                   \
    {{id, requirement, #kind, what, killed_by, "", ""}, function},
#include "mutants.def"
#undef MUTANT
};

static const struct row liberties[] = {
#define LIBERTY(id, requirement, choice, function, warns, what)                                    \
    {{id, requirement, "liberty", what, NULL, choice, warns}, function},
#include "liberties.def"
#undef LIBERTY
};

enum {
    MUTANT_COUNT = sizeof mutants / sizeof *mutants,
    LIBERTY_COUNT = sizeof liberties / sizeof *liberties
};

const struct wsp_filter_info *wsp_mutant_at(size_t i)
{
    return i < MUTANT_COUNT ? &mutants[i].info : NULL;
}

const struct wsp_filter_info *wsp_liberty_at(size_t i)
{
    return i < LIBERTY_COUNT ? &liberties[i].info : NULL;
}

static const struct row *find(const struct row *rows, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].info.id, id) == 0)
            return &rows[i];
    return NULL;
}

static const struct row *find_anywhere(const char *id)
{
    const struct row *row = find(mutants, MUTANT_COUNT, id);

    return row ? row : find(liberties, LIBERTY_COUNT, id);
}

const struct wsp_filter_info *wsp_filter(const char *id)
{
    const struct row *row = find_anywhere(id);

    return row ? &row->info : NULL;
}

bool wsp_liberties_agree(const struct wsp_filter_info *one, const struct wsp_filter_info *other)
{
    return strcmp(one->id, other->id) != 0 &&
           (one->choice[0] == '\0' || strcmp(one->choice, other->choice) != 0);
}

wsp_filter_function *wsp_registry_function(const struct wsp_filter_info *info)
{
    return find_anywhere(info->id)->function;
}
