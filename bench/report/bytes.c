#include "bytes.h"

/* The length of the character that begins with this byte: 0 where none does. */
static size_t length_of(unsigned char lead)
{
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* RFC 3629: no longer form of what has a shorter one, no surrogates, nothing above U+10FFFF. */
static bool is_valid(const unsigned char *c, size_t length)
{
    const unsigned char lo = *c == 0xe0 ? 0xa0 : *c == 0xf0 ? 0x90 : 0x80;
    const unsigned char hi = *c == 0xed ? 0x9f : *c == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < length; i++)
        if (c[i] < (i == 1 ? lo : 0x80) || c[i] > (i == 1 ? hi : 0xbf)) return false;
    return true;
}

/* C0, DEL and C1. */
static bool is_control(const unsigned char *c)
{
    if (*c == '\n' || *c == '\t') return false;
    return *c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
}

size_t bytes_show(FILE *out, const unsigned char *bytes, size_t n, bool last)
{
    size_t at = 0;
    while (at < n) {
        const unsigned char *c = bytes + at;
        const size_t length = length_of(*c);
        if (length > n - at && !last) break;
        if (length && length <= n - at && is_valid(c, length) && !is_control(c)) {
            fwrite(c, 1, length, out);
            at += length;
        } else {
            fprintf(out, "\\x%02x", *c);
            at++;
        }
    }
    return at;
}
