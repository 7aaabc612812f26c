#include "html.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "svg_draw.h"

/* ---- text */

void html_text(FILE *out, const char *text)
{
    svg_put_text(out, text);
}

char *html_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = calloc((size_t)length + 1, 1);
    va_start(args, format);
    if (text) vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void html_number(FILE *out, double v, int digits)
{
    const struct svg_number n = svg_value(v, digits);
    fputs(n.text, out);
    if (n.power[0]) fprintf(out, "<sup>%s</sup>", n.power);
}

const char *html_ratio(double v, char text[24])
{
    if (!isfinite(v) || v < 0.0)
        snprintf(text, 24, "\u2013");
    else if (v >= 1e6 || (v > 0.0 && v < 1e-3))
        snprintf(text, 24, "%.2e", v);
    else
        snprintf(text, 24,
                 v < 0.0995  ? "%.2g"
                 : v < 9.995 ? "%.2f"
                 : v < 99.95 ? "%.1f"
                             : "%.0f",
                 v);
    return text;
}

const char *html_time(double ns, char text[24])
{
    static const char *const unit[] = {"ns", "\u00b5s", "ms", "s"};
    char number[24];
    int u = 0;
    for (; u < 3 && ns >= 999.5; u++) ns /= 1000.0;
    if (!isfinite(ns)) return strcpy(text, "\u2013");
    snprintf(text, 24, "%.12s %s", html_ratio(ns, number), unit[u]);
    return text;
}

const char *html_interval(double at, double lo, double hi, char text[80])
{
    char a[24], b[24], c[24];
    if (isfinite(lo) && isfinite(hi) && isfinite(at))
        snprintf(text, 80, "%s [%s, %s]", html_ratio(at, a), html_ratio(lo, b), html_ratio(hi, c));
    else
        snprintf(text, 80, "%s", html_ratio(at, a));
    return text;
}

const char *html_count(size_t n, const char *what, char text[64])
{
    snprintf(text, 64, "%zu %.30s%s", n, what, n == 1 ? "" : "s");
    return text;
}

/* ---- structure */

void html_section(FILE *out, const char *id, const char *title)
{
    fprintf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    html_text(out, title);
    fputs("</h2>\n", out);
}

void html_section_end(FILE *out)
{
    fputs("</section>\n", out);
}

/* Scrolled by the keyboard, it has to take the focus and to have a name. */
void html_frame(FILE *out, const char *name)
{
    fputs("<div class=\"frame\" tabindex=\"0\" role=\"group\" aria-label=\"", out);
    html_text(out, name);
    fputs("\">\n", out);
}

void html_table(FILE *out, const struct html_table *t)
{
    html_frame(out, t->caption);
    fprintf(out, "<table%s><caption>", t->sortable ? " class=\"sort\"" : "");
    html_text(out, t->caption);
    fputs("</caption>\n<thead><tr>", out);
    for (size_t i = 0; i < t->heads; i++) {
        const bool number = t->head[i][0] == '#';
        fprintf(out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
        html_text(out, t->head[i] + number);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

void html_table_end(FILE *out)
{
    fputs("</tbody></table></div>\n", out);
}

void html_row(FILE *out, const char *name)
{
    fputs("<tr><th scope=\"row\">", out);
    html_text(out, name);
    fputs("</th>", out);
}

void html_cell(FILE *out, const char *class, const char *text)
{
    if (class)
        fprintf(out, "<td class=\"%s\">", class);
    else
        fputs("<td>", out);
    html_text(out, text);
    fputs("</td>", out);
}

void html_number_cell(FILE *out, double v, int digits)
{
    fputs("<td class=\"n\">", out);
    html_number(out, v, digits);
    fputs("</td>", out);
}

void html_figure(FILE *out, char *svg, const char *name, const char *caption)
{
    fputs("<figure>", out);
    html_frame(out, name);
    fputs(svg ? svg : "<p>No memory for this figure.</p>", out);
    fputs("</div>", out);
    if (caption) {
        fputs("<figcaption>", out);
        html_text(out, caption);
        fputs("</figcaption>", out);
    }
    fputs("</figure>\n", out);
    free(svg);
}

void html_fold(FILE *out, const char *summary, bool open)
{
    fprintf(out, "<details%s><summary>", open ? " open" : "");
    html_text(out, summary);
    fputs("</summary>\n", out);
}

void html_fold_end(FILE *out)
{
    fputs("</details>\n", out);
}
