#include "date.h"

#include <stdbool.h>
#include <string.h>

enum { DAY = 24 * 60 * 60 };

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (month == 1 && is_leap(year) ? 1u : 0u);
}

static void put_number(char *out, unsigned digits, uint64_t value)
{
    for (; digits > 0; value /= 10)
        out[--digits] = (char)('0' + value % 10);
}

void wsp_date(uint64_t seconds, char out[WSP_DATE_LEN + 1])
{
    static const char weekdays[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t days = seconds / DAY;
    const char *weekday = weekdays + 3 * (days % 7); /* 1 January 1970 was a Thursday */
    unsigned year = 1970, month = 0;

    for (; days >= (is_leap(year) ? 366u : 365u); year++)
        days -= is_leap(year) ? 366u : 365u;
    for (; days >= days_of_month(year, month); month++)
        days -= days_of_month(year, month);
    memcpy(out, "www, dd mmm yyyy hh:mm:ss GMT", WSP_DATE_LEN + 1);
    memcpy(out, weekday, 3);
    put_number(out + 5, 2, days + 1);
    memcpy(out + 8, months + (size_t)3 * month, 3);
    put_number(out + 12, 4, year);
    put_number(out + 17, 2, seconds / 3600 % 24);
    put_number(out + 20, 2, seconds / 60 % 60);
    put_number(out + 23, 2, seconds % 60);
}
