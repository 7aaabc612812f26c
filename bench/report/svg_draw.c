#include "svg_draw.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"

enum { TITLE_SIZE = 15, TITLE_LINE = 20, TITLE_MOST = 120 };

/* The colours of Okabe and Ito, which the colour-blind tell apart, lightened where the ground is dark. */
const char svg_style[] =
    "<style>.hf{font:12px system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif}"
    ".hf .bg{fill:#fff}.hf text{fill:#222}.hf .t{font-size:15px;font-weight:600}"
    ".hf .n{font-size:13px}"
    ".hf .g{stroke:#e4e4e4;fill:none}.hf .a{stroke:#777;fill:none}"
    ".hf .l{fill:none;stroke-width:1.8;stroke-linejoin:round}"
    ".hf .b{stroke:none;fill-opacity:.17}.hf .m{stroke-width:.6}"
    ".hf .k{stroke:#555;fill:#555}"
    ".hf .c0{stroke:#0072b2;fill:#0072b2}.hf .c1{stroke:#d55e00;fill:#d55e00}"
    ".hf .c2{stroke:#009e73;fill:#009e73}.hf .c3{stroke:#b5548d;fill:#b5548d}"
    ".hf .c4{stroke:#c48600;fill:#c48600}.hf .c5{stroke:#3a9bd0;fill:#3a9bd0}"
    ".hf .c6{stroke:#6b7280;fill:#6b7280}"
    ".hf .v{fill:#fff}.hf .w{fill:#111}.hf .x{stroke:#999;fill:none}"
    "@media(prefers-color-scheme:dark){.hf .bg{fill:#14171c}.hf text{fill:#e2e4e8}"
    ".hf .g{stroke:#2c3138}.hf .a{stroke:#8b919a}.hf .k{stroke:#b4b9c1;fill:#b4b9c1}"
    ".hf .c0{stroke:#4ea6e6;fill:#4ea6e6}.hf .c1{stroke:#f2813a;fill:#f2813a}"
    ".hf .c2{stroke:#2cc799;fill:#2cc799}.hf .c3{stroke:#d98fbb;fill:#d98fbb}"
    ".hf .c4{stroke:#e9b33f;fill:#e9b33f}.hf .c5{stroke:#8fd0f5;fill:#8fd0f5}"
    ".hf .c6{stroke:#9aa3af;fill:#9aa3af}"
    ".hf .v{fill:#fff}.hf .w{fill:#111}}</style>\n";

/* ---- text */

double svg_text_width(const char *text, double size)
{
    double em = 0.0;
    for (const char *c = text; *c; c++) {
        if (((unsigned char)*c & 0xc0u) == 0x80u) continue; /* a byte within a character */
        if (strchr("ijlt.,:;'!|()[]f ", *c))
            em += 0.38;
        else if (strchr("mwMW%@", *c))
            em += 0.95;
        else
            em += *c >= 'A' && *c <= 'Z' ? 0.72 : 0.63;
    }
    return em * size;
}

static const double POWER_SIZE = 0.75; /* of the number's */

double svg_number_width(const struct svg_number *n, double size)
{
    return svg_text_width(n->text, size) + svg_text_width(n->power, POWER_SIZE * size);
}

void svg_put(FILE *out, double x)
{
    const double most = 99999.0;
    const long tenths = lround(10.0 * fmax(-most, fmin(most, x)));
    const long size = labs(tenths);
    fprintf(out, "%s%ld", tenths < 0 ? "-" : "", size / 10);
    if (size % 10) fprintf(out, ".%ld", size % 10);
}

void svg_to(FILE *out, char how, double x, double y)
{
    fputc(how, out);
    svg_put(out, x);
    fputc(' ', out);
    svg_put(out, y);
}

/* XML has no control characters; one that was cut is left out. Steps to the last of its bytes. */
static void put_character(FILE *out, const char **c)
{
    const size_t bytes = plain_character(*c, SIZE_MAX);
    if (!bytes && (unsigned char)**c < 0x80) fputc(' ', out);
    fwrite(*c, 1, bytes, out);
    *c += bytes ? bytes - 1 : 0;
}

