#include "pen/gitdata.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/mem.h"

/* Whether a row is about settings with a subsection, or about those without. */
enum { PLAIN = 1, SUB = 2, BOTH = 3 };

/*
 * git-config(1), by section.  names: those that are meant; with a "-" in front
 * all others; NULL: every one.  The first row that fits counts, and what no
 * row has does not hold inside.
 *
 * Left out because they name programs: alias with "!", core.editor, .pager,
 * .askPass, .fsmonitor, .gitProxy, .hooksPath and .sshCommand, credential, diff
 * .external, .command and .textconv, difftool and mergetool with a subsection,
 * filter but git-lfs' own, gpg.program, help.browser, hook, init.templateDir
 * (hooks), interactive.diffFilter, merge.*.driver, pager.* but whether,
 * sequence.editor, submodule.*.update, tar, trailer.*.cmd, web.browser; because
 * they may hold secrets: http.extraHeader, http.proxy, imap, push.pushOption,
 * remote, sendemail, and the sections of other programs.
 */
static const struct {
	const char *section, *names;
	int where;
	enum gitdata kind;
} rows[] = {
    /* who commits */
    {"user", "name email useconfigonly", PLAIN, GITDATA_VALUE},
    {"author", "name email", PLAIN, GITDATA_VALUE},
    {"committer", "name email", PLAIN, GITDATA_VALUE},
    /* what is committed, and in which form: ends of lines, ignored files */
    {"core", "excludesfile attributesfile", PLAIN, GITDATA_FILE},
    {"core",
     "autocrlf eol safecrlf whitespace quotepath precomposeunicode "
     "protecthfs protectntfs checkroundtripencoding commentchar "
     "commentstring abbrev notesref warnambiguousrefs maxtreedepth",
     PLAIN, GITDATA_VALUE},
    /* how git looks after its files */
    {"core",
     "bigfilethreshold checkstat commitgraph compression "
     "deltabasecachelimit filesreflocktimeout fsync fsyncmethod "
     "filemode logallrefupdates loosecompression multipackindex "
     "symlinks packedgitlimit packedgitwindowsize packedrefstimeout "
     "preloadindex "
     "sharedrepository splitindex trustctime untrackedcache",
     PLAIN, GITDATA_VALUE},
    {"feature", NULL, PLAIN, GITDATA_VALUE},
    {"gc", "-recentobjectshook", BOTH, GITDATA_VALUE},
    {"index", NULL, PLAIN, GITDATA_VALUE},
    {"maintenance", "auto autodetach strategy", PLAIN, GITDATA_VALUE},
    {"pack", NULL, PLAIN, GITDATA_VALUE},
    {"repack", NULL, PLAIN, GITDATA_VALUE},
    {"sparse", NULL, PLAIN, GITDATA_VALUE},
    {"transfer", "credentialsinurl fsckobjects unpacklimit", PLAIN,
     GITDATA_VALUE},
    {"fsck", "skiplist", PLAIN, GITDATA_FILE},
    {"fsck", NULL, PLAIN, GITDATA_VALUE},
    /* what commands do when nothing is said */
    {"add", NULL, PLAIN, GITDATA_VALUE},
    {"advice", NULL, PLAIN, GITDATA_VALUE},
    {"am", NULL, PLAIN, GITDATA_VALUE},
    {"apply", NULL, PLAIN, GITDATA_VALUE},
    {"blame", "ignorerevsfile", PLAIN, GITDATA_FILE},
    {"blame", NULL, PLAIN, GITDATA_VALUE},
    {"branch", NULL, BOTH, GITDATA_VALUE},
    {"checkout", NULL, PLAIN, GITDATA_VALUE},
    {"clean", NULL, PLAIN, GITDATA_VALUE},
    {"clone", NULL, PLAIN, GITDATA_VALUE},
    {"commit", "gpgsign", PLAIN, GITDATA_SIGNING},
    {"commit", "template", PLAIN, GITDATA_FILE},
    {"commit", NULL, PLAIN, GITDATA_VALUE},
    {"diff", "orderfile", PLAIN, GITDATA_FILE},
    {"diff", "-external", PLAIN, GITDATA_VALUE},
    {"diff", "binary wordregex xfuncname algorithm", SUB, GITDATA_VALUE},
    {"difftool", NULL, PLAIN, GITDATA_VALUE},
    {"fetch", "-bundleuri", PLAIN, GITDATA_VALUE},
    {"format", "signaturefile", PLAIN, GITDATA_FILE},
    {"format", "-headers", PLAIN, GITDATA_VALUE},
    {"init", "-templatedir", PLAIN, GITDATA_VALUE},
    {"interactive", "singlekey", PLAIN, GITDATA_VALUE},
    {"log", "-showsignature", PLAIN, GITDATA_VALUE},
    {"mailinfo", NULL, PLAIN, GITDATA_VALUE},
    {"mailmap", "file", PLAIN, GITDATA_FILE},
    {"mailmap", "blob", PLAIN, GITDATA_VALUE},
    {"merge", NULL, PLAIN, GITDATA_VALUE},
    {"mergetool", NULL, PLAIN, GITDATA_VALUE},
    {"notes", NULL, BOTH, GITDATA_VALUE},
    {"protocol", NULL, BOTH, GITDATA_VALUE},
    {"pull", NULL, PLAIN, GITDATA_VALUE},
    {"push", "-gpgsign pushoption", PLAIN, GITDATA_VALUE},
    {"rebase", NULL, PLAIN, GITDATA_VALUE},
    {"remote", "pushdefault", PLAIN, GITDATA_VALUE},
    {"rerere", NULL, PLAIN, GITDATA_VALUE},
    {"revert", NULL, PLAIN, GITDATA_VALUE},
    {"stash", NULL, PLAIN, GITDATA_VALUE},
    {"submodule", NULL, PLAIN, GITDATA_VALUE},
    {"tag", "gpgsign forcesignannotated", PLAIN, GITDATA_SIGNING},
    {"tag", NULL, PLAIN, GITDATA_VALUE},
    {"trailer", "separators where ifexists ifmissing", PLAIN, GITDATA_VALUE},
    {"trailer", "key where ifexists ifmissing", SUB, GITDATA_VALUE},
    {"worktree", NULL, PLAIN, GITDATA_VALUE},
    /* how it looks */
    {"color", NULL, BOTH, GITDATA_VALUE},
    {"column", NULL, PLAIN, GITDATA_VALUE},
    {"grep", NULL, PLAIN, GITDATA_VALUE},
    {"pager", NULL, PLAIN, GITDATA_VALUE}, /* whether, not which */
    {"help", "autocorrect", PLAIN, GITDATA_VALUE},
    {"i18n", NULL, PLAIN, GITDATA_VALUE},
    {"pretty", NULL, PLAIN, GITDATA_VALUE},
    {"showbranch", NULL, PLAIN, GITDATA_VALUE},
    {"status", NULL, PLAIN, GITDATA_VALUE},
    {"versionsort", NULL, PLAIN, GITDATA_VALUE},
    /* words that stand for git's own commands */
    {"alias", NULL, BOTH, GITDATA_VALUE},
    /* whom git trusts, where names lead, who vouches for a site */
    {"gpg", "allowedsignersfile revocationfile", SUB, GITDATA_FILE},
    {"safe", "directory", PLAIN, GITDATA_TREE},
    {"safe", NULL, PLAIN, GITDATA_VALUE},
    {"url", "insteadof pushinsteadof", SUB, GITDATA_URL},
    {"http", "sslcainfo", PLAIN, GITDATA_FILE},
    {"http", "sslcainfo sslverify", SUB, GITDATA_SITE},
    {"http",
     "followredirects lowspeedlimit lowspeedtime maxrequests postbuffer "
     "sslverify sslversion useragent version",
     PLAIN, GITDATA_VALUE},
    /* git-lfs: its own filter, and how it goes about it */
    {"filter", "clean smudge process required", SUB, GITDATA_VALUE},
    {"lfs",
     "activitytimeout allowincompletepush batch concurrenttransfers "
     "fetchexclude fetchinclude locksverify setlockablereadonly "
     "skipdownloaderrors",
     PLAIN, GITDATA_VALUE},
};

