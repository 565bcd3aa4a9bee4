// needs: pen-ns/json
/* json CASE, or json FILE… to replay the fuzzer's corpus. */
#include "pen-ns/json.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/sni_check.h"
#include "lib/fd.h"

static void
has(const char *text, const char *want)
{
	size_t n = strlen(text);
	char *exact = (char *)check_exact(text, n);
	char *got = json_values(exact, n, "key");

	CHECK(!want || strcmp(got, want) == 0, "'%s' has '%s'", text, got);
	free(got);
	free(exact);
}

static void
values(void)
{
	has("{}", "");
	has("{\"key\": 1}", "1\n");
	has("{\"a\": {\"b\": [{\"key\" :\n{\"x\" : [ 1, \"a b\" ]}}]}}",
	    "{\"x\":[1,\"a b\"]}\n");
	has("{\"key\": {}, \"b\": {\"key\": [ ]}, \"c\": {\"key\": null}}", "");
	has("{\"key\":true,\"key\":\"}\",\"z\":2}", "true\n\"}\"\n");
	has("{\"k\\u0065y\":1,\"\\u006bey\":2,\"k\\u00e9y\":3}", "1\n2\n");
	has("{\"Key\":1,\"keys\":2,\"ke\":3,\"a\":\"key\"}", "");
	has("[\"key\", 1]", "");
	has("{\"a\":\"\\\"key\\\":1\",\"key\":\"\\\\\"}", "\"\\\\\"\n");
	has("{\"key\":{\"key\":1}}", "{\"key\":1}\n");
}

static void
malformed(void)
{
	static const char *const texts[] = {
		"", "\"", "\"\\", "\"key\"", "\"key\":", "\"key\":\"",
		"\"key\":{", "\"key\":[\"", "\"key\":}", "\"key\":\"\\",
		"\"k\\u006\":1", "\"k\\u\":1", "\"\\", "{\"key\": {\"a\"",
		"\"key\" : ]]]]"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		has(texts[i], NULL);
}

static void
replay(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n;
	char *text = fd < 0 ? NULL : fd_read_all(fd, 1 << 20, &n);

	CHECK(text, "cannot read %s", path);
	free(json_values(text, n, "key"));
	free(text);
	close(fd);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "usage: json CASE");
	if (strcmp(argv[1], "values") == 0)
		values();
	else if (strcmp(argv[1], "malformed") == 0)
		malformed();
	else
		for (int i = 1; i < argc; i++)
			replay(argv[i]);
	return 0;
}
