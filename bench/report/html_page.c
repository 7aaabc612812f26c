/* The page around the sections. */
#include "html.h"
#include "report.h"
#include "svg.h"

static void head(FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'; img-src data:; script-src '",
          out);
    fputs(html_script_hash, out);
    fputs("'; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"generator\" content=\"hinge report\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>hinge report</title>\n",
          out);
    fputs(svg_style, out);
    fprintf(out, "<style>%s</style>\n</head>\n", html_style);
}

/* "34 result files, 1 machine card, 2 studies". */
static void lead(FILE *out, const struct report *r)
{
    size_t cards = 0;
    char results[64], machines[64];
    for (size_t f = 0; f < r->files; f++) cards += r->file[f].rows == 0;
    fprintf(out, "<p class=\"lead\">%s, %s, %zu %s</p>\n",
            html_count(r->files - cards, "result file", results),
            html_count(cards, "machine card", machines), r->studies,
            r->studies == 1 ? "study" : "studies");
}

bool report_write(const struct report *r, FILE *out)
{
    static const struct {
        const char *id, *name;
        void (*write)(FILE *out, const struct report *report);
    } section[] = {{"glance", "At a glance", html_glance},
                   {"machines", "Machines", html_machines},
                   {"onednn", "Against oneDNN", html_onednn},
                   {"roofline", "Roofline", html_roofline},
                   {"heat", "Depth, width, scale", html_heat},
                   {"threads", "Threads", html_threads},
                   {"nodes", "Nodes", html_nodes},
                   {"sides", "Side by side", html_sides},
                   {"placement", "Placement", html_placement},
                   {"studies", "Studies", html_studies},
                   {"rows", "All rows", html_rows},
                   {"files", "Files", html_files}};
    enum { SECTIONS = sizeof section / sizeof *section };
    head(out);
    fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n"
          "<h1>hinge report</h1>\n",
          out);
    lead(out, r);
    fputs("<nav aria-label=\"Sections\"><ul>", out);
    for (int i = 0; i < SECTIONS; i++)
        fprintf(out, "<li><a href=\"#%s\">%s</a></li>", section[i].id, section[i].name);
    fputs("</ul></nav>\n</header>\n<main id=\"main\">\n", out);
    for (int i = 0; i < SECTIONS; i++) {
        html_section(out, section[i].id, section[i].name);
        section[i].write(out, r);
        html_section_end(out);
    }
    fputs("</main>\n<footer><p>Made by <code>hinge report</code> from the files named above; "
          "nothing on "
          "this page comes from anywhere else. All times are wall time; a ratio above 1 means that "
          "hinge, or the later side, is faster.</p></footer>\n<script>",
          out);
    fputs(html_script, out);
    fputs("</script>\n</body>\n</html>\n", out);
    return !ferror(out);
}
