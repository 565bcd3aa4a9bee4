#include "pen-ctl/reply.h"

#include "lib/err.h"
#include "lib/mem.h"

char *
reply_text(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	size_t n = json_string_length(v);
	char *seen = mem_alloc(n * 4 + 5);

	return json_is_string(v)
		   ? err_visible(seen, n * 4 + 5, json_string_value(v), n)
		   : seen;
}

const char *
reply_error(const json_t *last)
{
	if (!last)
		return "the session is over";
	if (json_is_true(json_object_get(last, "ok")))
		return NULL;
	return reply_text(last, "error");
}
