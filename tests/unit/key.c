// needs: pen-key/judge pen-key/git pen-key/api pen-key/members pen-key/echo
/* key CASE: what pen-key reads of both sides, byte by byte and at once. */
// needs: pen-key/usage
#include <string.h>

#include "../lib/sni_check.h"
#include "pen-key/echo.h"
#include "pen-key/judge.h"
#include "pen-key/members.h"
#include "pen-key/usage.h"

static void
match_paths(void)
{
	static const struct {
		const char *pattern, *path;
		int want;
	} all[] = {
	    {"/v1/messages", "/v1/messages", 1},
	    {"/v1/messages", "/v1/messages/", 0},
	    {"/v1/models/*", "/v1/models/a.b-c:d", 1},
	    {"/v1/models/*", "/v1/models/", 0},
	    {"/v1/models/*", "/v1/models/a/b", 0},
	    {"/m/*:generate", "/m/a:generate", 1},
	    {"/m/*:generate", "/m/a:b:generate", 1},
	    {"/m/*:generate", "/m/:generate", 0},
	    {"/m/*:generate", "/m/a/b:generate", 0},
	    {"/**", "/", 1},
	    {"/**", "/a/b", 1},
	    {"/v1/**", "/v2/a", 0},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		CHECK(judge_matches(all[i].pattern, all[i].path) == all[i].want,
		      "%s %s", all[i].pattern, all[i].path);
	CHECK(!judge_check("GET /v1/*"), "%s", judge_check("GET /v1/*"));
	CHECK(judge_check("PUT /"), "PUT");
	CHECK(judge_check("GET v1"), "no slash");
	CHECK(judge_check("GET /%41"), "an escape");
	CHECK(judge_check("GET /*/*/*/*/*"), "too many");
}

static int
passes(const char *api, const char *body, size_t step)
{
	struct members m;
	size_t n = strlen(body);

	members_init(&m, api_find(api));
	for (size_t at = 0; at < n; at += step) {
		size_t part = n - at < step ? n - at : step;
		unsigned char *p = check_exact(body + at, part);
		int r = members_scan(&m, p, part);

		free(p);
		if (r < 0)
			return 0;
	}
	return members_end(&m) == 0;
}

static const struct {
	const char *api, *body;
	int want;
} bodies[] = {
    {"anthropic", "{}", 1},
    {"anthropic", " {\"a\" : [ 1 , -2e3, true, null, {} , [] ] }\n", 1},
    {"anthropic", "{\"a\":[1,]}", 0},
    {"anthropic", "{\"a\":1,}", 0},
    {"anthropic", "{\"a\":[}]}", 0},
    {"anthropic", "{\"a\"}", 0},
    {"anthropic", "{} {}", 0},
    {"anthropic", "{\"a\":\"\\ud800\\u0000\\n\"}", 1},
    {"anthropic", "{\"a\":\"\\q\"}", 0},
    {"anthropic", "{\"a\":\"\xc0\xa2\"}", 0},
    {"anthropic", "{\"mcp_servers\":1}", 0},
    /* letters that some take for "s" */
    {"anthropic",
     "{\"mcp_\xc5\xbf"
     "ervers\":1}",
     0},
    {"anthropic", "{\"mcp_\\u017Fervers\":1}", 0},
    {"anthropic",
     "{\"mcp_\xc5\xbe"
     "ervers\":1,\"\xc5\":1}",
     1},
    {"openai",
     "{\"bac\xe2\x84\xaa"
     "ground\":true}",
     0},
    {"openai", "{\"bac\\u212aground\":true}", 0},
    {"anthropic", "{\"a\":{\"mcpServers\":{}}}", 0},
    {"anthropic", "{\"input\":{\"mcp_servers\":1},\"b\":1}", 1},
    {"anthropic", "{\"input\":{},\"mcp_servers\":1}", 0},
    {"anthropic", "{\"input\":[{}],\"mcp_servers\":1}", 0},
    {"anthropic", "{\"input\":1,\"mcp_servers\":1}", 0},
    {"anthropic", "{\"a\":{\"source\":{\"type\":\"url\"}}}", 0},
    {"anthropic", "{\"source\":{\"a\":{\"type\":\"url\"}}}", 1},
    {"anthropic", "{\"type\":\"url\"}", 1},
    {"anthropic", "{\"tools\":[{\"type\":\"web_search_20250305\"}]}", 1},
    {"anthropic", "{\"tools\":[{\"type\":\"web_fetch_1\"}]}", 0},
    {"openai", "{\"input\":[{\"image_url\":\"data:a\"}]}", 1},
    {"openai", "{\"input\":[{\"image_url\":\"HTTPS://a\"}]}", 0},
    {"openai", "{\"a\":[{\"image_url\":{\"url\":\"http://a\"}}]}", 0},
    {"openai", "{\"a\":[{\"image_url\":{\"url\":\"data:a\"}}]}", 1},
    {"openai", "{\"a\":[{\"image_url\":{\"url\":\" data:a\"}}]}", 0},
    {"openai", "{\"input\":[{\"image_url\":\" http://a\"}]}", 0},
    {"openai", "{\"input\":[{\"image_url\":\"\\nhttp://a\"}]}", 0},
    {"openai", "{\"input\":[{\"image_url\":[\"http://a\"]}]}", 0},
    {"openai", "{\"input\":[{\"image_url\":null}]}", 1},
    {"openai", "{\"a\":[{\"video_url\":{\"url\":\"http://a\"}}]}", 0},
    {"openai", "{\"a\":[{\"audio_url\":\"http://a\"}]}", 0},
    {"openai", "{\"a\":[{\"video\":[\"data:a\",\"https://a\"]}]}", 0},
    {"openai", "{\"a\":[{\"video\":[\"data:a\",\"aHR0\"]}]}", 1},
    {"openai", "{\"input_audio\":{\"data\":\"Http://a\"}}", 0},
    {"openai", "{\"input_audio\":{\"data\":\"UklGR\"}}", 1},
    {"openai", "{\"file\":{\"file_data\":\" http://a\"}}", 0},
    {"openai", "{\"file\":{\"file_data\":\"\\u00a0http://a\"}}", 0},
    {"openai", "{\"file\":{\"file_data\":\"data:a\"}}", 1},
    {"openai", "{\"background\":false}", 1},
    {"openai", "{\"background\":null}", 1},
    {"openai", "{\"background\":true}", 0},
    {"openai", "{\"background\":1}", 0},
    {"openai", "{\"background\":\"yes\"}", 0},
    {"openai", "{\"background\":{}}", 0},
    {"openai", "{\"tools\":[{\"type\":\"file_search\"}]}", 0},
    {"openai", "{\"tools\":[{\"vector_store_ids\":[\"a\"]}]}", 0},
    {"openai", "{\"tools\":[{\"type\":\"mcp\"}]}", 0},
    {"openai", "{\"tools\":[{\"type\":\"function\",\"name\":\"mcp\"}]}", 1},
    {"gemini", "{\"contents\":[{\"parts\":[{\"file_data\":{}}]}]}", 0},
    {"gemini", "{\"tools\":[{\"urlContext\":{}}]}", 0},
    {"gemini", "{\"tools\":[{\"googleSearch\":{}}]}", 1},
};

static void
find_members(void)
{
	char deep[MEMBERS_DEPTH * 6] = "{\"a\":";

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		for (size_t step = 1; step < 100; step += 33)
			CHECK(passes(bodies[i].api, bodies[i].body, step) ==
				  bodies[i].want,
			      "%s %s", bodies[i].api, bodies[i].body);
	memset(deep + 5, '[', MEMBERS_DEPTH);
	CHECK(!passes("anthropic", deep, 7), "too deep");
}

#define CREDENTIAL "sk-ant-api03-0123456789abcdefghij"

static int
finds(const char *text, size_t step)
{
	struct echo e;
	struct echo_scan s = {0};
	size_t n = strlen(text);
	int found = 0;

	echo_init(&e, CREDENTIAL, strlen(CREDENTIAL));
	for (size_t at = 0; at < n && !found; at += step) {
		size_t part = n - at < step ? n - at : step;
		unsigned char *p = check_exact(text + at, part);

		found = echo_found(&e, &s, p, part);
		free(p);
	}
	echo_end(&s);
	echo_free(&e);
	return found;
}

static void
find_echoes(void)
{
	static const struct {
		const char *text;
		int want;
	} all[] = {
	    {"nothing, sk-ant-api03- or so", 0},
	    {"a " CREDENTIAL " b", 1},
	    /* half of it */
	    {"sk-ant-api03-012", 1},
	    {"3456789abcdefghij", 1},
	    /* as base64 has it, from each of three places */
	    {"c2stYW50LWFwaTAzLTAxMjM0NTY3ODlhYmNkZWZnaGlq", 1},
	    {"eHNrLWFudC1hcGkwMy0wMTIzNDU2Nzg5YWJjZGVmZ2hpag==", 1},
	    {"eHhzay1hbnQtYXBpMDMtMDEyMzQ1Njc4OWFiY2RlZmdoaWo=", 1},
	    {"sk-ant\\u002dapi03\\u002D0123456789abcdefghij", 1},
	    {"sk%2Dant%2dapi03-0123456789abcdefghij", 1},
	    {"\\\\u0073\\u0073k-ant-api03-0123456789", 1},
	    {"%%73k-ant-api03-0123456789", 1},
	    {"\\u00", 0},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (size_t step = 1; step < 64; step += 9)
			CHECK(finds(all[i].text, step) == all[i].want, "%s",
			      all[i].text);
}

static uint64_t
tokens_of(const char *text, size_t step)
{
	struct usage u = {0};
	size_t n = strlen(text);

	for (size_t at = 0; at < n; at += step)
		usage_scan(&u, text + at, n - at < step ? n - at : step);
	return usage_tokens(&u);
}

static void
count_tokens(void)
{
	static const struct {
		const char *text;
		unsigned want;
	} all[] = {
	    {"{\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}", 7},
	    /* the greatest one counts */
	    {"{\"input\":{\"total_tokens\":1},\"input_tokens\":3,"
	     "\"output_tokens\":4,\"a\":{\"output_tokens\":1}}",
	     7},
	    {"data: {\"input_tokens\":3,\"output_tokens\":1}\n\n"
	     "data: {\"usage\": {\"output_tokens\": 40}}\n\n",
	     43},
	    {"{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7}", 7},
	    {"{\"totalTokenCount\": 12}", 12},
	    /* of what was said, and a long string before */
	    {"{\"text\":\"\\\"output_tokens\\\":9, and more and more and "
	     "more and more\",\"output_tokens\":4}",
	     4},
	    {"{\"input_tokens\":99999999999999999999999999}", 0},
	    {"{\"input_tokens\":\"5\"}", 0},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (size_t step = 1; step < 100; step += 11)
			if (all[i].want || i != 6)
				CHECK(tokens_of(all[i].text, step) ==
					  all[i].want,
				      "%s: %llu", all[i].text,
				      (unsigned long long)tokens_of(all[i].text,
								    step));
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {{"paths", match_paths},
		     {"members", find_members},
		     {"echoes", find_echoes},
		     {"tokens", count_tokens}};

	for (size_t i = 0; argc == 2 && i < 4; i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return 0;
		}
	return 2;
}