/* `git lfs install` writes these, and no other program is git-lfs. */
static const char *const lfs[][2] = {
    {"filter.lfs.clean", "git-lfs clean -- %f"},
    {"filter.lfs.smudge", "git-lfs smudge -- %f"},
    {"filter.lfs.smudge", "git-lfs smudge --skip -- %f"},
    {"filter.lfs.process", "git-lfs filter-process"},
    {"filter.lfs.process", "git-lfs filter-process --skip"},
    {"filter.lfs.required", "true"},
    {"filter.lfs.required", "false"},
};

static int
is_of_lfs(const char *key, const char *value)
{
	for (size_t i = 0; value && i < sizeof(lfs) / sizeof(*lfs); i++)
		if (strcmp(key, lfs[i][0]) == 0 &&
		    strcmp(value, lfs[i][1]) == 0)
			return 1;
	return 0;
}

/* Words that are true or false, and no program. */
static int
is_boolean(const char *value)
{
	static const char *const words[] = {"true", "false", "yes", "no",
					    "on",   "off",   "1",   "0"};

	for (size_t i = 0; value && i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(value, words[i]) == 0)
			return 1;
	return !value;
}

/* Whether the section has a rule of its own that the value breaks. */
static int
is_program(const char *section, const char *key, const char *value)
{
	if (strcmp(section, "filter") == 0)
		return !is_of_lfs(key, value);
	if (strcmp(section, "alias") == 0)
		return !value || value[strspn(value, " \t\n")] == '!';
	return strcmp(section, "pager") == 0 && !is_boolean(value);
}

