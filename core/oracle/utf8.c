#include <wso/oracle.h>

/* Code points are computed and then looked at: no table of states.  A cut one is tried with the
 * lowest and the highest bytes that could follow: if neither end of that range is allowed, none is.
 */
static bool allowed(uint32_t low, uint32_t high, uint32_t least)
{
    if (high < least || low > 0x10FFFF)
        return false;
    return !(low >= 0xD800 && high <= 0xDFFF);
}

size_t wso_utf8(const uint8_t *data, size_t len, bool *whole)
{
    size_t at = 0;

    *whole = true;
    while (at < len) {
        uint32_t point = data[at], least;
        unsigned more;

        if (point < 0x80)
            more = 0, least = 0;
        else if (point >> 5 == 6)
            more = 1, least = 0x80, point &= 31;
        else if (point >> 4 == 14)
            more = 2, least = 0x800, point &= 15;
        else if (point >> 3 == 30)
            more = 3, least = 0x10000, point &= 7;
        else
            return at;
        for (unsigned i = 0; i <= more; i++) {
            unsigned left = (more - i) * 6;

            if (i > 0) {
                if (at + i == len) {
                    *whole = false;
                    return len;
                }
                if (data[at + i] >> 6 != 2)
                    return at + i;
                point = point << 6 | (data[at + i] & 63u);
            }
            if (!allowed(point << left, (point << left) + (1u << left) - 1, least))
                return at + i;
        }
        at += more + 1;
    }
    return at;
}
