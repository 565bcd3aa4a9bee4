/*
 * ssh(1) refuses a file that its configuration includes unless that is root's
 * or the user's own, and in a user namespace root's is nobody's: on Fedora, and
 * wherever systemd has put its file, no ssh would work.  Those files are
 * replaced by copies, which are the user's.
 */
#include "lib/sshconf.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/mem.h"

#define DIRECTORY "/etc/ssh/"
#define FILES_MAX 64
#define FILE_MAX (1 << 18)

#define BLANK " \t\r"

/* The text of a file, or NULL, and whether ssh refuses it. */
static char *
read_file(const char *path, size_t *n, int *refused)
{
	struct stat st;
	char *text = file_read(path, 0, FILE_MAX, n);

	*refused = text && stat(path, &st) == 0 && st.st_uid != geteuid();
	return text;
}

/* Adds what pattern matches, each once. */
static void
add_files(struct strv *files, const char *pattern)
{
	char *full =
	    *pattern == '/' ? mem_copy(pattern) : mem_join(DIRECTORY, pattern);
	glob_t g = {0};

	if (glob(full, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++) {
			size_t k = 0;

			while (k < files->n &&
			       strcmp(files->v[k], g.gl_pathv[i]) != 0)
				k++;
			if (k == files->n && k < FILES_MAX)
				strv_push(files, mem_copy(g.gl_pathv[i]));
		}
	globfree(&g);
	free(full);
}

/* "Include pattern...", in whatever case, with "=" and quotes: ssh_config(5) */
static void
add_included(struct strv *files, const char *line, size_t n)
{
	static const char word[] = "include";
	size_t k = strlen(word);
	char *text = mem_part(line, n), *at = text + strspn(text, BLANK);

	if (strncasecmp(at, word, k) == 0 && at[k] &&
	    strchr(BLANK "=\"", at[k])) {
		at += k + strspn(at + k, BLANK "=");
		while (*at && *at != '#') {
			int quoted = *at == '"';
			char *end;

			at += quoted;
			end = at + strcspn(at, quoted ? "\"" : BLANK);
			n = (size_t)(end - at);
			end += quoted && *end;
			if (n > 0) {
				char *pattern = mem_part(at, n);

				add_files(files, pattern);
				free(pattern);
			}
			at = end + strspn(end, BLANK);
		}
	}
	free(text);
}

void
sshconf_add(struct strv *words)
{
	struct strv files = {0};

	strv_push(&files, DIRECTORY "ssh_config");
	for (size_t i = 0; i < files.n; i++) {
		size_t n, len;
		int refused;
		char *text = read_file(files.v[i], &n, &refused);

		for (char *line = text; line && *line; line += len) {
			len = strcspn(line, "\n");
			add_included(&files, line, len);
			len += line[len] == '\n';
		}
		if (text && refused) {
			strv_push(words, "--copy");
			strv_push(words, files.v[i]);
		}
		free(text);
	}
	free(files.v);
}
