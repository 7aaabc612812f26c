#include "bytes.h"

#include "base/plain.h"

size_t bytes_show(FILE *out, const unsigned char *bytes, size_t n, bool last)
{
    size_t at = 0;
    while (at < n) {
        const unsigned char *c = bytes + at;
        size_t length = plain_character((const char *)c, n - at);
        if (!last && plain_length(*c) > n - at) break;
        if (*c == '\n' || *c == '\t') length = 1;
        if (length)
            fwrite(c, 1, length, out);
        else
            fprintf(out, "\\x%02x", *c);
        at += length ? length : 1;
    }
    return at;
}
