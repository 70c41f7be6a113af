/* The small literals: numbers and durations. */
#include <string.h>
#include <wsn/notation.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

bool wsn_number(const char *p, size_t n, uint64_t max, uint64_t *value)
{
    uint64_t base = 10, sum = 0;
    if (n > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        base = 16;
        p += 2;
        n -= 2;
    }
    if (n == 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t digit = (uint64_t)digit_value(p[i]);
        if (digit >= base || sum > (UINT64_MAX - digit) / base)
            return false;
        sum = sum * base + digit;
    }
    *value = sum;
    return sum <= max;
}

int64_t wsn_duration(const char *p, size_t n)
{
    static const struct {
        const char *unit;
        size_t n;
        uint64_t ms;
    } units[] = {{"ms", 2, 1}, {"s", 1, 1000}, {"m", 1, 60000}};
    const uint64_t day = 24 * 60 * 60 * 1000;
    size_t digits = 0;
    while (digits < n && p[digits] >= '0' && p[digits] <= '9')
        digits++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t value;
        if (n - digits == units[i].n && memcmp(p + digits, units[i].unit, units[i].n) == 0 &&
            wsn_number(p, digits, day / units[i].ms, &value))
            return (int64_t)(value * units[i].ms);
    }
    return -1;
}
