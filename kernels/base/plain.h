/* plain: text of unknown origin, from files and from the names of files, on its way to a terminal or a page. */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Of the character of UTF-8 that begins with this byte; 0 where none does. */
size_t plain_length(unsigned char lead);

/* Bytes of the character of UTF-8 (RFC 3629) that begins at text; 0 where none does, where it is a control character
 * (C0, DEL, C1) or U+FFFE or U+FFFF, which XML has not, or where it is not whole in n bytes. n is SIZE_MAX where a byte
 * 0 ends the text. */
size_t plain_character(const char *text, size_t n);

/* Each byte that is in no such character becomes a space. */
void plain_text(char *text);
bool plain_is(const char *text);

#endif
