#include "pen-key/roots.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/mem.h"

#define ROOTS_MAX (16 << 20)

struct roots {
	X509_STORE *store;
	size_t n;
};

/* Debian and Arch, Fedora, openSUSE, Alpine. */
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

/* Takes the certificates of PEM text; one that is none ends it. */
static void
parse_certificates(struct roots *r, const char *text, size_t n)
{
	BIO *in = BIO_new_mem_buf(text, (int)n);
	X509 *cert;

	while (in && (cert = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
		r->n += X509_STORE_add_cert(r->store, cert) == 1;
		X509_free(cert);
	}
	BIO_free(in);
	ERR_clear_error(); /* there is always an end */
}

/* 0, or -1 with errno. */
static int
take_file(struct roots *r, const char *path)
{
	size_t n;
	char *text = file_read(path, 0, ROOTS_MAX, &n);

	if (!text)
		return -1;
	parse_certificates(r, text, n);
	free(text);
	return 0;
}

struct roots *
roots_read(void)
{
	static const char *const own[] = {"SSL_CERT_FILE", "NIX_SSL_CERT_FILE",
					  "NODE_EXTRA_CA_CERTS"};
	struct roots *r = mem_alloc(sizeof(*r));

	r->store = X509_STORE_new();
	if (!r->store)
		die(ERR_TOOL, "cannot prepare the certificate authorities");
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (take_file(r, places[i]) == 0)
			break;
	for (size_t k = 0; k < sizeof(own) / sizeof(*own); k++) {
		const char *file = getenv(own[k]);

		if (file && *file && take_file(r, file) < 0)
			die(ERR_TOOL, "cannot read '%s', which %s names: %m",
			    file, own[k]);
	}
	if (r->n == 0)
		die_hint("install ca-certificates, or set SSL_CERT_FILE",
			 "this host has no file of certificate authorities");
	return r;
}

static CURLcode
on_context(CURL *e, void *context, void *arg)
{
	const struct roots *r = arg;

	(void)e;
	SSL_CTX_set1_cert_store(context, r->store);
	return CURLE_OK;
}

void
roots_use(const struct roots *r, CURL *e)
{
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	if (curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, on_context) !=
		CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, (void *)r) != CURLE_OK)
		die(ERR_TOOL, "libcurl's TLS is not OpenSSL's");
}