void svg_put_text(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) switch (*c) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            put_character(out, &c);
        }
}

void svg_put_number(FILE *out, const struct svg_number *n)
{
    fputs(n->text, out);
    if (n->power[0]) fprintf(out, "<tspan dy=\"-5\" font-size=\"9\">%s</tspan>", n->power);
}

static void open_text(FILE *out, double x, double y, const char *anchor, const char *class)
{
    fputs("<text x=\"", out);
    svg_put(out, x);
    fputs("\" y=\"", out);
    svg_put(out, y);
    fputc('"', out);
    if (strcmp(anchor, "start") != 0) fprintf(out, " text-anchor=\"%s\"", anchor);
    if (class) fprintf(out, " class=\"%s\"", class);
    fputc('>', out);
}

void svg_label(FILE *out, double x, double y, const char *anchor, const char *class,
               const char *text)
{
    open_text(out, x, y, anchor, class);
    svg_put_text(out, text);
    fputs("</text>\n", out);
}

void svg_number_label(FILE *out, double x, double y, const char *anchor, const struct svg_number *n)
{
    open_text(out, x, y, anchor, NULL);
    svg_put_number(out, n);
    fputs("</text>\n", out);
}

/* ---- the frame */

/* Bytes of the title's next line, broken at a space where one is; *next: where the one after it begins. */
static size_t title_line(const char *title, const char **next)
{
    char part[TITLE_MOST + 1];
    size_t fits = 0, length = 0;
    for (; title[length] && length < TITLE_MOST; length++) {
        part[length] = title[length];
        part[length + 1] = '\0';
        if (svg_text_width(part, TITLE_SIZE) > SVG_WIDTH - 2 * SVG_EDGE && fits) break;
        if (title[length] == ' ') fits = length;
    }
    if (!title[length]) fits = length;
    if (!fits) fits = length;
    while (fits > 1 && ((unsigned char)title[fits] & 0xc0u) == 0x80u) fits--;
    *next = title + fits + (title[fits] == ' ');
    return fits;
}

double svg_title_bottom(const char *title)
{
    double y = SVG_EDGE;
    for (const char *next = title; *next; y += TITLE_LINE) title_line(next, &next);
    return y;
}

void svg_open(FILE *out, double height, const char *title, const char *about, bool bare)
{
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hf\" role=\"img\" aria-label=\"");
    svg_put_text(out, title);
    fprintf(out, "\" width=\"%d\" height=\"", SVG_WIDTH);
    svg_put(out, height);
    fprintf(out, "\" viewBox=\"0 0 %d ", SVG_WIDTH);
    svg_put(out, height);
    fputs("\">\n<title>", out);
    svg_put_text(out, title);
    fputs("</title>\n<desc>", out);
    svg_put_text(out, about);
    fprintf(out, "</desc>\n%s<rect class=\"bg\" width=\"100%%\" height=\"100%%\"/>\n",
            bare ? "" : svg_style);
    double y = SVG_EDGE + 0.7 * TITLE_LINE;
    for (const char *line = title, *next; *line; line = next, y += TITLE_LINE) {
        const size_t length = title_line(line, &next);
        char part[TITLE_MOST + 1];
        snprintf(part, sizeof part, "%.*s", (int)length, line);
        svg_label(out, SVG_EDGE, y, "start", "t", part);
    }
}

void svg_close(FILE *out)
{
    fputs("</svg>\n", out);
}

char *svg_finish(FILE *out, char **text)
{
    const bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed) return *text;
    free(*text);
    return NULL;
}

void svg_axis_names(FILE *out, const struct svg_box *box, double below, const char *x,
                    const char *y)
{
    const double middle = 0.5 * (box->top + box->bottom);
    svg_label(out, 0.5 * (box->left + box->right), below, "middle", "n", x);
    fprintf(out, "<text class=\"n\" text-anchor=\"middle\" transform=\"translate(%d ",
            SVG_EDGE + 10);
    svg_put(out, middle);
    fputs(")rotate(-90)\">", out);
    svg_put_text(out, y);
    fputs("</text>\n", out);
}
