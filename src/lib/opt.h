/*
 * opt: the one option parser.  A tool's options are the table in its opts.def,
 * one line each, read as C here and as text by the completion generator and
 * by lint:
 *
 *	OPT(ro-bind, ro_bind, "SRC DEST", "bind SRC read-only on DEST")
 *
 * name as typed after "--", function of the tool that takes it, the names of
 * its arguments (their number is the number of words), one line of help.  A
 * fifth column is the completions': completions/tables.
 *
 * Options end at the first operand or at "--".  Names are not abbreviated.
 * An option with one argument also takes "--name=value"; one whose argument is
 * written "[=WHAT]" takes nothing else, and NULL when there is no "=".
 */
#ifndef PEN_OPT_H
#define PEN_OPT_H

/* Called for each occurrence, in order; args are the option's own words. */
typedef void opt_fn(void *cfg, char **args);

struct opt {
	const char *name; /* without "--" */
	opt_fn *fn;	  /* NULL: the option is gone, and is in no list */
	const char *args; /* "SRC DEST", or "" */
	const char *help; /* of one that is gone: what there is instead */
};

struct opt_tool {
	const char *usage;	/* what follows the tool's name in "usage: " */
	const char *purpose;	/* one sentence */
	const struct opt *opts; /* ended by a NULL name */
	int operand_required;	/* missing prog is a usage error */
	/* what a word that is none of them may mean: similar_option */
	const struct opt *(*similar)(const struct opt *opts, const char *word);
};

/*
 * OPT_TABLE(X) with the tool's opts.def: declare the functions, then the rows.
 *	#define OPT(name, fn, args, help, ...) static opt_fn fn;
 *	#include "opts.def"
 *	#undef OPT
 *	static const struct opt table[] = {
 *	#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
 *	#include "opts.def"
 *	#undef OPT
 *	{0}};
 */

/*
 * Parses argv after argv[0], calling the table's functions with cfg.  Returns
 * the index of the first operand (argc when there is none).  A bad option ends
 * the process with 125, a one-line message and a hint; --help and --version
 * are known to every tool, whose table may have its own, and end it with 0.
 */
int opt_parse(const struct opt_tool *tool, void *cfg, int argc, char **argv);

/*
 * Parses the options in argv[0..argc) only (for --args): an operand among
 * them is fatal.
 */
void opt_parse_list(const struct opt_tool *tool, void *cfg, int argc,
		    char **argv);

/*
 * The number in text, base 10 (base 8 for opt_octal), no sign, no blank, at
 * most max; anything else is fatal with a message that names the option.
 */
unsigned long opt_number(const char *name, const char *text, unsigned long max);
unsigned long opt_octal(const char *name, const char *text, unsigned long max);

#endif
