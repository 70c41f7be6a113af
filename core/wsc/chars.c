#include "chars.h"

/* Characters that are the same in all sets. */
enum {
    P = WSC_TARGET,
    TP = WSC_TOKEN | P,
    HP = WSC_HOST | P,
    SUB = TP | HP,
    SIGN = SUB | WSC_LITERAL,
    DOT = SIGN | WSC_SCHEME,
    ANY = DOT | WSC_BASE64, /* letters and digits */
    PLUS = SUB | WSC_SCHEME | WSC_BASE64,
    COLON = P | WSC_LITERAL,
    SLASH = P | WSC_BASE64
};
#define FIVE ANY, ANY, ANY, ANY, ANY
#define TEN FIVE, FIVE

/* clang-format off */
const uint8_t wsc_chars[256] = {
    ['!'] = SUB, P, WSC_TOKEN, SUB, SUB, SUB, SUB, /* " # $ % & ' */
    ['('] = HP, HP, SUB, PLUS, HP, DOT, DOT, SLASH, /* ) * + , - . / */
    ['0'] = TEN,
    [':'] = COLON, HP, P, HP, P, P, P, /* ; < = > ? @ */
    ['A'] = TEN, TEN, FIVE, ANY,
    ['['] = P, P, P, TP, SIGN, TP, /* \ ] ^ _ ` */
    ['a'] = TEN, TEN, FIVE, ANY,
    ['{'] = P, TP, P, SIGN, /* | } ~ */
};
/* clang-format on */
