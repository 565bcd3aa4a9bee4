// needs: pen/gitdata pen/gitfile
/* gitdata CASE */
#include "pen/gitdata.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/sni_check.h"
#include "pen/gitfile.h"

static void
is(const char *key, const char *value, enum gitdata want)
{
	enum gitdata kind = gitdata_kind(key, value);

	CHECK(kind == want, "%s = %s is %d, not %d", key, value ? value : "",
	      kind, want);
}

static void
kinds(void)
{
	static const char *const programs[][2] = {
	    {"core.editor", "vim"},
	    {"core.pager", "less"},
	    {"core.hookspath", "~/hooks"},
	    {"core.fsmonitor", "true"},
	    {"core.sshcommand", "ssh -v"},
	    {"core.askpass", "x"},
	    {"init.templatedir", "~/t"},
	    {"alias.x", "!sh"},
	    {"alias.x", " \t!sh"},
	    {"alias.x", NULL},
	    {"pager.log", "delta"},
	    {"diff.external", "difft"},
	    {"diff.pdf.textconv", "pdftotext"},
	    {"merge.x.driver", "x %A"},
	    {"difftool.x.cmd", "x"},
	    {"mergetool.x.path", "x"},
	    {"filter.crypt.clean", "git-crypt clean"},
	    {"filter.lfs.clean", "git-lfs clean -- %f; sh"},
	    {"filter.lfs.process", "lfs filter-process"},
	    {"filter.lfs.required", NULL},
	    {"gpg.program", "gpg"},
	    {"gpg.ssh.defaultkeycommand", "x"},
	    {"credential.helper", "store"},
	    {"credential.https://example.org.helper", "x"},
	    {"interactive.difffilter", "x"},
	    {"sequence.editor", "x"},
	    {"submodule.x.update", "!sh"},
	    {"trailer.x.cmd", "x"},
	    {"hook.x.command", "x"},
	    {"uploadpack.packobjectshook", "x"},
	    {"gc.recentobjectshook", "x"},
	    {"remote.origin.uploadpack", "x"},
	};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		is(programs[i][0], programs[i][1], GITDATA_NO);
	is("user.name", "A", GITDATA_VALUE);
	is("core.autocrlf", "input", GITDATA_VALUE);
	is("color.diff.meta", "blue", GITDATA_VALUE);
	is("column.ui", NULL, GITDATA_VALUE);
	is("alias.co", "checkout", GITDATA_VALUE);
	is("pager.log", "no", GITDATA_VALUE);
	is("diff.ada.xfuncname", "^x", GITDATA_VALUE);
	is("filter.lfs.clean", "git-lfs clean -- %f", GITDATA_VALUE);
	is("core.excludesfile", "~/x", GITDATA_FILE);
	is("commit.template", "/x", GITDATA_FILE);
	is("commit.gpgsign", "true", GITDATA_SIGNING);
	is("safe.directory", "/x", GITDATA_TREE);
	is("url.ext::sh.insteadof", "https://x/", GITDATA_URL);
}

static void
secrets(void)
{
	is("http.extraheader", "Authorization: x", GITDATA_NO);
	is("http.https://example.org.extraheader", "x", GITDATA_NO);
	is("http.proxy", "http://proxy", GITDATA_NO);
	is("sendemail.smtppass", "x", GITDATA_NO);
	is("github.token", "x", GITDATA_NO);
	is("url.https://t0ken@example.org/.insteadof", "x:", GITDATA_NO);
	is("url.https://u:p@example.org/.insteadof", "x:", GITDATA_NO);
	is("url.ssh://git:pw@example.org/.insteadof", "x:", GITDATA_NO);
	is("url.ssh://git@example.org/.insteadof", "x:", GITDATA_URL);
	is("alias.p", "push https://t0ken@example.org/x", GITDATA_NO);
	is("alias.p", "push https://example.org/x@y", GITDATA_VALUE);
	is("nothing", "x", GITDATA_NO);
	is("", NULL, GITDATA_NO);
}

struct back {
	const char *key, *value;
	int n;
};

static void
compare(void *arg, const struct gitfile_variable *var)
{
	struct back *b = arg;
	const char *last = strrchr(b->key, '.') + 1;
	char *sub = gitdata_subsection(b->key);

	CHECK(strcmp(var->name, last) == 0, "%s is called %s", b->key,
	      var->name);
	CHECK(!sub == !var->sub && (!sub || strcmp(sub, var->sub) == 0),
	      "%s is read back below %s", b->key, var->sub);
	CHECK(!b->value == !var->value &&
		  (!b->value || strcmp(b->value, var->value) == 0),
	      "%s is read back as %s", b->key, var->value);
	free(sub);
	b->n++;
}

static void
texts(void)
{
	static const char *const settings[][2] = {
	    {"user.name", "A \"B\" \\ C;#"},
	    {"user.name", " x\ny\tz "},
	    {"column.ui", NULL},
	    {"color.diff.meta", ""},
	    {"url.git@\"x\"\\:.insteadof", "https://example.org/"},
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct back b = {settings[i][0], settings[i][1], 0};
		char *text = gitdata_text(b.key, b.value);

		gitfile_each(text, compare, &b);
		CHECK(b.n == 1, "%s is read back %d times", b.key, b.n);
		free(text);
	}
	CHECK(gitdata_is_true(NULL) && gitdata_is_true("Yes") &&
		  gitdata_is_true("1") && !gitdata_is_true("0") &&
		  !gitdata_is_true("") && !gitdata_is_true("off"),
	      "true is not what it is to git");
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "kinds") == 0)
		kinds();
	else if (argc == 2 && strcmp(argv[1], "secrets") == 0)
		secrets();
	else if (argc == 2 && strcmp(argv[1], "texts") == 0)
		texts();
	else
		return 2;
	return 0;
}
