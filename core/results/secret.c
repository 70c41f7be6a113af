#include <string.h>
#include <strings.h>
#include <wsq/secret.h>

static bool contains(const char *name, size_t length, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= length; i++)
        if (strncasecmp(name + i, word, n) == 0)
            return true;
    return false;
}

bool wsq_secret_name(const char *name, size_t length)
{
    static const char *const words[] = {"auth",    "basic",   "cookie",     "token",
                                        "secret",  "passw",   "api-key",    "apikey",
                                        "api_key", "session", "credential", "jwt"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (contains(name, length, words[i]))
            return true;
    return false;
}
