/* Sources that end while others that are ready wait for their turn. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/loop.h"

static struct loop loop;
static struct source *both[2];
static int calls;

static void
end_at_once(struct source *s, uint32_t events)
{
	struct source **other = &both[s == both[0]];

	(void)events;
	calls++;
	/* as libcurl does: the descriptor goes first */
	close((*other)->fd);
	assert(loop_watch(&loop, *other, 0) == 0);
	free(*other);
	*other = NULL;
	loop.stop = 1;
}

int
main(void)
{
	loop_init(&loop);
	for (int i = 0; i < 2; i++) {
		both[i] = malloc(sizeof(**both));
		*both[i] = (struct source){end_at_once, eventfd(1, 0), 0};
		assert(loop_watch(&loop, both[i], EPOLLIN) == 0);
	}
	loop_run(&loop);
	assert(calls == 1);
	puts("ok");
	return 0;
}
