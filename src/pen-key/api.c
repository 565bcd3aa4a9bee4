#include "pen-key/api.h"

#include <stddef.h>
#include <string.h>

#define FETCHES "it makes the API fetch an address"

/* What is fetched; data never begin with a blank (\1 is what is not ASCII). */
#define ADDRESS "http|ftp| |\t|\n|\v|\f|\r|\1"

/*
 * Betas that let the API fetch, run or keep something for the caller
 * (mcp-client, files-api, skills, code-execution, web-fetch) are not here.
 */
static const char *const anthropic_betas[] = {"claude-code-",
					      "oauth-",
					      "interleaved-thinking-",
					      "fine-grained-tool-streaming-",
					      "context-1m-",
					      "context-management-",
					      "prompt-caching-",
					      "extended-cache-ttl-",
					      "advanced-tool-use-",
					      "tool-search-tool-",
					      "tool-examples-",
					      "structured-outputs-",
					      "effort-",
					      "web-search-",
					      "token-counting-",
					      "token-efficient-tools-",
					      "output-128k-",
					      "redact-thinking-",
					      "thinking-",
					      "dev-full-thinking-",
					      "computer-use-",
					      "model-context-window-exceeded-",
					      "summarize-connector-",
					      "compact-",
					      "fast-mode-",
					      "adaptive-thinking-",
					      "afk-mode-",
					      "task-budgets-",
					      "advisor-tool-",
					      "mid-conversation-system-",
					      NULL};

static const struct api_member anthropic_refused[] = {
    {"mcpservers", NULL, FETCHES " (mcp_servers)"},
    {"container", NULL, "it makes the API run something (container)"},
    {"source.type", "url", FETCHES " (a source of the type url)"},
    {"source.type", "file",
     "it names a file of the account (a source of the "
     "type file)"},
    {"tools.*.type", "web_fetch", FETCHES " (the tool web_fetch)"},
    {"tools.*.type", "code_execution",
     "it makes the API run something (the tool code_execution)"},
    {"tools.*.type", "mcp", FETCHES " (a toolset of MCP)"},
    {NULL, NULL, NULL}};

static const struct api_member openai_refused[] = {
    {"serverurl", NULL, FETCHES " (server_url)"},
    {"connectorid", NULL, FETCHES " (connector_id)"},
    {"fileurl", NULL, FETCHES " (file_url)"},
    {"fileid", NULL, "it names a file of the account (file_id)"},
    {"imageurl", "!data:|null|{", FETCHES " (image_url)"},
    {"imageurl.url", "!data:|null", FETCHES " (image_url)"},
    /* of others that have this API, as DashScope and OpenRouter */
    {"videourl", "!data:|null|{", FETCHES " (video_url)"},
    {"videourl.url", "!data:|null", FETCHES " (video_url)"},
    {"audiourl", "!data:|null|{", FETCHES " (audio_url)"},
    {"audiourl.url", "!data:|null", FETCHES " (audio_url)"},
    {"video", ADDRESS, FETCHES " (video)"},
    {"video.*", ADDRESS, FETCHES " (video)"},
    {"inputaudio.data", ADDRESS, FETCHES " (input_audio)"},
    {"filedata", ADDRESS, FETCHES " (file_data)"},
    {"vectorstoreids", NULL, "it names what the account keeps (file_search)"},
    {"tools.*.type", "file_search",
     "it names what the account keeps (file_search)"},
    {"tools.*.type", "mcp", FETCHES " (a tool of the type mcp)"},
    {"tools.*.type", "code_interpreter",
     "it makes the API run something (the tool code_interpreter)"},
    {"tools.*.type", "shell",
     "it makes the API run something (the tool shell)"},
    /* of an image it is a word */
    {"background", "!false|null|auto|opaque|transparent",
     "it goes on without the caller (background)"},
    {NULL, NULL, NULL}};

static const struct api_member gemini_refused[] = {
    {"filedata", NULL, FETCHES " (fileData)"},
    {"fileuri", NULL, FETCHES " (fileUri)"},
    {"urlcontext", NULL, FETCHES " (urlContext)"},
    {"codeexecution", NULL, "it makes the API run something (codeExecution)"},
    {"mcpservers", NULL, FETCHES " (mcpServers)"},
    {"filesearch", NULL, "it names what the account keeps (fileSearch)"},
    {"retrieval", NULL, FETCHES " (retrieval)"},
    {NULL, NULL, NULL}};

static const struct api_member none_refused[] = {{NULL, NULL, NULL}};

static const char *const nothing[] = {NULL};

static const char *const anthropic_pass[] = {
    "HEAD /",	      "POST /v1/messages", "POST /v1/messages/count_tokens",
    "GET /v1/models", "GET /v1/models/*",  NULL};

static const char *const openai_pass[] = {
    "POST /v1/responses",	 "POST /v1/responses/compact",
    "POST /v1/chat/completions", "POST /v1/completions",
    "POST /v1/embeddings",	 "GET /v1/models",
    "GET /v1/models/*",		 NULL};

static const char *const gemini_pass[] = {
    "POST /v1beta/models/*:generateContent",
    "POST /v1beta/models/*:streamGenerateContent",
    "POST /v1beta/models/*:countTokens",
    "POST /v1beta/models/*:embedContent",
    "POST /v1beta/models/*:batchEmbedContents",
    "GET /v1beta/models",
    "GET /v1beta/models/*",
    NULL};

static const char *const any_pass[] = {"GET /**", "HEAD /**", "POST /**", NULL};

static const char *const anthropic_query[] = {"beta", "limit", NULL};
static const char *const openai_query[] = {"client_version", NULL};
static const char *const gemini_query[] = {"alt", "pageSize", NULL};
static const char *const anthropic_free[] = {"input", "inputschema", "metadata",
					     NULL};
static const char *const openai_free[] = {"parameters", "metadata", "schema",
					  NULL};
static const char *const gemini_free[] = {
    "args",	      "response", "parameters", "parametersjsonschema",
    "responseschema", NULL};

static const struct api apis[] = {
    {"anthropic", anthropic_pass, anthropic_query, anthropic_betas,
     anthropic_refused, anthropic_free},
    {"openai", openai_pass, openai_query, nothing, openai_refused, openai_free},
    {"gemini", gemini_pass, gemini_query, nothing, gemini_refused, gemini_free},
};

const struct api api_any = {"any",   any_pass,	   nothing,
			    nothing, none_refused, nothing};

const struct api *
api_find(const char *name)
{
	for (size_t i = 0; i < sizeof(apis) / sizeof(*apis); i++)
		if (strcmp(apis[i].name, name) == 0)
			return &apis[i];
	return NULL;
}