/* Whether the n bytes at name are one of names, which may be "-…" or NULL. */
static int
is_named(const char *names, const char *name, size_t n)
{
	int others, found = 0;

	if (!names)
		return 1;
	others = *names == '-';
	for (names += others; *names && !found;) {
		size_t len = strcspn(names, " ");

		found = len == n && memcmp(names, name, n) == 0;
		names += len + (names[len] == ' ');
	}
	return found != others;
}

/*
 * Whether a URL in text has a password in it, or what may be one: a user name
 * for https is often a token.
 */
static int
has_secret(const char *text)
{
	for (const char *t = text; t && (t = strstr(t, "://")); t += 3) {
		int ssh = t - text >= 3 && memcmp(t - 3, "ssh", 3) == 0;
		const char *host = t + 3;
		const char *at = memrchr(host, '@', strcspn(host, "/?# "));

		if (at && (!ssh || memchr(host, ':', (size_t)(at - host))))
			return 1;
	}
	return 0;
}

enum gitdata
gitdata_kind(const char *key, const char *value)
{
	const char *dot = strchr(key, '.'), *last = strrchr(key, '.');
	size_t n = dot ? (size_t)(dot - key) : 0, k = 0;
	int where = dot == last ? PLAIN : SUB;

	if (!dot || has_secret(key) || has_secret(value))
		return GITDATA_NO;
	while (k < sizeof(rows) / sizeof(*rows) &&
	       !(strlen(rows[k].section) == n && rows[k].where & where &&
		 memcmp(rows[k].section, key, n) == 0 &&
		 is_named(rows[k].names, last + 1, strlen(last + 1))))
		k++;
	if (k == sizeof(rows) / sizeof(*rows) ||
	    is_program(rows[k].section, key, value))
		return GITDATA_NO;
	return rows[k].kind;
}

char *
gitdata_subsection(const char *key)
{
	const char *dot = strchr(key, '.'), *last = strrchr(key, '.');

	return dot && dot != last ? mem_part(dot + 1, (size_t)(last - dot - 1))
				  : NULL;
}

/* text in quotes, as git reads it back; a subsection knows fewer escapes. */
static char *
quote(const char *text)
{
	char *out = mem_alloc(strlen(text) * 2 + 3), *o = out;

	*o++ = '"';
	for (; *text; text++) {
		if (strchr("\"\\\n", *text))
			*o++ = '\\';
		*o++ = *text == '\n' ? 'n' : *text;
	}
	*o = '"';
	return out;
}

char *
gitdata_text(const char *key, const char *value)
{
	char *sub = gitdata_subsection(key);
	char *quoted_sub = sub ? quote(sub) : mem_copy("");
	char *quoted = value ? quote(value) : NULL;
	char *text =
	    mem_printf("[%.*s%s%s]\n\t%s%s%s\n", (int)strcspn(key, "."), key,
		       sub ? " " : "", quoted_sub, strrchr(key, '.') + 1,
		       quoted ? " = " : "", quoted ? quoted : "");

	free(sub);
	free(quoted_sub);
	free(quoted);
	return text;
}

int
gitdata_is_true(const char *value)
{
	return !value || strcasecmp(value, "true") == 0 ||
	       strcasecmp(value, "yes") == 0 || strcasecmp(value, "on") == 0 ||
	       (*value >= '1' && *value <= '9');
}
