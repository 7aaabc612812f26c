#include "plain.h"

#include <stdint.h>

size_t plain_length(unsigned char lead)
{
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* No longer form of what has a shorter one, no surrogates, nothing above U+10FFFF. Ends at a byte 0. */
static bool is_valid(const unsigned char *c, size_t length)
{
    const unsigned char lo = *c == 0xe0 ? 0xa0 : *c == 0xf0 ? 0x90 : 0x80;
    const unsigned char hi = *c == 0xed ? 0x9f : *c == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < length; i++)
        if (c[i] < (i == 1 ? lo : 0x80) || c[i] > (i == 1 ? hi : 0xbf)) return false;
    return true;
}

static bool is_control(const unsigned char *c)
{
    return *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0) ||
           (*c == 0xef && c[1] == 0xbf && c[2] >= 0xbe);
}

size_t plain_character(const char *text, size_t n)
{
    const unsigned char *c = (const unsigned char *)text;
    const size_t length = n ? plain_length(*c) : 0;
    return length && length <= n && is_valid(c, length) && !is_control(c) ? length : 0;
}

void plain_text(char *text)
{
    while (*text) {
        const size_t length = plain_character(text, SIZE_MAX);
        if (!length) *text = ' ';
        text += length ? length : 1;
    }
}

bool plain_is(const char *text)
{
    size_t length = 1;
    for (; *text && length; text += length) length = plain_character(text, SIZE_MAX);
    return length > 0;
}
