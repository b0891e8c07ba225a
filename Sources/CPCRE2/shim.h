// PCRE2 for texts of 8-bit units, Debian's libpcre2-dev.
#ifndef NEWEL_CPCRE2_H
#define NEWEL_CPCRE2_H
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif
