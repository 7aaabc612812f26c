#include <math.h>
#include <string.h>

#include "compare/show.h"
#include "report/table.h"

/* In <code>, where a name mentions nobody; what Markdown or HTML would read as theirs is escaped. */
void show_code(FILE *out, const char *text)
{
    fputs("<code>", out);
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '|')
            fputs("&#124;", out);
        else if (strchr("\\`*[]#@", *text))
            fprintf(out, "&#%d;", *text);
        else
            fputc(*text, out);
    }
    fputs("</code>", out);
}

static void put_row(FILE *out, const struct pair *p)
{
    const struct verdict_row *r = p->says;
    char change[24], interval[48], old[16], new[16], sees[24];
    const bool bold = r->verdict == CHANGE_REGRESSED;
    fprintf(out, "| %s%s%s | %s | %s | %s | %s | %s | ", bold ? "**" : "",
            change_verdict_name(r->verdict), bold ? "**" : "", show_change(r->at, change),
            show_interval(r->lo, r->hi, interval), show_change(r->detectable, sees),
            human_time(p->old->median, old), human_time(p->new->median, new));
    show_code(out, p->new->name);
    fputs(" |\n", out);
}

static void put_table(FILE *out, const struct versions *v, bool changed)
{
    bool headed = false;
    for (size_t i = 0; i < v->judged; i++) {
        if ((v->order[i]->says->verdict <= CHANGE_IMPROVED) != changed) continue;
        if (!headed)
            fputs("\n| verdict | change | 95 % interval | would see | old | new | row |\n"
                  "| --- | ---: | --- | ---: | ---: | ---: | --- |\n",
                  out);
        headed = true;
        put_row(out, v->order[i]);
    }
}

static void put_differences(FILE *out, const struct differences *d)
{
    for (size_t i = 0; i < d->count; i++) {
        fprintf(out, "- %s: ", d->at[i].field);
        show_code(out, d->at[i].old);
        fputs(" to ", out);
        show_code(out, d->at[i].new);
        fputs("\n", out);
    }
}

static void put_rest(FILE *out, const struct versions *v)
{
    for (int w = 0; w < WHERE_COUNT; w++)
        for (size_t i = 0; i < v->rests[w]; i++) {
            fprintf(out, "- %s: ", show_rest((enum where)w));
            show_code(out, v->rest[w][i]->name);
            fputs("\n", out);
        }
}

static void put_alarms(FILE *out, const struct versions *v)
{
    for (size_t i = 0; i < v->wrongs; i++) {
        fputs("\n**WRONG** in the new file: ", out);
        show_code(out, v->wrong[i]->name);
        fputs(": ", out);
        show_code(out, v->wrong[i]->error);
        fputs("\n", out);
    }
    for (size_t i = 0; i < v->changes; i++) {
        fputs("\n**Another implementation** in a library, no control: ", out);
        show_code(out, v->changed[i].new->name);
        fputs(": ", out);
        show_code(out, v->changed[i].old->impl);
        fputs(" to ", out);
        show_code(out, v->changed[i].new->impl);
        fputs("\n", out);
    }
}

void show_markdown(FILE *out, const struct versions *v)
{
    char least[24];
    fputs("### hinge compare: ", out);
    show_counts(out, v);
    fputs("\n", out);
    put_alarms(out, v);
    if (v->machine.count)
        fputs("\n**Different machines**, compared as versions all the same.\n\n", out);
    put_differences(out, &v->machine);
    put_table(out, v, true);
    fputs("\n<details><summary>The other rows, the machine and its noise</summary>\n\n- old: ",
          out);
    show_code(out, v->old->path);
    fputs(" ", out);
    show_file(out, v->old);
    fputs("\n- new: ", out);
    show_code(out, v->new->path);
    fputs(" ", out);
    show_file(out, v->new);
    fputs("\n- machine: ", out);
    show_code(out, read_context_text(v->new, "cpu"));
    fputs("\n- noise: ", out);
    show_noise(out, v);
    fprintf(out, "\n- unchanged: surely within %s; ", show_change(v->least, least) + 1);
    show_power(out, v);
    fputs("\n", out);
    put_differences(out, &v->settings);
    put_rest(out, v);
    put_table(out, v, false);
    fputs("\n</details>\n", out);
}
